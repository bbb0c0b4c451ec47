"""The 18 functions of the official SDK.

Dates are text ("2021", "2021-03-04", "2021-03-04T05:06:07Z"), dates or datetimes, in UTC unless
they say otherwise; as an upper bound a shorter date means its end. Boxes are dicts of west, south,
east and north in degrees; west > east crosses the antimeridian, and what lies on the border is
inside.
"""

from __future__ import annotations

from mapillary._official import refuse_mixture

refuse_mixture()  # Where the official package was installed later, this is the first file of ours.

# ruff: noqa: E402
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
    """Sets how strict the builders of URLs are.

    Args:
        **kwargs: use_strict=True or False.

    Returns:
        The settings.
    """
    config = Config(**kwargs)
    Config.use_strict = config.use_strict
    return config


def set_access_token(token: str) -> dict[str, str]:
    """Sets the token of the session, if the service accepts it.

    If the service cannot be asked, the token is kept, and the first call will show whether it is
    right.

    Args:
        token: The access token.

    Returns:
        {"token": "SUCCESS"}

    Raises:
        AuthError: The token is empty.
        InvalidTokenError: The service refuses the token.
    """
    return set_token(token)


# ---- near a place


@auth()
def get_image_close_to(
    latitude: float = 37.485073, longitude: float = -122.1504711, **kwargs: Any
) -> GeoJSON:
    """Gets the images near a place: within a radius, or without one those in the tile of the place.

    Args:
        latitude: In degrees.
        longitude: In degrees.
        **kwargs: fields (names of properties, or ["all"]; what tiles lack is fetched by id), zoom
            (14), radius (in metres along the ground), image_type ("flat", "pano", "both" or "all"),
            min_captured_at and max_captured_at (dates), organization_id or org_id (an id or a
            list).

    Returns:
        The images, each once.

    Raises:
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: A keyword has a value that is not allowed.
        InvalidFieldError: A field is not known.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    text = _text(_ask.images_near, longitude, latitude, kwargs)
    return _shape.with_fields(text, kwargs.get("fields"))


@auth()
def get_image_looking_at(
    at: dict[str, float] | list[float] | Coordinates, **filters: Any
) -> GeoJSON:
    """Gets the images near a place that show it.

    Panoramas show everything around them, others what is within 50 degrees of their compass angle.

    Args:
        at: The place, as {"lng": .., "lat": ..}, [lng, lat] or Coordinates.
        **filters: Those of get_image_close_to.

    Returns:
        The images, each once.

    Raises:
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: An argument has a value that is not allowed.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    text = _text(_ask.images_looking_at, at, filters)
    return _shape.with_fields(text, filters.get("fields"))


@auth()
def is_image_being_looked_at(
    at: dict[str, float] | list[float] | Coordinates, **filters: Any
) -> bool:
    """Tells whether any image near a place shows it.

    Args:
        at: The place, as {"lng": .., "lat": ..}, [lng, lat] or Coordinates.
        **filters: Those of get_image_close_to.

    Returns:
        Whether get_image_looking_at finds an image.

    Raises:
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: An argument has a value that is not allowed.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return bool(json.loads(_text(_ask.images_looking_at, at, filters, 1))["features"])


# ---- by id


@auth()
def get_detections_with_image_id(image_id: int | str, fields: list[str] | None = None) -> GeoJSON:
    """Gets what was recognised in an image.

    Args:
        image_id: Id of the image.
        fields: Names of properties; all unless given.

    Returns:
        The detections as points of their images. Outlines are in pixel_geometry, as base64.

    Raises:
        InvalidFieldError: A field is not known.
        InvalidImageKeyError: No image has this id.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    rows = _entities.detections(image_id, fields, of_image=True)
    return GeoJSON(_shape.collection([_shape.detection(row) for row in rows]))


