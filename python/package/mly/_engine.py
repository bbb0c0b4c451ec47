"""The common base of Dask, Ray and Spark: splits a plan into parts that workers run.

The driver makes the plan and sends no requests. Each worker makes its own client, from the given
settings and its own environment, and runs a part. The limits of one client are divided among all
parts.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import mly

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

#: Requests of a part, unless the number of parts is given. If all of its tiles are dense, a part
#: has some hundred megabytes of rows.
_REQUESTS_OF_A_PART = 100

#: Most ids that a message shows.
_SHOWN_IDS = 5

#: Words for the reasons why a plan cannot be split: its parts would give another result.
_INDIVISIBLE = {
    "sequences": "sequences, which lie across parts,",
    "prune": "tiles that are pruned by what lies around them",
    "spacing": "images that are a distance apart",
    "nearest": "the nearest rows of points, which lie across parts,",
    "limit": "a limited number of rows",
}


class Secret:
    """A token for a worker. It does not appear in a repr or in the name of a task."""

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def __repr__(self) -> str:
        return "<token>"

    def __dask_tokenize__(self) -> str:
        return repr(self)


def _warn(message: str, ids: list[Any]) -> None:
    """Logs how many ids lack something, and the first few of them."""
    if ids:
        shown = ", ".join(map(str, ids[:_SHOWN_IDS]))
        more = ", ..." if len(ids) > _SHOWN_IDS else ""
        logging.getLogger("mly").warning(message, len(ids), shown + more)


@dataclass(frozen=True)
class Part:
    """Some requests of a plan, and the settings with which a worker sends them."""

    plan: mly.Plan
    #: Its place in the order of the plan.
    number: int
    token: Secret | None
    settings: Mapping[str, Any]
    #: The number of processes and of machines that share the limits.
    shared_by: tuple[int, int]

    def batches(self) -> Iterator[Any]:
        """Sends the requests and yields the rows as they arrive."""
        with _client(self.token, {**self.settings, "shared_by": self.shared_by}) as client:
            rows = client.run(self.plan)
            yield from rows
            lost, failed = rows.summary.not_found, list(rows.summary.failed)
        _warn("%d ids were not found: %s", lost)
        _warn("%d ids failed: %s", failed)

    def table(self, schema: Any) -> Any:
        """Sends the requests and returns all rows as a pyarrow.Table."""
        import pyarrow

        return pyarrow.Table.from_batches(list(self.batches()), schema)


@dataclass(frozen=True)
class Work:
    """A question in parts."""

    parts: list[Part]
    #: The pyarrow schema of the rows, the same for all parts.
    schema: Any
    #: Whether several parts can have the same row, so that repeated rows have to be dropped.
    can_repeat: bool


def work(
    what: mly.Query | mly.Lookup | mly.Plan,
    number: int | None,
    repeats: str,
    *,
    slots: int,
    machines: int | None,
    token: str | Secret | None,
    settings: Mapping[str, Any],
) -> Work:
    """Splits a question into parts. Whatever is wrong with it raises here, and nothing is sent.

    Args:
        what: The query, the lookup or the plan.
        number: Number of parts. Unless given, as many as the engine runs at once (slots), and more
            where parts would be large.
        repeats: "drop" or "keep".
        slots: How many parts the engine runs at once.
        machines: How many machines the parts run on, if that is known.
        token: As of mly.Client.
        settings: As of mly.Client.

    Raises:
        InvalidQueryError: The question cannot be split into this many parts, or makes no sense.
    """
    if repeats not in ("drop", "keep"):
        raise mly.InvalidQueryError(f"repeats cannot be {repeats!r}", hint='give "drop" or "keep"')
    secret = Secret(token) if isinstance(token, str) else token
    plan = plan_of(what)
    with _client(secret, settings) as client:
        schema = client.run(plan).schema
    indivisible = plan._indivisible()
    if indivisible and number not in {None, 1}:
        text = f"{_INDIVISIBLE[indivisible]} cannot be read in {number} parts"
        raise mly.InvalidQueryError(text, hint="leave the number of parts out, or give 1")
    is_area, requests = plan._is_of_area(), max(plan.cost.requests, 1)
    if indivisible:
        number = 1
    elif number is None:
        # Each part of a lookup holds the ids of the whole lookup, so more parts would cost memory.
        number = max(slots, -(-requests // _REQUESTS_OF_A_PART) if is_area else 1)
    plans = plan.partitions(min(number, requests))
    # If the number of machines is not known, assume the worst: each part on another machine.
    shared_by = (len(plans), min(machines or len(plans), len(plans)))
    parts = [
        Part(part, place, secret, dict(settings), shared_by) for place, part in enumerate(plans)
    ]
    return Work(parts, schema, is_area and len(parts) > 1 and repeats == "drop")


def plan_of(what: mly.Query | mly.Lookup | mly.Plan) -> mly.Plan:
    """The plan of a query or lookup; a plan is returned as it is."""
    if isinstance(what, mly.Plan):
        return what
    if isinstance(what, (mly.Query, mly.Lookup)):
        return what.plan()
    raise TypeError(
        f"argument 'what': expected a Query, a Lookup or a Plan, not {type(what).__name__}"
    )


def missing(package: str, extra: str) -> ImportError:
    """The error that an engine is not installed."""
    return ImportError(f"mly.{extra} needs {package}: pip install 'mly-rs[{extra}]'", name=package)


def _client(token: Secret | None, settings: Mapping[str, Any]) -> mly.Client:
    return mly.Client(token.reveal() if token else None, **settings)
