"""Checks of arguments."""

from __future__ import annotations

import re
import warnings
from typing import Any

from mapillary import _arguments, _ask
from mapillary.models.exceptions import InvalidBBoxError, InvalidOptionError

_IMAGE = [name for name in _ask.NEAR if name != "org_id"]
_IMAGE_BBOX = [name for name in _ask.IN_BOX if name != "org_id"]
_SEQUENCE_BBOX = [name for name in _ask.SEQUENCES if name != "org_id"]


def international_dateline_check(bbox: dict[str, float]) -> bool:
    """Whether a box crosses the antimeridian."""
    return bbox["west"] > 0 > bbox["east"]


def bbox_validity_check(bbox: dict[str, float]) -> bool:
    """True for a box of some size; west > east crosses the antimeridian.

    Raises:
        InvalidBBoxError: It is any other.
    """
    west, _, east, _ = _arguments.box(bbox)
    if west > east and not international_dateline_check(bbox):
        raise InvalidBBoxError(f"west {west} is east of east {east}")
    if west == east and bbox["south"] == bbox["north"]:
        raise InvalidBBoxError("the box has no size")
    return True


def kwarg_check(kwargs: dict[str, Any], options: list[str], callback: str) -> bool:
    """True where all keywords are among the options, and zoom and image_type are known ones."""
    _ask.check(kwargs, options, callback)
    return True


def image_check(kwargs: dict[str, Any]) -> bool:
    """True for keywords of get_image_close_to and get_image_looking_at."""
    return kwarg_check(kwargs, _IMAGE, "image_check")


def resolution_check(resolution: int) -> bool:
    """True for 256, 1024 and 2048."""
    if resolution not in (256, 1024, 2048):
        raise InvalidOptionError(param="resolution", value=resolution, options=[256, 1024, 2048])
    return True


def image_bbox_check(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keywords of images_in_bbox, None for those that are not given."""
    kwarg_check(kwargs, _IMAGE_BBOX, "image_bbox_check")
    return {name: kwargs.get(name) for name in _IMAGE_BBOX if name != "zoom"}


def sequence_bbox_check(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keywords of sequences_in_bbox, None for those that are not given."""
    kwarg_check(kwargs, _SEQUENCE_BBOX, "sequence_bbox_check")
    return {name: kwargs.get(name) for name in _SEQUENCE_BBOX if name != "zoom"}


def points_traffic_signs_check(kwargs: dict[str, Any]) -> dict[str, Any]:
    """The keywords of map_feature_points_in_bbox, None for those that are not given."""
    kwarg_check(kwargs, _ask.SEEN, "points_traffic_signs_check")
    return {name: kwargs.get(name) for name in _ask.SEEN}


def valid_id(identity: int | str, image: bool = True) -> None:
    """Checks that an id is that of an image, or with image=False that it is not.

    Raises:
        InvalidOptionError: It is not.
    """
    from mapillary import _entities

    if is_image_id(identity) != image:
        raise _entities.wrong_kind(identity, image)


def is_image_id(identity: int | str, fields: list[str] | None = None) -> bool:
    """Whether an image has this id."""
    from mapillary import _entities

    return _entities.is_image(identity)


def check_file_name_validity(file_name: str) -> bool:
    """Whether a name consists of letters, digits, _ and - only. Warns when it does not."""
    if re.fullmatch(r"[A-Za-z0-9_-]+", file_name):
        return True
    warnings.warn(
        f"{file_name!r} cannot be the name of a file: it takes letters, digits, _ and -; "
        "mapillary_MILLISECONDS_ is taken instead",
        stacklevel=4,
    )
    return False
