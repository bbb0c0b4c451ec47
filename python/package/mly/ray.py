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

#: Number of the part that a row was read by, while repeated rows are looked for.
_PART = "__mly_part"


def read(
    what: Query | Lookup | Plan,
    parallelism: int | None = None,
    *,
    repeats: str = "drop",
    machines: int | None = None,
    token: str | None = None,
    **settings: Any,
) -> Any:
    """The result as a ray.data.Dataset, in the order of the plan.

    Nothing is sent before it is used, and using it again asks again; materialize() it to use it more than once.

    parallelism: read tasks, at most one for each request; sequences and limited results have one
    repeats: "drop" gives each feature once, by an actor that sees all ids go by; "keep" gives a feature that tiles of
        several tasks publish with each of them
    machines: between which the limits are divided; unless given, those of the cluster as it is now
    token, settings: as of mly.Client
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
    work = _engine.work(what, parallelism, repeats, slots=slots, machines=machines, token=token, settings=settings)
    rows = ray.data.read_datasource(MapillaryDatasource(work), override_num_blocks=len(work.parts))
    rows.context.execution_options.preserve_order = True
    if not work.can_repeat:
        return rows
    # Without a processor of its own it is not made one with the tasks that read, of which there are many.
    once = ray.data.ActorPoolStrategy(size=1)
    return rows.map_batches(_Once, batch_size=None, batch_format="pyarrow", compute=once, num_cpus=0)


class MapillaryDatasource(_Datasource):
    """The parts of a question as read tasks of Ray Data. mly.ray.read makes one."""

    def __init__(self, work: _engine.Work) -> None:
        super().__init__()
        self._work = work

    def estimate_inmemory_data_size(self) -> int | None:
        """Not known before tiles are read."""
        return None

    def get_read_tasks(self, parallelism: int, per_task_row_limit: int | None = None, data_context: Any = None) -> list[Any]:
        """One task for each part."""
        from ray.data import ReadTask
        from ray.data.block import BlockMetadata

        nothing_known = BlockMetadata(num_rows=None, size_bytes=None, input_files=None, exec_stats=None)
        schema = self._work.schema
        if self._work.can_repeat:
            schema = schema.append(_part_field())
        tasks = [_Task(part, self._work) for part in self._work.parts]
        return [ReadTask(task, nothing_known, schema, per_task_row_limit) for task in tasks]


class _Task:
    """Reads a part."""

    def __init__(self, part: _engine.Part, work: _engine.Work) -> None:
        self._part, self._schema, self._is_numbered = part, work.schema, work.can_repeat

    def __call__(self) -> Any:
        import pyarrow

        table = self._part.table(self._schema)
        if self._is_numbered:
            numbers = pyarrow.repeat(pyarrow.scalar(self._part.number, pyarrow.int32()), table.num_rows)
            table = table.append_column(_part_field(), numbers)
        yield table


class _Once:
    """Lets the rows pass that no earlier part had. Sees the parts in order."""

    def __init__(self) -> None:
        import ray
        from mly import _claims

        # It would have forgotten what it saw: an error is better than a row too many.
        if ray.get_runtime_context().was_current_actor_reconstructed:
            raise RuntimeError("the actor that drops repeated rows died: run it again, or read with repeats=\"keep\"")
        self._claims = _claims.Claims()

    def __call__(self, rows: Any) -> Any:
        from mly._claims import without

        numbers, rows = rows[_PART], rows.drop_columns([_PART])
        if not rows.num_rows:
            return rows
        # A block is of one part: tasks share none.
        self._claims, repeated = self._claims.claim(numbers[0].as_py(), rows["id"].to_numpy())
        return without(rows, repeated)


def _part_field() -> Any:
    import pyarrow

    return pyarrow.field(_PART, pyarrow.int32())
