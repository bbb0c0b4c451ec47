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

_Format: TypeAlias = Literal["geojson", "geojsonseq", "csv", "parquet", "fgb", "gpkg", "arrow", "coco"]
_Ids: TypeAlias = int | str | Iterable[int] | Iterable[str] | _Table
_Size: TypeAlias = Literal[256, 1024, 2048, "256", "1024", "2048", "original"]
_Watch: TypeAlias = bool | Callable[[Progress], object] | None
_Within: TypeAlias = str | PathLike[str] | dict[str, Any] | _Shape

"""
Everything in mly that is written in Rust.
"""
__all__ = ['__version__', 'AsyncBatches', 'AsyncClient', 'BatchIterator', 'Batches', 'Client', 'Cost', 'Downloaded', 'Emulator', 'Lookup', 'Plan', 'Progress', 'Query', 'RecordBatch', 'Schema', 'Summary', '_keywords', '_moments', '_tile_features', '_tile_rings', 'run_command']
__version__: Final[str]
'\nThe version of the package.\n'

@final
class AsyncBatches:
    """
    The result of a run, for an event loop: `async for batch in batches`, or `await` one of its methods.
    """

    def __aiter__(self, /) -> AsyncBatches:
        ...

    def __anext__(self, /) -> Awaitable[pyarrow.RecordBatch]:
        ...

    def __repr__(self, /) -> str:
        ...

    @property
    def schema(self, /) -> Any:
        """
        The schema of every batch, of pyarrow if it is there.
        """

    @property
    def summary(self, /) -> Summary:
        """
        What the run has done so far.
        """

    def to_arrow(self, /) -> Awaitable[pyarrow.Table]:
        """
        Everything as a pyarrow.Table.
        """

    def to_dicts(self, /) -> Awaitable[list[dict[str, Any]]]:
        """
        Everything as a list of dicts, as Client.image gives one. Needs no other package.
        """

    def to_geojson(self, /) -> Awaitable[str]:
        """
        Everything as the text of a GeoJSON FeatureCollection. Needs no other package.
        """

    def to_geopandas(self, /) -> Awaitable[geopandas.GeoDataFrame]:
        """
        Everything as a geopandas.GeoDataFrame in OGC:CRS84.
        """

    def to_pandas(self, /) -> Awaitable[pandas.DataFrame]:
        """
        Everything as a pandas.DataFrame; geometries are well-known binary.
        """

    def to_polars(self, /) -> Awaitable[polars.DataFrame]:
        """
        Everything as a polars.DataFrame; geometries are well-known binary.
        """

    def write(self, /, path: str | PathLike[str], format: _Format | None=None, overwrite: bool=False) -> Awaitable[Summary]:
        """
        Writes everything into a file, which is whole or absent.

        Whatever stops it, writing the result of the same query to the same path goes on where it stopped; until then
        all there is of it is in the folder PATH.unfinished.

        format: "geojson", "geojsonseq", "csv", "parquet", "fgb", "gpkg", "arrow" or "coco"; else the extension
            tells: .geojson .json .geojsonl .geojsonseq .ndjson .csv .parquet .fgb .gpkg .arrow
        overwrite: replaces a file of that name
        """

