"""Results as datasets of Ray Data, read by the tasks of a cluster.

    import mly.ray

    images = mly.ray.read(mly.Query.images(bbox=(8.98, 51.98, 9.03, 52.01)), parallelism=8)
    images.groupby("creator_id").count().show()

Tasks take the token and the base URLs of their environment, unless they are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mly import Lookup, Plan, Query, _engine

if TYPE_CHECKING:
    _Datasource: Any
else:
    try:
        from ray.data import Datasource as _Datasource
    except ImportError:
        _Datasource = object

__all__ = ["MapillaryDatasource", "read"]


def read(
    what: Query | Lookup | Plan,
    parallelism: int | None = None,
    *,
    repeats: str = "drop",
    machines: int | None = None,
    token: str | None = None,
    **settings: Any,
) -> Any:
    """Reads the result of a query as a ray.data.Dataset.

    Nothing is sent before the dataset is used, and each time it is used the requests are sent
    again: materialize() it to use it more than once.

    Args:
        what: The query, the lookup or the plan.
        parallelism: Number of parts, at most one per request; as many as run at once unless given.
            Sequences and limited results have one.
        repeats: "drop" gives each feature once, for which a part waits for those before it; "keep"
            gives a feature that the tiles of several parts publish with each of them.
        machines: Number of machines, between which the limits are divided; those of the cluster as
            it is now, unless given.
        token: As of mly.Client.
        **settings: As of mly.Client.

    Returns:
        The dataset, in the order of the plan.

    Raises:
        ImportError: Ray is not installed.
        InvalidQueryError: The query cannot be split into this many parts, or a setting makes no
            sense.
        TypeError: A setting is of another type, or not known.
    """
    try:
        import ray
        import ray.data
    except ImportError as error:
        raise _engine.missing("ray[data]", "ray") from error

    if not ray.is_initialized():
        ray.init()
    machines = machines or sum(node["Alive"] for node in ray.nodes())
    slots = max(int(ray.cluster_resources().get("CPU", 1)), 1)
    work = _engine.work(
        what, parallelism, repeats, slots=slots, machines=machines, token=token, settings=settings
    )
    rows = ray.data.read_datasource(MapillaryDatasource(work), override_num_blocks=len(work.parts))
    rows.context.execution_options.preserve_order = True
    return rows


class MapillaryDatasource(_Datasource):
    """The parts of a question as read tasks of Ray Data. mly.ray.read makes one."""

    def __init__(self, work: _engine.Work) -> None:
        super().__init__()
        self._work = work

    def estimate_inmemory_data_size(self) -> int | None:
        """Not known before tiles are read."""
        return None

    def get_read_tasks(
        self,
        parallelism: int,  # noqa: ARG002 (Ray passes it; the parts are made already)
        per_task_row_limit: int | None = None,
        data_context: Any = None,  # noqa: ARG002
    ) -> list[Any]:
        """One task for each part."""
        from ray.data import ReadTask
        from ray.data.block import BlockMetadata

        nothing_known = BlockMetadata(
            num_rows=None, size_bytes=None, input_files=None, exec_stats=None
        )
        # Each execution of the dataset sends the requests again, so it needs new claims too.
        claims = _Shared() if self._work.can_repeat else None
        tasks = [_Task(part, self._work.schema, claims) for part in self._work.parts]
        return [
            ReadTask(task, nothing_known, self._work.schema, per_task_row_limit) for task in tasks
        ]


class _Task:
    """Reads a part."""

    def __init__(self, part: _engine.Part, schema: Any, claims: _Shared | None) -> None:
        self._part, self._schema, self._claims = part, schema, claims

    def __call__(self) -> Any:
        if self._claims is None:
            yield self._part.table(self._schema)
            return
        try:
            table = self._part.table(self._schema)
        except BaseException:
            # Ray may continue without this part, so later parts must not wait for its claim.
            self._claim([])
            raise
        from mly._claims import without

        yield without(table, self._claim(table["id"].to_numpy()))

    def _claim(self, ids: Any) -> Any:
        import ray

        # Ray gives the CPU of a task that waits here to other tasks.
        return (
            ray.get(self._claims.actor().claim.remote(self._part.number, ids))
            if self._claims
            else None
        )


class _Shared:
    """A handle of the actor that holds the claims. It is made when the first task is sent."""

    def __init__(self, actor: Any = None) -> None:
        self._actor = actor

    def actor(self) -> Any:
        if self._actor is None:
            import ray

            # Never restarted: a new actor would not have the claims of the lost one, and repeated
            # rows would stay in the result.
            self._actor = ray.remote(num_cpus=0, max_restarts=0)(_Claims).remote()
        return self._actor

    def __reduce__(self) -> tuple[Any, ...]:
        return _Shared, (self.actor(),)


class _Claims:
    """Answers claims in the order of the parts, whatever order they arrive in."""

    def __init__(self) -> None:
        import asyncio

        from mly import _claims

        self._claims, self._next, self._turn = _claims.Claims(), 0, asyncio.Condition()

    async def claim(self, part: int, ids: Any) -> Any:
        async with self._turn:
            await self._turn.wait_for(lambda: self._next >= part)
            self._claims, repeated = self._claims.claim(part, ids)
            self._next = max(self._next, part + 1)
            self._turn.notify_all()
        return repeated
