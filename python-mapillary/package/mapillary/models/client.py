"""The connection to the service, for addresses of one's own."""

from __future__ import annotations

import json
from typing import Any

from mapillary import _service


class Response:
    """An answer of the service."""

    status_code = 200
    ok = True

    def __init__(self, content: bytes) -> None:
        #: The body.
        self.content = content

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", "replace")

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.content)

    def raise_for_status(self) -> None:
        """Does nothing: what is refused raises an error at once."""


class Client:
    """Asks the service, with the token of the session. All clients share their connections."""

    @staticmethod
    def get_token() -> str:
        """The token of the session; empty when there is none."""
        return _service.token

    @staticmethod
    def set_token(access_token: str) -> None:
        """Sets the token of the session, unless the service refuses it."""
        _service.check(access_token)
        _service.token = access_token

    def get(self, url: str | None = None, params: dict[str, Any] | None = None) -> Response:
        """The answer to an address of the graph or of the tiles.

        Raises:
            ServiceError: The service cannot be reached, or refuses the request.
            InvalidOptionError: The URL is of another host.
        """
        path, query, is_tile, other_token = _service.locate(url or "", params)
        return Response(_service.get(path, query, is_tile=is_tile, other_token=other_token))