@final
class AsyncClient:
    """
    Asks the service from an event loop: the methods of mly.Client, to be awaited.

    The arguments are those of mly.Client. `async with` closes the connections at its end.
    """

    def __aenter__(self, /) -> Awaitable[AsyncClient]:
        ...

    def __aexit__(self, /, *_error: object) -> Awaitable[None]:
        ...

    def __new__(cls, /, token: str | None=None, *, graph_url: str | None=None, tiles_url: str | None=None, concurrency: int | None=None, retries: int | None=None, timeout: float | None=None, backoff: float | None=None, patience: float | None=None, tiles_per_minute: int | None=None, tiles_per_day: int | None=None, cache_dir: str | PathLike[str] | Literal[False] | None=None, max_age: float | timedelta | None=None, cache_bytes: int | None=None, shared_by: int | tuple[int, int] | None=None) -> AsyncClient:
        ...

    def __repr__(self, /) -> str:
        ...

    def close(self, /) -> None:
        """
        Closes the connections. A later question opens new ones.
        """

    def detections(self, /, *, image_id: _Ids | None=None, map_feature_id: _Ids | None=None, pixels: bool=False, raw: bool=False, limit: int | None=None, progress: _Watch=None) -> AsyncBatches:
        """
        What was recognised in images, or what map features were derived from: one row a detection.

        image_id, map_feature_id: one id or many, of one of the two kinds
        pixels: outlines in pixels of the original image, with its width, height and sequence
        raw: outlines as the service sends them

        Otherwise outlines are rings of x and y in 0..1 of the image, y down from the top left corner.
        """

    def download(self, /, ids_or_batches: _Ids, to: str | PathLike[str], *, size: _Size=1024, layout: Literal['files', 'webdataset']='files', concurrency: int | None=None, photos_a_shard: int | None=None, progress: _Watch=None) -> Awaitable[Downloaded]:
        """
        Downloads photos with their place, time and direction into a folder. Those that are there are kept.

        ids_or_batches: ids of images, or a table with them: a result, a file's table, a data frame
        to: the folder, which is made when it is not there
        size: 256, 1024 or 2048 pixels wide, or "original"
        layout: "files" for SEQUENCE/ID.jpg, "webdataset" for archives
        concurrency: photos under way at once, 64 unless given
        photos_a_shard: photos of each archive, 1000 unless given
        """

    def download_clouds(self, /, ids_or_batches: _Ids, to: str | PathLike[str], *, format: Literal['ply', 'las', 'laz']='ply', frame: str='enu', progress: _Watch=None) -> Awaitable[Downloaded]:
        """
        Downloads the point clouds of the clusters that images belong to, each once. Those that are there are kept.

        format: "ply", "las" or "laz"
        frame: "enu" for metres around an origin, or "wgs84" and what else `mly cloud --help` names
        """

    def feature(self, /, id: int | str, *, fields: str | Iterable[str] | None=None) -> Awaitable[dict[str, Any]]:
        """
        One map feature as a dict, an object or a traffic sign; see image.
        """

    def features_by_id(self, /, ids: _Ids, *, fields: str | Iterable[str] | None=None, limit: int | None=None, progress: _Watch=None) -> AsyncBatches:
        """
        The map features of these ids, in their order; see images_by_id.
        """

    def image(self, /, id: int | str, *, fields: str | Iterable[str] | None=None) -> Awaitable[dict[str, Any]]:
        """
        One image as a dict: ids are numbers, times datetimes, geometries as GeoJSON has them.

        fields: only these, besides id and geometry; what the image does not have is not in the dict
        """

    def images_by_id(self, /, ids: _Ids, *, fields: str | Iterable[str] | None=None, limit: int | None=None, progress: _Watch=None) -> AsyncBatches:
        """
        The images of these ids, in their order; 50 are asked for at once.

        ids: numbers or text, one or many, or a table with a column id
        fields: only these, besides id and geometry

        Ids that nothing answers to are listed in the summary, as not_found.
        """

    def organization(self, /, id: int | str, *, fields: str | Iterable[str] | None=None) -> Awaitable[dict[str, Any]]:
        """
        One organization as a dict; see image.
        """

    def organizations_by_id(self, /, ids: _Ids, *, fields: str | Iterable[str] | None=None, limit: int | None=None, progress: _Watch=None) -> AsyncBatches:
        """
        The organizations of these ids, in their order; see images_by_id.
        """

    def run(self, /, what: Query | Lookup | Plan, *, progress: _Watch=None) -> AsyncBatches:
        """
        Runs a query, a lookup or a plan. Nothing is sent before the result is read.

        progress: True for a bar, or a function that is called with a mly.Progress now and then
        """

    def sequence(self, /, id: str | Iterable[str], *, fields: str | Iterable[str] | None=None, limit: int | None=None, progress: _Watch=None) -> AsyncBatches:
        """
        The images of a sequence, or of many, in order of capture.

        fields: only these, besides id and geometry
        """

    def thumbnail(self, /, id: int | str, size: _Size=1024) -> Awaitable[str]:
        """
        A fresh address of a photo, good for about a month and for anybody.

        size: 256, 1024 or 2048 pixels wide, or "original"
        """

@final
class BatchIterator:
    """
    Gives out the batches of a result.
    """

    def __iter__(self, /) -> BatchIterator:
        ...

    def __next__(self, /) -> pyarrow.RecordBatch:
        ...

