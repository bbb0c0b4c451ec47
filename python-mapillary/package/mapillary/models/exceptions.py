"""What goes wrong. Attributes and parameters are those of the official SDK."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from mly._mly import _without_tokens

if TYPE_CHECKING:
    from collections.abc import Callable


def _hiding_tokens(say: Callable[[Any], str]) -> Callable[[Any], str]:
    """The same text without tokens: a message may repeat an argument that is one."""

    @functools.wraps(say)
    def clean(error: Any) -> str:
        return _without_tokens(say(error))

    return clean


class MapillaryException(Exception):
    """Everything that this package raises by itself."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in ("__str__", "__repr__"):
            if name in vars(cls):
                setattr(cls, name, _hiding_tokens(vars(cls)[name]))

    def __str__(self) -> str:
        return _without_tokens(super().__str__())

    def __repr__(self) -> str:
        return f"{type(self).__name__}: {self}"


class InvalidBBoxError(MapillaryException):
    """A box that is none."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return f"InvalidBBoxError: {self.message}"


class InvalidTokenError(MapillaryException):
    """The service refused the token."""

    def __init__(
        self, message: str, error_type: str | None, code: int | None, fbtrace_id: str | None
    ) -> None:
        super().__init__(message, error_type, code, fbtrace_id)
        self.message = message
        self.error_type = error_type
        self.code = code
        self.fbtrace_id = fbtrace_id

    def __str__(self) -> str:
        return str(self.message)

    def __repr__(self) -> str:
        return (
            f"InvalidTokenError: {self.message} "
            f"(type {self.error_type}, code {self.code}, fbtrace_id {self.fbtrace_id})"
        )


class AuthError(MapillaryException):
    """There is no token."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        return f"AuthError: {self.message}"


class InvalidImageResolutionError(MapillaryException):
    """A size that photos do not have."""

    def __init__(self, resolution: int) -> None:
        super().__init__(resolution)
        self._resolution = resolution

    def __str__(self) -> str:
        return f"photos are not {self._resolution} wide; they are 256, 1024 or 2048"


class InvalidImageKeyError(MapillaryException):
    """Nothing has this id, or what has it is no image."""

    def __init__(self, image_id: int | str) -> None:
        super().__init__(image_id)
        self._image_id = image_id

    def __str__(self) -> str:
        return f"no image has the id {self._image_id}"


class InvalidKwargError(MapillaryException):
    """A keyword that the function does not have."""

    def __init__(self, func: str, key: str, value: Any, options: list[str]) -> None:
        super().__init__(func, key, value, options)
        self.func = func
        self.key = key
        self.value = value
        self.options = options

    def __str__(self) -> str:
        return (
            f"InvalidKwargError: {self.func} does not take {self.key}={self.value!r}; "
            f"it takes {', '.join(map(str, self.options))}"
        )


class InvalidOptionError(MapillaryException):
    """A value that is none of those which the parameter can have."""

    def __init__(self, param: str, value: Any, options: list[Any]) -> None:
        super().__init__(param, value, options)
        self.param = param
        self.value = value
        self.options = options

    def __str__(self) -> str:
        return (
            f'InvalidOptionError: {self.param} cannot be "{self.value}"; '
            f"possible are {', '.join(map(str, self.options))}"
        )


class InvalidFieldError(MapillaryException):
    """A field that the endpoint does not have."""

    def __init__(self, endpoint: str, field: str | list[str]) -> None:
        super().__init__(endpoint, field)
        self.endpoint = endpoint
        self.field = field

    def __str__(self) -> str:
        return f'InvalidFieldError: {self.endpoint} has no field "{self.field}"'


class LiteralEnforcementException(MapillaryException):
    """A word that is none of those which are known."""

    @staticmethod
    def enforce_literal(option_selected: Any, options: list[Any], param: str) -> None:
        """Fails with InvalidOptionError where the option is not one of these."""
        if option_selected not in options:
            raise InvalidOptionError(param=param, value=option_selected, options=options)


class InvalidNumberOfArguments(MapillaryException):
    """Too many values, or none."""

    def __init__(
        self, number_of_params_passed: int, actual_allowed_params: int, param: str, *args: object
    ) -> None:
        super().__init__(number_of_params_passed, actual_allowed_params, param, *args)
        self.number_of_params_passed = number_of_params_passed
        self.actual_allowed_params = actual_allowed_params
        self.param = param

    def __str__(self) -> str:
        return (
            f"InvalidNumberOfArguments: {self.number_of_params_passed} values for {self.param}, "
            f"which takes 1 to {self.actual_allowed_params}"
        )


# What the official SDK has no class for.


class InvalidArgumentError(MapillaryException, ValueError):
    """An argument that makes no sense: a date, an angle, a shape."""


class UnknownImageError(InvalidImageKeyError, InvalidOptionError):
    """No image has this id.

    The official SDK documents one of the two classes and raises the other.
    """

    def __init__(self, image_id: int | str) -> None:
        InvalidOptionError.__init__(self, "id", image_id, ["an id of an image"])
        self.args = (image_id,)
        self._image_id = image_id


class ServiceError(MapillaryException):
    """The service could not be reached, asks for a pause, or refused the request.

    Where `requests` has been imported, it is also an HTTPError and a ConnectionError of that
    package, which is what the official SDK raises.
    """

    def __init__(
        self,
        message: str,
        status: int | None = None,
        code: int | None = None,
        retryable: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        #: HTTP status of the answer.
        self.status = status
        #: error.code of the answer.
        self.code = code
        #: Whether the same call can succeed later.
        self.retryable = retryable
        #: Seconds to wait, when the service said so.
        self.retry_after = retry_after

    def __str__(self) -> str:
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        parts = (self.message, self.status, self.code, self.retryable, self.retry_after)
        return ServiceError, parts
