"""What goes wrong: one class for each thing that the caller can do about it."""

from __future__ import annotations

__all__ = [
    "Api",
    "Auth",
    "Cancelled",
    "Decode",
    "Error",
    "InvalidQuery",
    "Journal",
    "NotFound",
    "Output",
    "RateLimited",
    "Transport",
    "UsedUp",
]


class Error(Exception):
    """Everything that mly raises by itself.

    The attributes are None (or empty) where they do not apply.
    """

    #: What happened, without the hint.
    message: str
    #: What to do about it.
    hint: str | None
    #: HTTP status of the answer.
    status: int | None
    #: ``error.code`` of the answer.
    code: int | None
    #: ``error.type`` of an answer that refuses the token.
    kind: str | None
    #: ``error.fbtrace_id`` of such an answer, by which the service finds its own records.
    trace_id: str | None
    #: The request, without its token.
    url: str | None
    #: The tile, as zoom, x and y.
    tile: tuple[int, int, int] | None
    #: The ids that it is about.
    ids: list[int | str]
    #: Whether the same call can succeed later without being changed.
    retryable: bool
    #: Seconds to wait, when the service said so.
    retry_after: float | None
    #: How often the request was sent.
    attempts: int | None
    #: Seconds from the first attempt to giving up.
    elapsed: float | None
    #: Where in the answer, in bytes from its start.
    offset: int | None
    #: The file that could not be written.
    path: str | None
    #: The format that could not be written.
    format: str | None

    def __init__(
        self,
        message: str = "",
        *,
        hint: str | None = None,
        status: int | None = None,
        code: int | None = None,
        kind: str | None = None,
        trace_id: str | None = None,
        url: str | None = None,
        tile: tuple[int, int, int] | None = None,
        ids: list[int | str] | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
        attempts: int | None = None,
        elapsed: float | None = None,
        offset: int | None = None,
        path: str | None = None,
        format: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.status = status
        self.code = code
        self.kind = kind
        self.trace_id = trace_id
        self.url = url
        self.tile = tile
        self.ids = list(ids) if ids else []
        self.retryable = retryable
        self.retry_after = retry_after
        self.attempts = attempts
        self.elapsed = elapsed
        self.offset = offset
        self.path = path
        self.format = format

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        # The attributes follow as state.
        return type(self), (self.message,), self.__dict__


class InvalidQuery(Error, ValueError):
    """The question makes no sense; nothing was sent. Change the query."""


class Auth(Error):
    """There is no token, or the service refused it. Get another one."""


class NotFound(Error, LookupError):
    """Nothing has this id: it never had, it was deleted, or what has it is of another kind."""


class RateLimited(Error):
    """The service asks for a pause: a limit was reached or this address is blocked. Go on later."""


class Api(Error):
    """The service understood the request and refused it."""


class Transport(Error, ConnectionError):
    """The service could not be reached or did not answer usefully, however often it was asked. Try again."""


class Decode(Error):
    """An answer arrived whole and cannot be what the service meant to send."""


class Output(Error, OSError):
    """The result could not be written."""


class Journal(Error):
    """What an earlier run has left of a file is of another query, or cannot be gone on with."""


class Cancelled(Error):
    """The work was stopped. Ctrl-C is a KeyboardInterrupt instead."""


class UsedUp(Error, RuntimeError):
    """The result was read already: it is not kept, so that it may be larger than the memory. Run the query again."""


for _class in (
    Error,
    InvalidQuery,
    Auth,
    NotFound,
    RateLimited,
    Api,
    Transport,
    Decode,
    Output,
    Journal,
    Cancelled,
    UsedUp,
):
    _class.__module__ = "mly"  # The name by which they are imported, in tracebacks and pickles.
del _class
