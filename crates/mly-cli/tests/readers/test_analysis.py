"""GeoParquet, FlatGeobuf and GeoPackage, read by pyarrow, geopandas, DuckDB and GDAL."""

import json
import math
import os
import resource
import struct
import subprocess
from pathlib import Path

import dask_geopandas
import duckdb
import duckdb_extension_spatial
import geopandas
import polars
import pyarrow
import pyarrow.compute
import pyarrow.dataset
import pyarrow.parquet
import pyogrio
import pytest
import shapely

MLY = os.environ["MLY"]
TOWN = "8.98,51.98,9.03,52.01"
PART = (9.0, 51.99, 9.01, 52.0)


def write(path, *words, **settings):
    command = [MLY, *words, "-q", "-o", path]
    return subprocess.run(command, check=True, capture_output=True, **settings)


@pytest.fixture(scope="module", params=["images", "sequences", "points", "signs"])
def files(request, tmp_path_factory):
    folder = tmp_path_factory.mktemp(request.param)
    for extension in ["arrow", "parquet", "fgb", "gpkg"]:
        write(folder / f"town.{extension}", request.param, "--demo", "--bbox", TOWN)
    assert len(list(folder.iterdir())) == 4, "nothing is left beside the files"
    return folder


def wanted(folder):
    """The rows by id, as the Arrow file has them."""
    table = pyarrow.ipc.open_file(folder / "town.arrow").read_all()
    return {row["id"]: row for row in table.to_pylist()}


def spatial(database):
    """Loads the extension that its package brings along; nothing is fetched."""
    folder = Path(duckdb_extension_spatial.__file__).parent
    (extension,) = folder.rglob("*.duckdb_extension")
    database.execute(f"LOAD '{extension}'")


def test_pyarrow_reads_the_same_rows_and_types_from_parquet(files):
    table = pyarrow.parquet.read_table(files / "town.parquet")
    table.validate(full=True)
    arrow = pyarrow.ipc.open_file(files / "town.arrow").read_all()

    def described(schema):
        # Only a file that is written to its end knows the box and the types of its geometries.
        return schema.with_metadata({k: v for k, v in schema.metadata.items() if k != b"geo"})

    schema = table.drop_columns("bbox").schema
    assert described(schema).equals(described(arrow.schema), check_metadata=True)
    rows = {row["id"]: row for row in table.to_pylist()}
    assert len(rows) == table.num_rows > 100
    for row in rows.values():
        west, south, east, north = shapely.from_wkb(row["geometry"]).bounds
        box = row.pop("bbox")
        assert box["xmin"] <= west and east <= box["xmax"]
        assert box["ymin"] <= south and north <= box["ymax"]
    assert rows == wanted(files)


def test_the_metadata_is_that_of_geoparquet(files):
    file = pyarrow.parquet.ParquetFile(files / "town.parquet")
    geo = json.loads(file.metadata.metadata[b"geo"])
    assert (geo["version"], geo["primary_column"]) == ("1.1.0", "geometry")
    about = geo["columns"]["geometry"]
    assert about["encoding"] == "WKB" and "crs" not in about
    shapes = [shapely.from_wkb(row["geometry"]) for row in wanted(files).values()]
    assert about["geometry_types"] == sorted({shape.geom_type for shape in shapes})
    assert about["bbox"] == list(shapely.total_bounds(shapes))
    group = file.metadata.row_group(0)
    for column in map(group.column, range(group.num_columns)):
        assert column.compression == "ZSTD"
        assert column.is_stats_set == (column.path_in_schema != "geometry"), column.path_in_schema


def test_geopandas_reads_parquet_with_its_reference_system_and_by_area(files):
    frame = geopandas.read_parquet(files / "town.parquet")
    assert frame.crs == "OGC:CRS84"
    rows = wanted(files)
    assert {
        i: shapely.to_wkb(g, byte_order=1) for i, g in zip(frame["id"], frame.geometry, strict=True)
    } == {i: row["geometry"] for i, row in rows.items()}
    some = geopandas.read_parquet(files / "town.parquet", bbox=PART)
    near = frame[frame.intersects(shapely.box(*PART))]
    assert set(near["id"]) <= set(some["id"]) < set(frame["id"])


def test_duckdb_reads_all_three(files):
    database = duckdb.connect()
    ((kind,),) = database.sql(
        f"SELECT DISTINCT typeof(geometry) FROM '{files}/town.parquet'"
    ).fetchall()
    assert kind == "GEOMETRY('OGC:CRS84')"
    spatial(database)
    rows = {i: shapely.from_wkb(row["geometry"]).wkb for i, row in wanted(files).items()}
    for source in [
        f"'{files}/town.parquet'",
        f"st_read('{files}/town.fgb')",
        f"st_read('{files}/town.gpkg')",
    ]:
        column = "geometry" if "parquet" in source else "geom"
        found = database.sql(f"SELECT id, ST_AsWKB({column}) FROM {source}").fetchall()
        assert {i: shapely.from_wkb(bytes(wkb)).wkb for i, wkb in found} == rows, source


