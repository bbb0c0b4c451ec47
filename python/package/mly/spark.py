"""Results as data frames of Spark 4, read by its executors.

    import mly.spark

    images = mly.spark.read(spark, mly.Query.images(bbox=(8.98, 51.98, 9.03, 52.01)), partitions=8)

or, with the keywords of mly.Query as options,

    mly.spark.register(spark)
    town = {"layer": "images", "bbox": "8.98,51.98,9.03,52.01"}
    images = spark.read.format("mapillary").options(**town).load()

Executors take the token and the base URLs of their environment, unless they are given.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mly import Lookup, Plan, Query, _engine

if TYPE_CHECKING:
    from collections.abc import Iterator

    _DataSource: Any
    _DataSourceReader: Any
else:
    try:
        from pyspark.sql.datasource import DataSource as _DataSource
        from pyspark.sql.datasource import DataSourceReader as _DataSourceReader
    except ImportError:
        _DataSource = _DataSourceReader = object

__all__ = ["MapillaryDataSource", "read", "register"]

#: Name of a temporary column with the number of a row's part, by which repeated rows are dropped.
_PART = "__mly_part"


def register(spark: Any) -> None:
    """Makes the format "mapillary" known to a session.

    Its options are texts: layer ("images", "sequences", "points" or "signs") and the keywords of
    mly.Query and mly.Client, with commas between the items of lists; or plan, as Plan.to_json gives
    it. Besides:

    - partitions: number of parts, 1 unless given
    - repeats: "keep" is needed with several partitions of an area, since a feature that the tiles
      of several partitions publish comes with each of them; mly.spark.read gives it once
    - machines: number of machines, between which the limits are divided; one per partition unless
      given

    Args:
        spark: The session.

    Raises:
        ImportError: Spark 4 is not installed.
    """
    if _DataSource is object:
        raise _engine.missing("pyspark 4", "spark")
    spark.dataSource.register(MapillaryDataSource)


def read(
    spark: Any,
    what: Query | Lookup | Plan,
    partitions: int | None = None,
    *,
    repeats: str = "drop",
    machines: int | None = None,
    token: str | None = None,
    **settings: Any,
) -> Any:
    """Reads the result of a query as a data frame of Spark.

    Nothing is sent before the frame is used, and each time it is used the requests are sent again:
    cache() it to use it more than once.

    Args:
        spark: The session.
        what: The query, the lookup or the plan.
        partitions: Number of parts, at most one per request; as many as run at once unless given.
            Sequences and limited results have one.
        repeats: "drop" gives each feature once, for which rows are exchanged by id; "keep" gives a
            feature that the tiles of several parts publish with each of them.
        machines: Number of machines, between which the limits are divided; 1 for a local master,
            else one per partition, unless given.
        token: As of mly.Client.
        **settings: As of mly.Client.

    Returns:
        The frame; geometries are well-known binary.

    Raises:
        ImportError: Spark 4 is not installed.
        InvalidQueryError: The query cannot be split into this many parts, or a setting makes no
            sense.
        TypeError: A setting is of another type, or not known.
    """
    register(spark)
    from pyspark.sql import functions

    slots, here = _cluster(spark)
    machines = machines or here
    work = _engine.work(
        what, partitions, repeats, slots=slots, machines=machines, token=token, settings=settings
    )
    options = {name: _text(value) for name, value in settings.items() if value is not None}
    options |= {
        "plan": _engine.plan_of(what).to_json(),
        "partitions": str(len(work.parts)),
        "repeats": "keep",
    }
    options |= {"machines": str(machines)} if machines else {}
    options |= {"token": token} if token else {}
    options |= {"part_column": _PART} if work.can_repeat else {}
    rows = spark.read.format("mapillary").options(**options).load()
    if not work.can_repeat:
        return rows
    whole = functions.struct(*(functions.col(name) for name in rows.columns if name != _PART))
    return rows.groupBy("id").agg(functions.min_by(whole, _PART).alias("row")).select("row.*")


class MapillaryDataSource(_DataSource):
    """The format "mapillary" of Spark."""

    @classmethod
    def name(cls) -> str:
        """What it is called in spark.read.format."""
        return "mapillary"

    def __init__(self, options: Any) -> None:
        from mly import _options

        self._work, self._part_column = _options.work({name: options[name] for name in options})

    def schema(self) -> Any:
        """Columns and their types."""
        from pyspark.sql.pandas.types import from_arrow_schema

        return from_arrow_schema(
            _typed(self._work.schema, self._part_column), prefer_timestamp_ntz=False
        )

    def reader(self, schema: Any) -> _Reader:  # noqa: ARG002 (Spark passes what schema gave)
        """What reads it."""
        return _Reader(self._work, self._part_column)


class _Reader(_DataSourceReader):
    """Reads the parts of a question."""

    def __init__(self, work: _engine.Work, part_column: str | None) -> None:
        self._work, self._part_column = work, part_column

    def partitions(self) -> list[Any]:
        from pyspark.sql.datasource import InputPartition

        return [InputPartition(part) for part in self._work.parts]

    def read(self, partition: Any) -> Iterator[Any]:
        import pyarrow

        part, schema = partition.value, _typed(self._work.schema, self._part_column)
        for batch in part.batches():
            table = pyarrow.Table.from_batches([batch])
            if self._part_column:
                number = pyarrow.scalar(part.number, pyarrow.int32())
                table = table.append_column(
                    self._part_column, pyarrow.repeat(number, table.num_rows)
                )
            yield from table.cast(schema).to_batches()


def _typed(schema: Any, part_column: str | None) -> Any:
    """The schema with the types that Spark supports."""
    import pyarrow

    def of(kind: Any) -> Any:
        if pyarrow.types.is_timestamp(kind):
            return pyarrow.timestamp("us", kind.tz)
        if pyarrow.types.is_list(kind) or pyarrow.types.is_fixed_size_list(kind):
            return pyarrow.list_(pyarrow.field("element", of(kind.value_type)))
        return kind

    fields = [pyarrow.field(field.name, of(field.type), field.nullable) for field in schema]
    if part_column:
        fields.append(pyarrow.field(part_column, pyarrow.int32(), nullable=False))
    return pyarrow.schema(fields)


def _text(value: Any) -> str:
    from datetime import timedelta

    return str(value.total_seconds() if isinstance(value, timedelta) else value)


def _cluster(spark: Any) -> tuple[int, int | None]:
    """How many tasks run at once, and on how many machines, where that is known."""
    try:
        context = spark.sparkContext
    except Exception:  # noqa: BLE001 (a session of Spark Connect has none; the class differs by version)
        return 1, None
    return context.defaultParallelism, 1 if context.master.startswith("local") else None
