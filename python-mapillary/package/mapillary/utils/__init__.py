"""Functions on GeoJSON, dates and arguments."""

from mapillary.utils import auth, extract, filter, format, time, verify

__all__ = ["auth", "extract", "filter", "format", "time", "verify"]
