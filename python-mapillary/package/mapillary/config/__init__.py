"""Addresses of the service."""

from mapillary.config import api

__all__ = ["api"]