@auth()
def get_detections_with_map_feature_id(
    map_feature_id: int | str, fields: list[str] | None = None
) -> GeoJSON:
    """Gets what a map feature was derived from.

    Args:
        map_feature_id: Id of the map feature.
        fields: Names of properties; all unless given.

    Returns:
        The detections as points of their images. Outlines are in pixel_geometry, as base64.

    Raises:
        InvalidFieldError: A field is not known.
        InvalidOptionError: No map feature has this id.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    rows = _entities.detections(map_feature_id, fields, of_image=False)
    return GeoJSON(_shape.collection([_shape.detection(row) for row in rows]))


@auth()
def image_thumbnail(image_id: int | str, resolution: int | str = 1024) -> str:
    """Gets the URL of a photo, which works for about a month.

    Args:
        image_id: Id of the image.
        resolution: Width in pixels, 256, 1024 or 2048, or "original".

    Returns:
        A new URL.

    Raises:
        InvalidOptionError: There is no such resolution.
        InvalidImageKeyError: No image has this id.
        MapillaryException: The image has no photo of this size yet.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    if resolution not in _RESOLUTIONS:
        raise InvalidOptionError(param="resolution", value=resolution, options=_RESOLUTIONS)
    field = f"thumb_{resolution}_url"
    address = _entities.image(image_id, [field]).get(field)
    if address is None:
        raise MapillaryException(f"image {image_id} has no photo of size {resolution} yet")
    return str(address)


@auth()
def feature_from_key(key: int | str, fields: list[str] | None = None) -> str:
    """Gets a map feature by id.

    Args:
        key: The id.
        fields: Names of fields; all unless given.

    Returns:
        Text of a GeoJSON collection of one feature.

    Raises:
        InvalidFieldError: A field is not known.
        InvalidOptionError: No map feature has this id.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return json.dumps(_shape.collection([_shape.feature(_entities.map_feature(key, fields))]))


@auth()
def image_from_key(key: int | str, fields: list[str] | None = None) -> str:
    """Gets an image by id.

    Args:
        key: The id.
        fields: Names of fields; all unless given.

    Returns:
        Text of a GeoJSON collection of one feature.

    Raises:
        InvalidFieldError: A field is not known.
        InvalidImageKeyError: No image has this id.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return json.dumps(_shape.collection([_shape.feature(_entities.image(key, fields))]))


# ---- in a box


@auth()
def images_in_bbox(bbox: dict[str, float], **filters: Any) -> str:
    """Gets the images in a box.

    Args:
        bbox: West, south, east and north in degrees, by these names; west > east crosses the
            antimeridian.
        **filters: min_captured_at and max_captured_at (dates), image_type ("pano" or "flat";
            anything else is no filter), compass_angle ((from, to) in degrees; from > to crosses
            north), sequence_id and organization_id (an id or a list).

    Returns:
        Text of a GeoJSON collection, each feature once.

    Raises:
        InvalidBBoxError: The box is not valid.
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: A keyword has a value that is not allowed.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return _text(_ask.images_in_box, bbox, filters)


@auth()
def sequences_in_bbox(bbox: dict[str, float], **filters: Any) -> str:
    """Gets the sequences that are partly in a box, each with its whole line.

    Args:
        bbox: West, south, east and north in degrees, by these names; west > east crosses the
            antimeridian.
        **filters: min_captured_at and max_captured_at (dates), image_type ("pano" or "flat";
            anything else is no filter), organization_id or org_id (an id or a list).

    Returns:
        Text of a GeoJSON collection, each feature once.

    Raises:
        InvalidBBoxError: The box is not valid.
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: A keyword has a value that is not allowed.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return _shape.with_plain_lines(_text(_ask.sequences_in_box, bbox, filters))


@auth()
def map_feature_points_in_bbox(
    bbox: dict[str, float], filter_values: list[str] | None = None, **filters: Any
) -> str:
    """Gets the objects on the map in a box.

    Args:
        bbox: West, south, east and north in degrees, by these names; west > east crosses the
            antimeridian.
        filter_values: Such as ["object--street-light"]; * matches any text. All unless given.
        **filters: existed_at (first seen after this moment), existed_before (first seen at this
            moment or before).

    Returns:
        Text of a GeoJSON collection, each feature once.

    Raises:
        InvalidBBoxError: The box is not valid.
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: A keyword has a value that is not allowed.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return _text(_ask.features_in_box, "points", bbox, filter_values, filters)


@auth()
def traffic_signs_in_bbox(
    bbox: dict[str, float], filter_values: list[str] | None = None, **filters: Any
) -> str:
    """Gets the traffic signs in a box.

    Args:
        bbox: West, south, east and north in degrees, by these names; west > east crosses the
            antimeridian.
        filter_values: Such as ["regulatory--stop--g1"]; * matches any text. All unless given.
        **filters: existed_at (first seen after this moment), existed_before (first seen at this
            moment or before).

    Returns:
        Text of a GeoJSON collection, each feature once.

    Raises:
        InvalidBBoxError: The box is not valid.
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: A keyword has a value that is not allowed.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return _text(_ask.features_in_box, "signs", bbox, filter_values, filters)


