"""Tiles as GeoJSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mapillary._tiles import features_at, tile_of, tiles_of
from mapillary.config.api.vector_tiles import VectorTiles
from mapillary.models.client import Client
from mapillary.models.exceptions import InvalidOptionError
from mapillary.models.geojson import GeoJSON

if TYPE_CHECKING:
    from collections.abc import Callable

_LAYERS = {
    "overview": (VectorTiles.get_overview_layer, VectorTiles.get_computed_overview_layer),
    "sequence": (VectorTiles.get_sequence_layer, VectorTiles.get_computed_sequence_layer),
    "image": (VectorTiles.get_image_layer, VectorTiles.get_computed_image_layer),
}
_FEATURES = {
    "point": (VectorTiles.get_map_feature_point, "point"),
    "traffic_signs": (VectorTiles.get_map_feature_traffic_sign, "traffic_sign"),
}
_ZOOMS = {
    "overview": (0, 5),
    "sequence": (6, 14),
    "image": (14, 14),
    "map_feature": (14, 14),
    "traffic_sign": (14, 14),
}


def check_zoom(layer: str, zoom: int) -> None:
    """Fails where a layer is not known or has no data at a zoom."""
    if layer not in _ZOOMS:
        raise InvalidOptionError(param="layer", value=layer, options=list(_LAYERS))
    first, last = _ZOOMS[layer]
    if zoom not in range(first, last + 1):
        raise InvalidOptionError(param="zoom", value=zoom, options=list(range(first, last + 1)))


def check_place(longitude: float, latitude: float) -> None:
    """Fails where a place is not on the map."""
    for name, value, most in (("longitude", longitude, 180), ("latitude", latitude, 90)):
        if not -most < value < most:
            raise InvalidOptionError(param=name, value=value, options=[-most, most])


class VectorTilesAdapter:
    """Tiles as GeoJSON, with every property that is in them."""

    def __init__(self) -> None:
        self.client = Client()

    def fetch_layer(
        self, layer: str, longitude: float, latitude: float, zoom: int = 14
    ) -> dict[str, Any]:
        """The layer overview, sequence or image of the tile that holds a place."""
        check_place(longitude, latitude)
        check_zoom(layer, zoom)
        return _fetch(_LAYERS[layer][0], tile_of(longitude, latitude, zoom), layer)

    def fetch_computed_layer(
        self, layer: str, zoom: int, longitude: float, latitude: float
    ) -> dict[str, Any]:
        """fetch_layer at computed positions."""
        check_place(longitude, latitude)
        check_zoom(layer, zoom)
        return _fetch(_LAYERS[layer][1], tile_of(longitude, latitude, zoom), layer)

    def fetch_features(
        self, feature_type: str, zoom: int, longitude: float, latitude: float
    ) -> dict[str, Any]:
        """The map features of the tile that holds a place.

        Args:
            feature_type: "point" or "traffic_signs".
            zoom: 14.
            longitude: In degrees, between -180 and 180.
            latitude: In degrees, between -90 and 90.

        Raises:
            InvalidOptionError: An argument is none of these.
        """
        check_place(longitude, latitude)
        check_zoom("map_feature", zoom)
        address, name = _feature_type(feature_type)
        return _fetch(address, tile_of(longitude, latitude, zoom), name)

    def fetch_layers(
        self,
        coordinates: list[float],
        layer: str = "image",
        zoom: int = 14,
        is_computed: bool = False,
    ) -> GeoJSON:
        """A layer of all tiles that a box touches (west, south, east, north); each id once."""
        check_zoom(layer, zoom)
        return _merged(coordinates, zoom, _LAYERS[layer][1 if is_computed else 0], layer)

    def fetch_map_features(
        self, coordinates: list[float], feature_type: str, zoom: int = 14
    ) -> GeoJSON:
        """The map features of all tiles that a box touches; each id once.

        Args:
            coordinates: West, south, east, north in degrees.
            feature_type: "point" or "traffic_signs".
            zoom: 14.

        Raises:
            InvalidOptionError: An argument is none of these.
        """
        check_zoom("map_feature", zoom)
        return _merged(coordinates, zoom, *_feature_type(feature_type))


def _feature_type(name: str) -> tuple[Callable[..., str], str]:
    if name not in _FEATURES:
        raise InvalidOptionError(param="feature_type", value=name, options=list(_FEATURES))
    return _FEATURES[name]


def _fetch(address: Callable[..., str], tile: tuple[int, int, int], layer: str) -> dict[str, Any]:
    zoom, x, y = tile
    return features_at(address(x=x, y=y, z=zoom), tile, layer)


def _merged(
    coordinates: list[float], zoom: int, address: Callable[..., str], layer: str
) -> GeoJSON:
    west, south, east, north = coordinates
    merged = GeoJSON({"type": "FeatureCollection", "features": []})
    for tile in tiles_of(west, south, east, north, zoom):
        merged.append_features(_fetch(address, tile, layer)["features"])
    return merged
