"""Addresses of vector tiles."""

from __future__ import annotations

from mapillary import _service


def _tile(tile_set: str, x: int, y: int, z: int) -> str:
    # The 2 is a constant of the service.
    return f"{_service.tiles_url()}/maps/vtp/{tile_set}/2/{z}/{x}/{y}/"


class VectorTiles:
    """Addresses of vector tiles, without the token."""

    @staticmethod
    def get_overview_layer(x: int, y: int, z: int) -> str:
        """Zooms 0 to 5: points with captured_at, id, sequence_id, is_pano."""
        return _tile("mly1_public", x, y, z)

    @staticmethod
    def get_sequence_layer(x: int, y: int, z: int) -> str:
        """Zooms 6 to 14: lines with captured_at, id, image_id, is_pano, organization_id."""
        return _tile("mly1_public", x, y, z)

    @staticmethod
    def get_image_layer(x: int, y: int, z: int) -> str:
        """Zoom 14: points.

        Their properties are captured_at, compass_angle, id, sequence_id, is_pano, organization_id.
        """
        return _tile("mly1_public", x, y, z)

    @staticmethod
    def get_computed_overview_layer(x: int, y: int, z: int) -> str:
        """get_overview_layer at computed positions."""
        return _tile("mly1_computed_public", x, y, z)

    @staticmethod
    def get_computed_sequence_layer(x: int, y: int, z: int) -> str:
        """get_sequence_layer at computed positions."""
        return _tile("mly1_computed_public", x, y, z)

    @staticmethod
    def get_computed_image_layer(x: int, y: int, z: int) -> str:
        """get_image_layer at computed positions."""
        return _tile("mly1_computed_public", x, y, z)

    @staticmethod
    def get_map_feature_point(x: int, y: int, z: int) -> str:
        """Zoom 14: objects with id, value, first_seen_at, last_seen_at."""
        return _tile("mly_map_feature_point", x, y, z)

    @staticmethod
    def get_map_feature_traffic_sign(x: int, y: int, z: int) -> str:
        """Zoom 14: traffic signs with id, value, first_seen_at, last_seen_at."""
        return _tile("mly_map_feature_traffic_sign", x, y, z)
