"""The exceptions of mly: one class for each thing that the caller can do about it."""

from __future__ import annotations

import warnings

from mly._mly import _without_tokens

__all__ = [
    "ApiError",
    "AuthError",
    "CancelledError",
    "DecodeError",
    "EmptyResultWarning",
    "InputError",
    "InternalError",
    "InvalidQueryError",
    "JournalError",
    "MlyError",
    "NotFoundError",
    "OutputError",
    "RateLimitedError",
    "TransportError",
    "UsedUpError",
]


class MlyError(Exception):
    """The base of all exceptions of mly."""

    #: What happened and where, without the hint.
    message: str
    #: What to do about it, if there is something to say.
    hint: str | None = None
    #: Whether the same call can succeed later without being changed.
    retryable: bool = False

    def __init__(self, message: str = "", **attributes: object) -> None:
        """Makes an error; the keywords are attributes of its class."""
        # A message may repeat an argument, and sometimes a token is typed as one.
        message = _without_tokens(message)
        super().__init__(message)
        self.message = message
        for name, value in attributes.items():
            if not hasattr(type(self), name):
                text = f"{type(self).__name__} has no attribute {name!r}"
                raise TypeError(text)
            setattr(self, name, value)
        if self.hint:
            self.hint = _without_tokens(self.hint)

    def __str__(self) -> str:
        """The message, with the hint in brackets."""
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        """Pickles the message, and the attributes as state."""
        return type(self), (self.message,), self.__dict__


class InvalidQueryError(MlyError, ValueError):
    """The query or an argument makes no sense, and nothing was sent. Change it."""


# Such files were reported as InvalidQuery before; it stays a base as long as the old names do.
class InputError(InvalidQueryError, OSError):
    """A file or a stream of yours cannot be read: it is missing, damaged, or of another kind."""

    #: The file; None for a stream.
    path: str | None = None
    #: Where in it, such as "line 3" or "byte 17", if that is known.
    at: str | None = None


class AuthError(MlyError):
    """There is no token, or the service refused it. Get another one."""

    #: HTTP status of the answer; None when nothing was sent.
    status: int | None = None
    #: ``error.code`` of the answer.
    code: int | None = None
    #: ``error.type`` of the answer.
    kind: str | None = None
    #: ``error.fbtrace_id`` of the answer, by which the service finds its own records.
    trace_id: str | None = None


class NotFoundError(MlyError, LookupError):
    """Nothing of this kind has this id: it never existed, was deleted, or is of another kind."""

    #: The ids that were not found; numbers where they are numbers.
    ids: list[int | str]

    def __init__(
        self, message: str = "", *, ids: list[int | str] | None = None, **attributes: object
    ) -> None:
        """Makes an error about some ids."""
        super().__init__(message, **attributes)
        self.ids = list(ids or [])


class RateLimitedError(MlyError):
    """A limit was reached, or the service has blocked this address for a time. Continue later."""

    #: Which limit: "blocked", "throttled" or "budget"; a budget is that of this machine.
    limit: str | None = None
    #: The part of the service that it holds for: "tiles", "entities" or "searches"; None for files.
    endpoint: str | None = None
    #: The request that was refused or held back, without its token.
    url: str | None = None
    #: Seconds to wait, if the service said so.
    retry_after: float | None = None


class ApiError(MlyError):
    """The service understood the request and refused it."""

    #: HTTP status of the answer.
    status: int | None = None
    #: ``error.code`` of the answer.
    code: int | None = None
    #: The request, without its token.
    url: str | None = None


class TransportError(MlyError, ConnectionError):
    """The service could not be reached, or sent no usable answer. Try again later."""

    #: The request, without its token.
    url: str | None = None
    #: How often it was sent.
    attempts: int | None = None
    #: Seconds from the first attempt to the last.
    elapsed: float | None = None


class DecodeError(MlyError):
    """An answer arrived completely, and its content is not in the format of the service."""

    #: The tile, as zoom, x and y, if the answer was one.
    tile: tuple[int, int, int] | None = None
    #: Where in the answer, in bytes from its start, if that is known.
    offset: int | None = None


class OutputError(MlyError, OSError):
    """The result could not be written."""

    #: The file; None for a stream.
    path: str | None = None
    #: The format of the result, such as "GeoParquet".
    format: str | None = None


class JournalError(MlyError):
    """The unfinished file at this path cannot be resumed: it is damaged, or of another query."""

    #: The folder of the unfinished work.
    path: str | None = None


class CancelledError(MlyError):
    """The work was stopped. Ctrl-C raises KeyboardInterrupt instead."""


class UsedUpError(MlyError, RuntimeError):
    """The result was read already. Results are not kept in memory: run the query again."""


class InternalError(MlyError, RuntimeError):
    """A bug of mly. Please report it with the message."""


class EmptyResultWarning(UserWarning):
    """The result of a query has no rows; the message says what is likely the reason. Told once."""


#: Names without "Error", kept for one release.
_OLD_NAMES = {
    "Error": MlyError,
    **{
        cls.__name__.removesuffix("Error"): cls
        for cls in (
            ApiError,
            AuthError,
            CancelledError,
            DecodeError,
            InvalidQueryError,
            JournalError,
            NotFoundError,
            OutputError,
            RateLimitedError,
            TransportError,
            UsedUpError,
        )
    },
}

for _class in (*_OLD_NAMES.values(), EmptyResultWarning, InputError, InternalError):
    _class.__module__ = "mly"  # The name by which they are imported, in tracebacks and pickles.
del _class


def _old_name(module: str, name: str) -> type[MlyError]:
    """The class of an old name. It is the class itself, so `except` and old pickles find it."""
    cls = _OLD_NAMES.get(name)
    if cls is None:
        text = f"module {module!r} has no attribute {name!r}"
        raise AttributeError(text, name=name)
    text = f"mly.{name} is now mly.{cls.__name__}; the old name goes with the next release"
    warnings.warn(text, DeprecationWarning, stacklevel=3)
    return cls


def __getattr__(name: str) -> type[MlyError]:
    return _old_name(__name__, name)