@final
class Batches:
    """
    The result of a run: record batches of one schema, as they come. Nothing is sent before the first is asked for.

    It is read once, by a loop or by one of its methods, and not kept, so it may be larger than the memory. Anything that
    takes Arrow streams takes it: pyarrow.table(batches), polars.DataFrame(batches), duckdb.
    """

    def __arrow_c_schema__(self, /) -> object:
        """
        For whatever takes Arrow schemas.
        """

    def __arrow_c_stream__(self, /, requested_schema: object | None=None) -> object:
        """
        For whatever takes Arrow streams.
        """

    def __iter__(self, /) -> BatchIterator:
        ...

    def __repr__(self, /) -> str:
        ...

    def _features(self, /) -> str:
        """
        Everything in the shapes of the package mapillary, whose lines are multi lines only with several parts.
        """

    def _repr_html_(self, /) -> str:
        ...

    def head(self, /, rows: int=10) -> list[dict[str, Any]]:
        """
        The first rows as dicts, without using them up. Only the first batch is asked for.
        """

    @property
    def schema(self, /) -> Any:
        """
        The schema of every batch, of pyarrow if it is there.
        """

    @property
    def summary(self, /) -> Summary:
        """
        What the run has done so far.
        """

    def to_arrow(self, /) -> pyarrow.Table:
        """
        Everything as a pyarrow.Table.
        """

    def to_dicts(self, /) -> list[dict[str, Any]]:
        """
        Everything as a list of dicts, as Client.image gives one. Needs no other package.
        """

    def to_geojson(self, /) -> str:
        """
        Everything as the text of a GeoJSON FeatureCollection. Needs no other package.
        """

    def to_geopandas(self, /) -> geopandas.GeoDataFrame:
        """
        Everything as a geopandas.GeoDataFrame in OGC:CRS84.
        """

    def to_pandas(self, /) -> pandas.DataFrame:
        """
        Everything as a pandas.DataFrame; geometries are well-known binary.
        """

    def to_polars(self, /) -> polars.DataFrame:
        """
        Everything as a polars.DataFrame; geometries are well-known binary.
        """

    def write(self, /, path: str | PathLike[str], format: _Format | None=None, overwrite: bool=False) -> Summary:
        """
        Writes everything into a file, which is whole or absent.

        Whatever stops it, writing the result of the same query to the same path goes on where it stopped; until then
        all there is of it is in the folder PATH.unfinished.

        format: "geojson", "geojsonseq", "csv", "parquet", "fgb", "gpkg", "arrow" or "coco"; else the extension
            tells: .geojson .json .geojsonl .geojsonseq .ndjson .csv .parquet .fgb .gpkg .arrow
        overwrite: replaces a file of that name
        """

