"""Files of the command, read by readers that are not ours: pyarrow, and json and csv of Python."""

import csv
import json
import os
import struct
import subprocess

import pyarrow
import pyarrow.parquet
import pyogrio
import pytest

MLY = os.environ["MLY"]
TOWN = "8.98,51.98,9.03,52.01"


@pytest.fixture(scope="module", params=["images", "sequences", "points", "signs"])
def files(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    for extension in ["geojson", "geojsonl", "csv", "arrow"]:
        command = [
            MLY,
            request.param,
            "--demo",
            "--bbox",
            TOWN,
            "-q",
            "-o",
            folder / f"town.{extension}",
        ]
        subprocess.run(command, check=True)
    return folder


def features(folder):
    with (folder / "town.geojson").open(encoding="utf-8") as file:
        return json.load(file)["features"]


def rows(folder):
    table = pyarrow.ipc.open_file(folder / "town.arrow").read_all()
    table.validate(full=True)
    return table


def millis(moment):
    return round(moment.timestamp() * 1000)


def point(wkb):
    order, kind, lon, lat = struct.unpack("<BIdd", wkb)
    assert (order, kind) == (1, 1)
    return [lon, lat]


def lines(wkb):
    (order, kind, count), at, parts = struct.unpack_from("<BII", wkb), 9, []
    assert (order, kind) in [(1, 4), (1, 5)]
    if kind == 4:
        return [point(wkb[9 + 21 * i : 30 + 21 * i]) for i in range(count)]
    for _ in range(count):
        order, kind, positions = struct.unpack_from("<BII", wkb, at)
        assert (order, kind) == (1, 2)
        numbers = struct.unpack_from(f"<{2 * positions}d", wkb, at + 9)
        parts.append([list(pair) for pair in zip(numbers[::2], numbers[1::2], strict=True)])
        at += 9 + 16 * positions
    assert at == len(wkb)
    return parts


def test_pyarrow_reads_the_rows_that_geojson_holds(files):
    table, wanted = rows(files), features(files)
    assert table.num_rows == len(wanted) > 100
    for row, feature in zip(table.to_pylist(), wanted, strict=True):
        geometry = row.pop("geometry")
        # Sequences of one image are points in place of lines.
        read = point if feature["geometry"]["type"] == "Point" else lines
        assert read(geometry) == feature["geometry"]["coordinates"]
        plain = {name: millis(v) if hasattr(v, "timestamp") else v for name, v in row.items()}
        assert {name: v for name, v in plain.items() if v is not None} == feature["properties"]


def test_the_columns_have_the_documented_types(files):
    schema = rows(files).schema
    assert schema.field("geometry").metadata[b"ARROW:extension:name"] == b"geoarrow.wkb"
    for field in schema:
        if field.name.endswith("_at"):
            assert field.type == pyarrow.timestamp("ms", tz="UTC")
        elif field.name in ("sequence_id", "value"):
            assert field.type == pyarrow.string()
        elif field.name in ("organization_id", "creator_id", "image_id"):
            assert field.type == pyarrow.int64()


def test_geojson_lines_are_the_features_of_the_collection(files):
    with (files / "town.geojsonl").open(encoding="utf-8") as file:
        assert [json.loads(line) for line in file] == features(files)


def test_csv_holds_the_same_rows(files):
    with (files / "town.csv").open(encoding="utf-8", newline="") as file:
        records = list(csv.DictReader(file))
    wanted = features(files)
    assert len(records) == len(wanted)
    for record, feature in zip(records, wanted, strict=True):
        assert {
            k: v for k, v in record.items() if v and k not in ("longitude", "latitude", "wkt")
        } == {
            name: value if isinstance(value, str) else json.dumps(value)
            for name, value in feature["properties"].items()
        }
        if feature["geometry"]["type"] == "Point":
            at = [float(record["longitude"]), float(record["latitude"])]
            assert at == feature["geometry"]["coordinates"]
        else:
            kind, _, wkt = record["wkt"].partition(" ((")
            assert kind == feature["geometry"]["type"].upper()
            parts = wkt.removesuffix("))").split("), (")
            read = [
                [[float(n) for n in pair.split()] for pair in part.split(", ")] for part in parts
            ]
            if kind == "MULTIPOINT":
                read = [at for (at,) in read]
            assert read == feature["geometry"]["coordinates"]


def test_arrow_is_a_stream_on_standard_output_with_the_rows_of_the_file(files):
    layer = files.name.rstrip("0123456789")
    command = [MLY, layer, "--demo", "--bbox", TOWN, "-q", "-f", "arrow"]
    stream = pyarrow.ipc.open_stream(
        subprocess.run(command, check=True, capture_output=True).stdout
    )
    assert stream.read_all().equals(rows(files).replace_schema_metadata(stream.schema.metadata))


@pytest.mark.parametrize("extension", ["geojson", "csv", "parquet", "arrow", "fgb", "gpkg"])
def test_an_empty_result_has_the_columns_of_its_layer(tmp_path, extension):
    path = tmp_path / f"nothing.{extension}"
    command = [MLY, "signs", "--demo", "--bbox", "20,30,20.01,30.01", "-q", "-o", path]
    subprocess.run(command, check=True)
    read = {
        "geojson": lambda: json.loads(path.read_text())["features"] or None,
        "csv": lambda: path.read_text().strip().split(","),
        "parquet": lambda: pyarrow.parquet.read_table(path).column_names,
        "arrow": lambda: pyarrow.ipc.open_file(path).read_all().column_names,
    }.get(extension, lambda: list(pyogrio.read_dataframe(path).columns))
    found = read()
    if found is not None:
        assert found[:4] == ["id", "value", "first_seen_at", "last_seen_at"]
