"""The wanted differences from the official package, by name.

Each takes both answers, says by assertions how they differ, and gives them back without the
difference. What is left has to be equal.
"""

import json

Answers = tuple[dict, dict]


def _features(answer):
    return answer["answer"]["features"]


def _flat(features):
    return [feature for feature in features if not feature["properties"]["is_pano"]]


def panoramas(call, official, ours):
    """Without a filter, the official package drops panoramas."""
    assert _flat(_features(official)) == _features(official)
    ours["answer"]["features"] = _flat(_features(ours))
    return official, ours


def _lines(feature):
    geometry = feature["geometry"]
    return (
        [geometry["coordinates"]] if geometry["type"] == "LineString" else geometry["coordinates"]
    )


def _touches(feature, box):
    return any(
        _crosses(a, b, box)
        for line in _lines(feature)
        for a, b in zip(line, line[1:] or line, strict=False)
    )


def _crosses(a, b, box):
    """Whether a segment meets a box: clipped as by Liang and Barsky."""
    first, last = 0.0, 1.0
    for axis, low, high in ((0, box["west"], box["east"]), (1, box["south"], box["north"])):
        step = b[axis] - a[axis]
        if step == 0:
            if not low <= a[axis] <= high:
                return False
            continue
        enter, leave = sorted(((low - a[axis]) / step, (high - a[axis]) / step))
        first, last = max(first, enter), min(last, leave)
    return first <= last


def sequences(call, official, ours):
    """The official package gives one piece for each tile, whether it is in the box or not."""
    box = call["args"][0]
    pieces = [feature for feature in _features(official) if _touches(feature, box)]
    touching = {feature["properties"]["id"]: feature["properties"] for feature in pieces}
    found = {feature["properties"]["id"]: feature for feature in _features(ours)}
    assert len(found) == len(_features(ours)), "each once"
    for feature in found.values():
        assert _touches(feature, box)
    # The layer leaves out sequences with a single image in a tile.
    assert touching.keys() <= found.keys()
    for key, properties in touching.items():
        assert found[key]["properties"] == properties
    for feature in pieces:
        places = {
            tuple(place) for line in _lines(found[feature["properties"]["id"]]) for place in line
        }
        assert places, feature
    return {}, {}


def all_tiles(call, official, ours):
    """The official package looks at one tile only."""
    if isinstance(ours["answer"], bool):
        assert ours["answer"] >= official["answer"]
        return ({}, {}) if ours["answer"] != official["answer"] else (official, ours)
    tile = _tile_of(call)
    ours["answer"]["features"] = [
        feature
        for feature in _features(ours)
        if _column_and_row(feature["geometry"]["coordinates"]) == tile
    ]
    return official, ours


def _tile_of(call):
    at = call["kwargs"].get("at")
    if at is None:
        return _column_and_row([call["kwargs"]["longitude"], call["kwargs"]["latitude"]])
    if isinstance(at, dict):
        at = at.get("$coordinates") or [at["lng"], at["lat"]]
    return _column_and_row(at)


def _column_and_row(place):
    import math

    down = 0.5 - math.asinh(math.tan(math.radians(place[1]))) / (2 * math.pi)
    return math.floor((place[0] + 180) / 360 * 2**14), math.floor(down * 2**14)


def works(call, official, ours):
    """The official package always fails with IndexError; the same shape without it is compared
    elsewhere."""
    assert "IndexError" in official["error"]
    assert ours["answer"]["type"] == "FeatureCollection"
    return {}, {}


def feature_type(call, official, ours):
    """The official package documents feature_type and refuses it."""
    assert "InvalidKwargError" in official["error"]
    assert ours["answer"]["type"] == "FeatureCollection"
    return {}, {}


def geometry(call, official, ours):
    """The official package loses the geometry, and gives a feature in the place of a list of
    one."""
    if "features" in ours["answer"]:
        (feature,) = _features(ours)
        assert isinstance(_features(official), dict)
        ours["answer"]["features"] = feature
    else:
        feature = ours["answer"]
    assert feature["geometry"]["type"] == "Point"
    feature["geometry"] = {}
    return official, ours


def more_fields(call, official, ours):
    """Without fields, all that are known come: the official package does not know these."""
    properties = _features(ours)["properties"]
    if call["args"][1] in ([], ["all"]):
        for name in ("is_pano", "organization", "aligned_direction"):
            properties.pop(name, None)
    return official, ours


def names_image(call, official, ours):
    """The official package looks for the image in the word feature."""
    for feature in _features(ours):
        assert feature["properties"].pop("image_id")
    return official, ours


def fields_left_out(call, official, ours):
    """The official package fails on its own default."""
    assert "TypeError" in official["error"]
    assert _features(ours)
    return {}, {}


def empty_place(call, official, ours):
    """The official package gives None."""
    assert official == {"answer": None}
    assert ours["answer"] == {"type": "FeatureCollection", "features": []}
    return {}, {}


def both_errors(call, official, ours):
    """The official package documents InvalidImageKeyError and raises InvalidOptionError."""
    assert {"InvalidImageKeyError", "InvalidOptionError"} <= set(ours["error"])
    assert "InvalidOptionError" in official["error"]
    return {}, {}


def north(call, official, ours):
    """The official package refuses ranges over north."""
    assert "ValueError" in official["error"]
    for feature in _features(ours):
        assert not 10 < feature["properties"]["compass_angle"] < 350
    return {}, {}


def wrong_types(call, official, ours):
    """The official package takes an error inside of a filter for an empty result."""
    assert _features(official) == []
    assert "TypeError" in ours["error"]
    return {}, {}


def short_dates(call, official, ours):
    """The official package documents short dates and refuses them."""
    assert "ValueError" in official["error"]
    assert all(feature["properties"]["captured_at"] >= 1577836800000 for feature in _features(ours))
    return {}, {}


def axes(call, official, ours):
    """The official package mixes the axes."""
    assert official != ours
    assert ours["answer"]["geometry"]["coordinates"][0][0] == [1, 2]
    return {}, {}


def order(call, official, ours):
    """Nothing depends on it."""
    assert json.dumps(official, sort_keys=True) == json.dumps(ours, sort_keys=True)
    return official, ours


DIFFERENCES = {
    "panoramas are not dropped": panoramas,
    "sequences touch the box and are whole": sequences,
    "images come from all tiles in the radius": all_tiles,
    "functions of GeoJSON work": works,
    "feature_type is taken": feature_type,
    "entities keep their geometry": geometry,
    "all known fields": more_fields,
    "detections name their image": names_image,
    "fields may be left out": fields_left_out,
    "an empty place is an empty collection": empty_place,
    "unknown ids are both of the old errors": both_errors,
    "angles cross north": north,
    "wrong types are errors": wrong_types,
    "dates may be short": short_dates,
    "axes are in their places": axes,
    "the order of keys is nothing": order,
}