@final
class Client:
    """
    Asks the service.

    token: an access token; else MAPILLARY_TOKEN or MAPILLARY_ACCESS_TOKEN of the environment
    graph_url, tiles_url: base URLs of another service; else MAPILLARY_GRAPH_URL and MAPILLARY_TILES_URL
    concurrency: requests under way at once, 8 unless given
    retries: how often a failed request is sent again, 5 unless given
    timeout: seconds to wait for an answer, 120 unless given
    backoff: seconds before the first repetition, 0.5 unless given; they double each time
    patience: seconds for one request with all its repetitions, 600 unless given
    tiles_per_minute, tiles_per_day: 0 is no limit; 50 and 50,000 for the official hosts unless given
    cache_dir: folder of kept tiles and of the budget, False keeps no tiles; else MLY_CACHE_DIR, else for the official
        hosts the folder that the command uses
    max_age: seconds or a timedelta for which kept tiles are used, 7 days unless given
    cache_bytes: the most bytes of kept tiles
    shared_by: how many processes keep to the limits together, this being one of them; or (processes, machines), where the
        processes of one machine count what they ask in the same cache_dir

    It can be used by many threads at once, and after a fork.
    """

    def __enter__(self, /) -> Client:
        ...

    def __exit__(self, /, *_error: object) -> None:
        ...

    def __new__(cls, /, token: str | None=None, *, graph_url: str | None=None, tiles_url: str | None=None, concurrency: int | None=None, retries: int | None=None, timeout: float | None=None, backoff: float | None=None, patience: float | None=None, tiles_per_minute: int | None=None, tiles_per_day: int | None=None, cache_dir: str | PathLike[str] | Literal[False] | None=None, max_age: float | timedelta | None=None, cache_bytes: int | None=None, shared_by: int | tuple[int, int] | None=None) -> Client:
        ...

    def __repr__(self, /) -> str:
        ...

    def _body(self, /, path: str, query: str, is_tile: bool) -> bytes:
        """
        The body of the answer to a path of the graph or of the tiles.
        """

    def close(self, /) -> None:
        """
        Closes the connections. A later question opens new ones.
        """

    def detections(self, /, *, image_id: _Ids | None=None, map_feature_id: _Ids | None=None, pixels: bool=False, raw: bool=False, limit: int | None=None, progress: _Watch=None) -> Batches:
        """
        What was recognised in images, or what map features were derived from: one row a detection.

        image_id, map_feature_id: one id or many, of one of the two kinds
        pixels: outlines in pixels of the original image, with its width, height and sequence
        raw: outlines as the service sends them

        Otherwise outlines are rings of x and y in 0..1 of the image, y down from the top left corner.
        """

    def download(self, /, ids_or_batches: _Ids, to: str | PathLike[str], *, size: _Size=1024, layout: Literal['files', 'webdataset']='files', concurrency: int | None=None, photos_a_shard: int | None=None, progress: _Watch=None) -> Downloaded:
        """
        Downloads photos with their place, time and direction into a folder. Those that are there are kept.

        ids_or_batches: ids of images, or a table with them: a result, a file's table, a data frame
        to: the folder, which is made when it is not there
        size: 256, 1024 or 2048 pixels wide, or "original"
        layout: "files" for SEQUENCE/ID.jpg, "webdataset" for archives
        concurrency: photos under way at once, 64 unless given
        photos_a_shard: photos of each archive, 1000 unless given
        """

    def download_clouds(self, /, ids_or_batches: _Ids, to: str | PathLike[str], *, format: Literal['ply', 'las', 'laz']='ply', frame: str='enu', progress: _Watch=None) -> Downloaded:
        """
        Downloads the point clouds of the clusters that images belong to, each once. Those that are there are kept.

        format: "ply", "las" or "laz"
        frame: "enu" for metres around an origin, or "wgs84" and what else `mly cloud --help` names
        """

    def feature(self, /, id: int | str, *, fields: str | Iterable[str] | None=None) -> dict[str, Any]:
        """
        One map feature as a dict, an object or a traffic sign; see image.
        """

    def features_by_id(self, /, ids: _Ids, *, fields: str | Iterable[str] | None=None, limit: int | None=None, progress: _Watch=None) -> Batches:
        """
        The map features of these ids, in their order; see images_by_id.
        """

    def image(self, /, id: int | str, *, fields: str | Iterable[str] | None=None) -> dict[str, Any]:
        """
        One image as a dict: ids are numbers, times datetimes, geometries as GeoJSON has them.

        fields: only these, besides id and geometry; what the image does not have is not in the dict
        """

    def images_by_id(self, /, ids: _Ids, *, fields: str | Iterable[str] | None=None, limit: int | None=None, progress: _Watch=None) -> Batches:
        """
        The images of these ids, in their order; 50 are asked for at once.

        ids: numbers or text, one or many, or a table with a column id
        fields: only these, besides id and geometry

        Ids that nothing answers to are listed in the summary, as not_found.
        """

    def organization(self, /, id: int | str, *, fields: str | Iterable[str] | None=None) -> dict[str, Any]:
        """
        One organization as a dict; see image.
        """

    def organizations_by_id(self, /, ids: _Ids, *, fields: str | Iterable[str] | None=None, limit: int | None=None, progress: _Watch=None) -> Batches:
        """
        The organizations of these ids, in their order; see images_by_id.
        """

    def run(self, /, what: Query | Lookup | Plan, *, progress: _Watch=None) -> Batches:
        """
        Runs a query, a lookup or a plan. Nothing is sent before the result is read.

        progress: True for a bar, or a function that is called with a mly.Progress now and then
        """

    def sequence(self, /, id: str | Iterable[str], *, fields: str | Iterable[str] | None=None, limit: int | None=None, progress: _Watch=None) -> Batches:
        """
        The images of a sequence, or of many, in order of capture.

        fields: only these, besides id and geometry
        """

    def thumbnail(self, /, id: int | str, size: _Size=1024) -> str:
        """
        A fresh address of a photo, good for about a month and for anybody.

        size: 256, 1024 or 2048 pixels wide, or "original"
        """

@final
class Cost:
    """
    Number of requests of a plan by the limit that they count against.
    """

    def __eq__(self, value: object, /) -> bool:
        ...

    def __ne__(self, value: object, /) -> bool:
        ...

    def __repr__(self, /) -> str:
        ...

    @property
    def days(self, /) -> int:
        """
        Days of quota: 1 for anything that fits into one day, 0 for nothing.
        """

    @property
    def entities(self, /) -> int:
        """
        Look-ups by id; the service allows 60,000 a minute.
        """

    @property
    def requests(self, /) -> int:
        """
        Requests of all kinds.
        """

    @property
    def scouts(self, /) -> int:
        """
        Tiles of a lower zoom that are read first; then fewer of the others may be asked for.
        """

    @property
    def searches(self, /) -> int:
        """
        Searches; the service allows 10,000 a minute.
        """

    @property
    def tiles(self, /) -> int:
        """
        Vector tiles; the service allows 50,000 a day.
        """

