# Written by scripts/stubs from the Rust source. Changes belong there.
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import date, timedelta
from os import PathLike
from typing import Any, Final, Literal, Protocol, TypeAlias, final

import geopandas
import pandas
import polars
import pyarrow

class _Shape(Protocol):
    @property
    def __geo_interface__(self) -> Any: ...

class _Table(Protocol):
    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any: ...

_Format: TypeAlias = Literal[
    "geojson", "geojsonseq", "csv", "parquet", "fgb", "gpkg", "arrow", "pmtiles", "coco"
]
_Ids: TypeAlias = int | str | Iterable[int] | Iterable[str] | _Table
_Rows: TypeAlias = str | PathLike[str] | _Table
_Size: TypeAlias = Literal[256, 1024, 2048, "256", "1024", "2048", "original"]
_Watch: TypeAlias = bool | Callable[[Progress], object] | None
_Within: TypeAlias = str | PathLike[str] | dict[str, Any] | _Shape

"""Everything in mly that is written in Rust."""
__all__ = [
    "__version__",
    "AsyncBatches",
    "AsyncClient",
    "BatchIterator",
    "Batches",
    "Client",
    "Cost",
    "Downloaded",
    "Emulator",
    "Lookup",
    "Map",
    "Plan",
    "Progress",
    "Query",
    "RecordBatch",
    "Schema",
    "Summary",
    "Table",
    "_keywords",
    "_moments",
    "_tile_containing",
    "_tile_features",
    "_tile_rings",
    "_without_tokens",
    "assets",
    "diff",
    "map",
    "osm",
    "place",
    "run_command",
    "streets",
]
__version__: Final[str]
"The version of the package."

@final
class AsyncBatches:
    """The result of a run, for an event loop.

    Read it by `async for batch in batches`, or `await` one of its methods.
    """

    def __aiter__(self, /) -> AsyncBatches: ...
    def __anext__(self, /) -> Awaitable[pyarrow.RecordBatch]: ...
    def __repr__(self, /) -> str: ...
    @property
    def schema(self, /) -> Any:
        """The schema of every batch: of pyarrow, or a mly.Schema where that is not installed."""

    @property
    def summary(self, /) -> Summary:
        """What the run has done so far."""

    def to_arrow(self, /) -> Awaitable[pyarrow.Table]:
        """Reads everything into a pyarrow.Table.

        Raises:
            ImportError: pyarrow is not installed.
        """

    def to_dicts(self, /) -> Awaitable[list[dict[str, Any]]]:
        """Reads everything into a list of dicts, each like that of Client.image.

        Needs no other package.
        """

    def to_geojson(self, /) -> Awaitable[str]:
        """Reads everything into the text of a GeoJSON FeatureCollection. Needs no other package."""

    def to_geopandas(self, /) -> Awaitable[geopandas.GeoDataFrame]:
        """Reads everything into a geopandas.GeoDataFrame.

        Its coordinates are longitude and latitude in degrees (OGC:CRS84).

        Raises:
            ImportError: geopandas or pyarrow is not installed.
        """

    def to_pandas(self, /) -> Awaitable[pandas.DataFrame]:
        """Reads everything into a pandas.DataFrame; geometries are well-known binary.

        Raises:
            ImportError: pandas or pyarrow is not installed.
        """

    def to_polars(self, /) -> Awaitable[polars.DataFrame]:
        """Reads everything into a polars.DataFrame; geometries are well-known binary.

        Raises:
            ImportError: polars is not installed.
        """

    def write(
        self,
        /,
        path: str | PathLike[str],
        format: _Format | None = None,
        overwrite: bool = False,
        csv_safe: bool = False,
        layer: str | None = None,
        times: Literal["ms", "iso"] = "ms",
        ids: Literal["number", "text"] = "number",
    ) -> Awaitable[Summary]:
        """Writes everything into a file, which is either complete or not there.

        If writing stops for any reason, writing the result of the same query to the same path
        resumes it. Until then the unfinished work is in the folder PATH.unfinished.

        Args:
            path: The file.
            format: "geojson", "geojsonseq", "csv", "parquet", "fgb", "gpkg", "arrow", "pmtiles" or
                "coco". Unless given, the extension of the path decides: .geojson .json .geojsonl
                .geojsonseq .ndjson .csv .parquet .fgb .gpkg .arrow .feather .pmtiles.
            overwrite: Whether a file at this path is replaced.
            csv_safe: Whether, in CSV, an apostrophe is written before text that spreadsheets take
                for a formula.
            layer: Name of the table of a GeoPackage or of the layer of a FlatGeobuf or PMTiles
                file; unless given, that of the rows, such as "images".
            times: How text formats write times: "ms" since 1970, or "iso", such as
                2021-03-04T05:06:07.000Z.
            ids: How GeoJSON writes ids: "number" or "text".

        Returns:
            What was written, and what it cost.

        Raises:
            InvalidQueryError: There is a file at this path, or the format is not known.
            OutputError: The file cannot be written.
            JournalError: The unfinished work at this path is that of another query.
            UsedUpError: The result was read already.
        """

