#!/usr/bin/env python3
"""What has changed among a million signs, against pandas and scipy, and looks of 10 million images.

    cargo build --profile dist -p mly-cli
    python3 bench/diff.py [target/dist/mly]

Needs numpy, pandas, pyarrow and scipy. The other side joins ids with pandas and matches what is left
with a tree of scipy, name by name, in metres of a plane; it reads the same two Parquet files and
writes its table as Parquet. Only the ratio of one run means anything elsewhere.
"""

import pathlib
import sys
import tempfile
import time

import numpy
import pandas
import pyarrow
import pyarrow.parquet
from scipy.spatial import cKDTree
from served import MLY, clean_environment, measure

SIGNS = 1_000_000
WATCHED = 100_000
IMAGES = 10_000_000
NAMES = 200
DAY_MS = 86_400_000
BEGIN_MS = 1_577_836_800_000
DEGREE_M = numpy.array([68_678.0, 111_267.0])


def wkb(places):
    """Points as well-known binary."""
    record = numpy.zeros(
        len(places),
        dtype=[("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")],
    )
    record["order"], record["kind"] = 1, 1
    record["x"], record["y"] = places.T
    offsets = numpy.arange(len(places) + 1, dtype="<i4") * record.itemsize
    buffers = [None, pyarrow.py_buffer(offsets), pyarrow.py_buffer(record.tobytes())]
    return pyarrow.Array.from_buffers(pyarrow.binary(), len(places), buffers)


def write(path, columns, places):
    """A GeoParquet file."""
    times = {"first_seen_at", "last_seen_at", "captured_at"}
    stamp = pyarrow.timestamp("ms", tz="UTC")
    arrays = {
        name: pyarrow.array(values, stamp if name in times else None)
        for name, values in columns.items()
    }
    table = pyarrow.table({**arrays, "geometry": wkb(places)})
    geo = b'{"version":"1.1.0","primary_column":"geometry","columns":{"geometry":{"encoding":"WKB","geometry_types":["Point"]}}}'
    pyarrow.parquet.write_table(
        table.replace_schema_metadata({b"geo": geo}), path, compression="zstd"
    )


def signs(random, count, side_m):
    """Signs of a town."""
    places = numpy.array([9.0, 52.0]) + random.uniform(0, side_m, (count, 2)) / DEGREE_M
    value = numpy.char.add("regulatory--sign-", random.integers(0, NAMES, count).astype(str))
    last = BEGIN_MS + random.integers(0, 300, count) * DAY_MS
    columns = {
        "id": numpy.arange(1, count + 1) * 7_919,
        "value": numpy.char.add(value, "--g1"),
        "first_seen_at": last - DAY_MS,
        "last_seen_at": last,
    }
    return columns, places


def later(random, columns, places):
    """The same signs a year later: 5 % have another id nearby, 3 % are gone, 20 % were seen again."""
    kept = random.uniform(size=len(places)) > 0.03
    columns, places = (
        {name: values[kept] for name, values in columns.items()},
        places[kept],
    )
    remade = random.uniform(size=len(places)) < 0.05
    columns["id"] = numpy.where(remade, columns["id"] + 1, columns["id"])
    places = numpy.where(
        remade[:, None], places + random.normal(0, 4, places.shape) / DEGREE_M, places
    )
    again = random.uniform(size=len(places)) < 0.2
    columns["last_seen_at"] = columns["last_seen_at"] + again * 200 * DAY_MS
    return columns, places