@final
class Downloaded:
    """
    What a download has done.
    """

    def __eq__(self, value: object, /) -> bool:
        ...

    def __ne__(self, value: object, /) -> bool:
        ...

    def __repr__(self, /) -> str:
        ...

    @property
    def failed(self, /) -> dict[int | str, str]:
        """
        Ids without a photo or a cloud, and why.
        """

    @property
    def skipped(self, /) -> int:
        """
        Photos or clouds that were there already.
        """

    @property
    def summary(self, /) -> Summary:
        """
        What it cost.
        """

    @property
    def written(self, /) -> int:
        """
        Photos or clouds written.
        """

@final
class Emulator:
    """
    The Mapillary API on a port of this machine, for tests and demos.

    world: "demo", a small made-up town near 9.0 east, 52.0 north; "empty"; "random:SEED:IMAGES"; or a folder or file
        of tiles, or a folder with images.geojson, signs.geojson or points.geojson
    port: 0 takes a free one
    token: accepts this token and no other

    It stops at the end of `with`, by close(), or with the last reference.
    """

    def __enter__(self, /) -> Emulator:
        ...

    def __exit__(self, /, *_error: object) -> None:
        ...

    def __new__(cls, /, world: str | PathLike[str]='demo', port: int=0, *, token: str | None=None) -> Emulator:
        ...

    def __repr__(self, /) -> str:
        ...

    def clear_faults(self, /) -> None:
        """
        Removes all faults.
        """

    def close(self, /) -> None:
        """
        Stops it.
        """

    def fail(self, /, fault: str) -> None:
        """
        Adds a fault, such as "status=503,every=10"; `mly emulate --help` names them all.
        """

    @property
    def requests(self, /) -> list[dict[str, Any]]:
        """
        Every request so far, as dicts: kind, method, path, query without the token, status.
        """

    @property
    def token(self, /) -> str:
        """
        A token that it accepts.
        """

    @property
    def url(self, /) -> str:
        """
        Base URL of the graph and of the tiles.
        """

@final
class Lookup:
    """
    What is asked of ids. A value: it can be compared, printed and pickled, and nothing is sent.

    Each id is asked once and answered as often as it is listed, in that order. Ids are numbers or text, one or many, or
    a table with a column id.
    """

    def __eq__(self, value: object, /) -> bool:
        ...

    def __ne__(self, value: object, /) -> bool:
        ...

    def __reduce__(self, /) -> tuple[Any, ...]:
        ...

    def __repr__(self, /) -> str:
        ...

    @staticmethod
    def _from_json(text: str) -> Lookup:
        """
        For pickles.
        """

    @staticmethod
    def detections(*, image_id: _Ids | None=None, map_feature_id: _Ids | None=None, pixels: bool=False, raw: bool=False, limit: int | None=None) -> Lookup:
        """
        What was recognised in images, or what map features were derived from: one row a detection.

        image_id, map_feature_id: one id or many, of one of the two kinds
        pixels: outlines in pixels of the original image, with its width, height and sequence
        raw: outlines as the service sends them
        """

    @staticmethod
    def features(ids: _Ids, *, fields: str | Iterable[str] | None=None, limit: int | None=None) -> Lookup:
        """
        The map features of these ids: objects and traffic signs.
        """

    @staticmethod
    def images(ids: _Ids, *, fields: str | Iterable[str] | None=None, limit: int | None=None) -> Lookup:
        """
        The images of these ids.
        """

    @staticmethod
    def organizations(ids: _Ids, *, fields: str | Iterable[str] | None=None, limit: int | None=None) -> Lookup:
        """
        The organizations of these ids.
        """

    def plan(self, /) -> Plan:
        """
        Which requests answer it, and what they cost. Nothing is sent.
        """

    @staticmethod
    def sequences(ids: _Ids, *, fields: str | Iterable[str] | None=None, limit: int | None=None) -> Lookup:
        """
        The images of the sequences of these ids, in order of capture.
        """

