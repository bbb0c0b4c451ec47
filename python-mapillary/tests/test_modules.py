"""The modules below the interface."""

import copy
import json
import math
import pickle

import pytest

from conftest import BOX, CENTRE, collection, expected, features, fetched, ids, inside, polygon
from mapillary.config.api.entities import Entities
from mapillary.config.api.general import General
from mapillary.config.api.vector_tiles import VectorTiles
from mapillary.models import exceptions
from mapillary.models.api.entities import EntityAdapter
from mapillary.models.api.general import GeneralAdapter
from mapillary.models.api.vector_tiles import VectorTilesAdapter
from mapillary.models.client import Client
from mapillary.models.config import Config
from mapillary.models.exceptions import (
    InvalidFieldError,
    InvalidNumberOfArguments,
    InvalidOptionError,
)
from mapillary.models.geojson import Feature, GeoJSON, Geometry, Properties
from mapillary.utils import extract, filter, format, verify

HERE = {"zoom": 14, "longitude": CENTRE[0], "latitude": CENTRE[1]}


# ---- addresses


def test_addresses_are_those_of_the_service(monkeypatch):
    monkeypatch.delenv("MAPILLARY_GRAPH_URL")
    monkeypatch.delenv("MAPILLARY_TILES_URL")
    assert General.get_tile_metadata() == "https://graph.mapillary.com/"
    assert (
        VectorTiles.get_image_layer(x=1, y=2, z=14)
        == "https://tiles.mapillary.com/maps/vtp/mly1_public/2/14/1/2/"
    )
    assert General.get_map_features_traffic_signs_tiles(x=1, y=2, z=14) == (
        "https://tiles.mapillary.com/maps/vtp/mly_map_feature_traffic_sign/2/14/1/2"
    )
    assert (
        Entities.get_image(5, ["Altitude"])
        == "https://graph.mapillary.com/5/?fields=altitude,geometry"
    )
    assert (
        Entities.get_images([5, 6], ["id"])
        == "https://graph.mapillary.com/?ids=5,6&fields=id,geometry"
    )
    assert Entities.get_sequence("a b") == "https://graph.mapillary.com/image_ids?sequence_id=a+b"


def test_addresses_can_be_asked(town, image_id, sign_id):
    client = Client()
    assert client.get(Entities.get_image(image_id, ["width"])).json()["width"]
    assert client.get(Entities.get_images([image_id], ["width"])).json()[str(image_id)]["width"]
    assert client.get(Entities.get_map_feature(sign_id, ["all"])).json()["object_value"]
    assert client.get(Entities.get_detection_with_map_feature_id(sign_id, ["value"])).json()["data"]
    sequence = client.get(Entities.get_image(image_id, ["sequence"])).json()["sequence"]
    assert {"id": str(image_id)} in client.get(Entities.get_sequence(sequence)).json()["data"]
    search = Entities.search_for_images(
        [8.999, 51.994, 9.001, 51.996], limit=9, fields=["captured_at"]
    )
    assert len(client.get(search).json()["data"]) == 9
    assert client.get(f"{town.url}/{image_id}", params={"fields": "make"}).status_code == 200


def test_fields_and_numbers_of_ids_are_checked():
    with pytest.raises(InvalidFieldError):
        Entities.get_image(5, ["caption"])
    for many in ([], list(range(51))):
        with pytest.raises(InvalidNumberOfArguments):
            Entities.get_images(many, ["id"])
    named = ["width"]
    Entities.get_image(5, named)
    assert named == ["width"], "the list of the caller stays as it is"


def test_searches_check_their_dates(caplog):
    with pytest.raises(ValueError):
        Entities.search_for_images([0, 0, 1, 1], start_captured_at="2020")
    assert "start_captured_at=2020-01-01T00:00:00Z" in Entities.search_for_images(
        [0, 0, 1, 1], start_captured_at="2020-01-01T00:00:00Z"
    )
    Config.use_strict = False
    try:
        address = Entities.search_for_images([0, 0, 1, 1], start_captured_at="2020", limit=5000)
    finally:
        Config.use_strict = True
    assert "start_captured_at" not in address and "limit=2000" in address
    assert "left out" in caplog.text