@final
class AsyncClient:
    """A client for event loops of asyncio: the methods of mly.Client, to be awaited.

    The arguments are those of mly.Client. `async with` closes the connections at its end.
    """

    def __aenter__(self, /) -> Awaitable[AsyncClient]: ...
    def __aexit__(self, /, *_error: object) -> Awaitable[None]: ...
    def __new__(
        cls,
        /,
        token: str | None = None,
        *,
        graph_url: str | None = None,
        tiles_url: str | None = None,
        concurrency: int | None = None,
        retries: int | None = None,
        timeout: float | None = None,
        init_backoff: float | None = None,
        retry_timeout: float | None = None,
        tiles_per_minute: int | None = None,
        tiles_per_day: int | None = None,
        cache_dir: str | PathLike[str] | Literal[False] | None = None,
        max_age: float | timedelta | None = None,
        cache_bytes: int | None = None,
        shared_by: int | tuple[int, int] | None = None,
    ) -> AsyncClient: ...
    def __repr__(self, /) -> str: ...
    def close(self, /) -> None:
        """Closes the connections. A later request opens new ones."""

    def dataset(
        self,
        /,
        rows: _Rows | _Ids,
        to: str | PathLike[str],
        format: Literal["coco", "yolo", "webdataset"],
        *,
        size: _Size = 1024,
        split: tuple[float, float, float] = (80, 10, 10),
        by: Literal["sequence", "image"] = "sequence",
        negatives: bool = False,
        classes: Iterable[str] | dict[str, str] | None = None,
    ) -> Awaitable[dict[str, Any]]:
        """Makes a data set for training a detector: photos, and labels of what is in them.

        Detections are looked up, photos downloaded, and images divided into those to train, to
        validate and to test with. The same call resumes an interrupted one.

        Args:
            rows: Images or map features: a file, ids of images, or a table with a column of ids,
                such as a result.
            to: The folder, new or empty, or one with the same data set.
            format: "coco", "yolo" or "webdataset".
            size: Width of the photos in pixels, 256, 1024 or 2048, or "original".
            split: Percent to train, to validate and to test with, 80, 10 and 10 unless given.
            by: What is never divided, "sequence" or "image".
            negatives: Whether also images without a label are in it.
            classes: Values that are classes, in this order (* stands for any text), or a dict of
                the class of each value. Unless given, every value is one.

        Returns:
            A dict: images, labels, parts (images of the three parts), classes (labels by class),
            failed (reasons by id) and warnings.

        Raises:
            OutputError: The folder cannot be written to.
            InvalidQueryError: An argument makes no sense, or the folder holds something else.
        """

    def detections(
        self,
        /,
        *,
        image_id: _Ids | None = None,
        map_feature_id: _Ids | None = None,
        pixels: bool = False,
        raw: bool = False,
        with_empty: bool = False,
        limit: int | None = None,
        progress: _Watch = None,
    ) -> AsyncBatches:
        """Looks up what was recognised in images, or what map features were derived from.

        Args:
            image_id: Ids of images, one or many.
            map_feature_id: Ids of map features, one or many, instead of image_id.
            pixels: Whether outlines are in pixels of the original image, with columns for its
                width, height and sequence.
            raw: Whether outlines stay as the service sends them: a vector tile in base64.
            with_empty: Whether images without detections have a row too, which has no id.
            limit: The most rows.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            One row per detection. Without pixels and raw, outlines are lists of rings of x and y as
            shares of the image, 0 to 1, with y down from the top left corner.

        Raises:
            InvalidQueryError: An id cannot be one.
            TypeError: Both or none of image_id and map_feature_id are given, or both of pixels and
                raw.
        """

    def download(
        self,
        /,
        ids_or_batches: _Ids,
        to: str | PathLike[str],
        *,
        size: _Size = 1024,
        layout: Literal["files", "webdataset"] = "files",
        concurrency: int | None = None,
        photos_a_shard: int | None = None,
        progress: _Watch = None,
    ) -> Awaitable[Downloaded]:
        """Downloads photos into a folder and writes place, time and direction into each.

        Photos that are there are kept.

        Args:
            ids_or_batches: Ids of images, one or many, or a table with a column of them, such as a
                result.
            to: The folder, which is made if it is not there.
            size: Width in pixels, 256, 1024 or 2048, or "original".
            layout: "files" for SEQUENCE/ID.jpg, "webdataset" for tar archives.
            concurrency: Photos in flight at once, 64 unless given.
            photos_a_shard: Photos per archive, 1000 unless given.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            What was written, what was there already, and what failed and why.

        Raises:
            OutputError: The folder cannot be written to.
            InvalidQueryError: An argument makes no sense.
        """

    def download_clouds(
        self,
        /,
        ids_or_batches: _Ids,
        to: str | PathLike[str],
        *,
        format: Literal["ply", "las", "laz"] = "ply",
        frame: str = "enu",
        progress: _Watch = None,
    ) -> Awaitable[Downloaded]:
        """Downloads the point clouds of the clusters of images, each once.

        Clouds that are there are kept.

        Args:
            ids_or_batches: Ids of images, one or many, or a table with a column of them, such as a
                result.
            to: The folder, which is made if it is not there.
            format: "ply", "las" or "laz".
            frame: "enu" for metres east, north and up of an origin, "wgs84" for degrees and metres.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            What was written, what was there already, and what failed and why.

        Raises:
            OutputError: The folder cannot be written to.
            InvalidQueryError: An argument makes no sense.
        """

    def feature(
        self, /, id: int | str, *, fields: str | Iterable[str] | None = None
    ) -> Awaitable[dict[str, Any]]:
        """Looks up one map feature, an object or a traffic sign.

        Args:
            id: Its id.
            fields: Names of fields to keep besides id and geometry; all unless given.

        Returns:
            A dict without what the map feature does not have: ids are ints, times datetimes,
            geometries GeoJSON dicts.

        Raises:
            NotFoundError: No map feature has this id.
            InvalidQueryError: The id cannot be one, or a field is not the name of one.
        """

    def features_by_id(
        self,
        /,
        ids: _Ids,
        *,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        progress: _Watch = None,
    ) -> AsyncBatches:
        """Looks up map features, up to 50 in one request.

        Args:
            ids: Ids as numbers or text, one or many, or a table with a column of them.
            fields: Names of fields to keep besides id and geometry; all unless given.
            limit: The most rows.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            One row per id that was found, in the order of the ids. Those that were not found are in
            summary.not_found.

        Raises:
            InvalidQueryError: An id cannot be one, or a field is not the name of one.
        """

    def image(
        self, /, id: int | str, *, fields: str | Iterable[str] | None = None
    ) -> Awaitable[dict[str, Any]]:
        """Looks up one image.

        Args:
            id: Its id.
            fields: Names of fields to keep besides id and geometry; all unless given.

        Returns:
            A dict without what the image does not have: ids are ints, times datetimes, geometries
            GeoJSON dicts.

        Raises:
            NotFoundError: No image has this id.
            InvalidQueryError: The id cannot be one, or a field is not the name of one.
        """

    def images_by_id(
        self,
        /,
        ids: _Ids,
        *,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        progress: _Watch = None,
    ) -> AsyncBatches:
        """Looks up images, up to 50 in one request.

        Args:
            ids: Ids as numbers or text, one or many, or a table with a column of them.
            fields: Names of fields to keep besides id and geometry; all unless given.
            limit: The most rows.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            One row per id that was found, in the order of the ids. Those that were not found are in
            summary.not_found.

        Raises:
            InvalidQueryError: An id cannot be one, or a field is not the name of one.
        """

    def organization(
        self, /, id: int | str, *, fields: str | Iterable[str] | None = None
    ) -> Awaitable[dict[str, Any]]:
        """Looks up one organization.

        Args:
            id: Its id.
            fields: Names of fields to keep besides id; all unless given.

        Returns:
            A dict without what the organization does not have.

        Raises:
            NotFoundError: No organization has this id.
            InvalidQueryError: The id cannot be one, or a field is not the name of one.
        """

    def organizations_by_id(
        self,
        /,
        ids: _Ids,
        *,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        progress: _Watch = None,
    ) -> AsyncBatches:
        """Looks up organizations, up to 50 in one request.

        Args:
            ids: Ids as numbers or text, one or many, or a table with a column of them.
            fields: Names of fields to keep besides id; all unless given.
            limit: The most rows.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            One row per id that was found, in the order of the ids. Those that were not found are in
            summary.not_found.

        Raises:
            InvalidQueryError: An id cannot be one, or a field is not the name of one.
        """

    def run(self, /, what: Query | Lookup | Plan, *, progress: _Watch = None) -> AsyncBatches:
        """Runs a query, a lookup or a plan. Nothing is sent before the result is read.

        Args:
            what: The query, the lookup or the plan.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            The rows, as record batches. Reading them raises what goes wrong: AuthError,
            RateLimitedError, ApiError, TransportError or DecodeError.

        Raises:
            InvalidQueryError: The query makes no sense.
            TypeError: An argument is of another type, or not known.
        """

    def sequence(
        self,
        /,
        id: str | Iterable[str],
        *,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        progress: _Watch = None,
    ) -> AsyncBatches:
        """Looks up the images of sequences.

        Args:
            id: Ids of sequences, one or many.
            fields: Names of fields to keep besides id and geometry; a short list unless given.
            limit: The most rows.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            One row per image, in order of capture. Ids of sequences that were not found are in
            summary.not_found.

        Raises:
            InvalidQueryError: An id cannot be that of a sequence, or a field is not the name of
                one.
        """

    def thumbnail(self, /, id: int | str, size: _Size = 1024) -> Awaitable[str]:
        """Looks up the URL of a photo.

        Args:
            id: Id of the image.
            size: Width in pixels, 256, 1024 or 2048, or "original".

        Returns:
            A new URL, which works for about a month and without a token.

        Raises:
            NotFoundError: No image has this id, or it has no photo of this size.
            InvalidQueryError: The id or the size cannot be one.
        """

    def update(
        self,
        /,
        what: Query | Plan,
        old: str | PathLike[str],
        new: str | PathLike[str],
        *,
        changes: str | PathLike[str] | None = None,
        overwrite: bool = False,
        progress: _Watch = None,
    ) -> Awaitable[Summary]:
        """Brings an earlier result up to date and writes it, as `mly images --update` does.

        New rows replace those with their ids. Rows that the service shows no more are kept, and
        their column last_crawled_at has the time at which it last showed them. All tiles are asked
        for again; look-ups only for rows that are new or recent. If it stops for any reason, the
        same call goes on.

        Args:
            what: The query, or its plan.
            old: The file with the earlier result, in any format but "coco".
            new: The file to write, which may be the old one with overwrite=True. Its extension is
                the format.
            changes: A file for the list of what has changed, as mly.diff tells it. Its extension is
                the format.
            overwrite: Whether files at these paths are replaced.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            What was written, and what it cost.

        Raises:
            InvalidQueryError: There is a file at a path, the old file has other rows or columns, or
                the query has a limit.
            InputError: The old file cannot be read.
            OutputError: A file cannot be written.
        """

@final
class BatchIterator:
    """The iterator over the batches of a result."""

    def __iter__(self, /) -> BatchIterator: ...
    def __next__(self, /) -> pyarrow.RecordBatch: ...

