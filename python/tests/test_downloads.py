from pathlib import Path

import pytest

import mly
from conftest import TOWN, client_of


def photos(folder):
    found = [path for path in folder.rglob("*") if path.suffix in {".jpg", ".tar"}]
    return sorted(path.relative_to(folder).as_posix() for path in found)


def test_photos_are_downloaded_once(client, ids, tmp_path):
    done = client.download(ids[:5], to=tmp_path, size=256)
    assert (done.written, done.skipped, done.failed) == (5, 0, {})
    assert sorted(int(Path(name).stem) for name in photos(tmp_path)) == sorted(ids[:5])
    again = client.download([*ids[:5], 5], str(tmp_path), size=256)
    assert (again.written, again.skipped, list(again.failed)) == (0, 5, [5])


def test_a_result_or_a_table_can_be_downloaded(client, tmp_path):
    query = mly.Query.images(near=(9.005, 51.998), limit=4)
    assert client.download(client.run(query), tmp_path / "a", size=256).written == 4
    assert client.download(client.run(query).to_arrow(), tmp_path / "b", size=256).written == 4
    assert photos(tmp_path / "a") == photos(tmp_path / "b")
    detections = client.detections(image_id=client.run(query).to_arrow())
    assert client.download(detections, tmp_path / "c", size=256).written <= 4
    with pytest.raises(mly.InvalidQueryError, match="map feature"):
        client.download(client.run(mly.Query.signs(bbox=TOWN)), tmp_path / "d")
    assert not (tmp_path / "d").exists()


def test_a_column_image_id_alone_names_the_images(client, ids, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    table = pyarrow.table({"note": ["a", "b"], "image_id": ids[:2]})
    assert client.download(table, tmp_path / "a", size=256).written == 2
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"image_id": ids[:2]})
    assert client.download(frame, tmp_path / "b", size=256).written == 2
    assert photos(tmp_path / "a") == photos(tmp_path / "b")
    assert client.images_by_id(frame).to_arrow().num_rows == 2
    with pytest.raises(mly.MlyError, match="image_id"):
        client.download(pandas.DataFrame({"name": ["x"]}), tmp_path / "c")


def test_archives(client, ids, tmp_path):
    client.download(ids[:5], tmp_path, size=256, layout="webdataset", photos_a_shard=2)
    assert photos(tmp_path) == ["00000.tar", "00001.tar", "00002.tar"]


def test_progress_counts_photos(client, ids, tmp_path):
    seen = []
    client.download(
        ids[:5], tmp_path, size=256, progress=lambda p: seen.append((p.answered, p.total, p.unit))
    )
    assert seen[-1] == (5, 5, "images")


def test_what_fails_is_listed_and_does_not_stop_the_rest(service, ids, tmp_path):
    service.fail("not-found,on=thumbnail,next=1")
    service.fail("not-jpeg,on=thumbnail,next=1")
    done = client_of(service, retries=0, concurrency=1).download(ids[:6], tmp_path, size=256)
    assert done.written + len(done.failed) == 6
    assert all(isinstance(id, int) and why for id, why in done.failed.items())


def test_point_clouds(client, ids, tmp_path):
    done = client.download_clouds(ids[:3], tmp_path, format="ply")
    assert done.written >= 1
    assert all(path.read_bytes().startswith(b"ply") for path in tmp_path.glob("*.ply"))


def test_wrong_words_name_the_right_ones(client, ids, tmp_path):
    for keywords, says in [({"layout": "tar"}, "webdataset"), ({"size": 5}, "1024")]:
        with pytest.raises(mly.InvalidQueryError, match=says):
            client.download(ids, tmp_path, **keywords)
    with pytest.raises(mly.InvalidQueryError, match="laz"):
        client.download_clouds(ids, tmp_path, format="obj")
    with pytest.raises(TypeError, match="'to'"):
        client.download(ids, to=7)
    assert list(tmp_path.iterdir()) == []
