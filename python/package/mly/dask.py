"""Results as Dask data frames, read by the workers of a cluster.

    import mly.dask

    frame = mly.dask.read(mly.Query.images(bbox=(8.98, 51.98, 9.03, 52.01)), npartitions=8)
    frame.groupby("creator_id").size().compute()

Workers take the token and the base URLs of their environment, unless they are given.
"""

from __future__ import annotations

from typing import Any

from mly import Lookup, Plan, Query, _engine, _frames

__all__ = ["read"]


def read(
    what: Query | Lookup | Plan,
    npartitions: int | None = None,
    *,
    repeats: str = "drop",
    machines: int | None = None,
    token: str | None = None,
    **settings: Any,
) -> Any:
    """Reads the result of a query as a Dask data frame.

    Nothing is sent before the frame is computed, and each time it is computed the requests are sent
    again: persist() it to use it more than once.

    Args:
        what: The query, the lookup or the plan.
        npartitions: Number of parts, at most one per request; as many as run at once unless given.
            Sequences and limited results have one.
        repeats: "drop" gives each feature once, for which a part waits for those before it; "keep"
            gives a feature that the tiles of several parts publish with each of them.
        machines: Number of machines, between which the limits are divided; those of the cluster as
            it is now, unless given.
        token: As of mly.Client.
        **settings: As of mly.Client.

    Returns:
        A frame of dask-geopandas if that is installed, else one of Dask with well-known binary.

    Raises:
        ImportError: Dask is not installed.
        InvalidQueryError: The query cannot be split into this many parts, or a setting makes no
            sense.
        TypeError: A setting is of another type, or not known.
    """
    try:
        import dask
        import dask.dataframe
    except ImportError as error:
        raise _engine.missing("dask[dataframe]", "dask") from error

    slots, hosts = _cluster()
    work = _engine.work(
        what,
        npartitions,
        repeats,
        slots=slots,
        machines=machines or hosts,
        token=token,
        settings=settings,
    )
    delay = dask.delayed(pure=False)
    tables = [delay(part.table, name=None)(work.schema) for part in work.parts]
    if work.can_repeat:
        tables = _once(tables, delay)
    kind = _kind(work.schema)
    meta = getattr(_frames, kind)()(work.schema.empty_table())
    frames = [delay(_frame)(table, kind) for table in tables]
    # Without this, Dask would convert text and binary columns to another type than without Dask.
    with dask.config.set({"dataframe.convert-string": False}):
        return dask.dataframe.from_delayed(frames, meta=meta, prefix="mly", verify_meta=False)


def _once(tables: list[Any], delay: Any) -> list[Any]:
    """The tables without the rows that an earlier table has.

    Workers exchange only ids, and a table can be processed further while later ones are still read.
    """
    from mly import _claims

    once, claims = [], _claims.Claims()
    for place, table in enumerate(tables):
        claimed = delay(_claim)(claims, place, delay(_ids)(table))
        claims = claimed[0]
        once.append(delay(_claims.without)(table, claimed[1]))
    return once


def _ids(table: Any) -> Any:
    return table["id"].to_numpy()


def _claim(claims: Any, place: int, ids: Any) -> Any:
    return claims.claim(place, ids)


def _frame(table: Any, kind: str) -> Any:
    return getattr(_frames, kind)()(table)


def _kind(schema: Any) -> str:
    """The kind of the data frames: geopandas where it can be used, else pandas."""
    try:
        import dask_geopandas  # noqa: F401
    except ImportError:
        return "pandas"
    return "geopandas" if "geometry" in schema.names else "pandas"


def _cluster() -> tuple[int, int | None]:
    """How many tasks run at once, and on how many machines."""
    import os

    local = os.cpu_count() or 1, 1
    try:
        from distributed import get_client

        workers = get_client().scheduler_info(n_workers=-1)["workers"].values()
    except (ImportError, ValueError):
        return local
    hosts = {worker["host"] for worker in workers}
    return max(sum(worker["nthreads"] for worker in workers), 1), len(hosts) or None
