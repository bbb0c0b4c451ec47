"""Tiles by what they hold."""

from __future__ import annotations

from typing import Any

from mapillary._tiles import features_at, tile_of
from mapillary.config.api.general import General
from mapillary.models.api.vector_tiles import check_place, check_zoom
from mapillary.models.client import Client
from mapillary.models.exceptions import LiteralEnforcementException

_LAYERS = ["overview", "sequence", "image", "map_feature", "traffic_sign"]


class GeneralAdapter:
    """The tile that holds a place, as GeoJSON."""

    def __init__(self, *args: object) -> None:
        self.client = Client()

    def fetch_image_tiles(
        self, zoom: int, longitude: float, latitude: float, layer: str = "image"
    ) -> dict[str, Any]:
        """The layer overview, sequence or image."""
        tile = _tile(zoom, longitude, latitude, layer)
        return features_at(
            General.get_image_type_tiles(z=tile[0], x=tile[1], y=tile[2]), tile, layer
        )

    def fetch_computed_image_tiles(
        self, zoom: int, longitude: float, latitude: float, layer: str = "image"
    ) -> dict[str, Any]:
        """The layer overview, sequence or image at computed positions."""
        tile = _tile(zoom, longitude, latitude, layer)
        return features_at(
            General.get_computed_image_type_tiles(z=tile[0], x=tile[1], y=tile[2]), tile, layer
        )

    def fetch_map_features_tiles(
        self, zoom: int, longitude: float, latitude: float, layer: str = "image"
    ) -> dict[str, Any]:
        """Objects on the map, whatever the layer is called."""
        tile = _tile(zoom, longitude, latitude, layer)
        return features_at(
            General.get_map_features_points_tiles(z=tile[0], x=tile[1], y=tile[2]), tile, "point"
        )

    def fetch_map_features_traffic_tiles(
        self, zoom: int, longitude: float, latitude: float, layer: str
    ) -> dict[str, Any]:
        """Traffic signs, whatever the layer is called."""
        tile = _tile(zoom, longitude, latitude, layer)
        address = General.get_map_features_traffic_signs_tiles(z=tile[0], x=tile[1], y=tile[2])
        return features_at(address, tile, "traffic_sign")


def _tile(zoom: int, longitude: float, latitude: float, layer: str) -> tuple[int, int, int]:
    LiteralEnforcementException.enforce_literal(layer, _LAYERS, "layer")
    check_place(longitude, latitude)
    check_zoom(layer, zoom)
    return tile_of(longitude, latitude, zoom)
