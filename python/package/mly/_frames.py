"""Whole results as tables of other packages, each imported when it is asked for.

Each function looks for its packages and gives the function that makes the table, so that what is
missing is told before anything is sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Make = Callable[[Any], Any]


def arrow() -> Make:
    pyarrow = _needed("pyarrow", "to_arrow")
    return pyarrow.table


def pandas() -> Make:
    pyarrow = _needed("pyarrow", "to_pandas")
    library = _needed("pandas", "to_pandas")

    def make(rows: Any) -> Any:
        return _frame(pyarrow.table(rows), pyarrow, library)

    return make


def geopandas() -> Make:
    pyarrow = _needed("pyarrow", "to_geopandas")
    library = _needed("pandas", "to_geopandas")
    geo = _needed("geopandas", "to_geopandas")

    def make(rows: Any) -> Any:
        table = pyarrow.table(rows)
        frame = _frame(table, pyarrow, library)
        crs = "OGC:CRS84"
        shapes = [field.name for field in table.schema if _is_geometry(field)]
        for name in shapes:
            frame[name] = geo.GeoSeries.from_wkb(frame[name], crs=crs)
        if "geometry" not in shapes:
            return geo.GeoDataFrame(frame)
        return geo.GeoDataFrame(frame, geometry="geometry", crs=crs)

    return make


def polars() -> Make:
    library = _needed("polars", "to_polars")
    return library.DataFrame


def _frame(table: Any, pyarrow: Any, pandas: Any) -> Any:
    # By default pandas turns integer columns with nulls into floats, which keep 15 digits, and ids
    # have up to 17.
    nullable = {pyarrow.int64(): pandas.Int64Dtype(), pyarrow.bool_(): pandas.BooleanDtype()}
    frame = table.to_pandas(types_mapper=nullable.get)
    for field in table.schema:
        if not field.nullable and field.type == pyarrow.int64():
            frame[field.name] = frame[field.name].astype("int64")
    return frame


def _is_geometry(field: Any) -> bool:
    name = getattr(field.type, "extension_name", None)
    metadata = field.metadata or {}
    return "geoarrow.wkb" in (name, metadata.get(b"ARROW:extension:name", b"").decode())


def _needed(package: str, method: str) -> Any:
    import importlib

    try:
        return importlib.import_module(package)
    except ImportError as error:
        hint = f"{method}() needs {package}: pip install {package}"
        raise ImportError(hint, name=package) from error


def exported(rows: Any) -> Any:
    """What exports the rows as an Arrow stream.

    A frame of geopandas does so by a method of its own, and is reprojected to longitude and
    latitude.
    """
    if hasattr(rows, "to_crs") and hasattr(rows, "to_arrow"):
        if rows.crs is not None:
            rows = rows.to_crs("OGC:CRS84")
        return rows.to_arrow(index=False)
    return rows
