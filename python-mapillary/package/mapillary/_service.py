"""The client of mly that the whole package shares, with exceptions of this package."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import sys
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import mly
from mapillary.models.exceptions import (
    InvalidArgumentError,
    InvalidOptionError,
    InvalidTokenError,
    ServiceError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

GRAPH_URL = "https://graph.mapillary.com"
TILES_URL = "https://tiles.mapillary.com"

#: Code of a wrong request: an unknown id, an unknown field.
WRONG_REQUEST = 100

#: Seconds to wait for the answer that tells whether a token is right.
_CHECK_TIMEOUT_S = 15

#: The image by which a token is checked; whether it exists does not matter.
_SOME_IMAGE = "1933525276802129"

#: Errors that do not mean that the token is refused.
_NOT_ABOUT_TOKENS = (
    mly.ApiError,
    mly.NotFoundError,
    mly.RateLimitedError,
    mly.TransportError,
    mly.DecodeError,
)

_UNKNOWN_FIELD = re.compile(r"nonexisting field \((\w+)\)")

#: The token of the session.
token = ""


def graph_url() -> str:
    """Base URL of entities and searches."""
    return (os.environ.get("MAPILLARY_GRAPH_URL") or GRAPH_URL).rstrip("/")


def tiles_url() -> str:
    """Base URL of vector tiles."""
    return (os.environ.get("MAPILLARY_TILES_URL") or TILES_URL).rstrip("/")


def client(other_token: str | None = None) -> mly.Client:
    """A client for the current token and base URLs. The session's client is reused.

    Args:
        other_token: Of another account than the session's, for one request.
    """
    if other_token is not None and other_token != token:
        return mly.Client(other_token, graph_url=graph_url(), tiles_url=tiles_url())
    return _client_of(token, graph_url(), tiles_url())


@functools.lru_cache(maxsize=1)
def _client_of(token: str, graph_url: str, tiles_url: str) -> mly.Client:
    return mly.Client(token, graph_url=graph_url, tiles_url=tiles_url)


def check(candidate: str) -> None:
    """Asks the service whether it accepts a token.

    If it cannot be asked, the first call will show whether it does.

    Raises:
        InvalidTokenError: The service refuses the token.
    """
    with translated_errors():
        probe = mly.Client(
            candidate,
            graph_url=graph_url(),
            tiles_url=tiles_url(),
            retries=0,
            timeout=_CHECK_TIMEOUT_S,
        )
        # Only a refused token is an error here; other errors, such as no connection, are ignored.
        with contextlib.suppress(*_NOT_ABOUT_TOKENS):
            probe._body(_SOME_IMAGE, "fields=id", False)


def geojson(query: mly.Query | None) -> str:
    """The result of a query as GeoJSON text; an empty collection for None."""
    if query is None:
        return '{"type":"FeatureCollection","features":[]}'
    with translated_errors():
        return client().run(query).to_geojson()


def get(path: str, query: str, *, is_tile: bool = False, other_token: str | None = None) -> bytes:
    """The body of the answer to a path of the graph or, with is_tile, of the tiles.

    Raises:
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    with translated_errors():
        return client(other_token)._body(path, query, is_tile)


def get_json(path: str, params: dict[str, str]) -> dict[str, Any]:
    """The object that the graph answers to a path.

    Raises: InvalidTokenError: The service refuses the token. ServiceError: The service cannot be
    reached, refuses the request, or answers with something else.
    """
    answer = json.loads(get(path, urlencode(params)))
    if not isinstance(answer, dict):
        raise failure(f"the service answered /{path} with something else than an object")
    return answer


def locate(url: str, params: dict[str, Any] | None = None) -> tuple[str, str, bool, str | None]:
    """Takes a URL of the service apart.

    Returns:
        Its path, its query without a token, whether it is a tile, and the token.

    Raises:
        InvalidOptionError: The URL is of another host, which must not get the token.
    """
    url, _, query = url.partition("?")
    pairs = [*parse_qsl(query, keep_blank_values=True), *(params or {}).items()]
    other_token = next((str(value) for name, value in pairs if name == "access_token"), None)
    query = urlencode([(name, value) for name, value in pairs if name != "access_token"])
    for base in (graph_url(), tiles_url(), GRAPH_URL, TILES_URL):
        if url == base or url.startswith(base + "/"):
            path = url[len(base) :].lstrip("/")
            is_tile = base == TILES_URL or (base == tiles_url() and path.startswith("maps/"))
            return path, query, is_tile, other_token
    host = urlsplit(url).hostname
    raise InvalidOptionError(param="url", value=host, options=[graph_url(), tiles_url()])


def unknown_field(error: ServiceError) -> str | None:
    """The field that the service does not know, if that is the error."""
    found = _UNKNOWN_FIELD.search(error.message) if error.code == WRONG_REQUEST else None
    return found and found.group(1)


@contextlib.contextmanager
def translated_errors() -> Iterator[None]:
    """Turns exceptions of mly into those of this package."""
    try:
        yield
    except mly.AuthError as error:
        raise InvalidTokenError(error.message, error.kind, error.code, error.trace_id) from error
    except mly.InvalidQueryError as error:
        raise InvalidArgumentError(str(error)) from error
    except mly.MlyError as error:
        status, code = getattr(error, "status", None), getattr(error, "code", None)
        pause_s = getattr(error, "retry_after", None)
        raise failure(str(error), status, code, error.retryable, pause_s) from error


def failure(message: str, *more: Any) -> ServiceError:
    """A ServiceError that is also an HTTPError and a ConnectionError of requests, if imported."""
    requests = sys.modules.get("requests")
    if requests is None:
        return ServiceError(message, *more)
    bases = (ServiceError, requests.HTTPError, requests.ConnectionError)
    made: type[ServiceError] = type("ServiceError", bases, {"__module__": ServiceError.__module__})
    return made(message, *more)
