"""The 18 functions of the official SDK.

Dates are text ("2021", "2021-03-04", "2021-03-04T05:06:07Z"), dates or datetimes, in UTC unless they say otherwise; as
an upper bound a shorter date means its end. Boxes are dicts of west, south, east and north in degrees; west > east
crosses the antimeridian, and what lies on the border is inside.
"""

from __future__ import annotations

import json
from typing import Any

from mapillary import _arguments, _ask, _entities, _save, _service, _shape
from mapillary.models.config import Config
from mapillary.models.exceptions import InvalidOptionError, MapillaryException
from mapillary.models.geojson import Coordinates, GeoJSON
from mapillary.utils.auth import auth, set_token

__all__ = [
    "configure_mapillary_settings",
    "feature_from_key",
    "get_detections_with_image_id",
    "get_detections_with_map_feature_id",
    "get_image_close_to",
    "get_image_looking_at",
    "image_from_key",
    "image_thumbnail",
    "images_in_bbox",
    "images_in_geojson",
    "images_in_shape",
    "is_image_being_looked_at",
    "map_feature_points_in_bbox",
    "map_features_in_geojson",
    "map_features_in_shape",
    "save_locally",
    "sequences_in_bbox",
    "set_access_token",
    "traffic_signs_in_bbox",
]

_RESOLUTIONS = [256, 1024, 2048, "original"]


def configure_mapillary_settings(**kwargs: Any) -> Config:
    """Sets how strict builders of addresses are: use_strict=True or False."""
    config = Config(**kwargs)
    Config.use_strict = config.use_strict
    return config


def set_access_token(token: str) -> dict[str, str]:
    """Sets the token of the session, once the service takes it: {"token": "SUCCESS"}.

    Raises AuthError for an empty one and InvalidTokenError when the service refuses it. Where the service cannot be
    asked, the first call will tell.
    """
    return set_token(token)


# ---- near a place


@auth()
def get_image_close_to(
    latitude: float = 37.485073, longitude: float = -122.1504711, **kwargs: Any
) -> GeoJSON:
    """Images within radius metres of a place; without a radius, those of its tile.

    fields: names of properties, or ["all"]; what tiles lack is fetched by id
    zoom: 14
    radius: in metres, along the ground
    image_type: "flat", "pano", "both" or "all"
    min_captured_at, max_captured_at: dates
    organization_id (or org_id): an id or a list of them
    """
    text = _text(_ask.images_near, longitude, latitude, kwargs)
    return _shape.with_fields(text, kwargs.get("fields"))


@auth()
def get_image_looking_at(
    at: dict[str, float] | list[float] | Coordinates, **filters: Any
) -> GeoJSON:
    """Images near a place whose view contains it: panoramas, and flat ones within 50 degrees of it.

    at: {"lng": .., "lat": ..}, [lng, lat] or Coordinates
    The filters are those of get_image_close_to.
    """
    text = _text(_ask.images_looking_at, at, filters)
    return _shape.with_fields(text, filters.get("fields"))


@auth()
def is_image_being_looked_at(
    at: dict[str, float] | list[float] | Coordinates, **filters: Any
) -> bool:
    """Whether any image looks at a place; see get_image_looking_at."""
    return bool(json.loads(_text(_ask.images_looking_at, at, filters, 1))["features"])


# ---- by id


@auth()
def get_detections_with_image_id(image_id: int | str, fields: list[str] | None = None) -> GeoJSON:
    """What was recognised in an image. Outlines are in pixel_geometry, as base64."""
    rows = _entities.detections(image_id, fields, of_image=True)
    return GeoJSON(_shape.collection([_shape.detection(row) for row in rows]))


@auth()
def get_detections_with_map_feature_id(
    map_feature_id: int | str, fields: list[str] | None = None
) -> GeoJSON:
    """What a map feature was derived from.

    Raises InvalidOptionError for the id of an image.
    """
    rows = _entities.detections(map_feature_id, fields, of_image=False)
    return GeoJSON(_shape.collection([_shape.detection(row) for row in rows]))


@auth()
def image_thumbnail(image_id: int | str, resolution: int | str = 1024) -> str:
    """A fresh address of a photo of 256, 1024 or 2048 pixels, or of "original" size."""
    if resolution not in _RESOLUTIONS:
        raise InvalidOptionError(param="resolution", value=resolution, options=_RESOLUTIONS)
    field = f"thumb_{resolution}_url"
    address = _entities.image(image_id, [field]).get(field)
    if address is None:
        raise MapillaryException(f"image {image_id} has no photo of size {resolution} yet")
    return str(address)


