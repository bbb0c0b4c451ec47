"""Mapillary: complete, fast, Arrow-native access to its images, sequences, map features and signs.

    import mly

    query = mly.Query.images(bbox=(8.98, 51.98, 9.03, 52.01), since="2023")
    print(query.plan())                       # what it costs; nothing is sent
    client = mly.Client()                     # the token of MAPILLARY_TOKEN
    client.run(query).write("town.parquet")   # or to_arrow(), to_geopandas(), to_polars(), a loop
    client.image(1933525276802129)            # a dict

A Query is a question about an area, a Lookup one about ids. Their Plan lists the requests and what
they cost, and Batches are the result. mly.aio has the same client for event loops, and Emulator
serves an invented town from this machine:

    with mly.Emulator("demo") as service:
        client = mly.Client(service.token, graph_url=service.url, tiles_url=service.url)

mly.map shows results on a map. mly.diff, mly.streets, mly.assets and mly.osm answer questions from
several results: what has changed, which streets have imagery, which signs there are, what
OpenStreetMap lacks.

mly.dask.read, mly.ray.read and mly.spark.read spread a query over the workers of a cluster.

Exceptions are classes of mly.MlyError. Messages go to the logger "mly" of logging; nothing is
printed.
"""

from typing import TYPE_CHECKING

from mly._mly import (
    Batches,
    BatchIterator,
    Client,
    Cost,
    Downloaded,
    Emulator,
    Lookup,
    Map,
    Plan,
    Progress,
    Query,
    RecordBatch,
    Schema,
    Summary,
    Table,
    __version__,
    assets,
    diff,
    map,
    osm,
    place,
    streets,
)
from mly.errors import (
    ApiError,
    AuthError,
    CancelledError,
    DecodeError,
    EmptyResultWarning,
    InputError,
    InternalError,
    InvalidQueryError,
    JournalError,
    MlyError,
    NotFoundError,
    OutputError,
    RateLimitedError,
    TransportError,
    UsedUpError,
)

if TYPE_CHECKING:
    from mly import aio as aio
    from mly import dask as dask
    from mly import ray as ray
    from mly import spark as spark

__all__ = [
    "ApiError",
    "AuthError",
    "BatchIterator",
    "Batches",
    "CancelledError",
    "Client",
    "Cost",
    "DecodeError",
    "Downloaded",
    "EmptyResultWarning",
    "Emulator",
    "InputError",
    "InternalError",
    "InvalidQueryError",
    "JournalError",
    "Lookup",
    "Map",
    "MlyError",
    "NotFoundError",
    "OutputError",
    "Plan",
    "Progress",
    "Query",
    "RateLimitedError",
    "RecordBatch",
    "Schema",
    "Summary",
    "Table",
    "TransportError",
    "UsedUpError",
    "__version__",
    "aio",
    "assets",
    "dask",
    "diff",
    "map",
    "osm",
    "place",
    "ray",
    "spark",
    "streets",
]


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        import importlib

        # Imported on first use, since they take time to import and most programs do not need them.
        if name in {"aio", "dask", "ray", "spark"}:
            return importlib.import_module(f"mly.{name}")
        return importlib.import_module("mly.errors")._old_name("mly", name)


def __dir__() -> list[str]:
    return sorted(__all__)