@final
class Batches:
    """The result of a run: record batches of one schema, as they arrive.

    Nothing is sent before the first is needed.

    It is read once, by a loop or by one of its methods, and not kept, so that it may be larger than
    memory; reading it again raises UsedUpError. Whatever reads Arrow streams reads it:
    pyarrow.table(batches), polars.DataFrame(batches), duckdb.

    Reading raises AuthError, RateLimitedError, ApiError, TransportError or DecodeError if a request
    fails for good.
    """

    def __arrow_c_schema__(self, /) -> object:
        """Exports the schema (the Arrow PyCapsule interface)."""

    def __arrow_c_stream__(self, /, requested_schema: object | None = None) -> object:
        """Exports the batches as an Arrow stream (the Arrow PyCapsule interface)."""

    def __iter__(self, /) -> BatchIterator: ...
    def __repr__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    def head(self, /, rows: int = 10) -> list[dict[str, Any]]:
        """Reads the first rows and keeps them for whatever reads the result next.

        Only the first batch is requested.

        Args:
            rows: The most rows.

        Returns:
            The rows as dicts, each like that of Client.image.
        """

    @property
    def schema(self, /) -> Any:
        """The schema of every batch: of pyarrow, or a mly.Schema where that is not installed."""

    @property
    def summary(self, /) -> Summary:
        """What the run has done so far."""

    def to_arrow(self, /) -> pyarrow.Table:
        """Reads everything into a pyarrow.Table.

        Raises:
            ImportError: pyarrow is not installed.
        """

    def to_dicts(self, /) -> list[dict[str, Any]]:
        """Reads everything into a list of dicts, each like that of Client.image.

        Needs no other package.
        """

    def to_geojson(self, /) -> str:
        """Reads everything into the text of a GeoJSON FeatureCollection. Needs no other package."""

    def to_geopandas(self, /) -> geopandas.GeoDataFrame:
        """Reads everything into a geopandas.GeoDataFrame.

        Its coordinates are longitude and latitude in degrees (OGC:CRS84).

        Raises:
            ImportError: geopandas or pyarrow is not installed.
        """

    def to_pandas(self, /) -> pandas.DataFrame:
        """Reads everything into a pandas.DataFrame; geometries are well-known binary.

        Raises:
            ImportError: pandas or pyarrow is not installed.
        """

    def to_polars(self, /) -> polars.DataFrame:
        """Reads everything into a polars.DataFrame; geometries are well-known binary.

        Raises:
            ImportError: polars is not installed.
        """

    def write(
        self,
        /,
        path: str | PathLike[str],
        format: _Format | None = None,
        overwrite: bool = False,
        csv_safe: bool = False,
        layer: str | None = None,
        times: Literal["ms", "iso"] = "ms",
        ids: Literal["number", "text"] = "number",
    ) -> Summary:
        """Writes everything into a file, which is either complete or not there.

        If writing stops for any reason, writing the result of the same query to the same path
        resumes it. Until then the unfinished work is in the folder PATH.unfinished.

        Args:
            path: The file.
            format: "geojson", "geojsonseq", "csv", "parquet", "fgb", "gpkg", "arrow", "pmtiles" or
                "coco". Unless given, the extension of the path decides: .geojson .json .geojsonl
                .geojsonseq .ndjson .csv .parquet .fgb .gpkg .arrow .feather .pmtiles.
            overwrite: Whether a file at this path is replaced.
            csv_safe: Whether, in CSV, an apostrophe is written before text that spreadsheets take
                for a formula.
            layer: Name of the table of a GeoPackage or of the layer of a FlatGeobuf or PMTiles
                file; unless given, that of the rows, such as "images".
            times: How text formats write times: "ms" since 1970, or "iso", such as
                2021-03-04T05:06:07.000Z.
            ids: How GeoJSON writes ids: "number" or "text".

        Returns:
            What was written, and what it cost.

        Raises:
            InvalidQueryError: There is a file at this path, or the format is not known.
            OutputError: The file cannot be written.
            JournalError: The unfinished work at this path is that of another query.
            UsedUpError: The result was read already.
        """