def by_others(old, new, out):
    """Ids by pandas, places by scipy."""

    def read(path):
        table = pyarrow.parquet.read_table(path)
        frame = table.drop(["geometry"]).to_pandas()
        raw = b"".join(table["geometry"].to_pylist())
        record = numpy.frombuffer(
            raw, dtype=[("order", "u1"), ("kind", "<u4"), ("x", "<f8"), ("y", "<f8")]
        )
        frame["x"], frame["y"] = record["x"] * DEGREE_M[0], record["y"] * DEGREE_M[1]
        frame["name"] = frame["value"].str.replace(r"--g\d+$", "", regex=True)
        return frame

    joined = read(old).merge(
        read(new), on="id", how="outer", suffixes=("_old", "_new"), indicator=True
    )
    both = joined[joined["_merge"] == "both"]
    moved = numpy.hypot(both["x_new"] - both["x_old"], both["y_new"] - both["y_old"])
    is_changed = (both["value_old"] != both["value_new"]) | (moved > 3)
    is_again = both["last_seen_at_new"] > both["last_seen_at_old"]
    change = numpy.select([is_changed, is_again], ["changed", "seen_again"], "same")
    lost, found = (
        joined[joined["_merge"] == "left_only"],
        joined[joined["_merge"] == "right_only"],
    )
    pairs = 0
    groups = dict(list(found.groupby("name_new")))
    for name, before in lost.groupby("name_old"):
        after = groups.get(name)
        if after is None:
            continue
        near = cKDTree(before[["x_old", "y_old"]]).sparse_distance_matrix(
            cKDTree(after[["x_new", "y_new"]]), 15.0, output_type="coo_matrix"
        )
        left, right = set(), set()
        for at in numpy.argsort(near.data, kind="stable"):
            row, column = near.row[at], near.col[at]
            if row not in left and column not in right:
                left.add(row)
                right.add(column)
                pairs += 1
    rows = pandas.concat([both[change != "same"], lost, found])
    rows.to_parquet(out)
    return len(rows) - pairs


def main():
    """Makes the data, and measures both."""
    mly = sys.argv[1] if len(sys.argv) > 1 else MLY
    random = numpy.random.default_rng(16)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        columns, places = signs(random, SIGNS, 60_000)
        write(folder / "old.parquet", columns, places)
        write(folder / "new.parquet", *later(random, columns, places))
        files = [folder / "old.parquet", folder / "new.parquet"]
        command = [mly, "diff", *files, "-o", folder / "changes.parquet"]
        seconds, megabytes = measure(command, clean_environment(), stderr=None)
        print(f"mly diff: {seconds:.2f} s, {megabytes:.0f} MB")
        begin = time.perf_counter()
        by_others(*files, folder / "others.parquet")
        other = time.perf_counter() - begin
        print(f"pandas and scipy: {other:.2f} s, mly is {other / seconds:.1f} times as fast")

        columns, places = signs(random, WATCHED, 20_000)
        write(folder / "old.parquet", columns, places)
        write(folder / "new.parquet", *later(random, columns, places))
        near = places[random.integers(0, WATCHED, IMAGES)]
        spots = near + random.normal(0, 12, (IMAGES, 2)) / DEGREE_M
        sequence = random.integers(0, 20_000, IMAGES)
        images = {
            "id": numpy.arange(1, IMAGES + 1),
            "sequence_id": numpy.char.add("sequence-of-images-", sequence.astype(str)),
            "captured_at": BEGIN_MS
            + random.integers(0, 500, IMAGES) * DAY_MS
            + random.integers(6, 18, IMAGES) * (DAY_MS // 24),
            "compass_angle": random.uniform(0, 360, IMAGES),
            "is_pano": random.uniform(size=IMAGES) < 0.2,
            "quality_score": random.uniform(size=IMAGES),
        }
        write(folder / "images.parquet", images, spots)
        del images, near, spots, sequence
        command = [mly, "diff", *files, "--seen-by", folder / "images.parquet"]
        command += ["-o", folder / "looks.parquet"]
        seconds, megabytes = measure(command, clean_environment(), stderr=None)
        print(
            f"looks of {WATCHED:,} signs x {IMAGES:,} images: {seconds:.2f} s, {megabytes:.0f} MB"
        )


if __name__ == "__main__":
    main()