def test_the_token_is_for_the_service_alone(image_id, town):
    with pytest.raises(InvalidOptionError) as refused:
        Client().get("https://example.com/?access_token=secret")
    assert "secret" not in str(refused.value)
    with pytest.raises(InvalidOptionError):
        Client().get(town.url + ".example.com/")
    with pytest.raises(InvalidOptionError):
        Client().get()
    assert Client().get(f"{town.url}/{image_id}", params={"access_token": town.token}).ok


def test_what_is_refused_is_an_error(town):
    with pytest.raises(exceptions.ServiceError) as refused:
        Client().get(f"{town.url}/1?fields=id")
    assert (refused.value.status, refused.value.code) == (400, 100)


# ---- adapters


@pytest.mark.parametrize(
    "zoom, layer", [(3, "overview"), (8, "sequence"), (14, "sequence"), (14, "image")]
)
def test_layers_of_tiles(zoom, layer):
    place = {**HERE, "zoom": zoom}
    for found in (
        VectorTilesAdapter().fetch_layer(layer=layer, **place),
        VectorTilesAdapter().fetch_computed_layer(layer=layer, **place),
        GeneralAdapter().fetch_image_tiles(layer=layer, **place),
        GeneralAdapter().fetch_computed_image_tiles(layer=layer, **place),
    ):
        assert features(found)


def test_map_features_of_tiles():
    for feature_type, general in (
        ("point", GeneralAdapter().fetch_map_features_tiles(layer="map_feature", **HERE)),
        (
            "traffic_signs",
            GeneralAdapter().fetch_map_features_traffic_tiles(layer="traffic_sign", **HERE),
        ),
    ):
        found = VectorTilesAdapter().fetch_features(feature_type, **HERE)
        assert found == general
        assert all("value" in f["properties"] for f in features(found))


def test_layers_of_several_tiles_have_each_id_once(images):
    box = [BOX[side] for side in ("west", "south", "east", "north")]
    assert ids(VectorTilesAdapter().fetch_layers(box)) == {f["properties"]["id"] for f in images}
    assert ids(VectorTilesAdapter().fetch_layers(box, layer="sequence"))
    assert ids(VectorTilesAdapter().fetch_layers(box, is_computed=True))
    assert ids(VectorTilesAdapter().fetch_map_features(box, "traffic_signs"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"layer": "image", "zoom": 13},
        {"layer": "overview", "zoom": 6},
        {"layer": "nothing", "zoom": 14},
        {"layer": "image", "longitude": 180},
        {"layer": "image", "latitude": -90},
    ],
)
def test_places_zooms_and_layers_are_checked(wrong):
    for adapter in (VectorTilesAdapter().fetch_layer, GeneralAdapter().fetch_image_tiles):
        with pytest.raises(InvalidOptionError):
            adapter(**{**HERE, **wrong})


def test_entities_as_the_graph_has_them(town, image_id, sign_id):
    adapter = EntityAdapter()
    assert adapter.fetch_image(image_id, ["width"]) == fetched(
        town, f"/{image_id}?fields=width,geometry"
    )
    assert adapter.fetch_map_feature(sign_id)["object_value"]
    assert features(adapter.fetch_detections(sign_id, id_type=False))
    assert (
        adapter.is_image_id(image_id)
        and not adapter.is_image_id(sign_id)
        and not adapter.is_image_id(1)
    )


def test_a_field_that_the_service_has_lost_is_left_out(service, image_id, monkeypatch):
    known = Entities.get_image_fields()
    monkeypatch.setattr(Entities, "get_image_fields", staticmethod(lambda: [*known, "gone"]))
    assert EntityAdapter().fetch_image(image_id)["captured_at"]


