#!/usr/bin/env python3
"""`mly streets` on a city, against the nearest street of each image by shapely.

    cargo build --profile dist
    python3 bench/streets.py                       # 1,000,000 images, 200,000 edges
    python3 bench/streets.py --images 20000000 --edges 4000000
    python3 bench/streets.py --quality             # on the right street, at 3, 5, 10 and 15 m of noise

It needs numpy, pyarrow and shapely, which `scripts/test` installs for its own tests. shapely only
finds the nearest edge (what `geopandas.sjoin_nearest` does); mly also puts sequences onto streets as
a whole, and tells coverage, directions, passes and ages. Only the ratio means anything elsewhere.
"""

import argparse
import pathlib
import tempfile
import time

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import shapely
from served import MLY, clean_environment, measure

BLOCK_M = 70.0
STEP_M = 5.0
# Metres of a degree near 52 degrees north.
LON_M, LAT_M = 68_677.55, 111_267.33
CORNER = np.array([9.0, 52.0])
NOON = 1_750_000_000_000


def degrees(metres):
    return CORNER + metres / (LON_M, LAT_M)


def grid(edges):
    """Streets of a grid, each with as many bends as real ones, and the side of the grid in blocks."""
    side = int(np.sqrt(edges / 2))
    lines, ids = [], []
    rng = np.random.default_rng(1)
    ends = np.arange(side + 1)
    for across in (False, True):
        for row in range(side + 1):
            corners = np.stack([ends * BLOCK_M, np.full(side + 1, row * BLOCK_M)], axis=1)
            # Two bends in each block, a metre or two off the straight line.
            bends = np.concatenate(
                [corners[:-1] + (corners[1:] - corners[:-1]) * share for share in (1 / 3, 2 / 3)]
            )
            bends[:, 1] += rng.normal(0, 1, len(bends))
            points = np.concatenate([corners, bends])
            points = points[np.argsort(points[:, 0], kind="stable")]
            lines.append(degrees(points[:, ::-1] if across else points))
            ids.append(len(ids) + 1)
    return lines, ids, side


