import json
import pathlib

import pytest

import mly
from conftest import client_of

TILES = pathlib.Path(__file__).parents[2] / "fixtures/tiles"


def test_it_tells_what_it_was_asked(service, ids):
    client_of(service).image(ids[0], fields="make")
    (request,) = service.requests
    assert (request["kind"], request["method"], request["status"]) == ("entity", "GET", 200)
    assert str(ids[0]) in request["path"] + request["query"]


def test_it_stops_when_it_is_closed():
    service = mly.Emulator("empty")
    service.close()
    service.close()
    with pytest.raises(mly.TransportError):
        client_of(service, retries=0).image(1)
    with pytest.raises(RuntimeError, match="closed"):
        service.requests


def test_a_folder_is_a_world(tmp_path):
    point = {"type": "Point", "coordinates": [9.0, 52.0]}
    properties = {
        "id": 12345,
        "captured_at": 1600000000000,
        "is_pano": False,
        "compass_angle": 3.0,
        "sequence_id": "abc",
    }
    feature = {"type": "Feature", "geometry": point, "properties": properties}
    (tmp_path / "images.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]})
    )
    for world in (tmp_path, str(tmp_path)):
        with mly.Emulator(world) as service:
            (row,) = (
                client_of(service).run(mly.Query.images(bbox=(8.99, 51.99, 9.01, 52.01))).to_dicts()
            )
            assert row["id"] == 12345


def test_it_plays_other_answers(ids):
    asked = mly.Lookup.images([ids[0], 77], fields=["make"])
    for answer in ("fails", "left-out", "null"):
        with mly.Emulator("demo", answers=[f"bad-id-in-ids={answer}"]) as service:
            batches = client_of(service).run(asked)
            assert batches.to_arrow().num_rows == 1
            assert batches.summary.not_found == [77]
            refused = [request["status"] for request in service.requests].count(400)
            assert refused == (1 if answer == "fails" else 0)
    with pytest.raises(ValueError, match="the questions are .*bbox-rule"):
        mly.Emulator("demo", answers=["fire=hot"])
    with pytest.raises(TypeError, match="'answers'"):
        mly.Emulator("demo", answers=3)


def test_what_is_no_world_or_no_fault_is_refused(service, tmp_path):
    for world in ("random:x", tmp_path / "nowhere"):
        with pytest.raises(ValueError):
            mly.Emulator(world)
    with pytest.raises(ValueError):
        service.fail("fire")
    with pytest.raises(TypeError, match="did you mean 'port'"):
        mly.Emulator("demo", prt=1)
    with pytest.raises(TypeError, match="'port'"):
        mly.Emulator("demo", port="http")


def test_a_port_that_is_taken_is_told(service):
    with pytest.raises(OSError):
        mly.Emulator("demo", port=int(service.url.rsplit(":", 1)[1]))
