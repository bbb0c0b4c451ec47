import csv
import json
import re
import subprocess
import sys

import pytest

import mly
from conftest import TOWN, client_of

pyarrow = pytest.importorskip("pyarrow")


@pytest.fixture(scope="module")
def query():
    return mly.Query.images(bbox=TOWN, limit=500)


@pytest.fixture(scope="module")
def expected(client, query):
    return [row["id"] for row in client.run(query).to_dicts()]


def test_a_world_of_known_size_comes_whole():
    with mly.Emulator("random:7:20000") as world:
        table = client_of(world).run(mly.Query.images(tile="14/8601/5389")).to_arrow()
    assert table.num_rows == 20000
    assert len(set(table["id"].to_pylist())) == 20000


def test_a_loop_gives_batches_of_pyarrow(client, query, expected):
    batches = client.run(query)
    found = []
    for batch in batches:
        assert isinstance(batch, pyarrow.RecordBatch)
        assert batch.schema == batches.schema
        found += batch["id"].to_pylist()
    assert found == expected
    assert batches.summary.rows == len(expected) == 500


def test_every_reader_of_arrow_streams_gets_the_same(client, query, expected):
    assert client.run(query).to_arrow()["id"].to_pylist() == expected
    assert pyarrow.table(client.run(query))["id"].to_pylist() == expected
    reader = pyarrow.RecordBatchReader.from_stream(client.run(query))
    assert reader.read_all()["id"].to_pylist() == expected


def test_polars_reads_it(client, query, expected):
    polars = pytest.importorskip("polars")
    assert client.run(query).to_polars()["id"].to_list() == expected
    assert polars.DataFrame(client.run(query))["id"].to_list() == expected


def test_duckdb_reads_it_from_its_own_threads(client, query, expected):
    duckdb = pytest.importorskip("duckdb")
    rows = client.run(query)  # noqa: F841 (duckdb finds it by its name)
    assert duckdb.sql("select count(*), min(id) from rows").fetchall() == [
        (len(expected), min(expected))
    ]


def test_pandas_keeps_every_digit_of_an_id(client, query, expected):
    pandas = pytest.importorskip("pandas")
    table = client.run(query).to_arrow()
    frame = client.run(query).to_pandas()
    assert frame["id"].dtype == "int64" and frame["id"].tolist() == expected
    creators = [None if pandas.isna(value) else int(value) for value in frame["creator_id"]]
    assert creators == table["creator_id"].to_pylist()
    assert str(frame["captured_at"].dtype).endswith("UTC]")


def test_geopandas_knows_geometry_and_reference_system(client, query):
    pytest.importorskip("geopandas")
    rows = client.run(query).to_dicts()
    frame = client.run(query).to_geopandas()
    assert frame.crs.to_authority() == ("OGC", "CRS84")
    assert [[p.x, p.y] for p in frame.geometry] == [row["geometry"]["coordinates"] for row in rows]
    lines = client.run(mly.Query.sequences(near=(9.005, 51.998), radius=100)).to_geopandas()
    assert set(lines.geom_type) == {"MultiLineString"}


def test_dicts_say_what_the_geojson_says(client, query, tmp_path):
    path = tmp_path / "images.geojson"
    client.run(query).write(path)
    features = json.loads(path.read_text())["features"]
    rows = client.run(query).to_dicts()
    assert len(features) == len(rows)
    for feature, row in zip(features, rows, strict=True):
        row["captured_at"] = round(row["captured_at"].timestamp() * 1000)
        assert row.pop("geometry") == feature["geometry"]
        assert row == feature["properties"]


@pytest.mark.parametrize(
    "extension", ["geojson", "geojsonl", "csv", "parquet", "fgb", "gpkg", "arrow"]
)
def test_every_format_is_written(client, query, expected, tmp_path, extension):
    path = tmp_path / f"images.{extension}"
    summary = client.run(query).write(path)
    assert summary.rows == len(expected) and path.stat().st_size > 0
    with pytest.raises(mly.InvalidQueryError, match="overwrite=True"):
        client.run(query).write(path)
    assert client.run(query).write(str(path), overwrite=True).rows == len(expected)
    assert [file.name for file in tmp_path.iterdir()] == [path.name]


def test_what_is_written_can_be_read(client, query, expected, tmp_path):
    path = tmp_path / "images.dat"
    client.run(query).write(path, format="csv")
    with path.open() as file:
        assert [int(row["id"]) for row in csv.DictReader(file)] == expected
    parquet = pytest.importorskip("pyarrow.parquet")
    client.run(query).write(tmp_path / "images.parquet")
    assert sorted(parquet.read_table(tmp_path / "images.parquet")["id"].to_pylist()) == sorted(
        expected
    )


