"""Values out of collections."""

from __future__ import annotations

from typing import Any


def extract_properties(geojson: dict[str, Any], properties: list[str]) -> dict[str, list[Any]]:
    """The values of each of these properties, of all features that have it."""
    found = [feature["properties"] for feature in geojson["features"]]
    return {name: [values[name] for values in found if name in values] for name in properties}
