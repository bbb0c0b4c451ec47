#!/usr/bin/env python3
"""A million positions in a buffer of 20 m around 200,000 segments, against geopandas.

    python3 bench/near.py

Needs numpy, geopandas, pyproj and pyarrow: `scripts/python` makes an environment with them. Only the
ratio of one run means anything elsewhere.
"""

import pathlib
import re
import subprocess
import sys
import tempfile
import time

import geopandas
import numpy
import shapely

SEGMENTS = 200_000
POINTS = 1_000_000
BUFFER_M = 20
METRES = "EPSG:25832"


def network(random):
    """Roads of a town of 45 km: chains of segments of 10 to 90 m that bend."""
    chains, length = SEGMENTS // 20, 20
    start = random.uniform([500_000, 5_740_000], [545_000, 5_785_000], (chains, 1, 2))
    heading = random.uniform(0, 2 * numpy.pi, (chains, 1)) + numpy.cumsum(
        random.normal(0, 0.3, (chains, length)), axis=1
    )
    step = random.uniform(10, 90, (chains, length))
    moves = numpy.stack([numpy.cos(heading) * step, numpy.sin(heading) * step], axis=2)
    return numpy.concatenate([start, start + numpy.cumsum(moves, axis=1)], axis=1)


def positions(random, chains):
    """Most beside the roads as photos are, some anywhere, some a hair from the limit."""
    edge = random.integers(0, chains.shape[1] - 1, POINTS)
    chain = random.integers(0, len(chains), POINTS)
    a, b = chains[chain, edge], chains[chain, edge + 1]
    along = b - a
    normal = numpy.stack([-along[:, 1], along[:, 0]], axis=1)
    normal /= numpy.linalg.norm(normal, axis=1)[:, None]
    aside = random.normal(0, 25, POINTS)
    limit = slice(None, None, 7)
    aside[limit] = BUFFER_M + random.normal(0, 0.05, len(aside[limit]))
    places = a + along * random.uniform(0, 1, (POINTS, 1)) + normal * aside[:, None]
    anywhere = slice(3, None, 7)
    places[anywhere] = random.uniform(
        [500_000, 5_740_000], [545_000, 5_785_000], places[anywhere].shape
    )
    return places


def in_tile_order(lon, lat):
    """The order in which tiles of zoom 14 bring positions: tile by tile, in any order within one."""
    x = ((lon + 180) / 360 * 2**14).astype(int)
    y = ((1 - numpy.arcsinh(numpy.tan(numpy.radians(lat))) / numpy.pi) / 2 * 2**14).astype(int)
    return numpy.lexsort((y, x))


def main():
    """Makes the data, and measures both, with positions in the order of tiles and in any order."""
    random = numpy.random.default_rng(14)
    chains = network(random)
    roads = geopandas.GeoDataFrame(geometry=list(shapely.linestrings(chains)), crs=METRES)
    places = positions(random, chains)
    points = geopandas.GeoDataFrame(geometry=geopandas.points_from_xy(*places.T), crs=METRES)
    degrees, spots = roads.to_crs("OGC:CRS84"), points.to_crs("OGC:CRS84")
    lon, lat = spots.geometry.x.to_numpy(), spots.geometry.y.to_numpy()
    orders = {"tiles": in_tile_order(lon, lat), "any": numpy.arange(POINTS)}
    ends = shapely.get_coordinates(degrees.geometry).reshape(len(chains), -1, 2)
    segments = numpy.concatenate([ends[:, :-1], ends[:, 1:]], axis=2).reshape(-1, 4)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        degrees.to_parquet(folder / "roads.parquet")
        for order, places in orders.items():
            numpy.stack([lon, lat], axis=1)[places].tofile(folder / f"{order}.f64")
        segments.tofile(folder / "segments.f64")
        command = ["cargo", "bench", "-p", "mly", "--features", "__private", "--bench", "near"]
        said = subprocess.run(
            [*command, "--", folder], check=True, text=True, stdout=subprocess.PIPE
        ).stdout
    print(said, end="")
    pairs = numpy.stack([chains[:, :-1], chains[:, 1:]], axis=2).reshape(-1, 2, 2)
    for order, places in orders.items():
        lines = geopandas.GeoDataFrame(geometry=list(shapely.linestrings(pairs)), crs=METRES)
        ordered = points.iloc[places]
        begin = time.perf_counter()
        joined = ordered.sjoin(lines, predicate="dwithin", distance=BUFFER_M)
        other = time.perf_counter() - begin
        print(f"{order}: geopandas {geopandas.__version__} {other:.2f} s", end="")
        print(f", inside {joined.index.nunique()}", end="")
        for threads, seconds in re.findall(rf"{order}: (\d+) threads? ([\d.]+) s", said):
            print(f", {other / float(seconds):.1f} x with {threads} threads", end="")
        print()


if __name__ == "__main__":
    sys.exit(main())