@final
class Client:
    """A client of the service, with its settings and connections.

    It can be used by many threads at once, and after a fork. As a context manager it closes its
    connections at the end.

    Args:
        token: Access token; MAPILLARY_TOKEN or MAPILLARY_ACCESS_TOKEN of the environment unless
            given.
        graph_url: Base URL of look-ups and searches; MAPILLARY_GRAPH_URL or the official one unless
            given.
        tiles_url: Base URL of tiles; MAPILLARY_TILES_URL or the official one unless given.
        concurrency: Requests in flight at once, 8 unless given.
        retries: How often a failed request is sent again, 5 unless given.
        timeout: Seconds to wait for an answer, 120 unless given.
        init_backoff: Seconds before the first retry, 0.5 unless given; they double with each retry.
        retry_timeout: Seconds for one request with all its retries, 600 unless given.
        tiles_per_minute: Most tiles requested in a minute, 0 for no limit; 40 for the official
            hosts unless given.
        tiles_per_day: Most tiles requested in a day, 0 for no limit; 10,000 for the official hosts
            unless given.
        cache_dir: Folder of cached tiles and of the budget; False caches no tiles. MLY_CACHE_DIR
            unless given, else for the official hosts the folder that the command uses.
        max_age: How long a cached tile is used, in seconds or as a timedelta; 7 days unless given.
        cache_bytes: Most bytes of cached tiles.
        shared_by: Number of processes that keep to the limits together, this one included; or
            (processes, machines), where the processes of one machine have the same cache_dir and
            count in it.

    Raises:
        AuthError: No token is given, and there is none in the environment.
        InvalidQueryError: A setting makes no sense, such as a timeout of 0.
        TypeError: A setting is of another type, or not known.
    """

    def __enter__(self, /) -> Client: ...
    def __exit__(self, /, *_error: object) -> None: ...
    def __new__(
        cls,
        /,
        token: str | None = None,
        *,
        graph_url: str | None = None,
        tiles_url: str | None = None,
        concurrency: int | None = None,
        retries: int | None = None,
        timeout: float | None = None,
        init_backoff: float | None = None,
        retry_timeout: float | None = None,
        tiles_per_minute: int | None = None,
        tiles_per_day: int | None = None,
        cache_dir: str | PathLike[str] | Literal[False] | None = None,
        max_age: float | timedelta | None = None,
        cache_bytes: int | None = None,
        shared_by: int | tuple[int, int] | None = None,
    ) -> Client: ...
    def __repr__(self, /) -> str: ...
    def _body(self, /, path: str, query: str, is_tile: bool) -> bytes:
        """Requests a path of the graph or of the tiles, and gives the body of the answer."""

    def close(self, /) -> None:
        """Closes the connections. A later request opens new ones."""

    def dataset(
        self,
        /,
        rows: _Rows | _Ids,
        to: str | PathLike[str],
        format: Literal["coco", "yolo", "webdataset"],
        *,
        size: _Size = 1024,
        split: tuple[float, float, float] = (80, 10, 10),
        by: Literal["sequence", "image"] = "sequence",
        negatives: bool = False,
        classes: Iterable[str] | dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """Makes a data set for training a detector: photos, and labels of what is in them.

        Detections are looked up, photos downloaded, and images divided into those to train, to
        validate and to test with. The same call resumes an interrupted one.

        Args:
            rows: Images or map features: a file, ids of images, or a table with a column of ids,
                such as a result.
            to: The folder, new or empty, or one with the same data set.
            format: "coco", "yolo" or "webdataset".
            size: Width of the photos in pixels, 256, 1024 or 2048, or "original".
            split: Percent to train, to validate and to test with, 80, 10 and 10 unless given.
            by: What is never divided, "sequence" or "image".
            negatives: Whether also images without a label are in it.
            classes: Values that are classes, in this order (* stands for any text), or a dict of
                the class of each value. Unless given, every value is one.

        Returns:
            A dict: images, labels, parts (images of the three parts), classes (labels by class),
            failed (reasons by id) and warnings.

        Raises:
            OutputError: The folder cannot be written to.
            InvalidQueryError: An argument makes no sense, or the folder holds something else.
        """

    def detections(
        self,
        /,
        *,
        image_id: _Ids | None = None,
        map_feature_id: _Ids | None = None,
        pixels: bool = False,
        raw: bool = False,
        with_empty: bool = False,
        limit: int | None = None,
        progress: _Watch = None,
    ) -> Batches:
        """Looks up what was recognised in images, or what map features were derived from.

        Args:
            image_id: Ids of images, one or many.
            map_feature_id: Ids of map features, one or many, instead of image_id.
            pixels: Whether outlines are in pixels of the original image, with columns for its
                width, height and sequence.
            raw: Whether outlines stay as the service sends them: a vector tile in base64.
            with_empty: Whether images without detections have a row too, which has no id.
            limit: The most rows.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            One row per detection. Without pixels and raw, outlines are lists of rings of x and y as
            shares of the image, 0 to 1, with y down from the top left corner.

        Raises:
            InvalidQueryError: An id cannot be one.
            TypeError: Both or none of image_id and map_feature_id are given, or both of pixels and
                raw.
        """

    def download(
        self,
        /,
        ids_or_batches: _Ids,
        to: str | PathLike[str],
        *,
        size: _Size = 1024,
        layout: Literal["files", "webdataset"] = "files",
        concurrency: int | None = None,
        photos_a_shard: int | None = None,
        progress: _Watch = None,
    ) -> Downloaded:
        """Downloads photos into a folder and writes place, time and direction into each.

        Photos that are there are kept.

        Args:
            ids_or_batches: Ids of images, one or many, or a table with a column of them, such as a
                result.
            to: The folder, which is made if it is not there.
            size: Width in pixels, 256, 1024 or 2048, or "original".
            layout: "files" for SEQUENCE/ID.jpg, "webdataset" for tar archives.
            concurrency: Photos in flight at once, 64 unless given.
            photos_a_shard: Photos per archive, 1000 unless given.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            What was written, what was there already, and what failed and why.

        Raises:
            OutputError: The folder cannot be written to.
            InvalidQueryError: An argument makes no sense.
        """

    def download_clouds(
        self,
        /,
        ids_or_batches: _Ids,
        to: str | PathLike[str],
        *,
        format: Literal["ply", "las", "laz"] = "ply",
        frame: str = "enu",
        progress: _Watch = None,
    ) -> Downloaded:
        """Downloads the point clouds of the clusters of images, each once.

        Clouds that are there are kept.

        Args:
            ids_or_batches: Ids of images, one or many, or a table with a column of them, such as a
                result.
            to: The folder, which is made if it is not there.
            format: "ply", "las" or "laz".
            frame: "enu" for metres east, north and up of an origin, "wgs84" for degrees and metres.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            What was written, what was there already, and what failed and why.

        Raises:
            OutputError: The folder cannot be written to.
            InvalidQueryError: An argument makes no sense.
        """

    def feature(
        self, /, id: int | str, *, fields: str | Iterable[str] | None = None
    ) -> dict[str, Any]:
        """Looks up one map feature, an object or a traffic sign.

        Args:
            id: Its id.
            fields: Names of fields to keep besides id and geometry; all unless given.

        Returns:
            A dict without what the map feature does not have: ids are ints, times datetimes,
            geometries GeoJSON dicts.

        Raises:
            NotFoundError: No map feature has this id.
            InvalidQueryError: The id cannot be one, or a field is not the name of one.
        """

    def features_by_id(
        self,
        /,
        ids: _Ids,
        *,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        progress: _Watch = None,
    ) -> Batches:
        """Looks up map features, up to 50 in one request.

        Args:
            ids: Ids as numbers or text, one or many, or a table with a column of them.
            fields: Names of fields to keep besides id and geometry; all unless given.
            limit: The most rows.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            One row per id that was found, in the order of the ids. Those that were not found are in
            summary.not_found.

        Raises:
            InvalidQueryError: An id cannot be one, or a field is not the name of one.
        """

    def image(
        self, /, id: int | str, *, fields: str | Iterable[str] | None = None
    ) -> dict[str, Any]:
        """Looks up one image.

        Args:
            id: Its id.
            fields: Names of fields to keep besides id and geometry; all unless given.

        Returns:
            A dict without what the image does not have: ids are ints, times datetimes, geometries
            GeoJSON dicts.

        Raises:
            NotFoundError: No image has this id.
            InvalidQueryError: The id cannot be one, or a field is not the name of one.
        """

    def images_by_id(
        self,
        /,
        ids: _Ids,
        *,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        progress: _Watch = None,
    ) -> Batches:
        """Looks up images, up to 50 in one request.

        Args:
            ids: Ids as numbers or text, one or many, or a table with a column of them.
            fields: Names of fields to keep besides id and geometry; all unless given.
            limit: The most rows.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            One row per id that was found, in the order of the ids. Those that were not found are in
            summary.not_found.

        Raises:
            InvalidQueryError: An id cannot be one, or a field is not the name of one.
        """

    def organization(
        self, /, id: int | str, *, fields: str | Iterable[str] | None = None
    ) -> dict[str, Any]:
        """Looks up one organization.

        Args:
            id: Its id.
            fields: Names of fields to keep besides id; all unless given.

        Returns:
            A dict without what the organization does not have.

        Raises:
            NotFoundError: No organization has this id.
            InvalidQueryError: The id cannot be one, or a field is not the name of one.
        """

    def organizations_by_id(
        self,
        /,
        ids: _Ids,
        *,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        progress: _Watch = None,
    ) -> Batches:
        """Looks up organizations, up to 50 in one request.

        Args:
            ids: Ids as numbers or text, one or many, or a table with a column of them.
            fields: Names of fields to keep besides id; all unless given.
            limit: The most rows.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            One row per id that was found, in the order of the ids. Those that were not found are in
            summary.not_found.

        Raises:
            InvalidQueryError: An id cannot be one, or a field is not the name of one.
        """

    def run(self, /, what: Query | Lookup | Plan, *, progress: _Watch = None) -> Batches:
        """Runs a query, a lookup or a plan. Nothing is sent before the result is read.

        Args:
            what: The query, the lookup or the plan.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            The rows, as record batches. Reading them raises what goes wrong: AuthError,
            RateLimitedError, ApiError, TransportError or DecodeError.

        Raises:
            InvalidQueryError: The query makes no sense.
            TypeError: An argument is of another type, or not known.
        """

    def sequence(
        self,
        /,
        id: str | Iterable[str],
        *,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        progress: _Watch = None,
    ) -> Batches:
        """Looks up the images of sequences.

        Args:
            id: Ids of sequences, one or many.
            fields: Names of fields to keep besides id and geometry; a short list unless given.
            limit: The most rows.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            One row per image, in order of capture. Ids of sequences that were not found are in
            summary.not_found.

        Raises:
            InvalidQueryError: An id cannot be that of a sequence, or a field is not the name of
                one.
        """

    def thumbnail(self, /, id: int | str, size: _Size = 1024) -> str:
        """Looks up the URL of a photo.

        Args:
            id: Id of the image.
            size: Width in pixels, 256, 1024 or 2048, or "original".

        Returns:
            A new URL, which works for about a month and without a token.

        Raises:
            NotFoundError: No image has this id, or it has no photo of this size.
            InvalidQueryError: The id or the size cannot be one.
        """

    def update(
        self,
        /,
        what: Query | Plan,
        old: str | PathLike[str],
        new: str | PathLike[str],
        *,
        changes: str | PathLike[str] | None = None,
        overwrite: bool = False,
        progress: _Watch = None,
    ) -> Summary:
        """Brings an earlier result up to date and writes it, as `mly images --update` does.

        New rows replace those with their ids. Rows that the service shows no more are kept, and
        their column last_crawled_at has the time at which it last showed them. All tiles are asked
        for again; look-ups only for rows that are new or recent. If it stops for any reason, the
        same call goes on.

        Args:
            what: The query, or its plan.
            old: The file with the earlier result, in any format but "coco".
            new: The file to write, which may be the old one with overwrite=True. Its extension is
                the format.
            changes: A file for the list of what has changed, as mly.diff tells it. Its extension is
                the format.
            overwrite: Whether files at these paths are replaced.
            progress: True for a progress bar, or a function that is called with a mly.Progress now
                and then.

        Returns:
            What was written, and what it cost.

        Raises:
            InvalidQueryError: There is a file at a path, the old file has other rows or columns, or
                the query has a limit.
            InputError: The old file cannot be read.
            OutputError: A file cannot be written.
        """

@final
class Cost:
    """Numbers of requests of a plan, by the limit of the service that they count against."""

    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def days(self, /) -> int:
        """Days that it takes at 10,000 tiles a day: 1 for less than that, 0 for none."""

    @property
    def entities(self, /) -> int:
        """Look-ups by id, of up to 50 ids each; the service allows 60,000 a minute."""

    @property
    def requests(self, /) -> int:
        """Requests of all kinds."""

    @property
    def scouts(self, /) -> int:
        """Tiles of a lower zoom that are read first, with prune=.

        Fewer of the other tiles may be needed then.
        """

    @property
    def searches(self, /) -> int:
        """Searches; the service allows 10,000 a minute."""

    @property
    def tiles(self, /) -> int:
        """Vector tiles; at most 10,000 a day are requested from the official service."""

@final
class Downloaded:
    """What a download has done."""

    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def failed(self, /) -> dict[int | str, str]:
        """Ids whose photo or cloud could not be written, with the reason."""

    @property
    def skipped(self, /) -> int:
        """Photos or clouds that were in the folder already."""

    @property
    def summary(self, /) -> Summary:
        """The requests of the download, and what they cost."""

    @property
    def written(self, /) -> int:
        """Photos or clouds written."""

@final
class Emulator:
    """The Mapillary API on a port of this machine, for tests and demos.

    It stops at the end of `with`, by close(), or with the last reference.

    Args:
        world: "demo" for a small invented town near 9.0 east, 52.0 north; "empty";
            "random:SEED:IMAGES"; a folder or file of tiles; or a folder with images.geojson,
            signs.geojson or points.geojson.
        port: The port; 0 takes a free one.
        token: The only token that is accepted; one is made up unless given.
        answers: Answers to play to questions about the service whose answers are not known, such as
            `["bbox-rule=side"]`; the message about an unknown one lists them.

    Raises:
        ValueError: The world cannot be read, or an answer is not known.
        OSError: The port is taken.
    """

    def __enter__(self, /) -> Emulator: ...
    def __exit__(self, /, *_error: object) -> None: ...
    def __new__(
        cls,
        /,
        world: str | PathLike[str] = "demo",
        port: int = 0,
        *,
        token: str | None = None,
        answers: str | Iterable[str] = (),
    ) -> Emulator: ...
    def __repr__(self, /) -> str: ...
    def clear_faults(self, /) -> None:
        """Removes all faults."""

    def close(self, /) -> None:
        """Stops the emulator."""

    def fail(self, /, fault: str) -> None:
        """Makes requests fail from now on.

        Args:
            fault: The fault, such as "status=503,every=10"; `mly emulate --help` names them all.

        Raises:
            ValueError: The fault is not known.
        """

    @property
    def requests(self, /) -> list[dict[str, Any]]:
        """Every request so far: dicts of kind, method, path, query (without the token), status."""

    @property
    def token(self, /) -> str:
        """A token that it accepts."""

    @property
    def url(self, /) -> str:
        """Base URL of both the graph and the tiles."""

@final
class Lookup:
    """A question about ids: of what, and which fields. Nothing is sent.

    Lookups are values: they can be compared, printed and pickled. Each id is requested once, and
    the rows come in the order of the ids, as often as an id is listed.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, ...]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def _from_json(text: str) -> Lookup:
        """Reads what pickle stores."""

    @staticmethod
    def detections(
        *,
        image_id: _Ids | None = None,
        map_feature_id: _Ids | None = None,
        pixels: bool = False,
        raw: bool = False,
        with_empty: bool = False,
        limit: int | None = None,
    ) -> Lookup:
        """Asks for what was recognised in images, or what map features were derived from.

        There is one row per detection. Outlines are lists of rings of x and y as shares of the
        image, 0 to 1, with y down from the top left corner, unless pixels or raw is given.

        Args:
            image_id: Ids of images, one or many.
            map_feature_id: Ids of map features, one or many, instead of image_id.
            pixels: Whether outlines are in pixels of the original image, with columns for its
                width, height and sequence.
            raw: Whether outlines stay as the service sends them: a vector tile in base64.
            with_empty: Whether images without detections have a row too, which has no id.
            limit: The most rows.

        Returns:
            The lookup.

        Raises:
            InvalidQueryError: An id cannot be one.
            TypeError: Both or none of image_id and map_feature_id are given, or both of pixels and
                raw.
        """

    @staticmethod
    def features(
        ids: _Ids, *, fields: str | Iterable[str] | None = None, limit: int | None = None
    ) -> Lookup:
        """Asks for map features by id, objects and traffic signs alike.

        Args:
            ids: Ids as numbers or text, one or many, or a table with a column of them.
            fields: Names of fields to keep besides id and geometry; all unless given.
            limit: The most rows.

        Returns:
            The lookup.

        Raises:
            InvalidQueryError: An id or the name of a field cannot be one.
            TypeError: An argument is of another type, or not known.
        """

    @staticmethod
    def images(
        ids: _Ids, *, fields: str | Iterable[str] | None = None, limit: int | None = None
    ) -> Lookup:
        """Asks for images by id.

        Args:
            ids: Ids as numbers or text, one or many, or a table with a column of them.
            fields: Names of fields to keep besides id and geometry; all unless given.
            limit: The most rows.

        Returns:
            The lookup.

        Raises:
            InvalidQueryError: An id or the name of a field cannot be one.
            TypeError: An argument is of another type, or not known.
        """

    @staticmethod
    def organizations(
        ids: _Ids, *, fields: str | Iterable[str] | None = None, limit: int | None = None
    ) -> Lookup:
        """Asks for organizations by id.

        Args:
            ids: Ids as numbers or text, one or many, or a table with a column of them.
            fields: Names of fields to keep besides id and geometry; all unless given.
            limit: The most rows.

        Returns:
            The lookup.

        Raises:
            InvalidQueryError: An id or the name of a field cannot be one.
            TypeError: An argument is of another type, or not known.
        """

    def plan(self, /) -> Plan:
        """Plans the requests that answer the lookup, and what they cost. Nothing is sent."""

    @staticmethod
    def sequences(
        ids: _Ids, *, fields: str | Iterable[str] | None = None, limit: int | None = None
    ) -> Lookup:
        """Asks for the images of sequences by the ids of the sequences, in order of capture.

        Args:
            ids: Ids as numbers or text, one or many, or a table with a column of them.
            fields: Names of fields to keep besides id and geometry; all unless given.
            limit: The most rows.

        Returns:
            The lookup.

        Raises:
            InvalidQueryError: An id or the name of a field cannot be one.
            TypeError: An argument is of another type, or not known.
        """

@final
class Map:
    """A map of one or more results, as an HTML page that needs no network.

    Notebooks show it as it is.
    """

    def __repr__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    @property
    def html(self, /) -> str:
        """The page as text."""

    @property
    def layers(self, /) -> list[str]:
        """Names of the layers, in order."""

    def save(self, /, path: str | PathLike[str], overwrite: bool = False) -> None:
        """Writes the page into a file.

        Args:
            path: The file, such as "page.html".
            overwrite: Whether a file at this path is replaced.

        Raises:
            InvalidQueryError: There is a file at this path.
            OutputError: The file cannot be written.
        """

@final
class Plan:
    """The requests that answer a query or a lookup, in order, and what they cost.

    Nothing is sent.

    Printing a plan says what Client.run would do. Plans can be compared, stored and pickled, and
    split into parts for several processes or machines.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, ...]: ...
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def _indivisible(self, /) -> str | None:
        """Why parts would not give what the whole gives, in one word."""

    def _is_of_area(self, /) -> bool:
        """Whether it answers a query of an area, and not a lookup of ids."""

    def _repr_html_(self, /) -> str: ...
    @property
    def cost(self, /) -> Cost:
        """Numbers of the requests that are known before the first is sent."""

    @staticmethod
    def from_json(text: str) -> Plan:
        """Makes a plan from the text that to_json gave, or from a file of `mly plan -o`.

        Raises:
            InvalidQueryError: The text is not that of a plan.
        """

    def partitions(self, /, n: int) -> list[Plan]:
        """Splits the plan into parts of nearly equal size.

        They share no request and together make the whole.

        A sequence that is in the tiles of two parts is in both results.

        Args:
            n: Number of parts, 1 to 100,000.

        Returns:
            The parts, in order; with more parts than requests, the last ones are empty.

        Raises:
            InvalidQueryError: n is 0 or more than 100,000.
        """

    @property
    def rows(self, /) -> str:
        """What the rows of the result are, as a plural such as "images"."""

    def to_json(self, /) -> str:
        """Gives the plan as JSON text, which the command `mly run` takes too. It holds no token."""

