"""Classes: results, errors, and the connection."""

# isort: off
from mapillary.models import config, exceptions, geojson, logger
from mapillary.models import api, client  # They need the others.

__all__ = ["api", "client", "config", "exceptions", "geojson", "logger"]