def drives(images, side, sigma_m, rng, length=400):
    """Positions of drives that turn at corners, with slowly changing noise, and where each really was."""
    count = max(1, images // length)
    metres = np.arange(length) * STEP_M
    legs = int(metres[-1] // BLOCK_M) + 2
    start = rng.integers(0, side, (count, 2))
    # Each leg goes on, to the left or to the right; turned back into the grid at its border.
    turns = rng.choice([0, 0, 1, 3], (count, legs))
    heading = (rng.integers(0, 4, (count, 1)) + np.cumsum(turns, axis=1)) % 4
    moves = np.array([[1, 0], [0, 1], [-1, 0], [0, -1]])[heading]
    corners = start[:, None, :] + np.concatenate(
        [np.zeros((count, 1, 2), int), np.cumsum(moves, axis=1)], axis=1
    )
    corners = np.abs((corners + side) % (2 * side) - side)
    leg = (metres // BLOCK_M).astype(int)
    share = (metres % BLOCK_M / BLOCK_M)[None, :, None]
    begin, end = corners[:, leg], corners[:, leg + 1]
    exact = (begin + (end - begin) * share) * BLOCK_M
    noise = np.empty_like(exact)
    noise[:, 0] = rng.normal(0, sigma_m, (count, 2))
    for step in range(1, length):
        fresh = rng.normal(0, sigma_m * np.sqrt(1 - 0.81), (count, 2))
        noise[:, step] = 0.9 * noise[:, step - 1] + fresh
    times = NOON + rng.integers(0, 10**10, (count, 1)) + (metres * 100).astype(int)[None, :]
    return exact, exact + noise, times


def write_roads(path, lines, ids):
    table = pa.table(
        {
            "id": pa.array(ids, pa.int64()),
            "highway": ["residential"] * len(ids),
            "geometry": pa.array([shapely.to_wkb(shapely.LineString(line)) for line in lines]),
        }
    )
    geo = b'{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":["LineString"]}}}'
    pq.write_table(table.replace_schema_metadata({b"geo": geo}), path)


def write_images(path, noisy, times):
    count, length, _ = noisy.shape
    places = degrees(noisy.reshape(-1, 2))
    wkb = np.zeros((len(places), 21), np.uint8)
    wkb[:, 0] = 1
    wkb[:, 1] = 1
    wkb[:, 5:] = places.astype("<f8").view(np.uint8).reshape(-1, 16)
    offsets = np.arange(0, 21 * len(places) + 1, 21, dtype=np.int32)
    geometry = pa.Array.from_buffers(
        pa.binary(),
        len(places),
        [None, pa.py_buffer(offsets), pa.py_buffer(wkb.tobytes())],
    )
    sequences = pa.array([f"sequence-{number:012}" for number in range(count)])
    table = pa.table(
        {
            "id": pa.array(np.arange(len(places)) + 10**15),
            "sequence_id": sequences.take(pa.array(np.repeat(np.arange(count), length))),
            "captured_at": pa.array(times.reshape(-1), pa.timestamp("ms", "UTC")),
            "is_pano": pa.array(np.zeros(len(places), bool)),
            "geometry": geometry,
        }
    )
    # The order of crawled tiles, not that of drives.
    order = np.lexsort((places[:, 0] // 0.02, places[:, 1] // 0.01))
    geo = b'{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":["Point"]}}}'
    table = table.take(pa.array(order)).replace_schema_metadata({b"geo": geo})
    pq.write_table(table, path)


def nearest(lines, noisy):
    """Seconds that shapely takes to find the nearest edge within 25 m of each image."""
    pieces = [
        shapely.linestrings((line - CORNER)[first : first + 4] * (LON_M, LAT_M))
        for line in lines
        for first in range(0, len(line) - 1, 3)
    ]
    tree = shapely.STRtree(pieces)
    points = shapely.points(noisy.reshape(-1, 2))
    tree.query(points[0])
    begin = time.perf_counter()
    tree.query_nearest(points, max_distance=25.0, all_matches=False)
    return time.perf_counter() - begin, len(pieces)


def city(images, edges):
    rng = np.random.default_rng(7)
    lines, ids, side = grid(edges)
    _, noisy, times = drives(images, side, 5.0, rng)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        write_roads(folder / "roads.parquet", lines, ids)
        write_images(folder / "images.parquet", noisy, times)
        command = [
            MLY,
            "streets",
            folder / "roads.parquet",
            "--images",
            folder / "images.parquet",
        ]
        command += ["-o", folder / "streets.parquet", "-q", "--overwrite"]
        runs = [measure(command, clean_environment()) for _ in range(3)]
    seconds, megabytes = min(run[0] for run in runs), max(run[1] for run in runs)
    count = noisy.shape[0] * noisy.shape[1]
    print(
        f"mly streets: {count:,} images in {seconds:.2f} s, {count / seconds:,.0f} images/s, {megabytes:.0f} MB"
    )
    if count <= 2_000_000:
        peer, pieces = nearest(lines, noisy)
        print(
            f"shapely query_nearest: {pieces:,} edges, {peer:.1f} s: {peer / seconds:.1f} x as long"
        )


def quality():
    """Share of street metres that are told wrongly, and what the nearest street of each image tells."""
    rng = np.random.default_rng(3)
    lines, ids, side = grid(400)
    print("noise  wrong metres: sequences  nearest street")
    for sigma_m in (3.0, 5.0, 10.0, 15.0):
        exact, noisy, times = drives(4_000, side, sigma_m, rng)
        told = []
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            write_roads(folder / "roads.parquet", lines, ids)
            for name, places, columns in (
                ("truth", exact, None),
                ("sequences", noisy, None),
                ("nearest", noisy, ["id", "captured_at", "is_pano", "geometry"]),
            ):
                write_images(folder / "images.parquet", places, times)
                if columns:
                    table = pq.read_table(folder / "images.parquet", columns=columns)
                    pq.write_table(table, folder / "images.parquet")
                out = folder / f"{name}.parquet"
                command = [MLY, "streets", folder / "roads.parquet", "--images"]
                measure(
                    [*command, folder / "images.parquet", "-o", out, "-q"],
                    clean_environment(),
                )
                told.append(
                    pq.read_table(out, columns=["edge_id", "length_m", "covered"]).sort_by(
                        "edge_id"
                    )
                )
        truth, sequences, alone = (table["covered"].to_numpy() for table in told)
        lengths = told[0]["length_m"].to_numpy()
        wrong = [np.abs(found - truth) @ lengths / lengths.sum() for found in (sequences, alone)]
        print(f"{sigma_m:4.0f} m  {wrong[0]:24.4f}  {wrong[1]:14.4f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--edges", type=int, default=200_000)
    parser.add_argument("--quality", action="store_true")
    args = parser.parse_args()
    quality() if args.quality else city(args.images, args.edges)


if __name__ == "__main__":
    main()
