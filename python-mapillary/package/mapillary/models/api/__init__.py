"""What the endpoints of the service answer, as GeoJSON."""

from mapillary.models.api import entities, general, vector_tiles

__all__ = ["entities", "general", "vector_tiles"]
