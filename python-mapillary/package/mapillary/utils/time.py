"""Dates in UTC."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

from mapillary import _service
from mly._mly import _moments

if TYPE_CHECKING:
    import datetime


def date_to_unix_timestamp(date: str | datetime.date) -> int:
    """The first millisecond since 1970 that a date stands for; "*" is now.

    "2021", "2021-03", "2021-03-04", "2021-03-04T05:06:07", with Z or +hh:mm; without a zone it is
    UTC.
    """
    return time.time_ns() // 1_000_000 if date == "*" else bounds(date)[0]


def bounds(date: str | datetime.date) -> tuple[int, int]:
    """The first and the last millisecond since 1970 that a date stands for."""
    with _service.translated_errors():
        return _moments(date)


def is_iso8601_datetime_format(date_time: str) -> bool:
    """Whether a text is written like 2022-08-16T16:42:46Z."""
    return re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", date_time) is not None
