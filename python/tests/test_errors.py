import copy
import pickle

import pytest

import mly
from conftest import TOWN, client_of

VARIANTS = [
    getattr(mly, name) for name in mly.__all__ if name.endswith("Error") and name != "MlyError"
]
ATTRIBUTES = {
    mly.AuthError: {"status": 401, "code": 190, "kind": "OAuthException", "trace_id": "A"},
    mly.NotFoundError: {"ids": [1, "a"]},
    mly.RateLimitedError: {"url": "http://x", "retry_after": 1.5},
    mly.ApiError: {"status": 400, "code": 100, "url": "http://x"},
    mly.TransportError: {"url": "http://x", "attempts": 2, "elapsed": 0.5},
    mly.DecodeError: {"tile": (1, 0, 0), "offset": 7},
    mly.OutputError: {"path": "x.csv", "format": "CSV"},
    mly.InputError: {"path": "x.csv", "at": "line 3"},
    mly.JournalError: {"path": "x.csv.unfinished"},
}
OLD_NAMES = [
    "Api",
    "Auth",
    "Cancelled",
    "Decode",
    "InvalidQuery",
    "Journal",
    "NotFound",
    "Output",
    "RateLimited",
    "Transport",
    "UsedUp",
]


def failure(
    service,
    fault,
    ask=lambda client: client.run(mly.Query.images(bbox=TOWN)).to_dicts(),
    **settings,
):
    service.fail(fault)
    with pytest.raises(mly.MlyError) as error:
        ask(client_of(service, **{"retries": 1, "init_backoff": 0.001, **settings}))
    return error.value


def test_each_variant_is_a_class_of_its_own():
    assert len(VARIANTS) == 13
    for variant in VARIANTS:
        assert issubclass(variant, mly.MlyError) and variant.__module__ == "mly"


@pytest.mark.parametrize(
    ("variant", "builtin"),
    [
        (mly.InvalidQueryError, ValueError),
        (mly.InputError, OSError),
        (mly.InputError, ValueError),
        (mly.InputError, mly.InvalidQueryError),
        (mly.NotFoundError, LookupError),
        (mly.TransportError, ConnectionError),
        (mly.OutputError, OSError),
        (mly.UsedUpError, RuntimeError),
        (mly.InternalError, RuntimeError),
    ],
)
def test_they_are_what_python_raises_in_such_cases(variant, builtin):
    assert issubclass(variant, builtin)


@pytest.mark.parametrize("variant", VARIANTS)
def test_attributes_are_those_that_mean_something(variant):
    own = ATTRIBUTES.get(variant, {})
    error = variant("what", hint="do", retryable=True, **own)
    assert (error.message, error.hint, error.retryable, str(error)) == (
        "what",
        "do",
        True,
        "what (do)",
    )
    assert {name: getattr(error, name) for name in own} == own
    for name in {name for others in ATTRIBUTES.values() for name in others} - own.keys():
        assert not hasattr(error, name)
        with pytest.raises(TypeError, match=name):
            variant("what", **{name: 1})


@pytest.mark.parametrize("name", OLD_NAMES)
def test_an_old_name_is_the_class_and_says_the_new_one(name):
    with pytest.deprecated_call(match=f"mly.{name}Error"):
        assert getattr(mly, name) is getattr(mly, f"{name}Error")
    with pytest.deprecated_call(match="mly.MlyError"):
        assert mly.Error is mly.MlyError


def test_old_names_catch_and_unpickle(client, tmp_path):
    (tmp_path / "x.csv").write_text("mine")
    with pytest.deprecated_call():
        try:
            client.run(mly.Query.images(bbox=TOWN, limit=1)).write(tmp_path / "x.csv")
        except mly.InvalidQuery as error:
            found = error
        stored = pickle.dumps(found, protocol=0).replace(b"InvalidQueryError", b"InvalidQuery")
        assert type(pickle.loads(stored)) is mly.InvalidQueryError


def test_a_name_that_never_was_is_an_attribute_error():
    with pytest.raises(AttributeError, match="'mly' has no attribute 'Nothing'"):
        mly.Nothing


def test_a_shape_that_is_not_there_is_an_input_error(tmp_path):
    with pytest.raises(mly.InputError, match="nowhere.geojson.*cannot be read") as error:
        mly.Query.images(within=tmp_path / "nowhere.geojson")
    assert error.value.path == str(tmp_path / "nowhere.geojson")


def test_exceptions_pickle_with_their_attributes(service, client):
    found = [failure(service, "status=503,always")]
    for ask in (lambda: client.image(5), lambda: mly.Query.images(bbox=TOWN, fields=["captured"])):
        with pytest.raises(mly.MlyError) as error:
            ask()
        found.append(error.value)
    found += [variant("what", hint="do", **ATTRIBUTES.get(variant, {})) for variant in VARIANTS]
    for error in found:
        for again in (pickle.loads(pickle.dumps(error)), copy.copy(error)):
            assert (
                type(again) is type(error)
                and str(again) == str(error)
                and vars(again) == vars(error)
            )


def test_a_service_that_is_down_is_a_transport_error(service):
    error = failure(service, "status=503,always")
    assert type(error) is mly.TransportError and error.retryable
    assert error.attempts == 2 and error.elapsed > 0 and "/maps/vtp/" in error.url


def test_nobody_at_the_address_is_a_transport_error():
    client = mly.Client("MLY|1|2", graph_url="http://127.0.0.1:9", retries=0, init_backoff=0.001)
    with pytest.raises(mly.TransportError) as error:
        client.image(1)
    assert isinstance(error.value, ConnectionError) and error.value.attempts == 1


def test_a_block_is_a_rate_limit(service):
    error = failure(service, "block,always")
    assert (
        type(error) is mly.RateLimitedError and error.retryable and "tile" in error.url
    ) or "vtp" in error.url


def test_a_refused_token_is_an_auth_error():
    with mly.Emulator("demo", token="MLY|1|right") as service:
        client = mly.Client("MLY|1|wrong", graph_url=service.url, tiles_url=service.url)
        with pytest.raises(mly.AuthError) as error:
            client.image(1)
    assert (
        error.value.code == 190 and error.value.status in (400, 401) and not error.value.retryable
    )


def test_no_token_is_an_auth_error_before_anything_is_asked(service):
    with pytest.raises(mly.AuthError, match="MAPILLARY_TOKEN") as error:
        mly.Client(graph_url=service.url, tiles_url=service.url)
    assert error.value.status is None and service.requests == []


def test_a_body_that_nobody_can_read(service):
    error = failure(service, "garbled,always")
    assert isinstance(error, (mly.DecodeError, mly.TransportError)), error
    if isinstance(error, mly.DecodeError):
        assert error.tile[0] == 14


def test_a_file_that_cannot_be_written(client, tmp_path):
    with pytest.raises(mly.MlyError, match="nowhere"):
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
    [
        {"graph_url": "ftp://x"},
        {"tiles_url": ""},
        {"concurrency": 0},
        {"retries": -1},
        {"timeout": 0},
        {"token": "a\nb"},
        {"timeout": float("nan")},
        {"tiles_per_day": -1},
    ],
)
def test_a_setting_without_sense_is_refused(settings):
    with pytest.raises(mly.InvalidQueryError):
        mly.Client(**settings)