@final
class Plan:
    """
    How a question is asked: the requests in order, and what they cost. Nothing is sent.

    Printing it says what Client.run would do. It can be compared, stored and pickled, and split into parts for several
    processes or machines.
    """

    def __eq__(self, value: object, /) -> bool:
        ...

    def __ne__(self, value: object, /) -> bool:
        ...

    def __reduce__(self, /) -> tuple[Any, ...]:
        ...

    def __repr__(self, /) -> str:
        ...

    def __str__(self, /) -> str:
        ...

    def _repr_html_(self, /) -> str:
        ...

    @property
    def cost(self, /) -> Cost:
        """
        What the requests that are known beforehand cost.
        """

    @staticmethod
    def from_json(text: str) -> Plan:
        """
        Reads what to_json wrote.
        """

    def partitions(self, /, n: int) -> list[Plan]:
        """
        Splits it into n parts of nearly equal size that share no request and together make the whole.

        A sequence that is in the tiles of two parts is in both results.
        """

    @property
    def rows(self, /) -> str:
        """
        What the rows of the result are, a plural such as "images".
        """

    def to_json(self, /) -> str:
        """
        The plan as JSON, without any token. `mly run` takes it too.
        """

@final
class Progress:
    """
    How far a run is.

    It is handed to the function that was given as progress=, and follows the run.
    """

    def __repr__(self, /) -> str:
        ...

    @property
    def answered(self, /) -> int:
        """
        How many of them are answered.
        """

    @property
    def rows(self, /) -> int:
        """
        Rows given out.
        """

    @property
    def summary(self, /) -> Summary:
        """
        What the run has done so far.
        """

    @property
    def total(self, /) -> int:
        """
        Requests of the plan, or photos of a download.
        """

    @property
    def unit(self, /) -> str:
        """
        What is counted: "tiles", "requests" or "images".
        """

