"""Removes rows that several parts of a result have: the first part of the plan keeps them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy


class Claims(NamedTuple):
    """The part that each id belongs to. Immutable; about 12 bytes per id."""

    #: Runs of sorted ids, each with the parts that the ids belong to. Each id is in one run, and
    #: later runs are smaller.
    runs: tuple[tuple[Any, Any], ...] = ()

    def claim(self, part: int, ids: Any) -> tuple[Claims, Any]:
        """Adds the ids of a part, and returns those that belong to an earlier part.

        Claiming twice gives the same answer, so that a task can be retried.
        """
        ids = numpy.unique(numpy.asarray(ids, dtype=numpy.int64))
        first = numpy.full(ids.shape, part, dtype=numpy.int32)
        is_new = numpy.ones(ids.shape, dtype=bool)
        for known, parts in self.runs:
            at = numpy.searchsorted(known, ids)
            at[at == known.size] = 0
            found = known[at] == ids
            first[found] = parts[at[found]]
            is_new &= ~found
        runs = list(self.runs)
        if is_new.any():
            runs.append((ids[is_new], first[is_new]))
        # Only runs of similar size are merged, so there are few runs, and each id is copied only a
        # few times.
        while len(runs) > 1 and runs[-2][0].size <= 2 * runs[-1][0].size:
            runs[-2:] = [_merged(*runs[-2:])]
        return Claims(tuple(runs)), ids[first < part]


def without(table: Any, ids: Any) -> Any:
    """A pyarrow.Table without the rows of these ids."""
    import pyarrow
    import pyarrow.compute

    if not len(ids):
        return table
    return table.filter(
        pyarrow.compute.invert(pyarrow.compute.is_in(table["id"], pyarrow.array(ids)))
    )


def _merged(one: tuple[Any, Any], other: tuple[Any, Any]) -> tuple[Any, Any]:
    ids = numpy.concatenate([one[0], other[0]])
    order = numpy.argsort(ids, kind="stable")
    return ids[order], numpy.concatenate([one[1], other[1]])[order]
