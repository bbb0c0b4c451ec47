"""GeoJSON (RFC 7946) as objects. Whole results stay text until somebody looks into them."""

from __future__ import annotations

import json
from typing import Any

from mapillary.models.exceptions import InvalidOptionError


def _expect(condition: bool, param: str, value: object, options: list[str]) -> None:
    if not condition:
        raise InvalidOptionError(param=param, value=value, options=options)


def _degrees(name: str, value: object) -> float:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value
    raise InvalidOptionError(param=f"Coordinates.__init__.{name}", value=value, options=["float"])


class Properties:
    """Properties of a feature as attributes."""

    def __init__(self, *properties: dict[str, Any], **kwargs: Any) -> None:
        for item in properties:
            _expect(isinstance(item, dict), "Properties.__init__.properties", item, ["dict"])
            vars(self).update(item)
        vars(self).update(kwargs)

    def to_dict(self) -> dict[str, Any]:
        """The properties as a dict."""
        return dict(vars(self))

    def __repr__(self) -> str:
        return str(vars(self))


class Coordinates:
    """A place in degrees: Coordinates(longitude, latitude), or Coordinates(lng=, lat=)."""

    def __init__(
        self,
        longitude: float | None = None,
        latitude: float | None = None,
        *,
        lng: float | None = None,
        lat: float | None = None,
    ) -> None:
        self.longitude = _degrees("longitude", longitude if lng is None else lng)
        self.latitude = _degrees("latitude", latitude if lat is None else lat)

    def to_list(self) -> list[float]:
        """Longitude and latitude."""
        return [self.longitude, self.latitude]

    def to_dict(self) -> dict[str, float]:
        """Longitude as lng, latitude as lat."""
        return {"lng": self.longitude, "lat": self.latitude}

    def __repr__(self) -> str:
        return f"{self.longitude}, {self.latitude}"


class Geometry:
    """A geometry. `coordinates` is a Coordinates for points, else lists as in GeoJSON."""

    def __init__(self, geometry: dict[str, Any]) -> None:
        is_one = isinstance(geometry, dict) and {"type", "coordinates"} <= geometry.keys()
        _expect(is_one, "Geometry.__init__.geometry", geometry, ["dict"])
        self.type: str = geometry["type"]
        self.coordinates: Any = geometry["coordinates"]
        self._height: list[float] = []
        if self.type == "Point":
            longitude, latitude, *self._height = geometry["coordinates"]
            self.coordinates = Coordinates(longitude, latitude)

    def to_dict(self) -> dict[str, Any]:
        """The geometry as a dict."""
        place = self.coordinates
        coordinates = [*place.to_list(), *self._height] if isinstance(place, Coordinates) else place
        return {"type": self.type, "coordinates": coordinates}

    def __repr__(self) -> str:
        return str(self.to_dict())


class Feature:
    """A feature: `geometry` (None where there is none) and `properties`."""

    def __init__(self, feature: dict[str, Any]) -> None:
        _expect(isinstance(feature, dict), "Feature.__init__.feature", feature, ["dict"])
        self.type = "Feature"
        geometry = feature.get("geometry")
        self.geometry = Geometry(geometry) if geometry else None
        self.properties = Properties(feature.get("properties") or {})

    def to_dict(self) -> dict[str, Any]:
        """The feature as a dict."""
        geometry = self.geometry.to_dict() if self.geometry else None
        return {"type": self.type, "geometry": geometry, "properties": dict(vars(self.properties))}

    def __repr__(self) -> str:
        return str(self.to_dict())


class GeoJSON:
    """A FeatureCollection: `features` as objects, `to_dict()`, and `encode()` as JSON text."""

    def __init__(self, geojson: dict[str, Any]) -> None:
        is_one = isinstance(geojson, dict) and isinstance(geojson.get("features"), list)
        _expect(is_one, "GeoJSON.__init__.geojson", geojson, ["type", "features"])
        self.type: str = geojson.get("type", "FeatureCollection")
        self._text: str | None = None
        self._features: list[Feature] = [
            Feature(feature=feature) for feature in geojson["features"]
        ]
        self._ids: set[Any] | None = None

    @classmethod
    def _of_text(cls, text: str) -> GeoJSON:
        """A collection that is text already, which is parsed when it has to be."""
        made = cls({"type": "FeatureCollection", "features": []})
        made._text = text
        return made

    @property
    def features(self) -> list[Feature]:
        """The features as objects."""
        if self._text is not None:
            text, self._text = self._text, None
            self._features = [Feature(feature=feature) for feature in json.loads(text)["features"]]
        return self._features

    @features.setter
    def features(self, features: list[Feature]) -> None:
        self._text, self._features, self._ids = None, features, None

    def append_features(self, features: list[dict[str, Any]]) -> None:
        """Adds features, given as dicts, as append_feature does."""
        for feature in features:
            self.append_feature(feature)

    def append_feature(self, feature_inputs: dict[str, Any]) -> None:
        """Adds a feature, given as a dict, unless one with its id is there."""
        features, feature = self.features, Feature(feature=feature_inputs)
        if self._ids is None:
            self._ids = {vars(known.properties).get("id") for known in features} - {None}
        key = vars(feature.properties).get("id")
        if key is None or key not in self._ids:
            features.append(feature)
            if key is not None:
                self._ids.add(key)

    def encode(self) -> str:
        """The collection as JSON text."""
        return json.dumps(self.to_dict()) if self._text is None else self._text

    def to_dict(self) -> dict[str, Any]:
        """The collection as a dict."""
        if self._text is not None:
            collection: dict[str, Any] = json.loads(self._text)
            return collection
        return {"type": self.type, "features": [feature.to_dict() for feature in self._features]}

    @property
    def __geo_interface__(self) -> dict[str, Any]:
        return self.to_dict()

    def __repr__(self) -> str:
        return str(self.to_dict())
