"""The token of the session."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from mapillary.models.client import Client
from mapillary.models.exceptions import AuthError

_F = TypeVar("_F", bound=Callable[..., Any])


def set_token(token: str) -> dict[str, str]:
    """Sets the token of the session: {"token": "SUCCESS"}."""
    if not isinstance(token, str) or not token.strip():
        raise AuthError("the token is empty")
    Client.set_token(token.strip())
    return {"token": "SUCCESS"}


def auth() -> Callable[[_F], _F]:
    """Marks a function that needs a token: without one it raises AuthError."""

    def marked(function: _F) -> _F:
        @wraps(function)
        def checked(*args: Any, **kwargs: Any) -> Any:
            if not Client.get_token():
                raise AuthError("there is no token: call set_access_token first")
            return function(*args, **kwargs)

        return checked  # type: ignore[return-value]

    return marked
