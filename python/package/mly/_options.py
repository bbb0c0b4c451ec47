"""Converts the options of a data source, which are text, into the keyword arguments of mly."""

from __future__ import annotations

import difflib
import inspect
from typing import TYPE_CHECKING, Any

import mly
from mly import _engine

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LAYERS = ("images", "sequences", "points", "signs")


def work(options: Mapping[str, str]) -> tuple[_engine.Work, str | None]:
    """The question of these options, and the name of the column for the numbers of parts."""
    known = {name: [*inspect.signature(getattr(mly.Query, name)).parameters] for name in _LAYERS}
    settings = [*inspect.signature(mly.Client).parameters]
    settings.remove("shared_by")
    of_query = {name for names in known.values() for name in names}
    names = {"layer", "plan", "partitions", "repeats", "machines", *of_query, *settings}
    for name in options:
        if name not in names and name != "part_column":
            raise mly.InvalidQueryError(f"there is no option {name!r}", hint=_nearest(name, names))
    values = {name: _value(name, text) for name, text in options.items()}
    question = {name: value for name, value in values.items() if name in of_query}
    if "plan" in values:
        if question or "layer" in values:
            raise mly.InvalidQueryError(
                "a plan says everything",
                hint=f"leave out {', '.join(sorted(question) or ['layer'])}",
            )
        what = mly.Plan.from_json(values["plan"])
    else:
        layer = values.get("layer")
        if layer not in _LAYERS:
            given = "no layer given" if layer is None else f"there is no layer {layer!r}"
            raise mly.InvalidQueryError(given, hint=_nearest(layer or "", _LAYERS))
        # Raises for keywords of other layers, and names them.
        what = getattr(mly.Query, layer)(**question)
    repeats = values.get("repeats", "drop")
    found = _engine.work(
        what,
        values.get("partitions", 1),
        repeats,
        slots=1,
        machines=values.get("machines"),
        token=values.get("token"),
        settings={name: values[name] for name in settings if name in values and name != "token"},
    )
    if found.can_repeat:
        hint = 'use mly.spark.read, which drops them, or set the option repeats to "keep"'
        raise mly.InvalidQueryError(
            "what tiles of several partitions publish would come several times", hint=hint
        )
    return found, values.get("part_column")


def _nearest(word: str, known: Any) -> str:
    near = difflib.get_close_matches(word.lower(), known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known: {', '.join(sorted(known))}"


def _value(name: str, text: str) -> Any:
    """The value that a keyword takes."""
    read = _READ.get(name)
    if read is None:
        return text
    what, of = read
    try:
        return of(text)
    except ValueError:
        raise mly.InvalidQueryError(f"option {name!r}: expected {what}, not {text!r}") from None


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]


def _names(text: str) -> list[str]:
    return [name.strip() for name in text.split(",")]


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(text)
    return text.lower() == "true"


def _folder(text: str) -> str | bool:
    return False if text.lower() == "false" else text


_INTEGER = ("a whole number", int)
_NUMBER = ("a number", float)
_READ: dict[str, tuple[str, Callable[[str], Any]]] = {
    **dict.fromkeys(
        ("bbox", "near", "compass", "looking_at"), ("numbers with commas between them", _numbers)
    ),
    **dict.fromkeys(("organization", "creator"), ("ids with commas between them", _names)),
    **dict.fromkeys(
        ("limit", "prune", "partitions", "machines", "concurrency", "retries"), _INTEGER
    ),
    **dict.fromkeys(("tiles_per_minute", "tiles_per_day", "cache_bytes"), _INTEGER),
    **dict.fromkeys(("radius", "timeout", "init_backoff", "retry_timeout", "max_age"), _NUMBER),
    "cut": ("true or false", _flag),
    "cache_dir": ("a folder or false", _folder),
}
