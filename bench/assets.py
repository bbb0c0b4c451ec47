#!/usr/bin/env python3
"""`mly assets` on the signs of a state, against DBSCAN of scikit-learn, and on ten million signs.

    cargo build --profile dist -p mly-cli
    python3 bench/assets.py                  # 114,000 signs against DBSCAN
    python3 bench/assets.py --signs 10000000

Needs numpy, pandas, pyarrow, scikit-learn and scipy. DBSCAN joins whatever is within 15 m, by chains, whatever its dates and
directions are. Two times are told: that of one DBSCAN of all positions, without reading and writing, and that of a program that
reads the file, joins the signs of each value and those of each post, and writes the file. Only ratios of one run mean anything
elsewhere.
"""

import argparse
import pathlib
import subprocess
import tempfile
import time

import numpy
import pyarrow.parquet
from diff import BEGIN_MS, DAY_MS, DEGREE_M, write
from served import MLY, clean_environment, measure

# As in a German state: some signs of a post, and one in twenty that the service has made again.
VALUES = 300
SIGNS_A_KM2 = 5.0
REMADE = 0.05


def signs(random, count):
    """Posts of one to three signs, some of which have a second feature a few metres away."""
    side_m = numpy.sqrt(count / SIGNS_A_KM2) * 1000
    streets = random.uniform(0, side_m, (count // 20 + 1, 2))
    on_post = numpy.repeat(numpy.arange(count), random.choice([1, 1, 1, 2, 3], count))[:count]
    # Towns: most posts are near others.
    posts = streets[random.integers(0, len(streets), count)] + random.normal(0, 60, (count, 2))
    metres = posts[on_post] + random.normal(0, 0.3, (count, 2))
    # Few values are frequent.
    value = numpy.minimum(random.geometric(0.05, count), VALUES) - 1
    first = BEGIN_MS + random.integers(0, 2000, count) * DAY_MS
    last = first + random.choice([0, 0, 0, 0, 300], count) * DAY_MS
    again = numpy.flatnonzero(random.uniform(size=count) < REMADE)
    again = again[again > 0]
    before = again - 1
    metres[again] = metres[before] + random.normal(0, 6, (len(again), 2))
    value[again] = value[before]
    first[again] = last[before] + 30 * DAY_MS
    last[again] = first[again]
    columns = {
        "id": numpy.arange(1, count + 1) * 7_919,
        "value": numpy.char.add(numpy.char.add("regulatory--sign-", value.astype(str)), "--g1"),
        "first_seen_at": first,
        "last_seen_at": last,
    }
    return columns, numpy.array([9.0, 51.0]) + metres / DEGREE_M


def by_scikit_learn(source, out):
    """Seconds of DBSCAN alone, and of a program that does with it what can be done: signs of each value, and posts."""
    # Imported here, so that large runs do without it.
    from sklearn.cluster import DBSCAN

    def labels(places, reach_m):
        clusters = DBSCAN(eps=reach_m / 6_371_008.8, min_samples=1, metric="haversine")
        return clusters.fit(places).labels_

    begin = time.perf_counter()
    table = pyarrow.parquet.read_table(source)
    frame = table.drop(["geometry"]).to_pandas()
    record = [("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")]
    points = numpy.frombuffer(b"".join(table["geometry"].to_pylist()), dtype=record)
    places = numpy.radians(numpy.stack([points["y"], points["x"]], axis=1))
    frame["asset"] = -1
    for rows in frame.groupby("value").indices.values():
        frame.loc[rows, "asset"] = frame["id"].to_numpy()[rows][labels(places[rows], 15.0)]
    frame["post"] = labels(places, 1.5)
    frame.to_parquet(out)
    whole = time.perf_counter() - begin
    begin = time.perf_counter()
    labels(places, 15.0)
    return time.perf_counter() - begin, whole


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--signs", type=int, default=114_000)
    args = parser.parse_args()
    random = numpy.random.default_rng(17)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        columns, places = signs(random, args.signs)
        write(folder / "signs.parquet", columns, places)
        del columns
        command = [
            MLY,
            "assets",
            folder / "signs.parquet",
            "-o",
            folder / "assets.parquet",
        ]
        said = subprocess.run(
            [*command, "--overwrite"], check=True, stderr=subprocess.PIPE, text=True
        )
        print(said.stderr.strip())
        runs = 5 if args.signs <= 1_000_000 else 1
        results = [
            measure([*command, "--overwrite", "-q"], clean_environment()) for _ in range(runs)
        ]
        seconds, megabytes = (
            min(run[0] for run in results),
            max(run[1] for run in results),
        )
        print(f"mly assets: {args.signs:,} signs in {seconds:.2f} s, {megabytes:.0f} MB")
        if args.signs <= 1_000_000:
            alone, whole = by_scikit_learn(folder / "signs.parquet", folder / "others.parquet")
            print(f"DBSCAN of all positions alone: {alone:.2f} s, {alone / seconds:.1f} x as long")
            print(f"files, DBSCAN by value, posts: {whole:.2f} s, {whole / seconds:.1f} x as long")


if __name__ == "__main__":
    main()