# ---- in a shape


@auth()
def images_in_geojson(geojson: Any, **filters: Any) -> GeoJSON:
    """Gets the images in the polygons of a GeoJSON document.

    Args:
        geojson: A GeoJSON dict, text, file or http URL. Holes count; a collection of points is one
            ring.
        **filters: Those of images_in_bbox.

    Returns:
        The images, each once.

    Raises:
        InvalidArgumentError: The shape has no polygons that can be read.
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: A keyword has a value that is not allowed.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return GeoJSON._of_text(_text(_ask.images_within, geojson, filters, "images_in_geojson"))


@auth()
def images_in_shape(shape: Any, **filters: Any) -> GeoJSON:
    """Gets the images in the polygons of a shape.

    Args:
        shape: A GeoJSON dict, text, file or http URL. Holes count; a collection of points is one
            ring.
        **filters: Those of images_in_bbox.

    Returns:
        The images, each once.

    Raises:
        InvalidArgumentError: The shape has no polygons that can be read.
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: A keyword has a value that is not allowed.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return GeoJSON._of_text(_text(_ask.images_within, shape, filters, "images_in_shape"))


@auth()
def map_features_in_geojson(geojson: Any, **filters: Any) -> GeoJSON:
    """Gets the map features in the polygons of a GeoJSON document.

    Args:
        geojson: A GeoJSON dict, text, file or http URL. Holes count; a collection of points is one
            ring.
        **filters: feature_type or layer ("point" or "traffic_signs"), min_captured_at and
            max_captured_at (dates between which it was first seen).

    Returns:
        The map features, each once.

    Raises:
        InvalidArgumentError: The shape has no polygons that can be read.
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: A keyword has a value that is not allowed.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return GeoJSON._of_text(
        _text(_ask.features_within, geojson, filters, "map_features_in_geojson")
    )


@auth()
def map_features_in_shape(shape: Any, **filters: Any) -> GeoJSON:
    """Gets the map features in the polygons of a shape.

    Args:
        shape: A GeoJSON dict, text, file or http URL. Holes count; a collection of points is one
            ring.
        **filters: feature_type or layer ("point" or "traffic_signs"), min_captured_at and
            max_captured_at (dates between which it was first seen).

    Returns:
        The map features, each once.

    Raises:
        InvalidArgumentError: The shape has no polygons that can be read.
        InvalidKwargError: A keyword is not known.
        InvalidOptionError: A keyword has a value that is not allowed.
        AuthError: There is no token.
        InvalidTokenError: The service refuses the token.
        ServiceError: The service cannot be reached, or refuses the request.
    """
    return GeoJSON._of_text(_text(_ask.features_within, shape, filters, "map_features_in_shape"))


# ---- files


@auth()
def save_locally(
    geojson_data: str | dict[str, Any] | GeoJSON,
    file_path: str | None = None,
    file_name: str | None = None,
    extension: str = "geojson",
) -> None:
    """Writes a result into a file, which is either complete or not there.

    Args:
        geojson_data: The result, as text, dict or GeoJSON.
        file_path: The folder; the current one unless given.
        file_name: Letters, digits, _ and -, without extension; mapillary_MILLISECONDS_ unless
            given.
        extension: "geojson" or "csv".

    Raises:
        InvalidOptionError: The extension is none of these.
        OSError: The file cannot be written.
    """
    _save.save(geojson_data, file_path, file_name, extension)


def _text(ask: Any, *arguments: Any) -> str:
    try:
        query = ask(*arguments)
    except _arguments.Nothing:
        query = None
    return _service.geojson(query)
