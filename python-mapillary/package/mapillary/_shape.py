"""The GeoJSON shapes of the official SDK. The only place that knows them."""

from __future__ import annotations

import json
from typing import Any

from mapillary.models.geojson import GeoJSON

#: Nested fields of the graph. In tables each of their keys is a column, such as creator_id.
_NESTED = {"creator": ("id", "username"), "mesh": ("id", "url"), "sfm_cluster": ("id", "url")}

#: The text with which mly begins a feature of lines, up to the first line, and the text that
#: replaces it if there is only one line.
_MULTI = '{"type":"Feature","geometry":{"type":"MultiLineString","coordinates":['
_SINGLE = '{"type":"Feature","geometry":{"type":"LineString","coordinates":'


def feature(entity: dict[str, Any]) -> dict[str, Any]:
    """An object of the graph as a feature."""
    properties = {key: value for key, value in entity.items() if key != "geometry"}
    return {"type": "Feature", "geometry": entity.get("geometry"), "properties": properties}


def collection(features: list[dict[str, Any]]) -> dict[str, Any]:
    """Features as a collection."""
    return {"type": "FeatureCollection", "features": features}


def detection(row: dict[str, Any]) -> dict[str, Any]:
    """A detection as a feature: the place is that of its image."""
    image = row.get("image") or {}
    named = {
        "image_id": image.get("id"),
        "created_at": row.get("created_at"),
        "pixel_geometry": row.get("geometry"),
        "value": row.get("value"),
        "id": row.get("id"),
    }
    properties = {key: value for key, value in named.items() if value is not None}
    return {"type": "Feature", "geometry": image.get("geometry"), "properties": properties}


def with_plain_lines(text: str) -> str:
    """A collection of mly with a LineString in the place of each MultiLineString of one line.

    mly writes one feature per line of text and gives all features of a layer the same kind of
    geometry.
    """
    return "\n".join(map(_with_plain_line, text.split("\n")))


def _with_plain_line(feature: str) -> str:
    if not feature.startswith(_MULTI):
        return feature
    # The coordinates of the first line end at "]]"; if it is the only one, another "]" follows,
    # else a comma.
    line, _, rest = feature.removeprefix(_MULTI).partition("]]")
    return f"{_SINGLE}{line}]]{rest[1:]}" if rest.startswith("]") else feature


def with_fields(text: str, fields: Any) -> GeoJSON:
    """A result as GeoJSON. If fields were named, nested fields are nested again as in the graph."""
    if not fields:
        return GeoJSON._of_text(text)
    found = json.loads(text)
    for each in found["features"]:
        each["properties"] = _nested(each["properties"], {str(name).lower() for name in fields})
    return GeoJSON._of_text(json.dumps(found))


def _nested(properties: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    for name, keys in _NESTED.items():
        if name in fields or "all" in fields:
            inner = {
                key: properties.pop(f"{name}_{key}")
                for key in keys
                if f"{name}_{key}" in properties
            }
            if inner:
                # Ids are text in the graph.
                properties[name] = {key: str(value) for key, value in inner.items()}
    return properties