@final
class Query:
    """
    What is asked of an area. A value: it can be compared, printed and pickled, and nothing is sent.

    Query.images, Query.sequences, Query.points and Query.signs make one. The area is one of

    - bbox=(west, south, east, north) in degrees; west > east crosses the antimeridian
    - within= a GeoJSON file, text or dict, or anything with __geo_interface__, such as shapely's shapes
    - near=(longitude, latitude), with radius= in metres, 50 unless given
    - tile="Z/X/Y" or (Z, X, Y)

    A point on the border is inside. Dates are text ("2021", "2021-03", "2021-03-04", "2021-03-04T05:06:07Z"), a date
    or a datetime; without a zone they are UTC, and as an upper bound a shorter date means its end.
    """

    def __eq__(self, value: object, /) -> bool:
        ...

    def __ne__(self, value: object, /) -> bool:
        ...

    def __reduce__(self, /) -> tuple[Any, ...]:
        ...

    def __repr__(self, /) -> str:
        ...

    @staticmethod
    def from_json(text: str) -> Query:
        """
        Reads what to_json wrote.
        """

    @staticmethod
    def images(*, bbox: Sequence[float] | None=None, within: _Within | None=None, near: Sequence[float] | None=None, radius: float | None=None, tile: str | tuple[int, int, int] | None=None, since: str | date | None=None, until: str | date | None=None, image_type: Literal['all', 'pano', 'flat'] | None=None, compass: Sequence[float] | None=None, sequence: str | Iterable[str] | None=None, organization: _Ids | None=None, creator: _Ids | None=None, creator_username: str | None=None, make: str | None=None, model: str | None=None, looking_at: Sequence[float] | None=None, fields: str | Iterable[str] | None=None, limit: int | None=None, prune: int | None=None) -> Query:
        """Asks for the images inside an area.

Args:
    bbox: West, south, east and north in degrees; west > east crosses the antimeridian.
    within: Polygons of a GeoJSON file, text or dict, or of an object with __geo_interface__, such as those of shapely.
    near: Longitude and latitude of the middle of a circle.
    radius: Radius of that circle in metres, 50 unless given.
    tile: A tile of the slippy map, as "Z/X/Y" or (Z, X, Y).
    since: Taken at this time or later.
    until: Taken at this time or earlier.
    image_type: "pano" for panoramas, "flat" for all others, "all" for both.
    compass: Smallest and largest compass angle, in degrees clockwise from north; min > max crosses north.
    sequence: Ids of sequences, one or many.
    organization: Ids of organizations, one or many.
    creator: Ids of the users who uploaded, one or many.
    creator_username: Name of the user who uploaded, as the service writes it; answered by searches.
    make: Make of the camera, as the service writes it; answered by searches.
    model: Model of the camera, as the service writes it; answered by searches.
    looking_at: Longitude and latitude of a point that is in view; panoramas look everywhere.
    fields: Names of columns to keep besides id and geometry. Those that tiles do not carry are fetched by id.
    limit: The most rows.
    prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that their lines touch. A few images may be missed.

Returns:
    The query.

Raises:
    InvalidQuery: The area is not valid, or a filter makes no sense.
    TypeError: An argument is of another type or not known, or there is not exactly one area."""

    @property
    def layer(self, /) -> str:
        """
        "images", "sequences", "points" or "signs".
        """

    def plan(self, /) -> Plan:
        """
        Which requests answer it, and what they cost. Nothing is sent.
        """

    @staticmethod
    def points(*, bbox: Sequence[float] | None=None, within: _Within | None=None, near: Sequence[float] | None=None, radius: float | None=None, tile: str | tuple[int, int, int] | None=None, value: str | Iterable[str] | None=None, first_seen_since: str | date | None=None, first_seen_until: str | date | None=None, last_seen_since: str | date | None=None, last_seen_until: str | date | None=None, fields: str | Iterable[str] | None=None, limit: int | None=None, prune: int | None=None) -> Query:
        """Asks for the objects on the map inside an area, such as benches and hydrants.

Args:
    bbox: West, south, east and north in degrees; west > east crosses the antimeridian.
    within: Polygons of a GeoJSON file, text or dict, or of an object with __geo_interface__, such as those of shapely.
    near: Longitude and latitude of the middle of a circle.
    radius: Radius of that circle in metres, 50 unless given.
    tile: A tile of the slippy map, as "Z/X/Y" or (Z, X, Y).
    value: Values such as "object--bench" or "regulatory--stop--g1", one or many; * stands for any text.
    first_seen_since: First seen at this time or later.
    first_seen_until: First seen at this time or earlier.
    last_seen_since: Last seen at this time or later.
    last_seen_until: Last seen at this time or earlier.
    fields: Names of columns to keep besides id and geometry. Those that tiles do not carry are fetched by id.
    limit: The most rows.
    prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that their lines touch. A few images may be missed.

Returns:
    The query.

Raises:
    InvalidQuery: The area is not valid, or a filter makes no sense.
    TypeError: An argument is of another type or not known, or there is not exactly one area."""

    @staticmethod
    def sequences(*, bbox: Sequence[float] | None=None, within: _Within | None=None, near: Sequence[float] | None=None, radius: float | None=None, tile: str | tuple[int, int, int] | None=None, since: str | date | None=None, until: str | date | None=None, image_type: Literal['all', 'pano', 'flat'] | None=None, sequence: str | Iterable[str] | None=None, organization: _Ids | None=None, creator: _Ids | None=None, fields: str | Iterable[str] | None=None, limit: int | None=None, prune: int | None=None, cut: bool | None=None) -> Query:
        """Asks for the sequences that touch an area, each with its whole line.

Args:
    bbox: West, south, east and north in degrees; west > east crosses the antimeridian.
    within: Polygons of a GeoJSON file, text or dict, or of an object with __geo_interface__, such as those of shapely.
    near: Longitude and latitude of the middle of a circle.
    radius: Radius of that circle in metres, 50 unless given.
    tile: A tile of the slippy map, as "Z/X/Y" or (Z, X, Y).
    since: Taken at this time or later.
    until: Taken at this time or earlier.
    image_type: "pano" for panoramas, "flat" for all others, "all" for both.
    sequence: Ids of sequences, one or many.
    organization: Ids of organizations, one or many.
    creator: Ids of the users who uploaded, one or many.
    fields: Names of columns to keep besides id and geometry.
    limit: The most rows.
    prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that their lines touch. A few images may be missed.
    cut: Whether to keep only the parts of lines in the fetched tiles, which needs no further requests.

Returns:
    The query.

Raises:
    InvalidQuery: The area is not valid, or a filter makes no sense.
    TypeError: An argument is of another type or not known, or there is not exactly one area."""

    @staticmethod
    def signs(*, bbox: Sequence[float] | None=None, within: _Within | None=None, near: Sequence[float] | None=None, radius: float | None=None, tile: str | tuple[int, int, int] | None=None, value: str | Iterable[str] | None=None, first_seen_since: str | date | None=None, first_seen_until: str | date | None=None, last_seen_since: str | date | None=None, last_seen_until: str | date | None=None, fields: str | Iterable[str] | None=None, limit: int | None=None, prune: int | None=None) -> Query:
        """Asks for the traffic signs inside an area.

Args:
    bbox: West, south, east and north in degrees; west > east crosses the antimeridian.
    within: Polygons of a GeoJSON file, text or dict, or of an object with __geo_interface__, such as those of shapely.
    near: Longitude and latitude of the middle of a circle.
    radius: Radius of that circle in metres, 50 unless given.
    tile: A tile of the slippy map, as "Z/X/Y" or (Z, X, Y).
    value: Values such as "object--bench" or "regulatory--stop--g1", one or many; * stands for any text.
    first_seen_since: First seen at this time or later.
    first_seen_until: First seen at this time or earlier.
    last_seen_since: Last seen at this time or later.
    last_seen_until: Last seen at this time or earlier.
    fields: Names of columns to keep besides id and geometry. Those that tiles do not carry are fetched by id.
    limit: The most rows.
    prune: A zoom of 6 to 13: its tiles are read first, and then only those at zoom 14 that their lines touch. A few images may be missed.

Returns:
    The query.

Raises:
    InvalidQuery: The area is not valid, or a filter makes no sense.
    TypeError: An argument is of another type or not known, or there is not exactly one area."""

    def to_json(self, /) -> str:
        """
        The query as JSON, without any token.
        """