@final
class Progress:
    """How far a run is: what the function given as progress= is called with. It follows the run."""

    def __repr__(self, /) -> str: ...
    @property
    def answered(self, /) -> int:
        """How many of these are done."""

    @property
    def answered_before(self, /) -> int:
        """How many of these an earlier run had done, or a download found there already."""

    @property
    def rows(self, /) -> int:
        """Rows read so far."""

    @property
    def summary(self, /) -> Summary:
        """What the run has done so far."""

    @property
    def total(self, /) -> int:
        """Requests of the plan, or photos of a download."""

    @property
    def unit(self, /) -> str:
        """What total and answered count: "tiles", "requests" or "images"."""

@final
class Query:
    """A question about an area: which layer, where, and with which filters.

    Query.images, Query.sequences, Query.points and Query.signs make one, and nothing is sent.
    Queries are values: they can be compared, printed and pickled. The area is exactly one of bbox,
    within, near and tile; a point on its border is inside.

    Dates are text ("2021", "2021-03", "2021-03-04", "2021-03-04T05:06:07Z"), a date or a datetime.
    Without a zone they are UTC, and as an upper bound a shorter date means its end.
    """

    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __reduce__(self, /) -> tuple[Any, ...]: ...
    def __repr__(self, /) -> str: ...
    @staticmethod
    def from_json(text: str) -> Query:
        """Makes a query from the text that to_json gave.

        Raises:
            InvalidQueryError: The text is not that of a query.
        """

    @staticmethod
    def images(
        *,
        bbox: Sequence[float] | None = None,
        within: _Within | None = None,
        buffer: float | None = None,
        area_column: str | None = None,
        near: Sequence[float] | None = None,
        radius: float | None = None,
        tile: str | tuple[int, int, int] | None = None,
        nearest: int | None = None,
        since: str | date | None = None,
        until: str | date | None = None,
        image_type: Literal["all", "pano", "flat"] | None = None,
        compass: Sequence[float] | None = None,
        sequence: str | Iterable[str] | None = None,
        organization: _Ids | None = None,
        creator: _Ids | None = None,
        creator_username: str | Iterable[str] | None = None,
        not_creator: _Ids | None = None,
        not_creator_username: str | Iterable[str] | None = None,
        make: str | Iterable[str] | None = None,
        model: str | Iterable[str] | None = None,
        min_quality: float | None = None,
        on_foot: bool | None = None,
        looking_at: Sequence[float] | None = None,
        spacing: float | None = None,
        positions: Literal["original", "computed"] | None = None,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        prune: int | None = None,
    ) -> Query:
        """Asks for the images inside an area.

        Args:
            bbox: West, south, east and north in degrees; west > east crosses the antimeridian.
            within: Polygons, lines or points: a file (GeoJSON, GeoPackage, FlatGeobuf, GeoParquet,
                shapefile, KML, KMZ, GPX, WKT, CSV), GeoJSON or WKT as text, a dict, or an object
                with __geo_interface__, such as those of shapely and geopandas.
            buffer: Also everything within this many metres of them, which lines and points need.
            area_column: Adds a column area: this property of the first feature that holds the row,
                or its number for "index".
            near: Longitude and latitude of the middle of a circle.
            radius: Radius of that circle in metres, 50 unless given.
            tile: A tile of the slippy map, as "Z/X/Y" or (Z, X, Y).
            nearest: For each point of within only this many rows, the nearest ones, with area and
                distance_m.
            since: Taken at this time or later.
            until: Taken at this time or earlier.
            image_type: "pano" for panoramas, "flat" for all others, "all" for both.
            compass: Smallest and largest compass angle, in degrees clockwise from north; min > max
                crosses north.
            sequence: Ids of sequences, one or many.
            organization: Ids of organizations, one or many.
            creator: Ids of the users who uploaded, one or many.
            creator_username: Names of the users who uploaded, as the service writes them, one or
                many; answered by searches.
            not_creator: Ids of users whose uploads are left out, one or many.
            not_creator_username: Names of users whose images are left out, one or many; answered by
                searches.
            make: Makes of cameras, as the service writes them, one or many; answered by searches.
            model: Models of cameras, as the service writes them, one or many; answered by searches.
            min_quality: Smallest quality score, 0 to 1; what has no score is left out.
            on_foot: Whether it was captured on foot; what is not known to be either is left out.
            looking_at: Longitude and latitude of a point that is in view; panoramas look
                everywhere.
            spacing: Of each sequence, in order of capture, only images at least so many metres from
                the last one kept.
            positions: "original" for positions as the device measured, "computed" for those from
                the pictures.
            fields: Names of columns to keep besides id and geometry. Those that tiles do not carry
                are fetched by id.
            limit: The most rows.
            prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that
                their lines touch. A few images may be missed.

        Returns:
            The query.

        Raises:
            InvalidQueryError: The area is not valid, or a filter makes no sense.
            TypeError: An argument is of another type or not known, or there is not exactly one
                area.
        """

    @property
    def layer(self, /) -> str:
        """The layer: "images", "sequences", "points" or "signs"."""

    def plan(self, /) -> Plan:
        """Plans the requests that answer the query, and what they cost. Nothing is sent.

        Raises:
            InvalidQueryError: A filter makes no sense.
        """

    @staticmethod
    def points(
        *,
        bbox: Sequence[float] | None = None,
        within: _Within | None = None,
        buffer: float | None = None,
        area_column: str | None = None,
        near: Sequence[float] | None = None,
        radius: float | None = None,
        tile: str | tuple[int, int, int] | None = None,
        nearest: int | None = None,
        value: str | Iterable[str] | None = None,
        first_seen_since: str | date | None = None,
        first_seen_until: str | date | None = None,
        last_seen_since: str | date | None = None,
        last_seen_until: str | date | None = None,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        prune: int | None = None,
    ) -> Query:
        """Asks for the objects on the map inside an area, such as benches and hydrants.

        Args:
            bbox: West, south, east and north in degrees; west > east crosses the antimeridian.
            within: Polygons, lines or points: a file (GeoJSON, GeoPackage, FlatGeobuf, GeoParquet,
                shapefile, KML, KMZ, GPX, WKT, CSV), GeoJSON or WKT as text, a dict, or an object
                with __geo_interface__, such as those of shapely and geopandas.
            buffer: Also everything within this many metres of them, which lines and points need.
            area_column: Adds a column area: this property of the first feature that holds the row,
                or its number for "index".
            near: Longitude and latitude of the middle of a circle.
            radius: Radius of that circle in metres, 50 unless given.
            tile: A tile of the slippy map, as "Z/X/Y" or (Z, X, Y).
            nearest: For each point of within only this many rows, the nearest ones, with area and
                distance_m.
            value: Values such as "object--bench" or "regulatory--stop--g1", one or many; * matches
                any text.
            first_seen_since: First seen at this time or later.
            first_seen_until: First seen at this time or earlier.
            last_seen_since: Last seen at this time or later.
            last_seen_until: Last seen at this time or earlier.
            fields: Names of columns to keep besides id and geometry. Those that tiles do not carry
                are fetched by id.
            limit: The most rows.
            prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that
                their lines touch. A few images may be missed.

        Returns:
            The query.

        Raises:
            InvalidQueryError: The area is not valid, or a filter makes no sense.
            TypeError: An argument is of another type or not known, or there is not exactly one
                area.
        """

    @staticmethod
    def sequences(
        *,
        bbox: Sequence[float] | None = None,
        within: _Within | None = None,
        buffer: float | None = None,
        area_column: str | None = None,
        near: Sequence[float] | None = None,
        radius: float | None = None,
        tile: str | tuple[int, int, int] | None = None,
        since: str | date | None = None,
        until: str | date | None = None,
        image_type: Literal["all", "pano", "flat"] | None = None,
        sequence: str | Iterable[str] | None = None,
        organization: _Ids | None = None,
        creator: _Ids | None = None,
        not_creator: _Ids | None = None,
        min_quality: float | None = None,
        on_foot: bool | None = None,
        positions: Literal["original", "computed"] | None = None,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        prune: int | None = None,
        cut: bool | None = None,
    ) -> Query:
        """Asks for the sequences that touch an area, each with its whole line.

        Args:
            bbox: West, south, east and north in degrees; west > east crosses the antimeridian.
            within: Polygons, lines or points: a file (GeoJSON, GeoPackage, FlatGeobuf, GeoParquet,
                shapefile, KML, KMZ, GPX, WKT, CSV), GeoJSON or WKT as text, a dict, or an object
                with __geo_interface__, such as those of shapely and geopandas.
            buffer: Also everything within this many metres of them, which lines and points need.
            area_column: Adds a column area: this property of the first feature that holds the row,
                or its number for "index".
            near: Longitude and latitude of the middle of a circle.
            radius: Radius of that circle in metres, 50 unless given.
            tile: A tile of the slippy map, as "Z/X/Y" or (Z, X, Y).
            since: Taken at this time or later.
            until: Taken at this time or earlier.
            image_type: "pano" for panoramas, "flat" for all others, "all" for both.
            sequence: Ids of sequences, one or many.
            organization: Ids of organizations, one or many.
            creator: Ids of the users who uploaded, one or many.
            not_creator: Ids of users whose uploads are left out, one or many.
            min_quality: Smallest quality score, 0 to 1; what has no score is left out.
            on_foot: Whether it was captured on foot; what is not known to be either is left out.
            positions: "original" for positions as the device measured, "computed" for those from
                the pictures.
            fields: Names of columns to keep besides id and geometry.
            limit: The most rows.
            prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that
                their lines touch. A few images may be missed.
            cut: Whether to keep only the parts of lines in the fetched tiles, which needs no
                further requests.

        Returns:
            The query.

        Raises:
            InvalidQueryError: The area is not valid, or a filter makes no sense.
            TypeError: An argument is of another type or not known, or there is not exactly one
                area.
        """

    @staticmethod
    def signs(
        *,
        bbox: Sequence[float] | None = None,
        within: _Within | None = None,
        buffer: float | None = None,
        area_column: str | None = None,
        near: Sequence[float] | None = None,
        radius: float | None = None,
        tile: str | tuple[int, int, int] | None = None,
        nearest: int | None = None,
        value: str | Iterable[str] | None = None,
        first_seen_since: str | date | None = None,
        first_seen_until: str | date | None = None,
        last_seen_since: str | date | None = None,
        last_seen_until: str | date | None = None,
        fields: str | Iterable[str] | None = None,
        limit: int | None = None,
        prune: int | None = None,
    ) -> Query:
        """Asks for the traffic signs inside an area.

        Args:
            bbox: West, south, east and north in degrees; west > east crosses the antimeridian.
            within: Polygons, lines or points: a file (GeoJSON, GeoPackage, FlatGeobuf, GeoParquet,
                shapefile, KML, KMZ, GPX, WKT, CSV), GeoJSON or WKT as text, a dict, or an object
                with __geo_interface__, such as those of shapely and geopandas.
            buffer: Also everything within this many metres of them, which lines and points need.
            area_column: Adds a column area: this property of the first feature that holds the row,
                or its number for "index".
            near: Longitude and latitude of the middle of a circle.
            radius: Radius of that circle in metres, 50 unless given.
            tile: A tile of the slippy map, as "Z/X/Y" or (Z, X, Y).
            nearest: For each point of within only this many rows, the nearest ones, with area and
                distance_m.
            value: Values such as "object--bench" or "regulatory--stop--g1", one or many; * matches
                any text.
            first_seen_since: First seen at this time or later.
            first_seen_until: First seen at this time or earlier.
            last_seen_since: Last seen at this time or later.
            last_seen_until: Last seen at this time or earlier.
            fields: Names of columns to keep besides id and geometry. Those that tiles do not carry
                are fetched by id.
            limit: The most rows.
            prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that
                their lines touch. A few images may be missed.

        Returns:
            The query.

        Raises:
            InvalidQueryError: The area is not valid, or a filter makes no sense.
            TypeError: An argument is of another type or not known, or there is not exactly one
                area.
        """

    def to_json(self, /) -> str:
        """Gives the query as JSON text. It holds no token."""

