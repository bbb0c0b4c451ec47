"""Base URLs, and addresses of tiles by what they hold."""

from __future__ import annotations

from mapillary import _service
from mapillary.config.api.vector_tiles import VectorTiles


class General:
    """Base URLs, and addresses of tiles by what they hold."""

    @staticmethod
    def get_tile_metadata() -> str:
        """The graph: entities and searches."""
        return _service.graph_url() + "/"

    @staticmethod
    def get_vector_tiles() -> str:
        """The vector tiles."""
        return _service.tiles_url() + "/"

    @staticmethod
    def get_image_type_tiles(x: int, y: int, z: int) -> str:
        """Images and sequences."""
        return VectorTiles.get_image_layer(x, y, z)

    @staticmethod
    def get_computed_image_type_tiles(x: int, y: int, z: int) -> str:
        """Images and sequences at computed positions."""
        return VectorTiles.get_computed_image_layer(x, y, z)

    @staticmethod
    def get_map_features_points_tiles(x: int, y: int, z: int) -> str:
        """Objects on the map."""
        return VectorTiles.get_map_feature_point(x, y, z)

    @staticmethod
    def get_map_features_traffic_signs_tiles(x: int, y: int, z: int) -> str:
        """Traffic signs."""
        return VectorTiles.get_map_feature_traffic_sign(x, y, z).rstrip("/")
