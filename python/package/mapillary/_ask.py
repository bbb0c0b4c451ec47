"""The keywords of the official SDK as queries of mly. The only place that knows them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, timezone
from typing import Any

import mly

from mapillary import _service, _tiles
from mapillary.models.exceptions import (
    InvalidArgumentError,
    InvalidBBoxError,
    InvalidFieldError,
    InvalidKwargError,
    InvalidOptionError,
)
from mapillary.models.geojson import Coordinates, GeoJSON

CAPTURED = ["min_captured_at", "max_captured_at"]
OWNER = ["image_type", "organization_id", "org_id"]
NEAR = ["fields", "zoom", "radius", *CAPTURED, *OWNER]
IN_BOX = [*CAPTURED, *OWNER, "compass_angle", "sequence_id", "zoom"]
SEQUENCES = [*CAPTURED, *OWNER, "zoom"]
SEEN = ["existed_at", "existed_before"]
FEATURES = [*IN_BOX, "feature_type", "layer"]

IMAGE_TYPES = ["pano", "flat", "both", "all"]
ZOOMS = [14, 15, 16, 17]
SIDES = ["west", "south", "east", "north"]

#: What tiles say of an image, besides what the graph does.
TILE_FIELDS = ["sequence_id", "is_pano", "organization_id", "creator_id", "quality_score", "foot"]

#: A shape that is fetched may be so large.
_MOST_SHAPE_BYTES = 64 << 20
_SHAPE_TIMEOUT_S = 120

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Nothing(Exception):
    """The filters let nothing pass, such as an empty list of values."""


# ---- queries


def images_in_box(bbox: dict[str, float], filters: dict[str, Any]) -> mly.Query:
    """images_in_bbox"""
    check(filters, IN_BOX, "images_in_bbox")
    return query("images", bbox=box(bbox), **filters_of(filters))


def sequences_in_box(bbox: dict[str, float], filters: dict[str, Any]) -> mly.Query:
    """sequences_in_bbox"""
    check(filters, SEQUENCES, "sequences_in_bbox")
    return query("sequences", bbox=box(bbox), **filters_of(filters))


def features_in_box(layer: str, bbox: dict[str, float], values: Any, filters: dict[str, Any]) -> mly.Query:
    """map_feature_points_in_bbox and traffic_signs_in_bbox"""
    name = "traffic_signs_in_bbox" if layer == "signs" else "map_feature_points_in_bbox"
    check(filters, SEEN, name)
    asked: dict[str, Any] = {} if values is None else {"value": words("filter_values", values)}
    after, before = filters.get("existed_at"), filters.get("existed_before")
    if after is not None:
        # Later than the moment, and mly takes those of the moment itself.
        asked["first_seen_since"] = moment("existed_at", after) + timedelta(milliseconds=1)
    if before is not None:
        asked["first_seen_until"] = moment("existed_before", before)
    return query(layer, bbox=box(bbox), **asked)


def images_near(longitude: float, latitude: float, filters: dict[str, Any]) -> mly.Query:
    """get_image_close_to"""
    check(filters, NEAR, "get_image_close_to")
    return query("images", **around(longitude, latitude, filters), **filters_of(filters))


def images_looking_at(at: Any, filters: dict[str, Any], limit: int | None = None) -> mly.Query:
    """get_image_looking_at and is_image_being_looked_at"""
    check(filters, NEAR, "get_image_looking_at")
    place = place_of(at)
    return query("images", **around(*place, filters), looking_at=place, limit=limit, **filters_of(filters))


def images_within(shape: Any, filters: dict[str, Any], name: str) -> mly.Query:
    """images_in_shape and images_in_geojson"""
    check(filters, IN_BOX, name)
    return query("images", within=shape_of(shape), **filters_of(filters))


def features_within(shape: Any, filters: dict[str, Any], name: str) -> mly.Query:
    """map_features_in_shape and map_features_in_geojson"""
    check(filters, FEATURES, name)
    layer = feature_layer(filters)
    for key in ("compass_angle", "sequence_id", "organization_id", "org_id", "image_type"):
        if filters.get(key) not in (None, "all", "both"):
            # Features on the map have none of these, and dropping the filter would give what was not asked for.
            known = [key for key in FEATURES if key not in {*OWNER, "compass_angle", "sequence_id"}]
            raise InvalidKwargError(func=name, key=key, value=filters[key], options=known)
    asked = {}
    if (first := filters.get("min_captured_at")) is not None:
        asked["first_seen_since"] = date_of("min_captured_at", first)
    if (last := filters.get("max_captured_at")) is not None:
        asked["first_seen_until"] = date_of("max_captured_at", last)
    return query(layer, within=shape_of(shape), **asked)


def query(layer: str, **asked: Any) -> mly.Query:
    """A query of mly. Arguments that are None were not given."""
    make: Callable[..., mly.Query] = getattr(mly.Query, layer)
    with _service.Told():
        return make(**{name: value for name, value in asked.items() if value is not None})


# ---- arguments


def check(filters: dict[str, Any] | None, known: list[str], name: str) -> None:
    """Fails where a keyword or one of the fixed words is not known."""
    for key, value in (filters or {}).items():
        if key not in known:
            raise InvalidKwargError(func=name, key=key, value=value, options=known)
    zoom = (filters or {}).get("zoom")
    if zoom is not None and zoom not in ZOOMS:
        raise InvalidOptionError(param="zoom", value=zoom, options=ZOOMS)
    image_type = (filters or {}).get("image_type")
    if image_type is not None and image_type not in IMAGE_TYPES:
        raise InvalidOptionError(param="image_type", value=image_type, options=IMAGE_TYPES)


def filters_of(filters: dict[str, Any]) -> dict[str, Any]:
    """Filters of images and sequences."""

    def given(name: str, read: Callable[[str, Any], Any]) -> Any:
        value = filters.get(name)
        return None if value is None else read(name, value)

    image_type = filters.get("image_type")
    fields = filters.get("fields")
    return {
        "since": given("min_captured_at", date_of),
        "until": given("max_captured_at", date_of),
        "image_type": image_type if image_type in ("pano", "flat") else None,
        "compass": given("compass_angle", angles),
        "sequence": given("sequence_id", words),
        "organization": given("organization_id", numbers) or given("org_id", numbers),
        "fields": None if fields is None else image_fields(fields),
    }


def box(bbox: Any) -> tuple[float, ...]:
    """A box as west, south, east, north."""
    if not isinstance(bbox, dict) or not set(SIDES) <= bbox.keys():
        raise InvalidBBoxError(f"a box is a dict of {', '.join(SIDES)}, not {bbox!r}")
    sides = tuple(bbox[side] for side in SIDES)
    for side, value in zip(SIDES, sides):
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            raise InvalidBBoxError(f"{side} is a number, not {value!r}")
    try:
        mly.Query.images(bbox=sides)
    except mly.InvalidQuery as error:
        raise InvalidBBoxError(str(error)) from error
    return sides


def around(longitude: float, latitude: float, filters: dict[str, Any]) -> dict[str, Any]:
    """The circle around a place; without a radius, the tile that holds it."""
    for name, value, most in (("longitude", longitude, 180), ("latitude", latitude, 90)):
        number(name, value)
        if not -most <= value <= most:
            raise InvalidOptionError(param=name, value=value, options=[-most, most])
    if filters.get("zoom", _tiles.DATA_ZOOM) not in (None, _tiles.DATA_ZOOM):
        raise InvalidOptionError(param="zoom", value=filters["zoom"], options=[_tiles.DATA_ZOOM])
    radius = filters.get("radius")
    if radius is None:
        return {"tile": _tiles.tile_of(longitude, latitude, _tiles.DATA_ZOOM)}
    return {"near": (longitude, latitude), "radius": number("radius", radius)}


def place_of(at: Any) -> tuple[float, float]:
    """A place as longitude and latitude: of a dict with lng and lat, a list, or Coordinates."""
    if isinstance(at, Coordinates):
        return at.longitude, at.latitude
    if isinstance(at, dict) and {"lng", "lat"} <= at.keys():
        return at["lng"], at["lat"]
    if isinstance(at, (list, tuple)) and len(at) == 2:
        return at[0], at[1]
    raise InvalidOptionError(param="at", value=at, options=["{'lng': .., 'lat': ..}", "[lng, lat]", "Coordinates"])


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

    return _EPOCH + timedelta(milliseconds=date_to_unix_timestamp(date_of(name, value)))


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
    listed = at_least_one(list(value)) if isinstance(value, (list, tuple, set, frozenset)) else [value]
    for item in listed:
        if not isinstance(item, (int, str)) or isinstance(item, bool):
            raise wrong(name, "an id, a number or text, or a list of them", item)
        if isinstance(item, str) and not item.strip().isdecimal():
            raise InvalidArgumentError(f"{name}: `{item}` is no id; ids are whole numbers")
    return [int(item) for item in listed]


def at_least_one(values: list[Any]) -> list[Any]:
    """A list of what may pass, which nothing does when it is empty."""
    if not values:
        raise Nothing
    return values


def angles(name: str, value: Any) -> tuple[float, float]:
    """Two angles in degrees, from and to; from > to crosses north."""
    if isinstance(value, str) or not isinstance(value, Iterable):
        raise wrong(name, "two angles: (from, to)", value)
    both = tuple(value)
    if len(both) != 2:
        raise InvalidArgumentError(f"{name}: expected two angles, from and to, not {len(both)}")
    for angle in both:
        if not 0 <= number(name, angle) <= 360:
            raise InvalidArgumentError(f"{name}: {angle} is not between 0 and 360 degrees")
    return both[0], both[1]


def image_fields(fields: Any) -> list[str]:
    """Fields of images as columns; "all" is everything that comes in batches."""
    from mapillary.config.api.entities import Entities

    # One request an image, and nobody who wants "all" of a place means that.
    known = [*(field for field in Entities.get_image_fields() if field != "sfm_cluster"), *TILE_FIELDS]
    names = [name.lower() for name in words("fields", fields)] if fields else []
    if not names or "all" in names:
        return known if names else TILE_FIELDS + ["captured_at", "compass_angle"]
    for name in names:
        if name not in known and name != "sfm_cluster":
            raise InvalidFieldError(endpoint="images", field=name)
    return names


def feature_layer(filters: dict[str, Any]) -> str:
    """Which map features are meant; points unless said otherwise."""
    name = filters.get("feature_type") or filters.get("layer") or "point"
    layers = {"point": "points", "traffic_signs": "signs", "traffic_sign": "signs"}
    if name not in layers:
        raise InvalidOptionError(param="feature_type", value=name, options=["point", "traffic_signs"])
    return layers[name]


def shape_of(shape: Any) -> Any:
    """A shape for mly: GeoJSON as dict or text, an object with __geo_interface__, a file, or an address."""
    if isinstance(shape, GeoJSON):
        return shape.encode()
    if isinstance(shape, str) and shape.startswith(("http://", "https://")):
        return fetched(shape)
    if isinstance(shape, (str, os.PathLike, dict)) or hasattr(shape, "__geo_interface__"):
        return shape
    raise wrong("shape", "GeoJSON as a dict, text, file or http address", shape)


def fetched(address: str) -> str:
    """A GeoJSON document of somebody else's host, which gets no token."""
    from urllib.request import urlopen

    try:
        with urlopen(address, timeout=_SHAPE_TIMEOUT_S) as answer:
            document = answer.read(_MOST_SHAPE_BYTES + 1)
    except (OSError, ValueError) as error:
        raise _service.failure(f"the shape cannot be fetched: {error}") from error
    if len(document) > _MOST_SHAPE_BYTES:
        raise InvalidArgumentError(f"the shape has more than {_MOST_SHAPE_BYTES:,} bytes")
    try:
        return document.decode()  # type: ignore[no-any-return]
    except UnicodeDecodeError as error:
        raise InvalidArgumentError(f"the shape is no GeoJSON: {error}") from error
