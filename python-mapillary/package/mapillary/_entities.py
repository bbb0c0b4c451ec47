"""Entities by id.

One request each also shows whether the id is of the right kind. Images and map features are given
as the graph has them, which the typed columns of mly.Lookup are not; detections are rows of
mly.Lookup.
"""

from __future__ import annotations

from typing import Any

import mly
from mapillary import _service
from mapillary.config.api.entities import Entities
from mapillary.models.exceptions import (
    InvalidOptionError,
    MapillaryException,
    ServiceError,
    UnknownImageError,
)

#: A field that only images have, and one that only map features have. Requesting it shows the kind.
_IMAGES_ALONE = "captured_at"
_FEATURES_ALONE = "object_value"

#: Ids are numbers of 64 bits.
_LARGEST_ID = 2**63 - 1

_KINDS = ["ID is image_id AND image is True", "ID is map_feature_id AND image is False"]


def wrong_kind(key: object, image: bool) -> MapillaryException:
    """The error about an id that is unknown or of another kind."""
    if image:
        return UnknownImageError(str(key))
    return InvalidOptionError(param="id", value=f"ID: {key}, image: False", options=_KINDS)


def image(key: object, fields: Any) -> dict[str, Any]:
    """An image as the graph has it."""
    named = Entities._fields(fields, Entities.get_image_fields(), ":image_id")
    return _entity(key, named, Entities.get_image_fields(), _IMAGES_ALONE)


def map_feature(key: object, fields: Any) -> dict[str, Any]:
    """A map feature as the graph has it."""
    named = Entities._fields(fields, Entities.get_map_feature_fields(), ":map_feature_id")
    return _entity(key, named, Entities.get_map_feature_fields(), _FEATURES_ALONE)


def is_image(key: object) -> bool:
    """Whether an id is that of an image. One request."""
    try:
        _entity(key, ["id"], [], _IMAGES_ALONE)
    except UnknownImageError:
        return False
    return True


def detections(key: object, fields: Any, *, of_image: bool) -> list[dict[str, Any]]:
    """The detections of an image or of a map feature, as objects of the graph with their fields."""
    known = Entities.get_detection_with_image_id_fields()
    endpoint = ":image_id/detections" if of_image else ":map_feature_id/detections"
    named = Entities._fields(fields, known, endpoint) or known
    key = _checked(key, of_image)
    with _service.translated_errors():
        owner = {"image_id": key} if of_image else {"map_feature_id": key}
        rows = _service.client().run(mly.Lookup.detections(**owner, raw=True))
        found = rows.to_dicts()
    if rows.summary.not_found:
        raise wrong_kind(key, of_image)
    return [_graph_detection(row, {"id", *named}) for row in found]


def _checked(key: object, is_image: bool) -> str:
    """The id as text. It must be a number, because it becomes a part of a URL."""
    text = str(key).strip()
    if not (text.isascii() and text.isdecimal()) or int(text) > _LARGEST_ID:
        raise wrong_kind(key, is_image)
    return text


def _entity(key: object, named: list[str], known: list[str], hallmark: str) -> dict[str, Any]:
    text = _checked(key, hallmark == _IMAGES_ALONE)
    asked = list(dict.fromkeys([*(named or known), hallmark]))
    while True:
        try:
            found = _service.get_json(text, {"fields": ",".join(asked)})
            break
        except ServiceError as error:
            field = _service.unknown_field(error)
            if field in asked and field != hallmark and not named:
                # The service has dropped a field that the caller did not name, so go on without it.
                asked.remove(field)
                continue
            if error.code == _service.WRONG_REQUEST:
                raise wrong_kind(key, hallmark == _IMAGES_ALONE) from error
            raise
    if named and hallmark not in named:
        found.pop(hallmark, None)
    return found


def _graph_detection(row: dict[str, Any], fields: set[str]) -> dict[str, Any]:
    """A row of mly.Lookup.detections with raw=True as an object of the graph with these fields."""
    image = {"id": str(row["image_id"])} if "image_id" in row else {}
    if "geometry" in row:
        image["geometry"] = row["geometry"]
    created_at = row.get("created_at")
    detection = {
        "id": str(row["id"]),
        "created_at": created_at and created_at.strftime("%Y-%m-%dT%H:%M:%S+0000"),
        "geometry": row.get("pixel_geometry"),
        "image": image or None,
        "value": row.get("value"),
    }
    return {
        name: value for name, value in detection.items() if name in fields and value is not None
    }
