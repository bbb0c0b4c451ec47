"""Classes: results, errors, and the connection."""

from mapillary.models import config, exceptions, geojson, logger
from mapillary.models import api, client  # they need the others

__all__ = ["api", "client", "config", "exceptions", "geojson", "logger"]