def test_a_wrong_place_or_format_is_told_before_anything_is_sent(service, tmp_path):
    client = client_of(service)
    batches = client.run(mly.Query.images(bbox=TOWN))
    with pytest.raises(mly.InvalidQueryError, match="cannot tell the format"):
        batches.write(tmp_path / "images.xyz")
    with pytest.raises(mly.InvalidQueryError, match="parquet"):
        batches.write(tmp_path / "images", format="parket")
    with pytest.raises(TypeError, match="'path'"):
        batches.write(5)
    with pytest.raises(TypeError, match="did you mean 'overwrite'"):
        batches.write("x.csv", overwite=True)
    (tmp_path / "there.csv").touch()
    for path in ("there.csv", "nowhere/x.csv"):
        with pytest.raises(mly.InvalidQueryError):
            batches.write(tmp_path / path)
    with pytest.raises(mly.InvalidQueryError):
        batches.write(tmp_path / "images.json", format="coco")
    assert service.requests == []
    assert batches.write(tmp_path / "there.csv", overwrite=True).rows > 0, "it is still fresh"


def test_a_result_is_read_once(client, query):
    batches = client.run(query)
    for batch in batches:
        break
    for again in (
        lambda: iter(batches),
        batches.to_arrow,
        batches.to_dicts,
        batches.head,
        lambda: batches.write("x.csv"),
        lambda: pyarrow.table(batches),
    ):
        with pytest.raises(mly.UsedUpError, match="run the query again"):
            again()


def test_an_iterator_can_be_gone_on_with(client, query, expected):
    batches = iter(client.run(query))
    found = next(batches)["id"].to_pylist()
    for batch in batches:
        found += batch["id"].to_pylist()
    assert found == expected
    assert list(batches) == []


def test_the_head_does_not_use_rows_up(client, query, expected, tmp_path):
    batches = client.run(query)
    assert [row["id"] for row in batches.head(3)] == expected[:3]
    assert len(batches.head()) == 10
    assert batches.to_arrow()["id"].to_pylist() == expected
    batches = client.run(query)
    batches.head(1)
    batches.write(tmp_path / "images.csv")
    with (tmp_path / "images.csv").open() as file:
        assert [int(row["id"]) for row in csv.DictReader(file)] == expected


def test_a_notebook_shows_the_head(client, query, expected):
    batches = client.run(query)
    html = batches._repr_html_()
    assert str(expected[0]) in html and html.count("<tr>") == 11
    batches.to_arrow()
    assert "500 rows" in batches._repr_html_()


def test_an_error_is_not_taken_for_the_end(service, tmp_path):
    batches = client_of(service, retries=0).run(mly.Query.images(bbox=TOWN))
    service.fail("status=503,always")
    with pytest.raises(mly.TransportError):
        batches.head()
    service.clear_faults()
    for read in (batches.head, batches.to_arrow):
        with pytest.raises(RuntimeError, match="run the query again"):
            read()
    rows = iter(client_of(service, retries=0, concurrency=1).run(mly.Query.images(bbox=TOWN)))
    next(rows)
    service.fail("status=503,always")
    with pytest.raises(mly.TransportError):
        list(rows)
    with pytest.raises(RuntimeError, match="run the query again"):
        next(rows)


def test_an_empty_result_makes_a_file_after_its_head_was_seen(client, tmp_path):
    batches = client.run(mly.Query.images(bbox=(0, 0, 0.001, 0.001)))
    assert batches.head() == []
    assert batches.write(tmp_path / "none.geojson").rows == 0
    assert json.loads((tmp_path / "none.geojson").read_text())["features"] == []


def test_no_rows_are_rows_too(client):
    nowhere = mly.Query.images(bbox=(0, 0, 0.001, 0.001))
    assert client.run(nowhere).to_arrow().num_rows == 0
    assert "captured_at" in client.run(nowhere).to_arrow().column_names
    assert (
        client.run(nowhere).to_dicts()
        == client.run(nowhere).head()
        == list(client.run(nowhere))
        == []
    )


def test_progress_is_told_while_it_goes_on(client, query):
    seen = []
    client.run(
        mly.Query.images(bbox=TOWN),
        progress=lambda p: seen.append((p.answered, p.total, p.rows, p.unit)),
    ).to_arrow()
    assert seen[-1][0] == seen[-1][1] == 9 and seen[-1][3] == "tiles" and seen[-1][2] > 3000
    assert seen == sorted(seen)
    with pytest.raises(TypeError, match="'progress'"):
        client.run(query, progress="yes")