@auth()
def feature_from_key(key: int | str, fields: list[str] | None = None) -> str:
    """A map feature as the text of a collection of one. Without fields, with all there are."""
    return json.dumps(_shape.collection([_shape.feature(_entities.map_feature(key, fields))]))


@auth()
def image_from_key(key: int | str, fields: list[str] | None = None) -> str:
    """An image as the text of a collection of one. Without fields, with all there are.

    Raises InvalidFieldError for an unknown field and InvalidImageKeyError for an unknown id.
    """
    return json.dumps(_shape.collection([_shape.feature(_entities.image(key, fields))]))


# ---- in a box


@auth()
def images_in_bbox(bbox: dict[str, float], **filters: Any) -> str:
    """Every image in a box, once, as the text of a collection.

    min_captured_at, max_captured_at: dates
    image_type: "pano" or "flat"; anything else is no filter
    compass_angle: (from, to) in degrees; from > to crosses north
    sequence_id, organization_id: an id or a list of them
    """
    return _text(_ask.images_in_box, bbox, filters)


@auth()
def sequences_in_bbox(bbox: dict[str, float], **filters: Any) -> str:
    """Every sequence that is partly in a box, once and whole, as the text of a collection.

    The filters are min_captured_at, max_captured_at, image_type and organization_id (or org_id).
    """
    return _text(_ask.sequences_in_box, bbox, filters)


@auth()
def map_feature_points_in_bbox(
    bbox: dict[str, float], filter_values: list[str] | None = None, **filters: Any
) -> str:
    """Every object on the map in a box, as the text of a collection.

    filter_values: such as ["object--street-light"]; * stands for any text
    existed_at: first seen after this moment
    existed_before: first seen at this moment or before
    """
    return _text(_ask.features_in_box, "points", bbox, filter_values, filters)


@auth()
def traffic_signs_in_bbox(
    bbox: dict[str, float], filter_values: list[str] | None = None, **filters: Any
) -> str:
    """Every traffic sign in a box; see map_feature_points_in_bbox."""
    return _text(_ask.features_in_box, "signs", bbox, filter_values, filters)


# ---- in a shape


@auth()
def images_in_geojson(geojson: Any, **filters: Any) -> GeoJSON:
    """Every image in the polygons of a GeoJSON document: a dict, text, a file or an http address.

    Holes count, and a collection of points is one ring. The filters are those of images_in_bbox.
    """
    return GeoJSON._of_text(_text(_ask.images_within, geojson, filters, "images_in_geojson"))


@auth()
def images_in_shape(shape: Any, **filters: Any) -> GeoJSON:
    """Every image in the polygons of a shape; see images_in_geojson."""
    return GeoJSON._of_text(_text(_ask.images_within, shape, filters, "images_in_shape"))


@auth()
def map_features_in_geojson(geojson: Any, **filters: Any) -> GeoJSON:
    """Every map feature in the polygons of a GeoJSON document; see images_in_geojson.

    feature_type (or layer): "point" or "traffic_signs"
    min_captured_at, max_captured_at: dates between which it was first seen
    """
    return GeoJSON._of_text(
        _text(_ask.features_within, geojson, filters, "map_features_in_geojson")
    )


@auth()
def map_features_in_shape(shape: Any, **filters: Any) -> GeoJSON:
    """Every map feature in the polygons of a shape; see map_features_in_geojson."""
    return GeoJSON._of_text(_text(_ask.features_within, shape, filters, "map_features_in_shape"))


# ---- files


@auth()
def save_locally(
    geojson_data: str | dict[str, Any] | GeoJSON,
    file_path: str | None = None,
    file_name: str | None = None,
    extension: str = "geojson",
) -> None:
    """Writes a result into a file, which is whole or not there.

    file_path: folder, the current one unless given
    file_name: letters, digits, _ and -, without extension; mapillary_MILLISECONDS_ unless given
    extension: "geojson" or "csv"
    """
    _save.save(geojson_data, file_path, file_name, extension)


def _text(ask: Any, *arguments: Any) -> str:
    try:
        query = ask(*arguments)
    except _arguments.Nothing:
        query = None
    return _service.geojson(query)