# ---- objects


def test_properties_are_attributes():
    properties = Properties({"a": 1, "to_dict": 2}, b=3)
    assert (properties.a, properties.b) == (1, 3)
    feature = Feature({"type": "Feature", "geometry": None, "properties": {"to_dict": 1}})
    assert feature.to_dict()["properties"] == {"to_dict": 1}
    assert Properties(x=1).to_dict() == {"x": 1}


def test_features_can_be_changed():
    found = GeoJSON(collection(polygon(BOX)))
    found.features[0].properties.name = "x"
    found.features.append(
        Feature({"geometry": {"type": "Point", "coordinates": [1.0, 2.0]}, "properties": {"id": 1}})
    )
    assert [f["properties"] for f in json.loads(found.encode())["features"]] == [
        {"name": "x"},
        {"id": 1},
    ]
    assert found.features[1].geometry.coordinates.longitude == 1.0
    found.features = []
    assert found.to_dict()["features"] == []


@pytest.mark.parametrize(
    "make, wrong",
    [
        (GeoJSON, []),
        (GeoJSON, {}),
        (GeoJSON, {"features": {}}),
        (Geometry, {}),
        (Feature, 5),
        (Properties, 5),
    ],
)
def test_what_is_no_geojson_is_an_invalid_option(make, wrong):
    with pytest.raises(InvalidOptionError):
        make(wrong)


def test_errors_can_be_pickled():
    for error in (
        exceptions.InvalidBBoxError("x"),
        exceptions.InvalidTokenError("x", "t", 190, "A"),
        exceptions.AuthError(message="x"),
        exceptions.InvalidImageResolutionError(5),
        exceptions.InvalidImageKeyError(image_id=5),
        exceptions.InvalidKwargError(func="f", key="k", value=1, options=["a"]),
        exceptions.InvalidOptionError(param="p", value=1, options=[2]),
        exceptions.InvalidFieldError(endpoint="e", field="f"),
        exceptions.LiteralEnforcementException("x"),
        exceptions.InvalidNumberOfArguments(51, 50, "ids"),
        exceptions.UnknownImageError(5),
        exceptions.ServiceError("x", 400, 100),
    ):
        again = pickle.loads(pickle.dumps(error))
        assert type(again) is type(error) and str(again) == str(error) and repr(error)
        assert str(copy.deepcopy(error)) == str(error)
        assert isinstance(error, exceptions.MapillaryException)


# ---- functions on lists


def test_pipelines_apply_their_filters(images):
    components = [
        {"filter": "features_in_bounding_box", "bbox": BOX},
        {},
        {"filter": "image_type", "type": "flat"},
        {"filter": "min_captured_at", "min_timestamp": "2020"},
        {"filter": "compass_angle", "angles": (0, 180)},
    ]
    found = filter.pipeline({"features": images}, components)
    assert {f["properties"]["id"] for f in found} == expected(
        images,
        lambda p: (
            not p["is_pano"] and p["captured_at"] >= 1577836800000 and p["compass_angle"] <= 180
        ),
    )
    with pytest.raises(InvalidOptionError):
        filter.pipeline({"features": []}, [{"filter": "nothing"}])


def test_filters_of_shapes_and_circles(images):
    in_box = {f["properties"]["id"] for f in filter.in_shape(images, polygon(BOX))}
    assert in_box == expected(images)
    hole = [[8.997, 51.992], [9.0, 51.992], [9.0, 51.995], [8.997, 51.995], [8.997, 51.992]]
    some = filter.in_shape(images, polygon(BOX, hole))
    assert {f["properties"]["id"] for f in some} == {
        f["properties"]["id"]
        for f in images
        if inside(f)
        and not (
            8.997 < f["geometry"]["coordinates"][0] < 9.0
            and 51.992 < f["geometry"]["coordinates"][1] < 51.995
        )
    }
    point = [{"geometry": {"type": "Point", "coordinates": [1.0, 0.0]}, "properties": {}}]
    # A degree of the equator.
    assert filter.distance_m([0.0, 0.0], [1.0, 0.0]) == pytest.approx(math.pi / 180 * 6371008.8)
    assert filter.haversine_dist(point, 112, [0, 0], unit="km") and not filter.haversine_dist(
        point, 111, [0, 0], "km"
    )


