"""What `mly osm` writes for mappers, and the maps of the emulator, read by osmium; and MapRoulette's rules."""

import csv
import json
import os
import re
import subprocess
from collections import Counter
from pathlib import Path

import osmium
import pytest

MLY = os.environ["MLY"]
RULES = Path(__file__).parents[3] / "mly-jobs/src/osm/rules/generic.json"


def run(*words, environment=None):
    subprocess.run([MLY, *words, "-q"], check=True, env={**os.environ, **(environment or {})})


@pytest.fixture(scope="module")
def avenue():
    """Variables by which commands ask an emulator of the avenue."""
    command = [MLY, "emulate", "--world", "avenue", "--port", "0", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as emulator:
        said = {}
        # The token is said only where the environment has none, and the address of places comes last.
        while "MLY_PLACES_URL" not in said:
            line = emulator.stdout.readline()
            name, value = re.fullmatch(r"export (\w+)='(.*)'\n", line).groups()
            said[name] = value
        yield said
        emulator.terminate()


@pytest.fixture(scope="module", params=["demo", "avenue"])
def place(request, tmp_path_factory, avenue):
    """A folder with signs of a world, its map, and everything that is written of them."""
    folder = tmp_path_factory.mktemp(request.param)
    asked = ["--demo"] if request.param == "demo" else []
    environment = avenue if request.param == "avenue" else {}
    world = ["--world", request.param]
    run("emulate", *world, "--osm", folder / "map.osm.pbf")
    run("emulate", *world, "--osm", folder / "map.json")
    columns = "value,first_seen_at,last_seen_at,aligned_direction,images"
    box = ["--bbox", "8.98,51.98,9.03,52.01", "--fields", columns]
    run("signs", *asked, *box, "-o", folder / "signs.csv", environment=environment)
    for name in ["out.csv", "out.osm", "out.osc", "out.maproulette.geojson"]:
        run("osm", folder / "signs.csv", folder / "map.osm.pbf", "-o", folder / name)
    return folder


class Elements(osmium.SimpleHandler):
    """Everything in a file, by kind and id."""

    def __init__(self, path):
        super().__init__()
        self.all = {}
        self.apply_file(str(path))

    def keep(self, kind, element, **more):
        about = {"tags": dict(element.tags), "version": element.version}
        self.all[kind, element.id] = {**about, "timestamp": element.timestamp, **more}

    def node(self, node):
        at = (round(node.location.lon, 7), round(node.location.lat, 7))
        self.keep("node", node, at=at)

    def way(self, way):
        self.keep("way", way, refs=[node.ref for node in way.nodes])


def rows_of(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def kinds():
    """The kind of each rule by the name of its value."""
    return {rule["value"]: rule["kind"] for rule in json.loads(RULES.read_text())["rules"]}


def kind_of(value):
    name = re.sub(r"--g\d+$", "", value)
    return kinds().get(name) or kinds()[re.sub(r"\d+$", "{n}", name)]


def is_point(row):
    return kind_of(row["value"]) in {"node_on_way", "sign", "object"}


def test_both_maps_of_a_world_are_the_same(place):
    elements = Elements(place / "map.osm.pbf").all
    answer = json.loads((place / "map.json").read_text())["elements"]
    assert len(answer) == len(elements)
    for told in answer:
        element = elements[told["type"], told["id"]]
        assert element["tags"] == told.get("tags", {})
        assert element["version"] == told["version"]
        assert element["timestamp"].strftime("%Y-%m-%dT%H:%M:%SZ") == told["timestamp"]
        if told["type"] == "node":
            assert element["at"] == (told["lon"], told["lat"])
        else:
            assert element["refs"] == told["nodes"]


def test_a_layer_for_josm_has_the_missing_points(place):
    elements = Elements(place / "out.osm").all
    assert elements and all(kind == "node" and number < 0 for kind, number in elements)
    rows = [row for row in rows_of(place / "out.csv") if row["status"] == "missing"]
    points = [row for row in rows if is_point(row) and row["suggested_tags"]]
    assert 0 < len(elements) <= len(points)
    wanted = Counter()
    for row in points:
        wanted[tuple(sorted(json.loads(row["suggested_tags"]).items()))] += 1
    found = Counter()
    for element in elements.values():
        tags = dict(element["tags"])
        assert tags.pop("source") == "mapillary"
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", tags.pop("check_date"))
        assert tags.pop("mapillary").isdigit()
        found[tuple(sorted(tags.items()))] += 1
    # Equal signs for one place of a street need one node.
    assert set(found) == set(wanted) and all(found[tags] <= wanted[tags] for tags in found)


def applied(before, change):
    """What the server has after a change, by API 0.6: it numbers new elements and counts versions."""
    after = dict(before)
    renumbered = {}
    for number, (kind, old) in enumerate(sorted(key for key in change if key[1] < 0)):
        assert change[kind, old]["version"] == 0
        renumbered[kind, old] = 920_000_000_000 + number
    for (kind, number), element in change.items():
        if number > 0:
            assert element["version"] == before[kind, number]["version"], (
                "the version is the known one"
            )
        key = (kind, renumbered.get((kind, number), number))
        refs = [renumbered.get(("node", ref), ref) for ref in element.get("refs", [])]
        after[key] = {**element, "refs": refs, "version": element["version"] + 1}
    return after


def write(elements, path):
    """Writes an extract."""
    with osmium.SimpleWriter(str(path)) as writer:
        for kind in ["node", "way"]:
            for (_, number), element in sorted(
                item for item in elements.items() if item[0][0] == kind
            ):
                about = {"tags": element["tags"], "version": element["version"]}
                about["timestamp"] = element["timestamp"]
                if kind == "node":
                    node = osmium.osm.mutable.Node(id=number, location=element["at"], **about)
                    writer.add_node(node)
                else:
                    way = osmium.osm.mutable.Way(id=number, nodes=element["refs"], **about)
                    writer.add_way(way)


def test_a_change_repeats_what_it_does_not_change(place):
    before, change = (
        Elements(place / "map.osm.pbf").all,
        Elements(place / "out.osc").all,
    )
    new = {number for kind, number in change if kind == "node"}
    assert new and all(number < 0 for number in new)
    for (kind, number), element in change.items():
        if kind == "way":
            known = before[kind, number]
            assert element["tags"] == known["tags"]
            assert [ref for ref in element["refs"] if ref not in new] == known["refs"]
            assert len(set(element["refs"])) >= len(element["refs"]) - 1, (
                "only a ring repeats a node"
            )


def test_after_a_change_no_point_is_missing(place):
    before, change = (
        Elements(place / "map.osm.pbf").all,
        Elements(place / "out.osc").all,
    )
    write(applied(before, change), place / "after.osm.pbf")
    run("osm", place / "signs.csv", place / "after.osm.pbf", "-o", place / "after.csv")
    was, now = (
        {row["id"]: row for row in rows_of(place / name)} for name in ["out.csv", "after.csv"]
    )
    assert any(row["status"] == "missing" and is_point(row) for row in was.values())
    missing = [row for row in now.values() if row["status"] == "missing" and is_point(row)]
    # Without tags to suggest there is nothing to add.
    assert [row for row in missing if row["suggested_tags"]] == []
    # What was there is still there.
    for number, row in was.items():
        if row["status"] == "confirmed":
            assert now[number]["status"] == "confirmed", (row, now[number])


def tasks_of(paths):
    """The tasks of a challenge, if each part is as MapRoulette's documentation says.

    Line-by-line GeoJSON (RFC 8142): a record separator, a FeatureCollection, a line feed. The name of a task is the id of
    its feature; without one MapRoulette takes others, and at last a random one, so that tasks come twice.
    """
    names = []
    for path in paths:
        content = path.read_bytes()
        assert len(content) <= 15_000_000 and content.endswith(b"\n")
        lines = content.decode("utf-8").split("\n")[:-1]
        assert 0 < len(lines) <= 50_000
        for line in lines:
            assert line.startswith("\x1e") and "\x1e" not in line[1:]
            task = json.loads(line[1:])
            assert task["type"] == "FeatureCollection" and task["features"]
            assert set(task) <= {"type", "features", "cooperativeWork"}
            for feature in task["features"]:
                assert feature["type"] == "Feature"
                assert feature["geometry"]["type"] == "Point"
                lon, lat = feature["geometry"]["coordinates"]
                assert -180 <= lon <= 180 and -90 <= lat <= 90
                assert all(isinstance(value, str) for value in feature["properties"].values())
            name = task["features"][0]["id"]
            assert isinstance(name, str) and name
            names.append(name)
    assert len(set(names)) == len(names), "a name is that of one task"
    return names


def test_a_challenge_has_each_missing_and_conflicting_sign_once(place):
    names = tasks_of([place / "out.maproulette.geojson"])
    rows = rows_of(place / "out.csv")
    wanted = {row["id"] for row in rows if row["status"] in {"missing", "conflicting"}}
    assert {name.removeprefix("mly-") for name in names} == wanted


def test_a_large_challenge_is_divided_into_parts_that_are_taken(tmp_path):
    with (tmp_path / "many.csv").open("w", newline="") as file:
        file.write("id,value,first_seen_at,last_seen_at,longitude,latitude\r\n")
        for number in range(60_000):
            lon, lat = 8.99 + number % 300 / 1e4, 51.985 + number // 300 / 1e4
            file.write(
                f"{2**53 + number},object--bench,1600000000000,1600000000000,{lon},{lat}\r\n"
            )
    run("emulate", "--osm", tmp_path / "map.json")
    run(
        "osm",
        tmp_path / "many.csv",
        tmp_path / "map.json",
        "-o",
        tmp_path / "x.maproulette.geojson",
    )
    parts = sorted(tmp_path.glob("x.*.maproulette.geojson"))
    assert len(parts) > 1 and not (tmp_path / "x.maproulette.geojson").exists()
    assert len(tasks_of(parts)) > 55_000