@final
class RecordBatch:
    """Some rows of a result, where pyarrow is not installed.

    Else results are made of pyarrow.RecordBatch.
    """

    def __arrow_c_array__(self, /, requested_schema: object | None = None) -> tuple[object, object]:
        """Exports the rows as an Arrow array (the Arrow PyCapsule interface)."""

    def __arrow_c_schema__(self, /) -> object:
        """Exports the schema (the Arrow PyCapsule interface)."""

    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    @property
    def column_names(self, /) -> list[str]:
        """Names of the columns."""

    @property
    def num_rows(self, /) -> int:
        """Number of rows."""

    def to_dicts(self, /) -> list[dict[str, Any]]:
        """Gives the rows as dicts, each like that of Client.image."""

@final
class Schema:
    """The columns of a result, where pyarrow is not installed."""

    def __arrow_c_schema__(self, /) -> object:
        """Exports the schema (the Arrow PyCapsule interface)."""

    def __repr__(self, /) -> str: ...
    @property
    def names(self, /) -> list[str]:
        """Names of the columns."""

@final
class Summary:
    """What a run has done, and what it cost."""

    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __repr__(self, /) -> str: ...
    @property
    def bytes(self, /) -> int:
        """Bytes of all answers, as they were sent."""

    @property
    def cache_hits(self, /) -> int:
        """Tiles that came from the cache and were not requested."""

    @property
    def elapsed(self, /) -> float:
        """Seconds since the run began."""

    @property
    def entities(self, /) -> int:
        """Look-ups by id sent, retries included."""

    @property
    def failed(self, /) -> dict:
        """Ids that the service could not answer while it answered others, with the reason."""

    @property
    def files(self, /) -> int:
        """Photos and other files requested, retries included."""

    @property
    def kept(self, /) -> int:
        """Rows among them that an update has taken over from the earlier result."""

    @property
    def losses(self, /) -> dict:
        """What of the result is not in its file, because its format cannot hold it.

        How many values are null, how many rows are left out, and the first of both with reasons.
        """

    @property
    def misfits(self, /) -> int:
        """Features that were left out and values that were left empty, because they cannot be read.

        Such features have no id or a geometry of another kind; such values are not what their
        column holds.
        """

    @property
    def missing(self, /) -> list[tuple[int, int, int]]:
        """Tiles, as zoom, x and y, that answered 404 at every attempt and were taken as empty."""

    @property
    def not_found(self, /) -> list[int | str]:
        """Ids that were not found."""

    @property
    def replaced(self, /) -> int:
        """Rows of the earlier result whose ids an update has found again."""

    @property
    def requests(self, /) -> int:
        """Requests of all kinds, retries included."""

    @property
    def retries(self, /) -> int:
        """Requests that were sent again after a failure."""

    @property
    def rows(self, /) -> int:
        """Rows of the result."""

    @property
    def searches(self, /) -> int:
        """Searches sent, retries included."""

    @property
    def tiles(self, /) -> int:
        """Tile requests sent, retries included."""

    def to_dict(self, /) -> dict[str, Any]:
        """Gives the summary as a dict, as --summary of the command writes it."""

    @property
    def unchanged(self, /) -> int:
        """Rows among these that are the same as before."""

    @property
    def unread(self, /) -> dict[str, int]:
        """The values among the misfits, by the name of their column."""

    @property
    def waited(self, /) -> float:
        """Seconds spent waiting for budgets and before retries, added up over all requests."""