@pytest.mark.parametrize("extension, driver", [("fgb", "FlatGeobuf"), ("gpkg", "GPKG")])
def test_gdal_reads_the_same_rows_and_uses_the_index(files, extension, driver):
    path = files / f"town.{extension}"
    rows = wanted(files)
    shapes = {i: shapely.from_wkb(row["geometry"]) for i, row in rows.items()}
    about = pyogrio.read_info(path)
    layer = files.name.rstrip("0123456789")
    assert (about["driver"], about["layer_name"], about["crs"]) == (driver, layer, "EPSG:4326")
    assert about["features"] == len(rows)
    (kind, *others) = {shape.geom_type for shape in shapes.values()}
    assert about["geometry_type"] == ("Unknown" if others else kind)
    assert about["total_bounds"] == tuple(shapely.total_bounds(list(shapes.values())))
    for capability in ["fast_spatial_filter", "fast_feature_count", "fast_total_bounds"]:
        assert about["capabilities"][capability], capability

    meta, table = pyogrio.read_arrow(path)
    found = table.to_pylist()
    assert len(found) == len(rows)
    for row in found:
        row.pop("fid", None)
        geometry = row.pop(meta["geometry_name"] or "wkb_geometry")
        want = dict(rows[row["id"]])
        assert geometry == want.pop("geometry")
        assert {k: plain(v) for k, v in row.items()} == {k: plain(v) for k, v in want.items()}

    box = shapely.box(*PART)
    # Both readers compare the boxes of the geometries.
    near = {i for i, shape in shapes.items() if shape.envelope.intersects(box)}
    inside = {i for i, shape in shapes.items() if shape.intersects(box)}
    some = set(pyogrio.read_dataframe(path, bbox=PART)["id"])
    assert inside <= some <= near and 0 < len(some) < len(rows)


def plain(value):
    """Moments as milliseconds: readers give them with zones of different kinds."""
    return round(value.timestamp() * 1000) if hasattr(value, "timestamp") else value


def test_a_package_keeps_to_the_standard(files):
    with (files / "town.gpkg").open("rb") as file:
        header = file.read(100)
    assert header[:16] == b"SQLite format 3\0"
    assert struct.unpack(">I", header[60:64]) == (10400,) and header[68:72] == b"GPKG"


# A square of 4 by 4 tiles of zoom 14, of which the last three are empty.
TILES = (8601, 5389, 8605, 5393)


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    """250,000 images, from an emulator of their own."""
    folder = tmp_path_factory.mktemp("many")
    command = [MLY, "emulate", "--world", "random:7:250000", "--port", "0", "-q"]
    # A token that is set would not be told again.
    env = {name: value for name, value in os.environ.items() if not name.startswith("MAPILLARY_")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=env) as emulator:
        try:
            exports = {}
            while len(exports) < 3:
                name, _, value = (
                    emulator.stdout.readline().removeprefix("export ").strip().partition("=")
                )
                exports[name] = value.strip("'\"")
            west, north, east, south = TILES

            def lon(x):
                return x / 2**14 * 360 - 180

            def lat(y):
                return math.degrees(math.atan(math.sinh(math.pi * (1 - y / 2**13))))

            inset = 1e-6
            box = [lon(west) + inset, lat(south) + inset, lon(east) - inset, lat(north) - inset]
            words = ["images", "--bbox", ",".join(map(str, box))]
            for extension in ["parquet", "fgb", "gpkg"]:
                write(folder / f"many.{extension}", *words, env={**os.environ, **exports})
        finally:
            emulator.terminate()
    return folder


