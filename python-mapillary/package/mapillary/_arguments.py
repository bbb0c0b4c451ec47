"""Values of arguments: checked by name, and in the form that mly takes."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import mly
from mapillary import _service
from mapillary.models.exceptions import InvalidArgumentError, InvalidBBoxError, InvalidOptionError
from mapillary.models.geojson import Coordinates, GeoJSON

SIDES = ["west", "south", "east", "north"]

#: The largest shape that is fetched.
_MOST_SHAPE_BYTES = 64 << 20
_SHAPE_TIMEOUT_S = 120

_FULL_CIRCLE = 360

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Nothing(Exception):
    """The filters match nothing, such as an empty list of values."""


def box(bbox: Any) -> tuple[float, ...]:
    """A box as west, south, east, north."""
    if not isinstance(bbox, dict) or not set(SIDES) <= bbox.keys():
        raise InvalidBBoxError(f"a box is a dict of {', '.join(SIDES)}, not {bbox!r}")
    sides = tuple(bbox[side] for side in SIDES)
    for side, value in zip(SIDES, sides, strict=True):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise InvalidBBoxError(f"{side} is a number, not {value!r}")
    try:
        mly.Query.images(bbox=sides)
    except mly.InvalidQueryError as error:
        raise InvalidBBoxError(str(error)) from error
    return sides


def place_of(at: Any) -> tuple[float, float]:
    """A place as longitude and latitude: of a dict with lng and lat, a list, or Coordinates."""
    if isinstance(at, Coordinates):
        return at.longitude, at.latitude
    if isinstance(at, dict) and {"lng", "lat"} <= at.keys():
        return at["lng"], at["lat"]
    if isinstance(at, (list, tuple)) and len(at) == len(("lng", "lat")):
        return at[0], at[1]
    raise InvalidOptionError(
        param="at", value=at, options=["{'lng': .., 'lat': ..}", "[lng, lat]", "Coordinates"]
    )


def number(name: str, value: Any) -> float:
    """A number, as it is."""
    if not isinstance(value, (int, float)) or isinstance(value, bool):
        raise wrong(name, "a number", value)
    return value


def wrong(name: str, wanted: str, value: Any) -> TypeError:
    """An error about the type of an argument."""
    return TypeError(f"{name}: expected {wanted}, not {type(value).__name__}")


def date_of(name: str, value: Any) -> str | date:
    """A date for mly, which reads it as it is."""
    if not isinstance(value, (str, date)):
        raise wrong(name, 'a date such as "2021-03-04T05:06:07"', value)
    return value


def moment(name: str, value: Any) -> datetime:
    """The first millisecond that a date stands for."""
    from mapillary.utils.time import date_to_unix_timestamp

    ms: int = date_to_unix_timestamp(date_of(name, value))
    return _EPOCH + timedelta(milliseconds=ms)


def words(name: str, value: Any) -> list[str]:
    """One text or several."""
    if isinstance(value, str):
        return [value]
    if not isinstance(value, Iterable):
        raise wrong(name, "a text or a list of them", value)
    listed = list(value)
    for item in listed:
        if not isinstance(item, str):
            raise wrong(name, "a text or a list of them", item)
    return at_least_one(listed)


def numbers(name: str, value: Any) -> list[int]:
    """One id or several, as numbers or text."""
    listed = (
        at_least_one(list(value)) if isinstance(value, (list, tuple, set, frozenset)) else [value]
    )
    for item in listed:
        if not isinstance(item, (int, str)) or isinstance(item, bool):
            raise wrong(name, "an id, a number or text, or a list of them", item)
        if isinstance(item, str) and not item.strip().isdecimal():
            raise InvalidArgumentError(f"{name}: `{item}` is no id; ids are whole numbers")
    return [int(item) for item in listed]


def at_least_one(values: list[Any]) -> list[Any]:
    """A list of values to match. An empty list matches nothing, so it raises Nothing."""
    if not values:
        raise Nothing
    return values


def angles(name: str, value: Any) -> tuple[float, float]:
    """Two angles in degrees, from and to; from > to crosses north."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise wrong(name, "two angles: (from, to)", value)
    both = [number(name, angle) for angle in value]
    if len(both) != len(("from", "to")):
        raise InvalidArgumentError(f"{name}: expected two angles, from and to, not {len(both)}")
    for angle in both:
        if not 0 <= angle <= _FULL_CIRCLE:
            raise InvalidArgumentError(f"{name}: {angle} is not between 0 and 360 degrees")
    return both[0], both[1]


def shape_of(shape: Any) -> Any:
    """A shape for mly: a GeoJSON dict, text, file or URL, or an object with __geo_interface__."""
    if isinstance(shape, GeoJSON):
        return shape.encode()
    if isinstance(shape, str) and shape.startswith(("http://", "https://")):
        return fetched(shape)
    if isinstance(shape, (str, os.PathLike, dict)) or hasattr(shape, "__geo_interface__"):
        return shape
    raise wrong("shape", "GeoJSON as a dict, text, file or http URL", shape)


def polygons_of(shape: Any) -> dict[str, Any] | None:
    """The polygons of a shape that has other geometries too, or the ring through its points.

    None if the shape has neither, or nothing but polygons.
    """
    document = _parsed(shape)
    found = list(_geometries(document))
    polygons = [g for g in found if g["type"] in ("Polygon", "MultiPolygon")]
    points = [g for g in found if g["type"] in ("Point", "MultiPoint")]
    if len(polygons) == len(found) or not (polygons or len(points) == len(found)):
        return None
    if not polygons:
        ring = [
            place
            for g in points
            for place in ([g["coordinates"]] if g["type"] == "Point" else g["coordinates"])
        ]
        polygons = [{"type": "Polygon", "coordinates": [[*ring, *ring[:1]]]}]
    rest: dict[str, Any] = {"type": "GeometryCollection", "geometries": polygons}
    if isinstance(document, dict) and "crs" in document:
        rest["crs"] = document["crs"]
    return rest


def _parsed(shape: Any) -> Any:
    """A shape as the value of its JSON; None if it is none."""
    if hasattr(shape, "__geo_interface__"):
        return shape.__geo_interface__
    if isinstance(shape, dict):
        return shape
    try:
        if isinstance(shape, str) and shape.lstrip().startswith("{"):
            return json.loads(shape)
        return json.loads(Path(shape).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError):
        return None


def _geometries(document: Any) -> Iterator[dict[str, Any]]:
    """All geometries of a document that are no collections."""
    if not isinstance(document, dict):
        return
    if document.get("type") == "Feature":
        yield from _geometries(document.get("geometry"))
        return
    parts = document.get("features", document.get("geometries"))
    if isinstance(parts, (list, tuple)):
        for part in parts:
            yield from _geometries(part)
    elif document.get("type") and document.get("coordinates"):
        yield document


def fetched(url: str) -> str:
    """Fetches a GeoJSON document. The token is not sent, since the host is not the service."""
    from urllib.request import urlopen

    try:
        with urlopen(url, timeout=_SHAPE_TIMEOUT_S) as answer:  # noqa: S310 (it is http)
            document = answer.read(_MOST_SHAPE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _service.failure(f"the shape cannot be fetched: {error}") from error
    if len(document) > _MOST_SHAPE_BYTES:
        raise InvalidArgumentError(f"the shape has more than {_MOST_SHAPE_BYTES:,} bytes")
    try:
        return str(document, "utf-8")
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(f"the shape is no GeoJSON: {error}") from error