@final
class Table:
    """Rows in memory, which may be read again and again: the answer of a job.

    Jobs are mly.diff, mly.streets, mly.assets and mly.osm.

    Any library that knows the Arrow PyCapsule interface takes it as it is: pyarrow.table(table),
    polars.DataFrame(table).
    """

    def __arrow_c_schema__(self, /) -> object:
        """Exports the schema (the Arrow PyCapsule interface)."""

    def __arrow_c_stream__(self, /, requested_schema: object | None = None) -> object:
        """Exports the rows as an Arrow stream (the Arrow PyCapsule interface)."""

    def __len__(self, /) -> int: ...
    def __repr__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    @property
    def column_names(self, /) -> list[str]:
        """Names of the columns."""

    @property
    def found(self, /) -> dict:
        """What the job has found besides the rows: counts, lengths and notes, by name."""

    @property
    def num_rows(self, /) -> int:
        """Number of rows."""

    @property
    def schema(self, /) -> Any:
        """The schema: of pyarrow, or a mly.Schema where that is not installed."""

    def to_arrow(self, /) -> pyarrow.Table:
        """Gives the rows as a pyarrow.Table.

        Raises:
            ImportError: pyarrow is not installed.
        """

    def to_dicts(self, /) -> list[dict[str, Any]]:
        """Gives the rows as a list of dicts, each like that of Client.image.

        Needs no other package.
        """

    def to_geojson(self, /) -> str:
        """Gives the rows as the text of a GeoJSON FeatureCollection. Needs no other package."""

    def to_geopandas(self, /) -> geopandas.GeoDataFrame:
        """Gives the rows as a geopandas.GeoDataFrame.

        Its coordinates are longitude and latitude in degrees (OGC:CRS84).

        Raises:
            ImportError: geopandas or pyarrow is not installed.
        """

    def to_pandas(self, /) -> pandas.DataFrame:
        """Gives the rows as a pandas.DataFrame; geometries are well-known binary.

        Raises:
            ImportError: pandas or pyarrow is not installed.
        """

    def to_polars(self, /) -> polars.DataFrame:
        """Gives the rows as a polars.DataFrame; geometries are well-known binary.

        Raises:
            ImportError: polars is not installed.
        """

    def write(
        self,
        /,
        path: str | PathLike[str],
        format: _Format | None = None,
        overwrite: bool = False,
        csv_safe: bool = False,
        layer: str | None = None,
        times: Literal["ms", "iso"] = "ms",
        ids: Literal["number", "text"] = "number",
    ) -> None:
        """Writes all rows into a file, which is either complete or not there.

        Args:
            path: The file.
            format: The format; unless given, the extension of the path decides, as in
                Batches.write.
            overwrite: Whether a file at this path is replaced.
            csv_safe: Whether, in CSV, an apostrophe is written before text that spreadsheets take
                for a formula.
            layer: Name of the table or layer, in formats that have some.
            times: How text formats write times: "ms" since 1970, or "iso".
            ids: How GeoJSON writes ids: "number" or "text".

        Raises:
            InvalidQueryError: There is a file at this path, or the format is not known.
            OutputError: The file cannot be written.
        """