@pytest.mark.parametrize(
    "angle, sees", [(0, True), (50, True), (51, False), (310, True), (309, False), (-1, False)]
)
def test_flat_images_see_fifty_degrees_to_either_side(angle, sees):
    image = {
        "geometry": {"type": "Point", "coordinates": [0.0, 0.0]},
        "properties": {"is_pano": False, "compass_angle": angle},
    }
    north = {"geometry": {"type": "Point", "coordinates": [0.0, 0.1]}}
    assert filter.is_looking_at(image, north) is sees
    assert filter.is_looking_at({**image, "properties": {"is_pano": True}}, north)


def test_values_are_extracted(images):
    found = extract.extract_properties({"features": images}, ["id", "organization_id"])
    assert len(found["id"]) == len(images) > len(found["organization_id"])


def test_forms_of_geojson():
    feature = format.feature_to_geojson(
        {"id": "1", "geometry": {"type": "Point", "coordinates": [1, 2]}, "a": 3}
    )
    assert feature["geometry"]["coordinates"] == [1, 2] and feature["properties"] == {
        "id": "1",
        "a": 3,
    }
    document = json.loads(format.merged_features_list_to_geojson([feature]))
    assert format.geojson_to_features_list(document) == [feature]
    (row,) = format.flatten_geojson(document)
    assert (row["longitude"], row["latitude"], row["a"]) == (1, 2, 3)
    assert "longitude" not in feature["properties"]
    assert format.flatten_dictionary({"a": {"b": 1, "c": {"d": 2}}, "e": 3}) == {
        "a_b": 1,
        "a_c_d": 2,
        "e": 3,
    }
    other = {"features": [{"properties": {"key": 1, "more": 4}}]}
    joined = format.join_geojson_with_keys(document, "id", other, "key")
    assert joined["features"][0]["properties"] == {"id": "1", "a": 3, "key": 1, "more": 4}
    assert format.coord_or_list_to_dict([1, 2]) == {"lng": 1, "lat": 2}
    assert format.normalize_list([[[0, 2048], [4096, 1]]]) == [[[0, 0.5], [1, 1 / 4096]]]


def test_checks_of_arguments(image_id, sign_id):
    assert verify.bbox_validity_check(BOX) is True
    assert verify.bbox_validity_check({"west": 170, "south": 0, "east": -170, "north": 1}) is True
    for wrong in (
        {**BOX, "east": 8.0},
        {**BOX, "north": 51.0},
        {**BOX, "west": -181},
        {"west": 1, "south": 1, "east": 1, "north": 1},
    ):
        with pytest.raises(exceptions.InvalidBBoxError):
            verify.bbox_validity_check(wrong)
    assert verify.image_check({"radius": 5}) is True
    assert verify.image_bbox_check({"image_type": "pano"})["image_type"] == "pano"
    assert verify.sequence_bbox_check({}) == dict.fromkeys(
        ("max_captured_at", "min_captured_at", "image_type", "organization_id")
    )
    assert verify.points_traffic_signs_check({"existed_at": "2020"}) == {
        "existed_at": "2020",
        "existed_before": None,
    }
    assert verify.resolution_check(256) is True
    verify.valid_id(image_id)
    verify.valid_id(sign_id, image=False)
    with pytest.raises(InvalidOptionError):
        verify.valid_id(sign_id)
    with pytest.raises(InvalidOptionError):
        verify.valid_id(image_id, image=False)
    assert verify.check_file_name_validity("a-b_1")
