"""Points in shapes, for filters of lists. Queries do it in Rust."""

from __future__ import annotations

from typing import Any

Ring = list[list[float]]


def contains(shape: Any, geometry: dict[str, Any]) -> bool:
    """Whether a point lies in a shape or on its border."""
    if hasattr(shape, "covers"):
        # A geometry of shapely, which is there then.
        from shapely.geometry import shape as geometry_of  # type: ignore[import-untyped,unused-ignore]

        return bool(shape.covers(geometry_of(geometry)))
    place = geometry["coordinates"]
    return any(_in_polygon(place, rings) for rings in polygons(shape))


def polygons(shape: Any) -> list[list[Ring]]:
    """The polygons of GeoJSON of any kind: lists of rings, the first of each the outer one."""
    kind = shape["type"]
    if kind == "FeatureCollection":
        return [rings for feature in shape["features"] for rings in polygons(feature)]
    if kind == "GeometryCollection":
        return [rings for geometry in shape["geometries"] for rings in polygons(geometry)]
    if kind == "Feature":
        return polygons(shape["geometry"]) if shape["geometry"] else []
    if kind == "Polygon":
        return [shape["coordinates"]]
    return list(shape["coordinates"]) if kind == "MultiPolygon" else []


def _in_polygon(place: list[float], rings: list[Ring]) -> bool:
    sides = [_side(place, ring) for ring in rings]
    if 0 in sides:
        return True
    return bool(sides) and sides[0] > 0 and all(side < 0 for side in sides[1:])


def _side(place: list[float], ring: Ring) -> int:
    """1 inside of a ring, 0 on it, -1 outside, by counting crossings of the line to the east."""
    x, y = place[:2]
    inside = False
    for (ax, ay, *_), (bx, by, *_) in zip(ring, [*ring[1:], ring[0]], strict=True):
        turn = (bx - ax) * (y - ay) - (by - ay) * (x - ax)
        if turn == 0 and min(ax, bx) <= x <= max(ax, bx) and min(ay, by) <= y <= max(ay, by):
            return 0
        if (ay > y) != (by > y) and (turn > 0) == (by > ay):
            inside = not inside
    return 1 if inside else -1
