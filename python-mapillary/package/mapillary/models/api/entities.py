"""Entities as the graph answers them."""

from __future__ import annotations

from typing import Any

from mapillary import _entities, _shape
from mapillary.models.client import Client


class EntityAdapter:
    """Entities by id."""

    def __init__(self) -> None:
        self.client = Client()

    def fetch_image(self, image_id: int | str, fields: list[str] | None = None) -> dict[str, Any]:
        """An image. Without fields, with all there are.

        Raises:
            InvalidImageKeyError: No image has this id.
        """
        return _entities.image(image_id, fields)

    def fetch_map_feature(
        self, map_feature_id: int | str, fields: list[str] | None = None
    ) -> dict[str, Any]:
        """A map feature. Without fields, with all there are."""
        return _entities.map_feature(map_feature_id, fields)

    def fetch_detections(
        self, identity: int | str, id_type: bool = True, fields: list[str] | None = None
    ) -> dict[str, Any]:
        """The detections of an image, or with id_type=False of a map feature, as GeoJSON."""
        rows = _entities.detections(identity, fields, of_image=id_type)
        return _shape.collection([_shape.detection(row) for row in rows])

    def is_image_id(self, identity: int | str, fields: list[str] | None = None) -> bool:
        """Whether an image has this id."""
        return _entities.is_image(identity)
