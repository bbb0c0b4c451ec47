"""The token of the session."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from mapillary.models.client import Client
from mapillary.models.exceptions import AuthError

if TYPE_CHECKING:
    from collections.abc import Callable

_P = ParamSpec("_P")
_R = TypeVar("_R")


def set_token(token: str) -> dict[str, str]:
    """Sets the token of the session: {"token": "SUCCESS"}."""
    if not isinstance(token, str) or not token.strip():
        raise AuthError("the token is empty")
    Client.set_token(token.strip())
    return {"token": "SUCCESS"}


def auth() -> Callable[[Callable[_P, _R]], Callable[_P, _R]]:
    """Marks a function that needs a token: without one it raises AuthError."""

    def marked(function: Callable[_P, _R]) -> Callable[_P, _R]:
        @wraps(function)
        def checked(*args: _P.args, **kwargs: _P.kwargs) -> _R:
            if not Client.get_token():
                raise AuthError("there is no token: call set_access_token first")
            return function(*args, **kwargs)

        return checked

    return marked
