import copy
import pickle

import pytest

import mly
from conftest import TOWN, client_of

VARIANTS = [mly.InvalidQuery, mly.Auth, mly.NotFound, mly.RateLimited, mly.Api, mly.Transport, mly.Decode, mly.Output,
            mly.Journal, mly.Cancelled, mly.UsedUp]


def failure(service, fault, ask=lambda client: client.run(mly.Query.images(bbox=TOWN)).to_dicts(), **settings):
    service.fail(fault)
    with pytest.raises(mly.Error) as error:
        ask(client_of(service, **{"retries": 1, "backoff": 0.001, **settings}))
    return error.value


def test_each_variant_is_a_class_of_its_own():
    for variant in VARIANTS:
        assert issubclass(variant, mly.Error) and variant.__module__ == "mly"


def test_exceptions_pickle_with_their_attributes(service, client):
    found = [failure(service, "status=503,always")]
    for ask in (lambda: client.image(5), lambda: mly.Query.images(bbox=TOWN, fields=["captured"])):
        with pytest.raises(mly.Error) as error:
            ask()
        found.append(error.value)
    found += [variant("what", hint="do", status=1, ids=[1, "a"], tile=(1, 0, 0)) for variant in VARIANTS]
    for error in found:
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert type(again) is type(error) and str(again) == str(error) and vars(again) == vars(error)


def test_a_service_that_is_down_is_a_transport_error(service):
    error = failure(service, "status=503,always")
    assert type(error) is mly.Transport and error.retryable
    assert error.attempts == 2 and error.elapsed > 0 and "/maps/vtp/" in error.url


def test_nobody_at_the_address_is_a_transport_error():
    client = mly.Client("MLY|1|2", graph_url="http://127.0.0.1:9", retries=0, backoff=0.001)
    with pytest.raises(mly.Transport) as error:
        client.image(1)
    assert isinstance(error.value, ConnectionError) and error.value.attempts == 1


def test_a_block_is_a_rate_limit(service):
    error = failure(service, "block,always")
    assert type(error) is mly.RateLimited and error.retryable and "tile" in error.url or "vtp" in error.url


def test_a_refused_token_is_an_auth_error():
    with mly.Emulator("demo", token="MLY|1|right") as service:
        client = mly.Client("MLY|1|wrong", graph_url=service.url, tiles_url=service.url)
        with pytest.raises(mly.Auth) as error:
            client.image(1)
    assert error.value.code == 190 and error.value.status in (400, 401) and not error.value.retryable


def test_no_token_is_an_auth_error_before_anything_is_asked(service):
    with pytest.raises(mly.Auth, match="MAPILLARY_TOKEN") as error:
        mly.Client(graph_url=service.url, tiles_url=service.url)
    assert error.value.status is None and service.requests == []


def test_a_body_that_nobody_can_read(service):
    error = failure(service, "garbled,always")
    assert isinstance(error, (mly.Decode, mly.Transport)), error
    if isinstance(error, mly.Decode):
        assert error.tile[0] == 14


def test_a_file_that_cannot_be_written(client, tmp_path):
    with pytest.raises(mly.Error, match="nowhere"):
        client.run(mly.Query.images(bbox=TOWN)).write(tmp_path / "nowhere/x.csv")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"token": 5}, "'token'"),
        ({"concurrency": "many"}, "'concurrency'"),
        ({"timeout": "long"}, "'timeout'"),
        ({"cache_dir": 7}, "'cache_dir'"),
        ({"max_age": "7d"}, "'max_age'"),
        ({"retry": 5}, "did you mean 'retries'"),
        ({"graphurl": "x"}, "did you mean 'graph_url'"),
    ],
)
def test_a_wrong_setting_is_named(settings, says):
    with pytest.raises(TypeError) as error:
        mly.Client(**settings)
    assert says in str(error.value)


@pytest.mark.parametrize(
    "settings",
    [{"graph_url": "ftp://x"}, {"tiles_url": ""}, {"concurrency": 0}, {"retries": -1}, {"timeout": 0}, {"token": "a\nb"},
     {"timeout": float("nan")}, {"tiles_per_day": -1}],
)
def test_a_setting_without_sense_is_refused(settings):
    with pytest.raises(mly.InvalidQuery):
        mly.Client(**settings)