@final
class RecordBatch:
    """
    Some rows of a result, for whatever takes Arrow arrays. Where pyarrow is installed, results are made of its batches.
    """

    def __arrow_c_array__(self, /, requested_schema: object | None=None) -> tuple[object, object]:
        """
        For whatever takes Arrow arrays.
        """

    def __arrow_c_schema__(self, /) -> object:
        """
        For whatever takes Arrow schemas.
        """

    def __len__(self, /) -> int:
        ...

    def __repr__(self, /) -> str:
        ...

    @property
    def column_names(self, /) -> list[str]:
        """
        Names of the columns.
        """

    @property
    def num_rows(self, /) -> int:
        """
        Number of rows.
        """

    def to_dicts(self, /) -> list[dict[str, Any]]:
        """
        The rows as dicts, as Client.image gives one.
        """

@final
class Schema:
    """
    The columns of a result, where pyarrow is not there.
    """

    def __arrow_c_schema__(self, /) -> object:
        """
        For whatever takes Arrow schemas.
        """

    def __repr__(self, /) -> str:
        ...

    @property
    def names(self, /) -> list[str]:
        """
        Names of the columns.
        """

@final
class Summary:
    """
    What a run has done, and what it cost.
    """

    def __eq__(self, value: object, /) -> bool:
        ...

    def __ne__(self, value: object, /) -> bool:
        ...

    def __repr__(self, /) -> str:
        ...

    @property
    def bytes(self, /) -> int:
        """
        Bytes of all answers as sent.
        """

    @property
    def cache_hits(self, /) -> int:
        """
        Tiles that were kept from before and not asked for.
        """

    @property
    def elapsed(self, /) -> float:
        """
        Seconds since the run began.
        """

    @property
    def entities(self, /) -> int:
        """
        Look-ups by id sent, repetitions included.
        """

    @property
    def files(self, /) -> int:
        """
        Photos and other files asked for, repetitions included.
        """

    @property
    def misfits(self, /) -> int:
        """
        Features left out because they have no id or a geometry of another kind.
        """

    @property
    def missing(self, /) -> list[tuple[int, int, int]]:
        """
        Tiles (zoom, x, y) that answered 404 to the end and were taken as empty.
        """

    @property
    def not_found(self, /) -> list[int | str]:
        """
        Ids that nothing answers to.
        """

    @property
    def requests(self, /) -> int:
        """
        Requests of all kinds, repetitions included.
        """

    @property
    def retries(self, /) -> int:
        """
        Requests sent again.
        """

    @property
    def rows(self, /) -> int:
        """
        Rows of the result.
        """

    @property
    def searches(self, /) -> int:
        """
        Searches sent, repetitions included.
        """

    @property
    def tiles(self, /) -> int:
        """
        Tile requests sent, repetitions included.
        """

    def to_dict(self, /) -> dict[str, Any]:
        """
        The summary as a dict, as --summary of the command writes it.
        """

    @property
    def waited(self, /) -> float:
        """
        Seconds spent waiting for budgets and before repetitions, added up over all requests.
        """

def _keywords(layer: str) -> list[tuple[str, str]]:
    """
    The keywords of Query.images and so on, with their types: for `scripts/stubs`.
    """

def _moments(given: str | date) -> tuple[int, int]:
    """
    The first and the last millisecond since 1970 that a date stands for.
    """

def _tile_features(body: bytes, z: int, x: int, y: int, layer: str | None=None) -> str:
    """
    The features of a tile as GeoJSON text, of one layer or of all.
    """

def _tile_rings(body: bytes) -> str:
    """
    The rings of each polygon feature of a tile with the layer's extent, as JSON text: `[[extent, [ring, ...]], ...]`.
    """

def run_command(args: list[str]) -> int:
    """
    Runs the command with these arguments, the first of which is its name, and gives its exit code.
    """
