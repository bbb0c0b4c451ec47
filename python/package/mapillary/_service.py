"""The connection to the service: one for the whole package, with its errors as the classes of this package."""

from __future__ import annotations

import json
import os
import re
import sys
from types import TracebackType
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import mly

from mapillary.models.exceptions import (
    InvalidArgumentError,
    InvalidOptionError,
    InvalidTokenError,
    ServiceError,
)

GRAPH_URL = "https://graph.mapillary.com"
TILES_URL = "https://tiles.mapillary.com"

#: Code of a wrong request: an unknown id, an unknown field.
WRONG_REQUEST = 100

#: Seconds to wait for the answer that tells whether a token is right.
_CHECK_TIMEOUT_S = 15

_UNKNOWN_FIELD = re.compile(r"nonexisting field \((\w+)\)")

#: The token of the session.
token = ""

_kept: tuple[tuple[str, str, str], mly.Client] | None = None


def graph_url() -> str:
    """Base URL of entities and searches."""
    return (os.environ.get("MAPILLARY_GRAPH_URL") or GRAPH_URL).rstrip("/")


def tiles_url() -> str:
    """Base URL of vector tiles."""
    return (os.environ.get("MAPILLARY_TILES_URL") or TILES_URL).rstrip("/")


def client() -> mly.Client:
    """The connection with the token and the addresses of this moment."""
    global _kept
    settings = (token, graph_url(), tiles_url())
    if _kept is None or _kept[0] != settings:
        _kept = settings, mly.Client(token, graph_url=settings[1], tiles_url=settings[2])
    return _kept[1]


def check(candidate: str) -> None:
    """Asks the service whether it takes a token. Where it cannot be asked, the first call will tell.

    Raises InvalidTokenError when it refuses.
    """
    with Told():
        asking = mly.Client(
            candidate, graph_url=graph_url(), tiles_url=tiles_url(), retries=0, timeout=_CHECK_TIMEOUT_S
        )
        try:
            asking._body("1933525276802129", "fields=id", False)
        except (mly.Api, mly.NotFound, mly.RateLimited, mly.Transport, mly.Decode):
            pass


def text_of(query: mly.Query | None) -> str:
    """The result of a query as GeoJSON text; of None, a collection without features."""
    if query is None:
        return '{"type":"FeatureCollection","features":[]}'
    with Told():
        return client().run(query)._features()


def body(path: str, query: str = "", is_tile: bool = False, other_token: str | None = None) -> bytes:
    """What the service answers to a path."""
    with Told():
        asked = client()
        if other_token is not None and other_token != token:
            asked = mly.Client(other_token, graph_url=graph_url(), tiles_url=tiles_url())
        return asked._body(path, query, is_tile)


def locate(address: str, parameters: dict[str, Any] | None = None) -> tuple[str, str, bool, str | None]:
    """Where an address of the service leads: its path, its query, whether it is a tile, and a token it carried.

    Raises InvalidOptionError for addresses of other hosts: the token is not for them.
    """
    address, _, query = address.partition("?")
    pairs = [*parse_qsl(query, keep_blank_values=True), *(parameters or {}).items()]
    other_token = next((str(value) for name, value in pairs if name == "access_token"), None)
    query = urlencode([(name, value) for name, value in pairs if name != "access_token"])
    for base in (graph_url(), tiles_url(), GRAPH_URL, TILES_URL):
        if address == base or address.startswith(base + "/"):
            path = address[len(base) :].lstrip("/")
            is_tile = base == TILES_URL or (base == tiles_url() and path.startswith("maps/"))
            return path, query, is_tile, other_token
    host = urlsplit(address).hostname
    raise InvalidOptionError(param="url", value=host, options=[graph_url(), tiles_url()])


def graph(path: str, **parameters: str) -> dict[str, Any]:
    """What the graph answers to a path."""
    answer = json.loads(body(path, urlencode(parameters)))
    if not isinstance(answer, dict):
        raise failure(f"the service answered /{path} with something else than an object")
    return answer


def unknown_field(error: ServiceError) -> str | None:
    """The field that the service does not know, if that is the error."""
    found = _UNKNOWN_FIELD.search(error.message) if error.code == WRONG_REQUEST else None
    return found and found.group(1)


class Told:
    """Inside of it, errors of mly become those of this package."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: type | None, error: BaseException | None, __: TracebackType | None) -> None:
        if isinstance(error, mly.Error):
            raise _translated(error) from error


def _translated(error: mly.Error) -> Exception:
    if isinstance(error, mly.Auth):
        return InvalidTokenError(error.message, error.kind, error.code, error.trace_id)
    if isinstance(error, mly.InvalidQuery):
        return InvalidArgumentError(str(error))
    return failure(str(error), error.status, error.code, error.retryable, error.retry_after)


def failure(message: str, *more: Any) -> ServiceError:
    """A ServiceError, which who catches errors of `requests` catches too."""
    requests = sys.modules.get("requests")
    if requests is None:
        return ServiceError(message, *more)
    bases = (ServiceError, requests.HTTPError, requests.ConnectionError)
    made: type[ServiceError] = type("ServiceError", bases, {"__module__": ServiceError.__module__})
    return made(message, *more)
