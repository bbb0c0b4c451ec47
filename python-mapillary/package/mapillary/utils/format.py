"""GeoJSON into other forms, and outlines of detections."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

from mapillary import _arguments, _service, _shape
from mapillary.models.exceptions import InvalidArgumentError
from mapillary.models.geojson import Coordinates, GeoJSON
from mapillary.utils._shapes import polygons
from mly._mly import _tile_rings

Ring = list[list[float]]


def feature_to_geojson(json_data: dict[str, Any]) -> dict[str, Any]:
    """An object of the graph as a feature."""
    return _shape.feature(json_data)


def join_geojson_with_keys(
    geojson_src: dict[str, Any],
    geojson_src_key: str,
    geojson_dest: dict[str, Any],
    geojson_dest_key: str,
) -> dict[str, Any]:
    """Adds the properties of features of the second collection to those of the first.

    Features belong together when the number of one key is that of the other. What the first has
    stays; it is changed and returned.
    """
    others: dict[int, dict[str, Any]] = {}
    for feature in geojson_dest["features"]:
        if geojson_dest_key in feature["properties"]:
            others.setdefault(int(feature["properties"][geojson_dest_key]), {}).update(
                feature["properties"]
            )
    for feature in geojson_src["features"]:
        if geojson_src_key in feature["properties"]:
            more = others.get(int(feature["properties"][geojson_src_key]), {})
            feature["properties"] = {**more, **feature["properties"]}
    return geojson_src


def geojson_to_features_list(json_data: dict[str, Any]) -> list[dict[str, Any]]:
    """The features of a collection."""
    features: list[dict[str, Any]] = json_data["features"]
    return features


def merged_features_list_to_geojson(features_list: list[dict[str, Any]]) -> str:
    """Features as the text of a collection."""
    return json.dumps(_shape.collection(features_list))


def detection_features_to_geojson(feature_list: list[dict[str, Any]]) -> dict[str, Any]:
    """Detections of the graph as a collection."""
    return _shape.collection([_shape.detection(row) for row in feature_list])


def flatten_geojson(geojson: dict[str, Any]) -> list[dict[str, Any]]:
    """Features as flat dicts: geometry, properties, and for points longitude and latitude."""
    rows = []
    for feature in geojson["features"]:
        row = {"geometry": feature["geometry"], **(feature["properties"] or {})}
        if feature["geometry"] and feature["geometry"]["type"] == "Point":
            row["longitude"], row["latitude"] = feature["geometry"]["coordinates"][:2]
        rows.append(row)
    return rows


def geojson_to_polygon(geojson: dict[str, Any]) -> GeoJSON:
    """The polygons of a collection, one feature each; a collection of points is one ring."""
    found = polygons(geojson)
    geometries = [
        feature["geometry"] for feature in geojson.get("features", []) if feature["geometry"]
    ]
    if geometries and all(geometry["type"] == "Point" for geometry in geometries):
        ring = [geometry["coordinates"] for geometry in geometries]
        found = [[ring if ring[0] == ring[-1] else [*ring, ring[0]]]]
    shapes = [{"type": "Polygon", "coordinates": rings} for rings in found]
    return GeoJSON(
        _shape.collection([{"type": "Feature", "properties": {}, "geometry": s} for s in shapes])
    )


def flatten_dictionary(
    data: Mapping[str, Any], parent_key: str = "", sep: str = "_"
) -> dict[str, Any]:
    """A dict without dicts in it: keys are joined."""
    flat: dict[str, Any] = {}
    for key, value in data.items():
        name = parent_key + sep + key if parent_key else key
        flat.update(
            flatten_dictionary(value, name, sep) if isinstance(value, Mapping) else {name: value}
        )
    return flat


def normalize_list(coordinates: list[Ring], width: int = 4096, height: int = 4096) -> list[Ring]:
    """Rings of pixels as parts of a width and a height."""
    return [[[x / width, y / height] for x, y in ring] for ring in coordinates]


def decode_pixel_geometry(
    base64_string: str, normalized: bool = True, width: int | None = None, height: int | None = None
) -> dict[str, list[Ring]]:
    """Decodes the outline of a detection.

    Args:
        base64_string: The outline, a vector tile in base64.
        normalized: Whether coordinates are shares of width and height, 0 to 1; else units of the
            grid of the outline.
        width: Of the image, in units of the grid; that of the grid unless given.
        height: Of the image, in units of the grid; that of the grid unless given.

    Returns:
        {"coordinates": [ring, ...]}, counted from the bottom left corner of the image.

    Raises:
        InvalidArgumentError: It is not an outline.
    """
    try:
        body = base64.b64decode(base64_string + "=" * (-len(base64_string) % 4), validate=True)
    except ValueError as error:
        raise InvalidArgumentError(f"this outline is no base64: {error}") from error
    with _service.translated_errors():
        features = json.loads(_tile_rings(body))
    found: list[Ring] = []
    for extent, rings in features:
        # The bytes count from the top.
        raised = [[[x, extent - y] for x, y in ring] for ring in rings]
        found += normalize_list(raised, width or extent, height or extent) if normalized else raised
    return {"coordinates": found}


def decode_pixel_geometry_in_geojson(
    geojson: dict[str, Any] | GeoJSON,
    normalized: bool = True,
    width: int | None = None,
    height: int | None = None,
) -> GeoJSON:
    """Detections with their outlines decoded; what was handed over stays as it is."""
    collection = geojson.to_dict() if isinstance(geojson, GeoJSON) else geojson
    features = []
    for feature in collection["features"]:
        properties = dict(feature["properties"])
        if isinstance(outline := properties.get("pixel_geometry"), str):
            properties["pixel_geometry"] = decode_pixel_geometry(outline, normalized, width, height)
        features.append({**feature, "properties": properties})
    return GeoJSON(_shape.collection(features))


def coord_or_list_to_dict(data: Coordinates | list[float] | dict[str, float]) -> dict[str, float]:
    """A place as {"lng": .., "lat": ..}."""
    longitude, latitude = _arguments.place_of(data)
    return {"lng": longitude, "lat": latitude}


def polygon_feature_to_bbox_list(
    polygon: dict[str, Any], is_bbox_list_required: bool = True
) -> list[float] | dict[str, float]:
    """The box of a polygon feature: [west, south, east, north], or a dict of them."""
    places = [place for rings in polygons(polygon) for ring in rings for place in ring]
    if not places:
        raise InvalidArgumentError("there is no polygon in the feature")
    longitudes, latitudes = [place[0] for place in places], [place[1] for place in places]
    bbox = [min(longitudes), min(latitudes), max(longitudes), max(latitudes)]
    return bbox if is_bbox_list_required else dict(zip(_arguments.SIDES, bbox, strict=True))


def bbox_to_polygon(bbox: list[float] | dict[str, float]) -> dict[str, Any]:
    """A box, [west, south, east, north] or a dict of them, as a polygon feature."""
    west, south, east, north = (
        (bbox[side] for side in _arguments.SIDES) if isinstance(bbox, dict) else bbox
    )
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {
        "type": "Feature",
        "properties": {},
        "geometry": {"type": "Polygon", "coordinates": [ring]},
    }
