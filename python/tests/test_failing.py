"""Ids that the service cannot answer, values that cannot be read, and ids that cannot be any."""

import http.server
import json
import threading
import urllib.parse

import pytest

import mly
from conftest import client_of

BAD = 1005
SEQUENCE = "failingAAAAAAAAAAAAAA1"
ALL = list(range(1001, 1011))
GOOD = [number for number in ALL if number != BAD]


def entity(key):
    return {
        "id": key,
        "make": "GoPro",
        "captured_at": 1600000000000,
        "sequence": SEQUENCE,
        "geometry": {"type": "Point", "coordinates": [9.0, 52.0]},
        "object_value": "object--bench",
        "slug": "x",
    }


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers for the images 1001 to 1010, but for one of them."""

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        self.server.asked += 1
        if str(BAD) in self.path:
            status, code = self.server.failure
            self.answer(status, {"error": {"message": "An unknown error occurred", "code": code}})
        elif url.path == "/image_ids":
            self.answer(200, {"data": [{"id": str(number)} for number in ALL]})
        elif url.path.endswith("/detections"):
            key = url.path.split("/")[1]
            self.answer(200, {"data": [{"id": "9" + key, "value": "a", "image": {"id": key}}]})
        elif "ids" in query:
            self.answer(200, {key: entity(key) for key in query["ids"].split(",")})
        else:
            self.answer(200, entity(url.path.strip("/")))

    def answer(self, status, body):
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass


@pytest.fixture
def frail():
    """A service that cannot answer one id, and a client of it."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.asked, server.failure = 0, (500, 1)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}"
        server.client = mly.Client(
            "MLY|1|2", graph_url=url, tiles_url=url, retries=1, init_backoff=0.001
        )
        yield server
        server.shutdown()


@pytest.mark.parametrize("failure", [(500, 1), (500, 2), (400, -2), (403, 10), (400, 100)])
def test_an_id_that_fails_is_in_the_summary_and_the_others_come(frail, failure):
    frail.failure = failure
    results = [
        frail.client.images_by_id(ALL),
        frail.client.features_by_id(ALL),
        frail.client.organizations_by_id(ALL),
        frail.client.sequence(SEQUENCE),
    ]
    for batches in results:
        assert [row["id"] for row in batches.to_dicts()] == GOOD
        summary = batches.summary
        assert list(summary.failed) == [BAD] and summary.not_found == []
        assert "An unknown error occurred" in summary.failed[BAD]
        assert summary.to_dict()["failed"] == [str(BAD)]
    batches = frail.client.detections(image_id=ALL)
    assert [row["image_id"] for row in batches.to_dicts()] == GOOD
    assert list(batches.summary.failed) == [BAD]


def test_one_image_that_fails_raises_its_error(frail):
    frail.failure = (400, 100)
    with pytest.raises(mly.ApiError) as error:
        frail.client.image(BAD)
    assert (error.value.status, error.value.code) == (400, 100)
    frail.failure = (403, 10)
    with pytest.raises(mly.AuthError):
        frail.client.image(BAD)
    assert frail.client.image(1006)["make"] == "GoPro"


def test_a_download_goes_on_without_the_image_that_fails(frail, tmp_path):
    done = frail.client.download(ALL, tmp_path)
    assert "An unknown error occurred" in done.failed[BAD]
    # The others have no photo.
    assert sorted(done.failed) == ALL and sorted(done.summary.failed) == ALL


def test_values_that_cannot_be_read_are_empty_and_counted(client):
    summary = client.images_by_id([]).summary
    assert (summary.misfits, summary.unread) == (0, {})


@pytest.mark.parametrize("sequence", ["x", "nobody", "a" * 21, "a b", "a" * 22 + "/"])
def test_ids_that_cannot_be_any_are_refused_before_anything_is_sent(service, sequence):
    client = client_of(service)
    box = {"bbox": (8.98, 51.98, 9.03, 52.01)}
    with pytest.raises(mly.InvalidQueryError):
        client.sequence(sequence)
    for filters in ({"sequence": sequence}, {"organization": -1}, {"creator": [0]}):
        with pytest.raises(mly.InvalidQueryError):
            client.run(mly.Query.images(**box, **filters))
    ring = {"type": "Polygon", "coordinates": [[[9, 52], [9.1, 52.1], [9.1, 52.1], [9, 52]]]}
    with pytest.raises(mly.InvalidQueryError, match="fewer than three"):
        mly.Query.images(within=ring)
    assert service.requests == []
