"""Filters of lists of features. Wrong arguments are errors that name the argument."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from mapillary import _arguments, _ask
from mapillary.models.exceptions import InvalidOptionError
from mapillary.utils.time import bounds

if TYPE_CHECKING:
    from collections.abc import Callable

Features = list[dict[str, Any]]

#: Mean radius of the earth (IUGG) in metres.
_EARTH_M = 6_371_008.8

_METRES = {"m": 1.0, "km": 1000.0, "mi": 1609.344, "nmi": 1852.0, "ft": 0.3048, "in": 0.0254}

#: Flat images look so far to either side.
_HALF_VIEW_DEGREES = 50


def pipeline_component(
    func: Callable[..., Features], data: Features, exception_message: str, args: list[Any]
) -> Features:
    """Applies one filter. An error says which, by the message."""
    try:
        return func(data, *args)
    except TypeError as error:
        raise TypeError(f"{exception_message}: {error}") from error


def pipeline(data: dict[str, Any], components: list[dict[str, Any]]) -> Features:
    """The features of a collection that pass all filters.

    A component is a dict: "filter" is the name of one of the functions below, and the other values
    are its arguments in their order. Empty components are passed over.
    """
    features: Features = data["features"]
    for component in components:
        if component:
            name, *arguments = component.values()
            if name not in _FILTERS:
                raise InvalidOptionError(param="filter", value=name, options=sorted(_FILTERS))
            features = pipeline_component(_FILTERS[name], features, f"filter {name}", arguments)
    return features


def max_captured_at(data: Features, max_timestamp: str) -> Features:
    """Images taken at a date or before; a shorter date means its end."""
    last = bounds(_arguments.date_of("max_timestamp", max_timestamp))[1]
    return [feature for feature in data if feature["properties"]["captured_at"] <= last]


def min_captured_at(data: Features, min_timestamp: str) -> Features:
    """Images taken at a date or later."""
    first = bounds(_arguments.date_of("min_timestamp", min_timestamp))[0]
    return [feature for feature in data if feature["properties"]["captured_at"] >= first]


def features_in_bounding_box(data: Features, bbox: dict[str, float]) -> Features:
    """Points in a box, its border included; west > east crosses the antimeridian."""
    west, south, east, north = _arguments.box(bbox)

    def inside(place: list[float]) -> bool:
        between = west <= place[0] <= east if west <= east else place[0] >= west or place[0] <= east
        return between and south <= place[1] <= north

    return [feature for feature in data if inside(feature["geometry"]["coordinates"])]


def filter_values(data: Features, values: list[str], property: str = "value") -> Features:
    """Features whose property is one of these."""
    wanted = [values] if isinstance(values, str) else list(values)
    return [feature for feature in data if feature["properties"].get(property) in wanted]


def existed_at(data: Features, existed_at: str) -> Features:
    """Map features first seen after a moment."""
    moment = bounds(_arguments.date_of("existed_at", existed_at))[0]
    return [feature for feature in data if feature["properties"]["first_seen_at"] > moment]


def existed_before(data: Features, existed_before: str) -> Features:
    """Map features first seen at a moment or before."""
    moment = bounds(_arguments.date_of("existed_before", existed_before))[0]
    return [feature for feature in data if feature["properties"]["first_seen_at"] <= moment]


def haversine_dist(data: Features, radius: float, coords: list[float], unit: str = "m") -> Features:
    """Points within a radius of a place (longitude, latitude), along the ground."""
    if unit not in _METRES:
        raise InvalidOptionError(param="unit", value=unit, options=list(_METRES))
    radius_m = _arguments.number("radius", radius) * _METRES[unit]
    return [f for f in data if distance_m(coords, f["geometry"]["coordinates"]) <= radius_m]


def distance_m(a: list[float], b: list[float]) -> float:
    """Metres along the ground between two places, by the haversine formula."""
    (lon_a, lat_a), (lon_b, lat_b) = (map(math.radians, place[:2]) for place in (a, b))
    half = math.sin((lat_b - lat_a) / 2) ** 2
    half += math.cos(lat_a) * math.cos(lat_b) * math.sin((lon_b - lon_a) / 2) ** 2
    return 2 * _EARTH_M * math.asin(math.sqrt(min(1.0, half)))


def image_type(data: Features, image_type: str) -> Features:
    """Images of a type: "pano" or "flat"; "both" and "all" are no filter."""
    if image_type not in _ask.IMAGE_TYPES:
        raise InvalidOptionError(param="image_type", value=image_type, options=_ask.IMAGE_TYPES)
    if image_type in ("both", "all"):
        return list(data)
    return [
        feature for feature in data if feature["properties"]["is_pano"] == (image_type == "pano")
    ]


def organization_id(data: Features, organization_id: int | str | list[Any]) -> Features:
    """Images of an organization, or of one of several."""
    return _with_any(
        data, "organization_id", lambda: _arguments.numbers("organization_id", organization_id)
    )


def sequence_id(data: Features, ids: str | list[str]) -> Features:
    """Images of a sequence, or of one of several."""
    return _with_any(data, "sequence_id", lambda: _arguments.words("ids", ids))


def _with_any(data: Features, name: str, read: Callable[[], list[Any]]) -> Features:
    try:
        wanted = set(read())
    except _arguments.Nothing:
        return []
    return [feature for feature in data if feature["properties"].get(name) in wanted]


def compass_angle(data: Features, angles: tuple[float, float] = (0.0, 360.0)) -> Features:
    """Images that look between two angles in degrees; from > to crosses north."""
    first, last = _arguments.angles("angles", angles)

    def between(angle: float | None) -> bool:
        if angle is None:
            return False
        return first <= angle <= last if first <= last else angle >= first or angle <= last

    return [feature for feature in data if between(feature["properties"].get("compass_angle"))]


def bearing(start: list[float], end: list[float]) -> float:
    """The bearing of the shortest way between two places, in degrees clockwise from north."""
    (lon_a, lat_a), (lon_b, lat_b) = (map(math.radians, place[:2]) for place in (start, end))
    east = math.sin(lon_b - lon_a) * math.cos(lat_b)
    north = math.cos(lat_a) * math.sin(lat_b) - math.sin(lat_a) * math.cos(lat_b) * math.cos(
        lon_b - lon_a
    )
    return math.degrees(math.atan2(east, north))


def is_looking_at(image_feature: dict[str, Any], look_at_feature: dict[str, Any]) -> bool:
    """Whether a place is in the view of an image.

    Panoramas look everywhere, others within 50 degrees of their compass angle.
    """
    properties = image_feature["properties"]
    if properties.get("is_pano"):
        return True
    angle = properties.get("compass_angle")
    if angle is None or angle < 0:
        return False
    places = (feature["geometry"]["coordinates"] for feature in (image_feature, look_at_feature))
    aside = abs(bearing(*places) - float(angle)) % 360
    return min(aside, 360 - aside) <= _HALF_VIEW_DEGREES


def by_look_at_feature(image: dict[str, Any], look_at_feature: dict[str, Any]) -> bool:
    """Whether an image looks at a feature; see is_looking_at."""
    return is_looking_at(image, look_at_feature)


def hits_by_look_at(data: Features, at: Any) -> Features:
    """Images that look at a place; see is_looking_at."""
    place = {"geometry": {"type": "Point", "coordinates": list(_arguments.place_of(at))}}
    return [image for image in data if is_looking_at(image, place)]


def in_shape(data: Features, boundary: Any) -> Features:
    """Points in a shape, its border included: a geometry of shapely, or GeoJSON as a dict."""
    from mapillary.utils._shapes import contains

    return [feature for feature in data if contains(boundary, feature["geometry"])]


_FILTERS: dict[str, Callable[..., Features]] = {
    function.__name__: function
    for function in (
        filter_values,
        max_captured_at,
        min_captured_at,
        haversine_dist,
        image_type,
        organization_id,
        features_in_bounding_box,
        existed_at,
        existed_before,
        sequence_id,
        compass_angle,
        hits_by_look_at,
        in_shape,
    )
}