def _keywords(layer: str) -> list[tuple[str, str]]:
    """The keywords of Query.images and so on, with their types: for `scripts/stubs`."""

def _moments(given: str | date) -> tuple[int, int]:
    """The first and the last millisecond since 1970 that a date stands for."""

def _tile_containing(longitude: float, latitude: float, zoom: int) -> tuple[int, int, int]:
    """The tile that holds a position at a zoom: zoom, x, y."""

def _tile_features(body: bytes, z: int, x: int, y: int, layer: str | None = None) -> str:
    """The features of a tile as GeoJSON text, of one layer or of all."""

def _tile_rings(body: bytes) -> str:
    """The rings of each polygon of a tile, as JSON text.

    There is an item for each feature, with the extent of its layer: `[[extent, [ring, ...]], ...]`.
    """

def _without_tokens(text: str) -> str:
    """The text without anything that looks like a token, such as MLY|123|0a1b."""

def assets(
    signs: _Rows,
    *,
    features: _Rows | None = None,
    detections: _Rows | None = None,
    images: _Rows | None = None,
    roads: _Rows | None = None,
    as_of: str | date | None = None,
) -> Table:
    """Makes an inventory with one row for each physical sign or object, as `mly assets` does.

    Args:
        signs: A result of signs or points: a file, a mly.Table, Batches, or a table or frame of
            another package. Its columns aligned_direction and images are used if they are there.
        features: The same map features, looked up with the fields aligned_direction and images.
        detections: The detections of these map features, by which the best photo is found.
        images: The images of the detections, looked up with the fields captured_at, sequence,
            computed_geometry, quality_score, is_pano, width and height.
        roads: Roads within 25 m of the signs, for the side of the road: data of OpenStreetMap, or
            lines.
        as_of: The moment from which the age of photos counts; unless given, the newest date of all
            signs.

    Returns:
        One row for each sign. What is not known without look-ups is null. Its attribute found has
        numbers of map features, of signs that are several of them, and of posts.

    Raises:
        InvalidQueryError: The rows are no signs or objects.
        InputError: An input cannot be read.
    """

def diff(
    old: _Rows,
    new: _Rows,
    *,
    seen_by: _Rows | None = None,
    within_m: float = 15.0,
    lag: int | str | timedelta = "60d",
    all: bool = False,
    as_of: str | date | None = None,
    old_within: object | None = None,
    new_within: object | None = None,
) -> Table:
    """Compares two results of one layer, as `mly diff` does.

    Args:
        old: The earlier result: a file, a mly.Table, Batches, or a table or frame of another
            package.
        new: The later result of the same layer.
        seen_by: Images by which it is judged whether what is missing is gone; without them, nothing
            is.
        within_m: Within how many metres a map feature of the same name with a new id is the same.
        lag: How old images have to be to count as looks: days, a timedelta, or a text such as "60d"
            or "8w".
        all: Whether also what has not changed has a row.
        as_of: When the new result was made; unless given, the newest date in it and in the images.
        old_within: The area that the old result was asked for, if it does not tell: as within= of a
            Query.
        new_within: The same for the new result.

    Returns:
        One row for each difference. Its attribute found has "counts", the number of rows by class,
        "rate", how often a sequence that passes leads to a detection, and "notes".

    Raises:
        InvalidQueryError: The two are of different layers, or an option makes no sense.
        InputError: An input cannot be read.
    """

def map(*results: _Rows | dict[str, _Rows], title: str = "Map", basemap: str | None = None) -> Map:
    """Puts results on a map, as `mly map` does.

    Args:
        results: Each is a layer: a file, a mly.Table, Batches, or a table or frame of another
            package, or a dict of these by the name of the layer. Without a name, a layer is named
            after its file or after what it holds.
        title: The title of the page.
        basemap: "osm", the address of raster tiles, or that of a style of MapLibre, to be shown
            below. Whoever looks at the page then asks that host for tiles; without it, the page
            sends no request.

    Returns:
        The map. It has save("page.html").

    Raises:
        InvalidQueryError: A column or geometry cannot be shown, or the page would be larger than
            browsers open.
        InputError: An input cannot be read.
    """

def osm(
    signs: _Rows,
    osm: str | PathLike[str],
    *,
    country: str = "DE",
    tags: str | PathLike[str] | None = None,
    looks: _Rows | None = None,
    as_of: str | date | None = None,
) -> Table:
    """Compares signs or objects with OpenStreetMap, as `mly osm` does.

    It tells what is there, what is missing, and what contradicts.

    Nothing is uploaded, and nothing is deleted.

    Args:
        signs: A result of signs or points, or an inventory of mly.assets: a file, a mly.Table,
            Batches, or a table or frame of another package.
        osm: An extract of OpenStreetMap (.osm.pbf), or an answer of Overpass in JSON.
        country: The country whose rules count, by its code of two letters.
        tags: A file of rules that add to those of the country, or replace them.
        looks: Images of the area, by which things of OpenStreetMap are found that are not there any
            more.
        as_of: Dates after this moment count as unknown.

    Returns:
        One row for each sign, with its status. Its attribute found has "counts", the number of rows
        by status, and "unmapped", the number of signs by value for which there is no rule.

    Raises:
        InvalidQueryError: There are no rules for the country, or the rows are no signs.
        InputError: A file cannot be read; a mistake in rules is told with its line and column.
    """

def place(
    name: str, *, url: str | None = None, cache_dir: str | PathLike[str] | None = None
) -> dict[str, Any]:
    """Finds the outline of a place by its name, for `within=`: asks a Nominatim service.

    The public service of OpenStreetMap is asked at most once a second, and its answers are kept for
    a month. The outlines are (c) OpenStreetMap contributors, under the ODbL.

    Args:
        name: The name, such as "Herford" or "Springfield, Ohio", or an id of OpenStreetMap, such as
            "R62422".
        url: Base URL of another Nominatim service; unless given, that of the variable
            MLY_PLACES_URL, else the public one.
        cache_dir: Folder in which answers are kept; unless given, that of the variable
            MLY_CACHE_DIR, else the user's folder of caches for the public service.

    Returns:
        A GeoJSON feature with the outline in degrees, and the properties name, id and type.

    Raises:
        InvalidQueryError: Nothing has this name, several places have it (the message lists their
            ids), or it is known as a point only.
        TransportError: The service does not answer.
        RateLimitedError: The service refuses requests from this address.
    """

def run_command(args: list[str]) -> int:
    """Runs the command.

    Args:
        args: The arguments, the first of which is the name of the command.

    Returns:
        The exit code.
    """

def streets(
    roads: _Rows,
    images: _Rows,
    *,
    as_of: str | date | None = None,
    fresh: str = "2y",
    aging: str = "4y",
    ways: str | Iterable[str] = "drive",
) -> Table:
    """Tells which streets have imagery, as `mly streets` does.

    It tells how much of them, how old, and in which direction.

    Args:
        roads: Data of OpenStreetMap (.osm.pbf, or JSON of Overpass), or lines: a file, a mly.Table,
            or a table or frame of another package.
        images: A result of images, around the roads.
        as_of: The moment from which ages count; unless given, the newest date among the images.
        fresh: Until when photos are fresh, such as "2y" or "18m".
        aging: Until when they are not too old, such as "4y".
        ways: "drive", "walk", "all", or values of highway.

    Returns:
        One row for each piece of a street between two crossings. Its attribute found has "gaps", a
        mly.Table of parts without imagery, "metres" by class and tier, and numbers of images.

    Raises:
        InvalidQueryError: An option makes no sense.
        InputError: An input cannot be read, or there are no streets in it.
    """
