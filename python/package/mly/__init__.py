"""Mapillary: complete, fast, Arrow-native access to its images, sequences, map features and signs.

    import mly

    query = mly.Query.images(bbox=(8.98, 51.98, 9.03, 52.01), since="2023")
    print(query.plan())                       # what it costs; nothing is sent
    client = mly.Client()                     # the token of MAPILLARY_TOKEN
    client.run(query).write("town.parquet")   # or to_arrow(), to_geopandas(), to_polars(), or a loop
    client.image(1933525276802129)            # a dict

A Query says what is asked of an area and a Lookup what is asked of ids; a Plan how, and at what price; Batches are the
result. mly.aio has the same client for event loops, and Emulator plays the service on this machine:

    with mly.Emulator("demo") as service:
        client = mly.Client(service.token, graph_url=service.url, tiles_url=service.url)

mly.dask.read, mly.ray.read and mly.spark.read let the workers of a cluster ask.

What goes wrong is a mly.Error. Messages go to the logger "mly" of logging; nothing is printed.
"""

from typing import TYPE_CHECKING

from mly._mly import (
    BatchIterator,
    Batches,
    Client,
    Cost,
    Downloaded,
    Emulator,
    Lookup,
    Plan,
    Progress,
    Query,
    RecordBatch,
    Schema,
    Summary,
    __version__,
)
from mly.errors import (
    Api,
    Auth,
    Cancelled,
    Decode,
    Error,
    InvalidQuery,
    Journal,
    NotFound,
    Output,
    RateLimited,
    Transport,
    UsedUp,
)

if TYPE_CHECKING:
    from mly import aio as aio
    from mly import dask as dask
    from mly import ray as ray
    from mly import spark as spark

__all__ = [
    "Api",
    "Auth",
    "BatchIterator",
    "Batches",
    "Cancelled",
    "Client",
    "Cost",
    "Decode",
    "Downloaded",
    "Emulator",
    "Error",
    "InvalidQuery",
    "Journal",
    "Lookup",
    "NotFound",
    "Output",
    "Plan",
    "Progress",
    "Query",
    "RateLimited",
    "RecordBatch",
    "Schema",
    "Summary",
    "Transport",
    "UsedUp",
    "__version__",
    "aio",
    "dask",
    "ray",
    "spark",
]


def __getattr__(name: str) -> object:
    # Event loops and clusters are not everybody's, and take their time to import.
    if name in ("aio", "dask", "ray", "spark"):
        import importlib

        return importlib.import_module(f"mly.{name}")
    raise AttributeError(f"module 'mly' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
