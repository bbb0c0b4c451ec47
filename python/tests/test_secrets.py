import logging
import subprocess
import sys

import pytest

import mly
from conftest import TOWN, client_of

SECRET = "MLY|4242|0123456789abcdef0123456789abcdef"


@pytest.fixture
def service():
    with mly.Emulator("demo", token=SECRET) as service:
        yield service


def hidden(text):
    return "0123456789abcdef" not in text and "4242" not in text


def test_the_token_is_in_no_text(service, caplog):
    caplog.set_level(logging.DEBUG)
    client = client_of(service, retries=1, init_backoff=0.001)
    query = mly.Query.images(bbox=TOWN)
    service.fail("status=503,next=1")
    batches = client.run(query)
    batches.to_dicts()
    texts = [
        repr(client),
        str(client),
        repr(query),
        query.to_json(),
        repr(query.plan()),
        query.plan().to_json(),
        repr(batches),
        repr(batches.summary),
        str(batches.summary.to_dict()),
        repr(mly.aio.Client(SECRET)),
        str(vars(mly)),
        repr(service),
        str(service.requests),
    ]
    for fault in (
        "status=503,always",
        "block,always",
        "garbled,always",
        "redirect=http://127.0.0.1:1/?next=x,always",
    ):
        service.clear_faults()
        service.fail(fault)
        for ask in (lambda: client.run(query).to_dicts(), lambda: client.image(7)):
            with pytest.raises(mly.MlyError) as error:
                ask()
            texts += [str(error.value), repr(error.value), str(vars(error.value))]
    assert caplog.records and all(hidden(record.getMessage()) for record in caplog.records)
    assert all(map(hidden, texts)), [text for text in texts if not hidden(text)]


def test_a_token_that_is_mistyped_is_not_repeated():
    for settings in (
        {"token": SECRET + "\nx"},
        {"graph_url": f"{SECRET}"},
        {"graph_url": f"http://me:{SECRET}@/"},
    ):
        with pytest.raises(mly.InvalidQueryError) as error:
            mly.Client(**settings)
        if "token" in settings:
            assert hidden(str(error.value))


def test_a_token_that_is_typed_as_something_else_is_not_repeated():
    for ask in (
        lambda: mly.Query.images(bbox=TOWN, since=SECRET),
        lambda: mly.Query.images(bbox=TOWN, image_type=SECRET),
        lambda: mly.Query.images(bbox=TOWN, fields=[SECRET]).plan(),
        lambda: mly.Query.images(bbox=TOWN, creator=SECRET),
        lambda: mly.Query.signs(bbox=TOWN, value=SECRET),
        lambda: mly.Query.images(within=SECRET),
        lambda: mly.Plan.from_json(SECRET),
        lambda: mly.Lookup.images([SECRET]).plan(),
        lambda: mly.Emulator(SECRET),
        lambda: mly.Client(**{SECRET: 1}),
    ):
        with pytest.raises((mly.MlyError, ValueError, TypeError)) as error:
            ask()
        assert hidden(str(error.value)) and hidden(repr(error.value)), error.value


def test_messages_go_to_logging_by_level(service, caplog):
    client = client_of(service, init_backoff=0.001)
    service.fail("status=503,next=1")
    with caplog.at_level(logging.INFO, logger="mly"):
        client.run(mly.Query.images(bbox=TOWN)).to_dicts()
    assert {record.levelname for record in caplog.records} == {"INFO"}
    assert any("retrying" in record.getMessage() for record in caplog.records)
    caplog.clear()
    with caplog.at_level(logging.WARNING, logger="mly"):
        client.run(mly.Query.images(bbox=TOWN)).to_dicts()
    assert not caplog.records
    with caplog.at_level(logging.DEBUG, logger="mly"):
        client.run(mly.Query.images(bbox=TOWN)).to_dicts()
    assert sum("answered" in record.getMessage() for record in caplog.records) == 9


def test_nothing_is_printed(service, ids):
    script = f"""
import logging
import mly
client = mly.Client({SECRET!r}, graph_url={service.url!r}, tiles_url={service.url!r}, cache_dir="/dev/null/x")
client.run(mly.Query.images(bbox={TOWN!r})).to_dicts()
try:
    client.image(5)
except mly.NotFoundError:
    pass
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == done.stderr == ""


def test_a_handler_that_asks_is_told_that_it_cannot(service, ids):
    client = client_of(service)
    told = []

    class Handler(logging.Handler):
        def emit(self, record):
            try:
                client.image(ids[0])
            except RuntimeError as error:
                told.append(str(error))

    logger = logging.getLogger("mly")
    handler = Handler()
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    try:
        assert client.run(mly.Query.images(bbox=TOWN, limit=5)).to_dicts()
    finally:
        logger.removeHandler(handler)
        logger.setLevel(logging.NOTSET)
    assert told and "handler" in told[0]
