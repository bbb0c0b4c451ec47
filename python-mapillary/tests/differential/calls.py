"""Calls over all functions, made by a generator with a fixed seed.

Each names the wanted differences that it shows.
"""

import random

TOWN = (8.985, 51.985, 9.025, 52.005)
VALUES = [
    "object--street-light",
    "object--bench",
    "object--fire-hydrant",
    "object--support--utility-pole",
]
DATES = ["2018-01-01", "2019-06-01", "2020-01-01", "2021-03-04", "2022-07-01", "2024-01-01"]
IMAGE_FIELDS = [
    "altitude",
    "atomic_scale",
    "captured_at",
    "creator",
    "height",
    "make",
    "merge_cc",
    "sequence",
    "width",
]


def call(function, *args, differs=(), **kwargs):
    return {"function": function, "args": list(args), "kwargs": kwargs, "differs": list(differs)}


class Generator:
    """Makes calls about the demo town, of which it knows some ids."""

    def __init__(self, facts, seed=20261122):
        self.facts = facts
        self.random = random.Random(seed)

    def calls(self):
        """Every call, in the same order for the same facts."""
        made = []
        for kind, count in (
            (self.images, 60),
            (self.sequences, 20),
            (self.points, 20),
            (self.signs, 30),
            (self.close, 30),
            (self.looking, 25),
            (self.images_by_shape, 16),
            (self.features_by_shape, 12),
            (self.image, 30),
            (self.feature, 20),
            (self.thumbnail, 10),
            (self.detections, 24),
            (self.save, 12),
            (self.layers, 12),
        ):
            made += [kind() for _ in range(count)]
        return made + self.mistakes() + self.helpers()

    # ---- arguments

    def box(self, side=0.006):
        west, south, east, north = TOWN
        w = self.random.uniform(west, east - side)
        s = self.random.uniform(south, north - side / 2)
        width, height = (self.random.uniform(0.3, 1) * side for _ in range(2))
        return {"west": w, "south": s, "east": w + width, "north": s + height / 2}

    def polygon(self):
        box = self.box(0.012)
        corners = [("west", "south"), ("east", "south"), ("east", "north"), ("west", "north")]
        ring = [[box[x] + self.random.uniform(-1e-3, 1e-3), box[y]] for x, y in corners]
        # The official package rounds shapes, not results, to six digits: a tenth of a metre.
        ring = [[round(x, 6), round(y, 6)] for x, y in ring]
        return {"type": "Polygon", "coordinates": [[*ring, ring[0]]]}

    def place(self):
        return [self.random.uniform(8.995, 9.015), self.random.uniform(51.99, 52.0)]

    def dates(self, kwargs, first, last):
        early, late = sorted(self.random.sample(DATES, 2))
        if self.random.random() < 0.4:
            kwargs[first] = early
        if self.random.random() < 0.4:
            # With milliseconds, since a shorter date means its end here.
            kwargs[last] = late + "T12:00:00.000"

    def filters(self):
        kwargs, pick = {}, self.random.random
        self.dates(kwargs, "min_captured_at", "max_captured_at")
        kwargs["image_type"] = self.random.choice(["flat", "pano"])
        if pick() < 0.25:
            low, high = sorted(self.random.sample(range(361), 2))
            kwargs["compass_angle"] = {"$tuple": [low, high]}
        if pick() < 0.15:
            kwargs["organization_id"] = self.random.choice(self.facts["organizations"])
        if pick() < 0.15:
            kwargs["sequence_id"] = self.random.sample(self.facts["sequences"], 5)
        return kwargs

    # ---- calls

    def images(self):
        kwargs = self.filters()
        differs = []
        if self.random.random() < 0.3:
            kwargs["image_type"] = self.random.choice(["all", None])
            differs = ["panoramas are not dropped"]
        if kwargs["image_type"] is None:
            del kwargs["image_type"]
        return call("interface.images_in_bbox", self.box(), differs=differs, **kwargs)

    def sequences(self):
        kwargs = {"image_type": self.random.choice(["flat", "pano"])}
        self.dates(kwargs, "min_captured_at", "max_captured_at")
        return call(
            "interface.sequences_in_bbox",
            self.box(),
            differs=["sequences touch the box and are whole"],
            **kwargs,
        )

    def points(self):
        kwargs = {}
        self.dates(kwargs, "existed_at", "existed_before")
        if self.random.random() < 0.5:
            kwargs["filter_values"] = self.random.sample(VALUES, 2)
        return call("interface.map_feature_points_in_bbox", self.box(), **kwargs)

    def signs(self):
        kwargs = {}
        self.dates(kwargs, "existed_at", "existed_before")
        if self.random.random() < 0.5:
            kwargs["filter_values"] = self.random.sample(self.facts["values"], 5)
        return call("interface.traffic_signs_in_bbox", self.box(0.02), **kwargs)

    def close(self):
        place = dict(zip(("longitude", "latitude"), self.place(), strict=True))
        kwargs = {}
        differs = []
        if self.random.random() < 0.5:
            # Above 50 m, tiles are asked, whose positions are rounded in the same way.
            kwargs["radius"] = self.random.choice([100, 150.5, 300])
            differs = ["images come from all tiles in the radius"]
        if self.random.random() < 0.4:
            kwargs["min_captured_at"] = self.random.choice(DATES)
        if self.random.random() < 0.3:
            kwargs["organization_id"] = self.random.choice(self.facts["organizations"])
        if self.random.random() < 0.3:
            # The official filter gives pano for "pano" and flat for everything else.
            kwargs["image_type"] = self.random.choice(["flat", "pano"])
        return call("interface.get_image_close_to", differs=differs, **place, **kwargs)

    def looking(self):
        lng, lat = self.place()
        at = self.random.choice(
            [{"lng": lng, "lat": lat}, [lng, lat], {"$coordinates": [lng, lat]}]
        )
        name = self.random.choice(
            ["interface.get_image_looking_at", "interface.is_image_being_looked_at"]
        )
        kwargs = {"radius": self.random.choice([80, 150, 300])}
        if self.random.random() < 0.3:
            kwargs["image_type"] = self.random.choice(["flat", "pano", "all"])
        self.dates(kwargs, "min_captured_at", "max_captured_at")
        return call(name, at=at, differs=["images come from all tiles in the radius"], **kwargs)

    def images_by_shape(self):
        shape = {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": {}, "geometry": self.polygon()}],
        }
        if self.random.random() < 0.25:
            return call("interface.images_in_geojson", shape, differs=["functions of GeoJSON work"])
        kwargs = self.filters()
        kwargs.pop("max_captured_at", None)
        return call("interface.images_in_shape", shape, **kwargs)

    def features_by_shape(self):
        shape = {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "properties": {}, "geometry": self.polygon()}],
        }
        pick = self.random.random()
        if pick < 0.25:
            return call(
                "interface.map_features_in_geojson", shape, differs=["functions of GeoJSON work"]
            )
        if pick < 0.5:
            return call(
                "interface.map_features_in_shape",
                shape,
                feature_type="traffic_signs",
                differs=["feature_type is taken"],
            )
        return call("interface.map_features_in_shape", shape)

    def image(self):
        fields = self.random.choice([[], self.random.sample(IMAGE_FIELDS, 3), ["all"]])
        key = self.random.choice([str, int])(self.random.choice(self.facts["images"]))
        return call(
            "interface.image_from_key",
            key,
            fields,
            differs=["entities keep their geometry", "all known fields"],
        )

    def feature(self):
        fields = self.random.choice([[], ["object_value", "first_seen_at"], ["images"]])
        key = self.random.choice([str, int])(self.random.choice(self.facts["signs"]))
        return call(
            "interface.feature_from_key",
            key,
            fields,
            differs=["entities keep their geometry", "all known fields"],
        )

    def thumbnail(self):
        return call(
            "interface.image_thumbnail",
            str(self.random.choice(self.facts["images"])),
            resolution=self.random.choice([256, 1024, 2048]),
        )

    def detections(self):
        differs = ["detections name their image"]
        if self.random.random() < 0.5:
            return call(
                "interface.get_detections_with_image_id",
                self.random.choice(self.facts["images"]),
                differs=differs,
            )
        sign = self.random.choice(self.facts["signs"])
        if self.random.random() < 0.3:
            return call(
                "interface.get_detections_with_map_feature_id",
                sign,
                differs=["fields may be left out"],
            )
        fields = ["created_at", "geometry", "image", "value"]
        return call(
            "interface.get_detections_with_map_feature_id",
            str(sign),
            fields=fields,
            differs=differs,
        )

    def save(self):
        features = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": self.place()},
                "properties": {
                    "id": number,
                    "value": self.random.choice(VALUES),
                    "is_pano": self.random.random() < 0.5,
                },
            }
            for number in range(self.random.randint(1, 5))
        ]
        extension = self.random.choice(["geojson", "csv", "CSV"])
        text = self.random.choice([True, False])
        document = {"type": "FeatureCollection", "features": features}
        import json

        return call(
            "interface.save_locally",
            json.dumps(document) if text else document,
            file_name="town",
            extension=extension,
        )

    def layers(self):
        lng, lat = self.place()
        zoom, layer = self.random.choice(
            [(3, "overview"), (8, "sequence"), (14, "sequence"), (14, "image")]
        )
        name = self.random.choice(["fetch_layer", "fetch_computed_layer"])
        return call(
            f"models.api.vector_tiles.VectorTilesAdapter.{name}",
            layer=layer,
            zoom=zoom,
            longitude=lng,
            latitude=lat,
        )

    # ---- what is wrong, and functions below the interface

    def mistakes(self):
        image, sign = str(self.facts["images"][0]), str(self.facts["signs"][0])
        box = {"west": 8.995, "south": 51.99, "east": 9.003, "north": 51.9965}
        nowhere = {"west": 20.0, "south": 20.0, "east": 20.01, "north": 20.01}
        return [
            call("interface.images_in_bbox", box, foo=1),
            call("interface.sequences_in_bbox", box, compass_angle=[0, 90]),
            call("interface.traffic_signs_in_bbox", box, min_captured_at="2020-01-01"),
            call("interface.get_image_close_to", longitude=9.0, latitude=52.0, foo=1),
            call("interface.images_in_bbox", box, image_type="round"),
            call("interface.images_in_bbox", box, zoom=13),
            call("interface.images_in_bbox", nowhere, image_type="flat"),
            call("interface.traffic_signs_in_bbox", nowhere),
            call("interface.get_image_close_to", longitude=9.0, latitude=52.0, zoom=18),
            call("interface.get_image_close_to", longitude=9.0, latitude=52.0, zoom=15),
            call(
                "interface.get_image_close_to",
                longitude=20.0,
                latitude=20.0,
                image_type="pano",
                differs=["an empty place is an empty collection"],
            ),
            call(
                "interface.image_from_key",
                "1933525276802129",
                differs=["unknown ids are both of the old errors"],
            ),
            call(
                "interface.image_from_key", sign, differs=["unknown ids are both of the old errors"]
            ),
            call(
                "interface.get_detections_with_image_id",
                sign,
                differs=["unknown ids are both of the old errors"],
            ),
            call("interface.image_thumbnail", "1933525276802129"),
            call("interface.image_thumbnail", image, 512),
            call("interface.image_from_key", image, ["caption"]),
            call("interface.feature_from_key", sign, ["captured_at"]),
            call("interface.feature_from_key", image),
            call("interface.get_detections_with_map_feature_id", image, fields=["value"]),
            call("interface.set_access_token", ""),
            call("interface.set_access_token", "nonsense"),
            call("interface.save_locally", "{}", extension="xml"),
            call("interface.configure_mapillary_settings", use_strict=True),
            call(
                "models.api.vector_tiles.VectorTilesAdapter.fetch_layer",
                layer="image",
                longitude=9,
                latitude=52,
                zoom=13,
            ),
            call(
                "models.api.vector_tiles.VectorTilesAdapter.fetch_layer",
                layer="x",
                longitude=9,
                latitude=52,
                zoom=14,
            ),
            call(
                "models.api.vector_tiles.VectorTilesAdapter.fetch_layer",
                layer="image",
                longitude=180,
                latitude=52,
            ),
            call(
                "models.api.general.GeneralAdapter.fetch_image_tiles",
                zoom=14,
                longitude=9,
                latitude=52,
                layer="x",
            ),
            call(
                "interface.images_in_bbox",
                box,
                compass_angle={"$tuple": [350, 10]},
                image_type="flat",
                differs=["angles cross north"],
            ),
            call(
                "interface.images_in_bbox",
                box,
                min_captured_at=5,
                image_type="flat",
                differs=["wrong types are errors"],
            ),
            call(
                "interface.images_in_bbox",
                box,
                min_captured_at="2020",
                image_type="flat",
                differs=["dates may be short"],
            ),
        ]

    def helpers(self):
        points = [
            {
                "type": "Feature",
                "geometry": {"type": "Point", "coordinates": self.place()},
                "properties": {
                    "id": n,
                    "captured_at": 1577836800000 + n,
                    "is_pano": n % 2 == 0,
                    "compass_angle": 30.0 * n,
                    "sequence_id": "s",
                    "first_seen_at": 1577836800000 + n,
                    "value": "x",
                },
            }
            for n in range(12)
        ]
        document = {"type": "FeatureCollection", "features": points}
        outline = "GjgKBm1weS1vchIYEgIAABgDIhAJ4iDyJhq8AQAApAG7AQAPGgR0eXBlIgkKB3BvbHlnb24ogCB4AQ=="
        detection = {"id": "1", "geometry": outline, "created_at": "x", "value": "v"}
        image = {"id": "7", "geometry": {"type": "Point", "coordinates": [1.0, 2.0]}}
        at = {"lng": 9.0, "lat": 51.995}
        pipelines = [
            {"filter": "image_type", "type": "pano"},
            {"filter": "filter_values", "values": ["x"]},
            {"filter": "max_captured_at", "max_timestamp": "2020-01-01T00:00:00.000"},
            {"filter": "min_captured_at", "min_timestamp": "2020-01-01T00:00:00"},
            {"filter": "existed_at", "existed_at": "2020-01-01T00:00:00"},
            {"filter": "existed_before", "existed_before": "2020-01-01T00:00:00"},
            {"filter": "haversine_dist", "radius": 700, "coords": [9.005, 51.995]},
            {"filter": "compass_angle", "angles": [0, 100]},
            {"filter": "hits_by_look_at", "at": at},
            {"filter": "sequence_id", "ids": ["s"]},
            {"filter": "organization_id", "organization_id": 5},
            {
                "filter": "features_in_bounding_box",
                "bbox": {"west": 9.0, "south": 51.99, "east": 9.01, "north": 52.0},
            },
        ]
        return [
            *(
                call("utils.filter.pipeline", data=document, components=[component])
                for component in pipelines
            ),
            call("utils.extract.extract_properties", document, ["id", "value", "nothing"]),
            call("utils.format.flatten_dictionary", {"a": {"b": 1, "c": {"d": 2}}, "e": 3}),
            call(
                "utils.format.flatten_geojson", document, differs=["the order of keys is nothing"]
            ),
            call("utils.format.geojson_to_features_list", document),
            call("utils.format.merged_features_list_to_geojson", points),
            call(
                "utils.format.feature_to_geojson",
                {**image, "a": 1},
                differs=["entities keep their geometry"],
            ),
            call(
                "utils.format.detection_features_to_geojson",
                [{**detection, "image": image}],
                differs=["detections name their image"],
            ),
            call("utils.format.decode_pixel_geometry", outline),
            call("utils.format.decode_pixel_geometry", outline, False),
            call("utils.format.decode_pixel_geometry", outline, True, 4000, 3000),
            call("utils.format.coord_or_list_to_dict", [1.0, 2.0]),
            call("utils.format.coord_or_list_to_dict", {"$coordinates": [1.0, 2.0]}),
            call("utils.format.normalize_list", [[[5, 2048], [4096, 100]]]),
            call(
                "utils.format.bbox_to_polygon", [1, 2, 3, 4], differs=["axes are in their places"]
            ),
            call("utils.time.date_to_unix_timestamp", "2020-10-23"),
            call("utils.time.date_to_unix_timestamp", "2020-10-23T10:11:12"),
            call("utils.time.is_iso8601_datetime_format", "2022-08-16T16:42:46Z"),
            call("utils.time.is_iso8601_datetime_format", "2022-08-16"),
            call("utils.verify.resolution_check", 256),
            call("utils.verify.image_check", {"zoom": 14}),
            call("utils.verify.image_bbox_check", {"image_type": "pano"}),
            call("utils.verify.points_traffic_signs_check", {"existed_at": "2020"}),
            call("utils.verify.check_file_name_validity", "town_1"),
            call("utils.verify.check_file_name_validity", "../town"),
            call("utils.verify.is_image_id", self.facts["images"][0], []),
            call("utils.verify.is_image_id", 1, []),
            call("config.api.entities.Entities.get_organization_id_fields"),
            call("config.api.entities.Entities.get_detection_with_image_id_fields"),
            call("models.api.entities.EntityAdapter.is_image_id", self.facts["images"][1], ["id"]),
            call(
                "models.api.entities.EntityAdapter.fetch_image", self.facts["images"][1], ["make"]
            ),
            call(
                "models.api.entities.EntityAdapter.fetch_map_feature",
                self.facts["signs"][1],
                ["object_value"],
            ),
        ]
