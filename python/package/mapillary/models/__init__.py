"""Classes: results, errors, and the connection."""

from mapillary.models import (  # they need the others
    api,
    client,
    config,
    exceptions,
    geojson,
    logger,
)

__all__ = ["api", "client", "config", "exceptions", "geojson", "logger"]
