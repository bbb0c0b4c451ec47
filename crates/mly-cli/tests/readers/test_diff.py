"""What `mly diff` says of two files, by a join of pandas and distances of geographiclib."""

import os
import subprocess

import geopandas
import numpy
import pandas
import pyproj

MLY = os.environ["MLY"]
NAMES = [
    "regulatory--stop",
    "regulatory--yield",
    "warning--curve-left",
    "object--bench",
]
DAY_MS = 86_400_000
NOON_MS = 1_577_880_000_000
WGS84 = pyproj.Geod(ellps="WGS84")


def town(random, count):
    """Signs in a square of 600 m."""
    name = random.choice(NAMES, count)
    places = [9.0, 52.0] + random.uniform(0, 600, (count, 2)) / [68_678, 111_267]
    return pandas.DataFrame(
        {
            "id": random.choice(10_000, count, replace=False) + 2**53,
            "value": [
                f"{n}--g{d}" for n, d in zip(name, random.integers(1, 3, count), strict=True)
            ],
            "last_seen_at": NOON_MS + random.integers(0, 5, count) * DAY_MS,
            "longitude": places[:, 0],
            "latitude": places[:, 1],
        }
    )


def later(random, old):
    """Signs that have moved, or have other ids, values or dates; and some more."""
    new = old[random.uniform(size=len(old)) > 0.2].copy()
    remade = random.uniform(size=len(new)) < 0.3
    new.loc[remade, "id"] += 20_000
    new["longitude"] += random.normal(0, 6, len(new)) * remade / 68_678
    new["latitude"] += random.normal(0, 6, len(new)) * remade / 111_267
    new["last_seen_at"] += (random.uniform(size=len(new)) < 0.2) * DAY_MS
    swapped = random.uniform(size=len(new)) < 0.05
    new.loc[swapped, "value"] = "object--bench--g1"
    more = town(random, 40)
    more["id"] += 50_000
    return pandas.concat([new, more]).sample(frac=1, random_state=7)


def distances(one, other):
    """Metres between each row of one table and each of another."""
    first, second = numpy.meshgrid(numpy.arange(len(one)), numpy.arange(len(other)), indexing="ij")
    ends = [one.longitude.to_numpy()[first], one.latitude.to_numpy()[first]]
    ends += [other.longitude.to_numpy()[second], other.latitude.to_numpy()[second]]
    return WGS84.inv(*ends)[2]


def expected(old, new):
    """Class and old id by id."""
    both = old.merge(new, on="id", suffixes=("_old", "_new"))
    metres = WGS84.inv(
        both.longitude_old, both.latitude_old, both.longitude_new, both.latitude_new
    )[2]
    is_changed = (both.value_old != both.value_new) | (metres > 3)
    is_later = both.last_seen_at_new > both.last_seen_at_old
    change = numpy.select([is_changed, is_later], ["changed", "seen_again"], "same")
    found = {i: (c, None) for i, c in zip(both.id, change, strict=True)}

    lost, came = old[~old.id.isin(new.id)], new[~new.id.isin(old.id)]
    everything = pandas.concat([old, new]).reset_index(drop=True)
    metres = distances(lost, came)
    to_lost, to_came = distances(everything, lost), distances(everything, came)

    def name(column):
        return column.str.replace(r"--g\d+$", "", regex=True).to_numpy()

    pairs = []
    for i, j in zip(*numpy.nonzero(metres <= 25), strict=True):
        before, after = lost.iloc[i], came.iloc[j]
        if name(lost.value)[i] != name(came.value)[j]:
            continue
        others = (name(everything.value) == name(lost.value)[i]) & ~everything.id.isin(
            [before.id, after.id]
        ).to_numpy()
        is_alone = not (others & ((to_lost[:, i] <= 50) | (to_came[:, j] <= 50))).any()
        if metres[i, j] <= 15 or (is_alone and after.last_seen_at >= before.last_seen_at):
            pairs.append((metres[i, j], before.id, after.id))
    taken = set()
    for _, before, after in sorted(pairs):
        if not {before, after} & taken:
            taken |= {before, after}
            found[after] = ("remade", before)
    found.update({i: ("unseen", None) for i in lost.id if i not in taken})
    found.update({i: ("new", None) for i in came.id if i not in taken})
    return found


def test_pandas_and_all_pairs_of_distances_give_the_same_classes(tmp_path):
    random = numpy.random.default_rng(5)
    for number in range(4):
        old = town(random, 120)
        new = later(random, old)
        old.to_csv(tmp_path / "old.csv", index=False)
        # Ids are numbers in one file and text in the other.
        points = geopandas.points_from_xy(new.longitude, new.latitude)
        columns = new.drop(columns=["longitude", "latitude"]).astype({"id": str})
        frame = geopandas.GeoDataFrame(columns, geometry=points, crs="OGC:CRS84")
        frame.to_parquet(tmp_path / "new.parquet")
        files = [
            tmp_path / "old.csv",
            tmp_path / "new.parquet",
            "-o",
            tmp_path / f"{number}.csv",
        ]
        subprocess.run([MLY, "diff", "--all", *files, "-q"], check=True)
        told = pandas.read_csv(tmp_path / f"{number}.csv", dtype={"id": "Int64", "old_id": "Int64"})
        rows = zip(told.id, told.change, told.old_id, strict=True)
        found = {i: (c, None if o is pandas.NA else o) for i, c, o in rows}
        assert found == expected(old, new)
        assert {"new", "remade", "unseen", "changed", "seen_again", "same"} <= set(told.change)
