"""The questions that several results answer: mly.diff, mly.streets, mly.assets, mly.osm and mly.map."""

import json
import re
import subprocess
import sys

import pytest

import mly
from conftest import TOWN


@pytest.fixture(scope="module")
def signs(client):
    return client.run(mly.Query.signs(bbox=TOWN)).to_arrow()


@pytest.fixture(scope="module")
def images(client):
    return client.run(mly.Query.images(bbox=TOWN)).to_arrow()


@pytest.fixture(scope="module")
def roads(tmp_path_factory):
    path = tmp_path_factory.mktemp("roads") / "town.osm.pbf"
    command = [sys.executable, "-m", "mly", "emulate", "--osm", str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return path


def rows_of(table):
    return sorted(repr(sorted(row.items(), key=str)) for row in table.to_dicts())


def test_a_table_can_be_read_again_and_in_every_form(signs, tmp_path):
    table = mly.assets(signs)
    assert len(table) == table.num_rows == table.to_arrow().num_rows == len(table.to_dicts()) > 100
    assert len(table) == len(table.to_pandas()) == len(table.to_polars())
    frame = table.to_geopandas()
    assert frame.crs is not None and (frame.geom_type == "Point").all()
    assert table.column_names[0] == "asset_id" and table.column_names[-1] == "geometry"
    assert json.loads(table.to_geojson())["type"] == "FeatureCollection"
    table.write(tmp_path / "assets.parquet")
    assert rows_of(mly.assets(signs)) == rows_of(table)
    assert "asset_id" in repr(table) and "<table>" in table._repr_html_()
    with pytest.raises(mly.InvalidQueryError):
        table.write(tmp_path / "assets.parquet")


def test_diff_takes_files_tables_and_frames_alike(signs, tmp_path):
    pa = pytest.importorskip("pyarrow")
    old = signs.slice(0, 500)
    expected = mly.diff(old, signs)
    assert expected.found["counts"] == {"new": signs.num_rows - 500, "same": 500}
    assert {row["change"] for row in expected.to_dicts()} == {"new"}
    assert len(mly.diff(signs, signs)) == 0
    assert len(mly.diff(signs, signs, all=True)) == signs.num_rows
    assert expected.column_names[:4] == ["change", "id", "old_id", "moved_m"]
    file = tmp_path / "old.arrow"
    with pa.OSFile(str(file), "wb") as out, pa.ipc.new_file(out, old.schema) as writer:
        writer.write_table(old)
    assert rows_of(mly.diff(file, signs)) == rows_of(expected)


def test_frames_of_geopandas_in_metres_are_reprojected(signs):
    pytest.importorskip("geopandas")
    frame = mly.assets(signs).to_geopandas()[
        ["asset_id", "value", "first_seen_at", "last_seen_at", "geometry"]
    ]
    frame = frame.rename(columns={"asset_id": "id"})
    assert len(mly.diff(frame, frame.to_crs(25832))) == 0


def test_streets_tell_coverage_and_gaps(roads, images):
    table = mly.streets(roads, images)
    rows = table.to_dicts()
    assert len(rows) > 100
    assert all(0 <= row["covered"] <= 1 for row in rows)
    assert {row["tier"] for row in rows} <= {"fresh", "aging", "stale", "none"}
    metres = table.found["metres"]
    assert sum(sum(tiers.values()) for tiers in metres.values()) == pytest.approx(
        sum(row["length_m"] for row in rows), rel=1e-6
    )
    gaps = table.found["gaps"]
    assert all(row["length_m"] >= 20 for row in gaps.to_dicts())
    fewer = mly.streets(roads, images.slice(0, 0))
    assert all(row["tier"] == "none" for row in fewer.to_dicts())
    with pytest.raises(mly.InvalidQueryError, match="not an age"):
        mly.streets(roads, images, fresh="new")


def test_signs_are_compared_with_the_map(roads, signs):
    table = mly.osm(signs, roads)
    counts = table.found["counts"]
    assert sum(counts.values()) == len(table)
    assert counts["confirmed"] > 20 and counts["missing"] > 20
    with pytest.raises(mly.InvalidQueryError, match="XX"):
        mly.osm(signs, roads, country="XX")


def test_a_map_is_a_page_that_needs_no_network(signs, images, tmp_path):
    page = mly.map({"signs": signs, "images": images}, title="Town")
    assert page.layers == ["signs", "images"]
    assert "Content-Security-Policy" in page.html and "<title>Town" in page.html
    page.save(tmp_path / "town.html")
    assert (tmp_path / "town.html").read_text(encoding="utf-8") == page.html
    with pytest.raises(mly.InvalidQueryError):
        page.save(tmp_path / "town.html")
    assert page._repr_html_().startswith("<iframe srcdoc=")
    assert not re.search(r"(src|href)=\"https?://", page.html.split("<script")[0])
    assert mly.map(mly.assets(signs)).layers == ["assets"]


def test_what_is_no_table_is_refused_with_the_name_of_the_argument(signs):
    with pytest.raises(TypeError, match="argument 'new': expected a file"):
        mly.diff(signs, 5)
    with pytest.raises(mly.InputError):
        mly.diff(signs, "/nowhere.parquet")


def test_a_file_is_brought_up_to_date_with_a_list_of_changes(client, tmp_path):
    pa = pytest.importorskip("pyarrow")
    query = mly.Query.signs(bbox=TOWN)
    old, new, changes = (tmp_path / name for name in ("old.arrow", "new.arrow", "changes.arrow"))
    signs = client.run(query).to_arrow()
    ids = signs["id"].to_pylist()
    # One that is not there yet, and one that the service does not know.
    lost = pa.array([7 if row == ids[1] else row for row in ids], pa.int64())
    earlier = signs.set_column(0, signs.schema.field(0), lost).slice(1)
    with pa.OSFile(str(old), "wb") as out, pa.ipc.new_file(out, earlier.schema) as writer:
        writer.write_table(earlier)
    summary = client.update(query, old, new, changes=changes)
    assert (summary.rows, summary.kept) == (len(ids) + 1, 1)
    updated = pa.ipc.open_file(new).read_all()
    marks = dict(
        zip(updated["id"].to_pylist(), updated["last_crawled_at"].to_pylist(), strict=True)
    )
    assert [row for row, mark in marks.items() if mark] == [7]
    listed = pa.ipc.open_file(changes).read_all()
    assert listed.equals(mly.diff(old, new).to_arrow())
    assert sorted(listed["change"].to_pylist()) in (["new", "remade"], ["new", "new", "unseen"])
    with pytest.raises(mly.InvalidQueryError, match="exists already"):
        client.update(query, old, new)
    client.update(query, old, old, changes=changes, overwrite=True)
    assert old.read_bytes() == new.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(
        path.name for path in (old, new, changes)
    )


def test_an_event_loop_updates_files_too(client, town, tmp_path):
    import asyncio

    query = mly.Query.points(bbox=TOWN)
    old, new = tmp_path / "old.csv", tmp_path / "new.csv"
    client.run(query).write(old)

    async def update():
        import mly.aio

        urls = {"graph_url": town.url, "tiles_url": town.url}
        async with mly.aio.Client(token=town.token, **urls) as loop_client:
            return await loop_client.update(query, old, new)

    summary = asyncio.run(update())
    assert summary.rows == summary.replaced == summary.unchanged
    assert old.read_bytes() == new.read_bytes()