def test_an_error_of_progress_stops_the_run(client, query):
    def broken(progress):
        raise RuntimeError("mine")

    with pytest.raises(RuntimeError, match="mine"):
        client.run(query, progress=broken).to_arrow()


def test_the_ready_made_bar_is_drawn_on_standard_error(client, query, capsys):
    client.run(query, progress=True).to_arrow()
    said = capsys.readouterr()
    assert said.out == "" and "tiles" in said.err


def test_the_bar_without_tqdm(client, query, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    monkeypatch.setitem(sys.modules, "tqdm", None)
    client.run(mly.Query.images(bbox=TOWN), progress=True).to_arrow()
    assert "9/9 tiles" in capsys.readouterr().err


def test_without_pyarrow_batches_are_ours(town):
    script = f"""
import sys
sys.modules["pyarrow"] = None
import mly
client = mly.Client({town.token!r}, graph_url={town.url!r}, tiles_url={town.url!r})
query = mly.Query.images(bbox={TOWN!r}, limit=5)
batch = next(iter(client.run(query)))
assert isinstance(batch, mly.RecordBatch) and len(batch) == batch.num_rows == 5
assert batch.column_names[0] == "id" and len(batch.to_dicts()) == 5
assert [type(c).__name__ for c in batch.__arrow_c_array__()] == ["PyCapsule", "PyCapsule"]
assert client.run(query).schema.names[0] == "id"
try:
    client.run(query).to_arrow()
except ImportError as error:
    assert "pip install pyarrow" in str(error)
else:
    raise AssertionError("there is no pyarrow")
try:
    import polars
except ImportError:
    pass
else:
    assert polars.DataFrame(batch).height == 5
    assert client.run(query).to_polars().height == 5
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_csv_is_made_safe_for_spreadsheets_on_request(client, tmp_path):
    query = mly.Query.sequences(bbox=TOWN)
    client.run(query).write(tmp_path / "plain.csv")
    client.run(query).write(tmp_path / "safe.csv", csv_safe=True)

    def ids(name):
        lines = (tmp_path / name).read_text().splitlines()[1:]
        return [line.split(",")[0] for line in lines]

    assert any(id.startswith("-") for id in ids("plain.csv"))
    assert ids("safe.csv") == ["'" + id if id.startswith("-") else id for id in ids("plain.csv")]
    with pytest.raises(mly.InvalidQueryError, match="only csv"):
        client.run(query).write(tmp_path / "a.geojson", csv_safe=True)


def test_an_empty_result_warns_once_with_the_likely_reason(client, tmp_path):
    def nothing(**keywords):
        return client.run(mly.Query.signs(bbox=TOWN, **keywords))

    reads = [
        lambda result: result.to_arrow(),
        lambda result: result.to_dicts(),
        list,
        lambda result: result.write(tmp_path / "empty.csv", overwrite=True),
        pyarrow.table,
    ]
    for read in reads:
        with pytest.warns(
            mly.EmptyResultWarning, match="the filters leave out all 600 signs"
        ) as told:
            read(nothing(last_seen_since="2100"))
        assert len(told) == 1
    with pytest.warns(mly.EmptyResultWarning, match="the nearest are .*regulatory--stop"):
        nothing(value="regulatory--stopp--g1").to_arrow()
    with pytest.warns(mly.EmptyResultWarning, match="exchanged.*then bbox 8.98"):
        client.run(mly.Query.signs(bbox=(51.98, 8.98, 52.01, 9.03))).to_arrow()


def test_parts_of_a_result_may_be_empty_without_a_warning(client, recwarn):
    plan = mly.Query.signs(bbox=TOWN, last_seen_since="2100").plan()
    assert sum(client.run(part).to_arrow().num_rows for part in plan.partitions(3)) == 0
    assert [warning for warning in recwarn if warning.category is mly.EmptyResultWarning] == []


def test_text_formats_write_times_and_ids_as_asked(client, tmp_path):
    path = tmp_path / "signs.geojson"
    client.run(mly.Query.signs(bbox=TOWN, limit=1)).write(path, times="iso", ids="text")
    properties = json.loads(path.read_text())["features"][0]["properties"]
    assert properties["id"].isdigit()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", properties["first_seen_at"])
    with pytest.raises(mly.InvalidQueryError, match="unknown form of times"):
        client.run(mly.Query.signs(bbox=TOWN)).write(tmp_path / "x.csv", times="utc")
