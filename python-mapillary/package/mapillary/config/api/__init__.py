"""Addresses of the service, by endpoint."""

from mapillary.config.api import entities, general, vector_tiles

__all__ = ["entities", "general", "vector_tiles"]