def test_row_groups_outside_of_an_area_are_passed_over(many):
    path = many / "many.parquet"
    metadata = pyarrow.parquet.ParquetFile(path).metadata
    groups = [metadata.row_group(at).num_rows for at in range(metadata.num_row_groups)]
    assert groups[:-1] == [100_000] * 2 and 0 < groups[-1] <= 50_000
    table = pyarrow.parquet.read_table(path)
    (fragment,) = pyarrow.dataset.dataset(path).get_fragments()
    west, south, east, north = json.loads(metadata.metadata[b"geo"])["columns"]["geometry"]["bbox"]

    def side(name):
        return pyarrow.compute.field("bbox", name)

    # Readers compare singles in different precisions, which makes no difference to whole 256ths of
    # a degree.
    west, south = ((math.floor(low * 256) + 2) / 256 for low in (west, south))
    east, north = ((math.ceil(high * 256) - 2) / 256 for high in (east, north))
    read = []
    for edge, words in [
        (side("xmin") <= west, f"bbox.xmin <= {west}"),
        (side("xmax") >= east, f"bbox.xmax >= {east}"),
        (side("ymin") <= south, f"bbox.ymin <= {south}"),
        (side("ymax") >= north, f"bbox.ymax >= {north}"),
    ]:
        found = pyarrow.dataset.dataset(path).to_table(filter=edge)
        assert 0 < found.num_rows < table.num_rows
        assert sorted(found["id"].to_pylist()) == sorted(table.filter(edge)["id"].to_pylist())
        assert duckdb.sql(f"SELECT count(*) FROM '{path}' WHERE {words}").fetchone() == (
            found.num_rows,
        )
        read.append(len(fragment.split_by_row_group(edge)))
    assert min(read) > 0 and sum(read) < len(read) * len(groups), read


def test_the_indexes_of_many_rows_find_what_a_look_at_every_row_finds(many):
    table = pyarrow.parquet.read_table(many / "many.parquet", columns=["id", "geometry"])
    ids = dict(
        zip(table["id"].to_pylist(), shapely.from_wkb(table["geometry"].to_pylist()), strict=True)
    )
    west, south, east, north = shapely.total_bounds(list(ids.values()))
    middle = ((west + east) / 2, (south + north) / 2)
    area = (middle[0] - 0.004, middle[1] - 0.004, middle[0] + 0.006, middle[1] + 0.006)
    inside = shapely.intersects(list(ids.values()), shapely.box(*area))
    want = {i for i, is_inside in zip(ids, inside, strict=True) if is_inside}
    assert 0 < len(want) < len(ids)
    for extension in ["fgb", "gpkg"]:
        frame = pyogrio.read_dataframe(many / f"many.{extension}", bbox=area, columns=["id"])
        assert set(frame["id"]) == want and len(frame) == len(want), extension
        assert pyogrio.read_info(many / f"many.{extension}")["features"] == len(ids)


@pytest.mark.parametrize("extension", ["parquet", "fgb", "gpkg"])
def test_a_full_disk_leaves_nothing_under_the_name_and_with_room_it_goes_on(tmp_path, extension):
    command = [MLY, "images", "--demo", "--bbox", TOWN, "-q", "-o", tmp_path / f"town.{extension}"]

    # No file may be longer than 16 KiB; the signal about it is ignored, as Python does and passes
    # on.
    def limit():
        return resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 14, 1 << 14))

    done = subprocess.run(
        command, capture_output=True, text=True, preexec_fn=limit, restore_signals=False
    )
    assert done.returncode == 6, done.stderr
    assert done.stderr.startswith("error: cannot write"), done.stderr
    assert not (tmp_path / f"town.{extension}").exists()
    subprocess.run(command, check=True)
    assert [path.name for path in tmp_path.iterdir()] == [f"town.{extension}"]


def test_geometries_are_valid_also_of_sequences_of_one_image(files):
    kinds = set()
    for extension in ["parquet", "arrow", "fgb", "gpkg"]:
        path = files / f"town.{extension}"
        read = {"parquet": geopandas.read_parquet, "arrow": geopandas.read_feather}
        frame = read.get(extension, geopandas.read_file)(path)
        assert frame.is_valid.all() and not frame.is_empty.any(), extension
        kinds.add(frozenset(frame.geom_type))
    (kinds,) = kinds
    is_lines = files.name.startswith("sequences")
    assert kinds == ({"MultiLineString", "MultiPoint"} if is_lines else {"Point"})


def test_feather_is_read_by_geopandas_and_polars(tmp_path):
    path = tmp_path / "town.feather"
    write(path, "images", "--demo", "--bbox", TOWN)
    frame = geopandas.read_feather(path)
    assert frame.crs == "OGC:CRS84" and len(frame) > 1000
    assert polars.read_ipc(path)["id"].to_list() == frame["id"].to_list()


def test_polars_reads_parquet(files):
    frame = polars.read_parquet(files / "town.parquet")
    rows = wanted(files)
    assert {row["id"]: row["geometry"] for row in frame.to_dicts()} == {
        i: row["geometry"] for i, row in rows.items()
    }


@pytest.fixture(scope="module")
def parts(tmp_path_factory):
    """The images of the town, in two files of two parts of a plan."""
    folder = tmp_path_factory.mktemp("parts")
    plan = folder.parent / "plan.json"
    write(plan, "plan", "images", "--demo", "--bbox", TOWN)
    for part in [1, 2]:
        write(folder / f"part{part}.parquet", "run", plan, "--demo", "--partition", f"{part}/2")
    return folder


