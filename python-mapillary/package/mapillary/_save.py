"""Results as files of GeoJSON and CSV."""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import threading
from pathlib import Path
from typing import Any

from mapillary.models.exceptions import InvalidOptionError
from mapillary.models.geojson import GeoJSON
from mapillary.utils.format import flatten_geojson
from mapillary.utils.time import date_to_unix_timestamp
from mapillary.utils.verify import check_file_name_validity

_FORMATS = ["geojson", "csv"]


def save(
    data: str | dict[str, Any] | GeoJSON, folder: str | None, name: str | None, extension: str
) -> None:
    """Writes a result into a file, as save_locally does."""
    kind = extension.lower() if isinstance(extension, str) else extension
    if kind not in _FORMATS:
        raise InvalidOptionError(param="format", value=extension, options=_FORMATS)
    if name is None or not check_file_name_validity(name):
        name = f"mapillary_{date_to_unix_timestamp('*')}_"
    document = _document(data)
    text = _table(document) if kind == "csv" else json.dumps(document) + "\n"
    _write(Path(folder or ".") / f"{name}.{kind}", text)


def _document(data: str | dict[str, Any] | GeoJSON) -> dict[str, Any]:
    if isinstance(data, GeoJSON):
        return data.to_dict()
    document: dict[str, Any] = json.loads(data) if isinstance(data, str) else data
    return document


def _write(path: Path, text: str) -> None:
    """Writes beside the file, and moves it there when it is complete."""
    part = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}.part")
    try:
        # What has this name is left over, or a link. It is replaced, and what a link leads to is
        # not written to.
        part.unlink(missing_ok=True)
        with part.open("x", encoding="utf-8", newline="") as file:
            file.write(text)
        part.replace(path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink()
        raise


def _table(document: dict[str, Any]) -> str:
    """A collection as CSV: ID, WKT, the properties of all features, organization_id."""
    rows = flatten_geojson(document)
    found = dict.fromkeys(name for row in rows for name in row)
    names = [name for name in found if name not in ("id", "geometry", "organization_id")]
    table = io.StringIO(newline="")
    writer = csv.writer(table)
    writer.writerow(["ID", "WKT", *names, "organization_id"])
    for row in rows:
        cells = (_cell(row.get(name)) for name in names)
        writer.writerow(
            [row.get("id", ""), wkt(row["geometry"]), *cells, row.get("organization_id", "NULL")]
        )
    return table.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        return json.dumps(value)
    return "" if value is None else value


def wkt(geometry: dict[str, Any] | None) -> str:
    """A geometry as well-known text (OGC 06-103r4); empty where there is none."""
    if not geometry:
        return ""
    name = geometry["type"].upper()
    if name == "GEOMETRYCOLLECTION":
        return f"{name} ({', '.join(map(wkt, geometry['geometries']))})"
    coordinates = geometry["coordinates"]
    if not coordinates:
        return f"{name} EMPTY"
    return (
        f"{name} ({_place(coordinates)})" if name == "POINT" else f"{name} {_brackets(coordinates)}"
    )


def _brackets(parts: list[Any]) -> str:
    is_place = bool(parts) and isinstance(parts[0], (int, float))
    return _place(parts) if is_place else f"({', '.join(_brackets(part) for part in parts)})"


def _place(numbers: list[float]) -> str:
    return " ".join(
        str(int(number)) if number == int(number) else repr(number) for number in numbers
    )
