"""The keywords of the official SDK as queries of mly. The only place that knows them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import mly
from mapillary import _service, _tiles
from mapillary._arguments import (
    angles,
    box,
    date_of,
    moment,
    number,
    numbers,
    place_of,
    polygons_of,
    shape_of,
    words,
)
from mapillary.models.exceptions import (
    InvalidArgumentError,
    InvalidFieldError,
    InvalidKwargError,
    InvalidOptionError,
)

if TYPE_CHECKING:
    from collections.abc import Callable

CAPTURED = ["min_captured_at", "max_captured_at"]
OWNER = ["image_type", "organization_id", "org_id"]
NEAR = ["fields", "zoom", "radius", *CAPTURED, *OWNER]
IN_BOX = [*CAPTURED, *OWNER, "compass_angle", "sequence_id", "zoom"]
SEQUENCES = [*CAPTURED, *OWNER, "zoom"]
SEEN = ["existed_at", "existed_before"]
FEATURES = [*IN_BOX, "feature_type", "layer"]

IMAGE_TYPES = ["pano", "flat", "both", "all"]
ZOOMS = [14, 15, 16, 17]

#: Columns of images that only tiles have.
TILE_FIELDS = ["sequence_id", "is_pano", "organization_id", "creator_id", "quality_score", "foot"]


# ---- queries


def images_in_box(bbox: dict[str, float], filters: dict[str, Any]) -> mly.Query:
    """The query of images_in_bbox."""
    check(filters, IN_BOX, "images_in_bbox")
    return query("images", bbox=box(bbox), **filters_of(filters))


def sequences_in_box(bbox: dict[str, float], filters: dict[str, Any]) -> mly.Query:
    """The query of sequences_in_bbox."""
    check(filters, SEQUENCES, "sequences_in_bbox")
    return query("sequences", bbox=box(bbox), **filters_of(filters))


def features_in_box(
    layer: str, bbox: dict[str, float], values: Any, filters: dict[str, Any]
) -> mly.Query:
    """The query of map_feature_points_in_bbox and traffic_signs_in_bbox."""
    name = "traffic_signs_in_bbox" if layer == "signs" else "map_feature_points_in_bbox"
    check(filters, SEEN, name)
    asked: dict[str, Any] = {} if values is None else {"value": words("filter_values", values)}
    after, before = filters.get("existed_at"), filters.get("existed_before")
    if after is not None:
        # The official SDK excludes this time itself, and mly includes it.
        asked["first_seen_since"] = moment("existed_at", after) + timedelta(milliseconds=1)
    if before is not None:
        asked["first_seen_until"] = moment("existed_before", before)
    return query(layer, bbox=box(bbox), **asked)


def images_near(longitude: float, latitude: float, filters: dict[str, Any]) -> mly.Query:
    """The query of get_image_close_to."""
    check(filters, NEAR, "get_image_close_to")
    return query("images", **around(longitude, latitude, filters), **filters_of(filters))


def images_looking_at(at: Any, filters: dict[str, Any], limit: int | None = None) -> mly.Query:
    """The query of get_image_looking_at and is_image_being_looked_at."""
    check(filters, NEAR, "get_image_looking_at")
    place = place_of(at)
    return query(
        "images", **around(*place, filters), looking_at=place, limit=limit, **filters_of(filters)
    )


def images_within(shape: Any, filters: dict[str, Any], name: str) -> mly.Query:
    """The query of images_in_shape and images_in_geojson."""
    check(filters, IN_BOX, name)
    return within("images", shape, **filters_of(filters))


def features_within(shape: Any, filters: dict[str, Any], name: str) -> mly.Query:
    """The query of map_features_in_shape and map_features_in_geojson."""
    check(filters, FEATURES, name)
    layer = feature_layer(filters)
    for key in ("compass_angle", "sequence_id", "organization_id", "org_id", "image_type"):
        if filters.get(key) not in (None, "all", "both"):
            # Map features have none of these properties. Ignoring the filter would return features
            # that the caller wanted to exclude.
            known = [key for key in FEATURES if key not in {*OWNER, "compass_angle", "sequence_id"}]
            raise InvalidKwargError(func=name, key=key, value=filters[key], options=known)
    asked = {}
    if (first := filters.get("min_captured_at")) is not None:
        asked["first_seen_since"] = date_of("min_captured_at", first)
    if (last := filters.get("max_captured_at")) is not None:
        asked["first_seen_until"] = date_of("max_captured_at", last)
    return within(layer, shape, **asked)


def within(layer: str, shape: Any, **asked: Any) -> mly.Query:
    """The query of the polygons of a shape.

    mly refuses points and lines. The official SDK takes a collection of only points for a ring, and
    looks at nothing but the polygons of any other.
    """
    shape = shape_of(shape)
    try:
        return query(layer, within=shape, **asked)
    except InvalidArgumentError:
        rest = polygons_of(shape)
        if rest is None:
            raise
        return query(layer, within=rest, **asked)


def query(layer: str, **asked: Any) -> mly.Query:
    """A query of mly. Arguments that are None were not given."""
    make: Callable[..., mly.Query] = getattr(mly.Query, layer)
    with _service.translated_errors():
        return make(**{name: value for name, value in asked.items() if value is not None})


# ---- arguments


def check(filters: dict[str, Any] | None, known: list[str], name: str) -> None:
    """Raises if a keyword, the zoom or the image type is not known."""
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
        "fields": image_fields(fields) if fields else None,
    }


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


def image_fields(fields: Any) -> list[str]:
    """Fields of images as columns; "all" means all that can be looked up in batches."""
    from mapillary.config.api.entities import Entities

    # sfm_cluster costs one request per image, so "all" does not include it for a whole area.
    known = [
        *(field for field in Entities.get_image_fields() if field != "sfm_cluster"),
        *TILE_FIELDS,
    ]
    names = [name.lower() for name in words("fields", fields)]
    if "all" in names:
        return known
    for name in names:
        if name not in known and name != "sfm_cluster":
            raise InvalidFieldError(endpoint="images", field=name)
    return names


def feature_layer(filters: dict[str, Any]) -> str:
    """The layer of map features; points unless given."""
    name = filters.get("feature_type") or filters.get("layer") or "point"
    layers = {"point": "points", "traffic_signs": "signs", "traffic_sign": "signs"}
    if name not in layers:
        raise InvalidOptionError(
            param="feature_type", value=name, options=["point", "traffic_signs"]
        )
    return layers[name]