def test_a_folder_of_parts_is_read_by_geopandas_and_dask(parts):
    whole = geopandas.read_parquet(parts)
    assert whole.crs == "OGC:CRS84" and len(whole) > 1000
    assert 0 < len(geopandas.read_parquet(parts, bbox=PART)) < len(whole)
    schema = pyarrow.parquet.read_schema(parts / "part1.parquet")
    footer = pyarrow.parquet.ParquetFile(parts / "part1.parquet").metadata.metadata
    assert schema.metadata[b"geo"] == footer[b"geo"]
    lazy = dask_geopandas.read_parquet(parts)
    assert (lazy.npartitions, lazy.crs) == (2, "OGC:CRS84")
    assert sorted(lazy.compute()["id"]) == sorted(whole["id"])
    assert len(dask_geopandas.read_parquet(parts / "part1.parquet")) < len(whole)


def test_files_tell_the_licence_and_the_question(files, tmp_path):
    layer = files.name.rstrip("0123456789")
    write(tmp_path / "town.geojson", layer, "--demo", "--bbox", TOWN)
    told = {
        "parquet": pyarrow.parquet.read_schema(files / "town.parquet").metadata,
        "arrow": pyarrow.ipc.open_file(files / "town.arrow").schema.metadata,
        "fgb": pyogrio.read_info(files / "town.fgb")["layer_metadata"],
        "gpkg": json.loads(
            pyogrio.read_info(files / "town.gpkg")["layer_metadata"]["GPKG_METADATA_ITEM_1"]
        ),
        "geojson": json.loads((tmp_path / "town.geojson").read_text()),
    }
    for name, pairs in told.items():
        pairs = {getattr(k, "decode", lambda k=k: k)(): v for k, v in pairs.items()}
        pairs = {k: v.decode() if isinstance(v, bytes) else v for k, v in pairs.items()}
        assert pairs["license"] == "CC BY-SA 4.0" and "Mapillary" in pairs["attribution"], name
        assert json.loads(pairs["mly:question"])["query"]["layer"] == layer, name
    # Further members do not disturb readers of GeoJSON.
    frame = geopandas.read_file(tmp_path / "town.geojson")
    assert sorted(frame["id"]) == sorted(wanted(files))


def test_gdal_converts_our_files(files, tmp_path):
    for extension in ["fgb", "gpkg", "parquet"]:
        frame = geopandas.read_parquet(files / "town.parquet")
        if extension != "parquet":
            frame = pyogrio.read_dataframe(files / f"town.{extension}")
        pyogrio.write_dataframe(frame, tmp_path / f"{extension}.gpkg", layer="copy")
        assert pyogrio.read_info(tmp_path / f"{extension}.gpkg")["features"] == len(wanted(files))


def test_gdal_reads_every_row_of_the_tiles(files, tmp_path):
    layer = files.name.rstrip("0123456789")
    write(tmp_path / "town.pmtiles", layer, "--demo", "--bbox", TOWN)
    info = pyogrio.read_info(tmp_path / "town.pmtiles")
    assert (info["driver"], info["layer_name"]) == ("PMTiles", layer)
    # Lines may be in several tiles, with the same attributes.
    frame = pyogrio.read_dataframe(tmp_path / "town.pmtiles").to_crs("OGC:CRS84")
    rows = {str(i): row for i, row in wanted(files).items()}
    known = [str(i) if isinstance(i, str) else str(int(i)) for i in frame["id"]]
    assert set(known) == set(rows)
    unit = 360 / 2**14 / 4096
    for i, shape in zip(known, frame.geometry, strict=True):
        where = shapely.from_wkb(rows[i]["geometry"])
        for at in shapely.points(shapely.get_coordinates(shape)):
            assert where.distance(at) <= 1.5 * unit, i
    if layer != "sequences":
        assert len(frame) == len(rows)
        name = "captured_at" if layer == "images" else "last_seen_at"
        told = dict(zip(known, frame[name], strict=True))
        assert all(told[i] == round(rows[i][name].timestamp() * 1000) for i in rows)


def test_styles_are_a_table_beside_the_rows(files):
    layer = files.name.rstrip("0123456789")
    assert [name for name, _ in pyogrio.list_layers(files / "town.gpkg")] == [
        layer,
        "layer_styles",
    ]
    styles = pyogrio.read_dataframe(files / "town.gpkg", layer="layer_styles")
    assert styles["f_table_name"].tolist() == [layer]
    assert styles["styleQML"][0].startswith("<!DOCTYPE qgis")
