"""Addresses of entities and searches."""

from __future__ import annotations

import datetime
import logging
from typing import Any
from urllib.parse import urlencode

from mapillary import _service
from mapillary.models.config import Config
from mapillary.models.exceptions import (
    InvalidArgumentError,
    InvalidFieldError,
    InvalidNumberOfArguments,
)
from mapillary.utils.time import is_iso8601_datetime_format

_logger = logging.getLogger(__name__)

#: The most ids of one request.
_MOST_IDS = 50

#: The most images of one search.
_MOST_IMAGES = 2000

_IMAGE = [
    "id",
    "altitude",
    "atomic_scale",
    "camera_parameters",
    "camera_type",
    "captured_at",
    "compass_angle",
    "computed_altitude",
    "computed_compass_angle",
    "computed_geometry",
    "computed_rotation",
    "creator",
    "exif_orientation",
    "geometry",
    "height",
    "is_pano",
    "make",
    "model",
    "thumb_256_url",
    "thumb_1024_url",
    "thumb_2048_url",
    "thumb_original_url",
    "merge_cc",
    "mesh",
    "organization",
    "quality_score",
    "sequence",
    "sfm_cluster",
    "width",
]
_MAP_FEATURE = [
    "id",
    "aligned_direction",
    "first_seen_at",
    "last_seen_at",
    "object_value",
    "object_type",
    "geometry",
    "images",
]
_DETECTION = ["id", "created_at", "geometry", "image", "value"]
_ORGANIZATION = ["id", "slug", "name", "description"]


class Entities:
    """Addresses of entities and searches, without the token.

    Where fields are taken, ["all"] stands for all of them, and geometry is always among them.
    """

    @staticmethod
    def get_image(image_id: int | str, fields: list[str]) -> str:
        """An image; its fields are those of get_image_fields."""
        return _entity(f"{image_id}/", Entities._fields(fields, _IMAGE, ":image_id"))

    @staticmethod
    def get_images(image_ids: list[int] | list[str], fields: list[str]) -> str:
        """Up to 50 images, as an object keyed by id."""
        if not 0 < len(image_ids) <= _MOST_IDS:
            raise InvalidNumberOfArguments(len(image_ids), _MOST_IDS, "image_ids")
        named = Entities._fields(fields, _IMAGE, "?ids=")
        return (
            f"{_service.graph_url()}/?ids={','.join(map(str, image_ids))}&fields={','.join(named)}"
        )

    @staticmethod
    def search_for_images(
        bbox: list[float],
        start_captured_at: datetime.datetime | str | None = None,
        end_captured_at: datetime.datetime | str | None = None,
        limit: int | None = None,
        organization_id: int | str | None = None,
        sequence_id: list[Any] | str | None = None,
        fields: list[str] | None = None,
    ) -> str:
        """A search for up to 2,000 images in a box.

        Args:
            bbox: West, south, east, north in degrees.
            start_captured_at: A datetime, or text such as "2022-08-16T16:42:46Z".
            end_captured_at: A datetime, or text such as "2022-08-16T16:42:46Z".
            limit: The most images, at most 2,000.
            organization_id: Id of an organization.
            sequence_id: Ids of sequences, one or several.
            fields: Names of fields.

        Raises:
            InvalidFieldError: A field is not known.
            InvalidArgumentError: A date is written otherwise, and use_strict is set.
        """
        named = Entities._fields(fields, _IMAGE, "images")
        several = [sequence_id] if isinstance(sequence_id, (str, int)) else sequence_id
        asked = {
            "bbox": ",".join(map(str, bbox)),
            "start_captured_at": _moment("start_captured_at", start_captured_at),
            "end_captured_at": _moment("end_captured_at", end_captured_at),
            "limit": _at_most(limit),
            "organization_id": organization_id,
            "sequence_id": None if several is None else ",".join(map(str, several)),
            "fields": ",".join(named) or None,
        }
        given = {name: value for name, value in asked.items() if value is not None}
        return f"{_service.graph_url()}/images?{urlencode(given, safe=',:')}"

    @staticmethod
    def get_image_fields() -> list[str]:
        """Every field of an image."""
        return list(_IMAGE)

    @staticmethod
    def get_map_feature(map_feature_id: int | str, fields: list[str]) -> str:
        """A map feature; its fields are those of get_map_feature_fields."""
        return _entity(
            f"{map_feature_id}/", Entities._fields(fields, _MAP_FEATURE, ":map_feature_id")
        )

    @staticmethod
    def get_map_feature_fields() -> list[str]:
        """Every field of a map feature."""
        return list(_MAP_FEATURE)

    @staticmethod
    def get_detection_with_image_id(image_id: int | str, fields: list[str]) -> str:
        """The detections of an image."""
        return _entity(
            f"{image_id}/detections/", Entities._fields(fields, _DETECTION, ":image_id/detections")
        )

    @staticmethod
    def get_detection_with_image_id_fields() -> list[str]:
        """Every field of a detection."""
        return list(_DETECTION)

    @staticmethod
    def get_detection_with_map_feature_id(map_feature_id: int | str, fields: list[str]) -> str:
        """The detections of a map feature."""
        endpoint = ":map_feature_id/detections"
        return _entity(
            f"{map_feature_id}/detections/", Entities._fields(fields, _DETECTION, endpoint)
        )

    @staticmethod
    def get_detection_with_map_feature_id_fields() -> list[str]:
        """Every field of a detection."""
        return list(_DETECTION)

    @staticmethod
    def get_organization_id(organization_id: int | str, fields: list[str]) -> str:
        """An organization; its fields are those of get_organization_id_fields."""
        return _entity(
            f"{organization_id}/", Entities._fields(fields, _ORGANIZATION, ":organization_id", ())
        )

    @staticmethod
    def get_organization_id_fields() -> list[str]:
        """Every field of an organization."""
        return list(_ORGANIZATION)

    @staticmethod
    def get_sequence(sequence_id: str) -> str:
        """The ids of the images of a sequence."""
        return f"{_service.graph_url()}/image_ids?{urlencode({'sequence_id': sequence_id})}"

    @staticmethod
    def _fields(
        given: list[str] | str | None,
        known: list[str],
        endpoint: str,
        always: tuple[str, ...] = ("geometry",),
    ) -> list[str]:
        """The fields that are meant; none when none are given."""
        named = [given] if isinstance(given, str) else list(given or [])
        named = [str(name).lower() for name in named]
        for name in named:
            if name != "all" and name not in known:
                raise InvalidFieldError(endpoint=f"{_service.graph_url()}/{endpoint}", field=name)
        if "all" in named:
            return list(known)
        return list(dict.fromkeys([*named, *always])) if named else []


def _entity(path: str, fields: list[str]) -> str:
    return f"{_service.graph_url()}/{path}?fields={','.join(fields)}"


def _moment(name: str, value: datetime.datetime | str | None) -> str | None:
    if isinstance(value, datetime.datetime):
        if value.tzinfo is not None:
            value = value.astimezone(datetime.timezone.utc)
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if value is None or is_iso8601_datetime_format(value):
        return value
    what = f"{name} is {value!r}, and not written like 2022-08-16T16:42:46Z"
    if Config.use_strict:
        raise InvalidArgumentError(what)
    _logger.warning("%s; it is left out", what)
    return None


def _at_most(limit: int | None) -> int | None:
    if limit is not None and limit > _MOST_IMAGES:
        _logger.warning("limit is %s; searches give at most %s", limit, _MOST_IMAGES)
        return _MOST_IMAGES
    return limit
