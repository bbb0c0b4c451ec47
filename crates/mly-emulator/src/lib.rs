//! The Mapillary API v4 on localhost: tiles, graph, errors, limits and faults
