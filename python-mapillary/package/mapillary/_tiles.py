"""Tiles: which ones there are, and their features.

Numbers of tiles follow the scheme of slippy maps (EPSG:3857, y counted from the north).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from mapillary import _service
from mly._mly import _tile_containing, _tile_features

if TYPE_CHECKING:
    from collections.abc import Iterator

#: The zoom with images and map features.
DATA_ZOOM = 14


def tile_of(longitude: float, latitude: float, zoom: int) -> tuple[int, int, int]:
    """The tile that holds a place: zoom, x, y."""
    return _tile_containing(longitude, latitude, zoom)


def tiles_of(
    west: float, south: float, east: float, north: float, zoom: int
) -> Iterator[tuple[int, int, int]]:
    """The tiles that a box touches; west > east crosses the antimeridian."""
    spans = [(west, east)] if west <= east else [(west, 180.0), (-180.0, east)]
    for first, last in spans:
        _, left, top = tile_of(first, north, zoom)
        _, right, bottom = tile_of(last, south, zoom)
        yield from ((zoom, x, y) for x in range(left, right + 1) for y in range(top, bottom + 1))


def features_at(address: str, tile: tuple[int, int, int], layer: str) -> dict[str, Any]:
    """The features of a layer of the tile at an address, as GeoJSON."""
    from mapillary.models.client import Client

    with _service.translated_errors():
        found: dict[str, Any] = json.loads(
            _tile_features(Client().get(address).content, *tile, layer)
        )
        return found
