"""Where the official SDK departs from its documentation: one test for each thing that is done as
documented here."""

import csv
import json
import logging
import math
import os
import subprocess
import sys

import pytest

from conftest import BOX, CENTRE, collection, expected, features, ids, inside, polygon
from mapillary import interface
from mapillary.models.exceptions import InvalidArgumentError, InvalidOptionError, ServiceError
from mapillary.models.geojson import Coordinates, GeoJSON
from mapillary.utils import filter, format

SECOND = {"west": 9.004, "south": 51.996, "east": 9.009, "north": 51.999}


@pytest.mark.parametrize("image_type", [None, "all", "both"])
def test_panoramas_come_unless_left_out(images, image_type):
    assert ids(interface.images_in_bbox(BOX, image_type=image_type)) == expected(images)
    assert expected(images, lambda p: p["is_pano"])


def test_points_on_the_edge_of_the_box_are_inside(images):
    exact = features(interface.images_in_bbox(BOX))
    longitudes = [f["geometry"]["coordinates"][0] for f in exact]
    latitudes = [f["geometry"]["coordinates"][1] for f in exact]
    tight = {
        "west": min(longitudes),
        "south": min(latitudes),
        "east": max(longitudes),
        "north": max(latitudes),
    }
    assert ids(interface.images_in_bbox(tight)) == {f["properties"]["id"] for f in exact}


def test_sequences_touch_the_box_and_are_whole_and_once(whole):
    box = {"west": 8.998, "south": 51.992, "east": 9.001, "north": 51.995}
    found = features(interface.sequences_in_bbox(box))

    def lines(feature):
        geometry = feature["geometry"]
        return (
            [geometry["coordinates"]]
            if geometry["type"] == "LineString"
            else geometry["coordinates"]
        )

    def crosses(line):
        # Steps of a metre or so along the line.
        for (ax, ay), (bx, by) in zip(line, line[1:] or line, strict=False):
            for step in range(101):
                x, y = ax + (bx - ax) * step / 100, ay + (by - ay) * step / 100
                if box["west"] <= x <= box["east"] and box["south"] <= y <= box["north"]:
                    return True
        return False

    for feature in found:
        assert any(crosses(line) for line in lines(feature))
    outside = [
        x
        for f in found
        for line in lines(f)
        for x, _ in line
        if not box["west"] <= x <= box["east"]
    ]
    assert outside, "nothing is cut at the box"
    of_tile = {
        f["properties"]["id"] for f in whole("sequence") if any(crosses(line) for line in lines(f))
    }
    assert of_tile <= {f["properties"]["id"] for f in found}
    assert len(found) == len({f["properties"]["id"] for f in found})


def test_images_have_a_real_geometry_in_a_list_of_features(image_id):
    document = json.loads(interface.image_from_key(image_id))
    (feature,) = document["features"]
    assert feature["geometry"]["type"] == "Point" and len(feature["geometry"]["coordinates"]) == 2


def test_geojson_functions_work(images):
    assert ids(interface.images_in_geojson(collection(polygon(BOX)))) == expected(images)
    assert ids(interface.map_features_in_geojson(collection(polygon(BOX))))


def test_a_collection_of_points_is_one_ring(images):
    ring = polygon(BOX)["coordinates"][0]
    points = collection(*({"type": "Point", "coordinates": place} for place in ring[:-1]))
    assert ids(interface.images_in_geojson(points)) == expected(images)
    assert format.geojson_to_polygon(points).to_dict()["features"][0]["geometry"] == polygon(BOX)


def test_shapes_are_their_polygons_whatever_else_is_in_them(images, tmp_path):
    outline = polygon(BOX)
    point = {"type": "Point", "coordinates": [0, 0]}
    line = {"type": "LineString", "coordinates": [[0, 0], [1, 1]]}
    mixed = collection(outline, point, line)
    file = tmp_path / "mixed.geojson"
    file.write_text(json.dumps(mixed))
    for shape in (mixed, json.dumps(mixed), str(file)):
        assert ids(interface.images_in_shape(shape)) == expected(images)
    many = {"type": "MultiPoint", "coordinates": outline["coordinates"][0][:-1]}
    assert ids(interface.images_in_geojson(many)) == expected(images)
    for shape in (collection(line), collection(point), collection(line, point)):
        with pytest.raises(InvalidArgumentError):
            interface.images_in_geojson(shape)


def test_encode_gives_json(images):
    found = interface.images_in_shape(polygon(BOX))
    text = found.encode()
    assert json.loads(text) == found.to_dict()
    assert len(found.features) == len(expected(images))
    assert json.loads(found.encode()) == json.loads(text), (
        "and so it does when the features have been looked at"
    )


def test_results_are_not_repeated_and_long_lists_take_no_time_for_it(images):
    repeated = GeoJSON(collection())
    repeated.append_features(images)
    repeated.append_features(images)
    assert len(repeated.features) == len(images)
    without_ids = collection(polygon(BOX), polygon(BOX))["features"]
    repeated.append_features(without_ids)
    assert len(repeated.features) == len(images) + 2


def test_any_geometry_is_kept():
    shapes = [
        {"type": "LineString", "coordinates": [[1, 2], [3, 4], [5, 6]]},
        {"type": "MultiLineString", "coordinates": [[[1, 2], [3, 4]], [[5, 6], [7, 8]]]},
        polygon(BOX, [[8.996, 51.991], [8.997, 51.991], [8.996, 51.992], [8.996, 51.991]]),
        {"type": "Point", "coordinates": [1.5, 2.5, 3.5]},
        None,
    ]
    document = collection(*shapes)
    assert GeoJSON(document).to_dict() == document
    assert json.loads(GeoJSON(document).encode()) == document


def test_images_close_to_a_place_come_from_all_tiles(whole):
    # The edge between two tiles.
    edge = 8602 / 2**14 * 360 - 180
    near = features(interface.get_image_close_to(longitude=edge, latitude=51.998, radius=300))
    assert {math.floor((f["geometry"]["coordinates"][0] + 180) / 360 * 2**14) for f in near} == {
        8601,
        8602,
    }
    in_one = {f["properties"]["id"] for f in whole("image", edge - 1e-6, 51.998)}
    assert in_one & {f["properties"]["id"] for f in near} < {f["properties"]["id"] for f in near}


def test_images_close_to_an_empty_place_are_an_empty_collection():
    found = interface.get_image_close_to(longitude=20.0, latitude=20.0, image_type="pano")
    assert found.to_dict() == {"type": "FeatureCollection", "features": []}


def test_the_default_place_has_longitude_and_latitude_in_their_places(town):
    before = len(town.requests)
    assert features(interface.get_image_close_to()) == []
    (request,) = town.requests[before:]
    column = math.floor((180 - 122.1504711) / 360 * 2**14)
    assert f"/14/{column}/" in request["path"]


def test_fields_of_images_close_to_a_place_are_honoured():
    place = {"longitude": CENTRE[0], "latitude": CENTRE[1], "radius": 150}
    named = features(interface.get_image_close_to(**place, fields=["make", "creator"]))
    assert named and all(set(f["properties"]) <= {"id", "make", "creator"} for f in named)
    assert all(set(f["properties"]["creator"]) == {"id", "username"} for f in named)
    everything = features(interface.get_image_close_to(**place, fields=["all"]))
    assert all(
        {"altitude", "camera_type", "thumb_1024_url", "mesh"} <= set(f["properties"])
        for f in everything
    )
    assert len(everything) == len(named)
    looking = features(
        interface.get_image_looking_at(at=list(CENTRE), radius=150, fields=["width"])
    )
    assert looking and all(set(f["properties"]) == {"id", "width"} for f in looking)


def test_errors_about_options_have_a_text():
    error = InvalidOptionError(param="resolution", value=512, options=[256, 1024, 2048])
    assert "256, 1024, 2048" in str(error) and "512" in repr(error)


@pytest.mark.parametrize(
    "argument, value",
    [
        ("min_captured_at", 5),
        ("max_captured_at", ["2020"]),
        ("compass_angle", 90),
        ("compass_angle", ("a", "b")),
        ("sequence_id", 7),
        ("sequence_id", [7]),
        ("organization_id", 1.5),
        ("organization_id", True),
    ],
)
def test_wrong_types_in_filters_are_errors_that_name_the_argument(argument, value):
    with pytest.raises(TypeError, match=argument):
        interface.images_in_bbox(BOX, **{argument: value})


def test_wrong_types_in_a_pipeline_are_errors_that_name_the_argument(images):
    with pytest.raises(TypeError, match="max_timestamp"):
        filter.pipeline(
            {"features": images}, [{"filter": "max_captured_at", "max_timestamp": None}]
        )
    with pytest.raises(TypeError, match="radius"):
        interface.get_image_close_to(longitude=9.0, latitude=52.0, radius="150")


def test_organizations_are_numbers_text_or_lists(images):
    known = sorted(
        {f["properties"]["organization_id"] for f in images if "organization_id" in f["properties"]}
    )
    one = expected(images, lambda p: p.get("organization_id") == known[0])
    for value in (known[0], str(known[0]), [known[0]]):
        assert ids(interface.images_in_bbox(BOX, organization_id=value)) == one
    assert ids(interface.images_in_bbox(BOX, organization_id=known)) == expected(
        images, lambda p: "organization_id" in p
    )
    place = {"longitude": CENTRE[0], "latitude": CENTRE[1]}
    assert ids(interface.get_image_close_to(**place, org_id=known[0])) == ids(
        interface.get_image_close_to(**place, organization_id=known[0])
    )
    # Part of an id is not the id.
    assert ids(interface.images_in_bbox(BOX, organization_id=str(known[0])[:-1])) == set()


def test_sequences_are_named_whole_or_in_lists(images):
    first, second, *_ = sorted({f["properties"]["sequence_id"] for f in images if inside(f)})
    one = expected(images, lambda p: p["sequence_id"] == first)
    assert ids(interface.images_in_bbox(BOX, sequence_id=first)) == one
    assert ids(interface.images_in_bbox(BOX, sequence_id=[first, second])) == expected(
        images, lambda p: p["sequence_id"] in (first, second)
    )
    assert ids(interface.images_in_bbox(BOX, sequence_id=first + "x")) == set()


def test_empty_lists_let_nothing_pass():
    assert ids(interface.images_in_bbox(BOX, sequence_id=[])) == set()
    assert ids(interface.images_in_bbox(BOX, organization_id=[])) == set()
    assert ids(interface.traffic_signs_in_bbox(BOX, filter_values=[])) == set()


@pytest.mark.parametrize(
    "date, first_ms",
    [
        ("2020", 1577836800000),
        ("2020-03", 1583020800000),
        ("2020-03-04", 1583280000000),
        ("2020-03-04T05:06:07", 1583298367000),
        ("2020-03-04 05:06:07.123", 1583298367123),
        ("2020-03-04T05:06:07Z", 1583298367000),
        ("2020-03-04T05:06:07+02:00", 1583291167000),
    ],
)
def test_dates_are_utc_of_any_length_with_milliseconds(images, date, first_ms):
    assert ids(interface.images_in_bbox(BOX, min_captured_at=date)) == expected(
        images, lambda p: p["captured_at"] >= first_ms
    )
    from mapillary.utils.time import date_to_unix_timestamp

    assert date_to_unix_timestamp(date) == first_ms


def test_dates_do_not_know_the_time_zone_of_the_machine():
    command = (
        "from mapillary.utils.time import date_to_unix_timestamp as t; assert t('1970-01-01') == 0"
    )
    environment = {**os.environ, "TZ": "Asia/Tokyo"}
    subprocess.run([sys.executable, "-c", command], check=True, env=environment)


def test_a_short_date_as_an_upper_bound_means_its_end(images):
    assert ids(interface.images_in_bbox(BOX, max_captured_at="2020")) == expected(
        images, lambda p: p["captured_at"] < 1609459200000
    )


def test_a_date_that_is_none_is_a_value_error():
    with pytest.raises(InvalidArgumentError) as refused:
        interface.images_in_bbox(BOX, min_captured_at="the day before")
    assert isinstance(refused.value, ValueError)


def test_a_range_of_angles_can_cross_north(images):
    found = ids(interface.images_in_bbox(BOX, compass_angle=(300, 60)))
    assert found == expected(
        images, lambda p: p["compass_angle"] >= 300 or p["compass_angle"] <= 60
    )
    assert found
    some = filter.compass_angle(images, (300, 60))
    assert all(
        f["properties"]["compass_angle"] >= 300 or f["properties"]["compass_angle"] <= 60
        for f in some
    )


def test_detections_say_which_image_they_are_in(sign_id):
    for feature in features(interface.get_detections_with_map_feature_id(sign_id)):
        image = feature["properties"]["image_id"]
        assert ids(interface.get_detections_with_image_id(image)) >= {feature["properties"]["id"]}


def test_a_detection_without_an_image_has_no_geometry():
    (feature,) = format.detection_features_to_geojson([{"id": "1", "value": "x"}])["features"]
    assert feature == {"type": "Feature", "geometry": None, "properties": {"id": "1", "value": "x"}}
    assert GeoJSON(collection()).to_dict()["features"] == []


def test_answers_are_read_as_json(image_id):
    # null, true and false are words that Python does not have.
    (feature,) = features(interface.image_from_key(image_id, ["is_pano", "captured_at"]))
    assert feature["properties"]["is_pano"] is False


def test_an_entity_is_one_request(service, image_id, sign_id):
    for ask, key in (
        (interface.image_from_key, image_id),
        (interface.image_thumbnail, image_id),
        (interface.feature_from_key, sign_id),
        (interface.get_detections_with_image_id, image_id),
        (interface.get_detections_with_map_feature_id, sign_id),
    ):
        before = len(service.requests)
        ask(key)
        assert len(service.requests) == before + 1


def test_a_new_token_is_used_everywhere(monkeypatch):
    import mly

    with mly.Emulator("demo", token="MLY|1|second") as strict:
        monkeypatch.setenv("MAPILLARY_GRAPH_URL", strict.url)
        monkeypatch.setenv("MAPILLARY_TILES_URL", strict.url)
        with pytest.raises(interface.MapillaryException):
            interface.images_in_bbox(BOX)
        interface.set_access_token("MLY|1|second")
        assert ids(interface.images_in_bbox(BOX))
        assert interface.get_image_close_to(longitude=9.0, latitude=51.995).features
        from mapillary.models.client import Client

        assert Client().get(f"{strict.url}/maps/vtp/mly1_public/2/14/8601/5411/").content


@pytest.fixture
def script(service, tmp_path):
    """Runs Python with the package in an empty folder and gives what it printed."""

    def run(code, **environment):
        environment = {
            **os.environ,
            "MAPILLARY_GRAPH_URL": service.url,
            "MAPILLARY_TILES_URL": service.url,
            "TOKEN": service.token,
            "BOX": json.dumps(BOX),
            **environment,
        }
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        return done

    return run


ASKING = """
import json, os
from mapillary import interface
interface.set_access_token(os.environ["TOKEN"])
box = json.loads(os.environ["BOX"])
interface.images_in_bbox(box)
interface.image_from_key(json.loads(interface.images_in_bbox(box))["features"][0]["properties"]["id"])
"""


def test_nothing_is_printed_and_no_file_is_made(script, tmp_path):
    done = script(ASKING)
    assert (done.stdout, done.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []


def test_the_log_goes_to_standard_error_without_the_token(script, service):
    done = script("import logging; logging.basicConfig(level=logging.DEBUG)\n" + ASKING)
    assert done.stdout == ""
    assert "mly" in done.stderr
    secret = service.token.split("|")[-1]
    assert secret not in done.stderr


def test_loggers_are_made_once_and_write_to_standard_error(capsys, tmp_path, monkeypatch):
    from mapillary.models.logger import Logger

    monkeypatch.chdir(tmp_path)
    for _ in range(3):
        logger = Logger.setup_logger(name="mapillary.test.once", level=logging.INFO)
    assert len(logger.handlers) == 1 and logger.handlers[0].stream is sys.stderr
    assert Logger.get_os_log_path("x.log") == str(tmp_path / "x.log")
    assert list(tmp_path.iterdir()) == []


def test_failures_that_pass_are_asked_again(service, images):
    service.fail("status=503,every=2")
    assert ids(interface.images_in_bbox(BOX)) == expected(images)
    some = min(expected(images))
    for fault in ("status=503,next=1", "garbled,next=1", "empty,next=1", "transient,next=1"):
        service.clear_faults()
        service.fail(fault)
        assert features(interface.image_from_key(some))[0]["properties"]["captured_at"]


def test_what_the_service_refuses_is_a_service_error(service):
    service.fail("block")
    with pytest.raises(ServiceError) as refused:
        interface.images_in_bbox(BOX)
    assert refused.value.retryable
    assert service.token not in str(refused.value)


def test_who_catches_errors_of_requests_catches_those_of_the_service(service, monkeypatch):
    requests = type(sys)("requests")

    class RequestException(IOError):
        def __init__(self, *args, **kwargs):
            self.response = kwargs.pop("response", None)
            super().__init__(*args, **kwargs)

    requests.HTTPError = type("HTTPError", (RequestException,), {})
    requests.ConnectionError = type("ConnectionError", (RequestException,), {})
    monkeypatch.setitem(sys.modules, "requests", requests)
    service.fail("block")
    with pytest.raises(requests.HTTPError) as refused:
        interface.images_in_bbox(BOX)
    assert isinstance(refused.value, ServiceError) and isinstance(
        refused.value, requests.ConnectionError
    )
    assert str(refused.value)


def test_boxes_cross_the_antimeridian(service):
    before = len(service.requests)
    box = {"west": 179.99, "south": 0.0, "east": -179.99, "north": 0.01}
    assert ids(interface.images_in_bbox(box)) == set()
    columns = {request["path"].strip("/").split("/")[-2] for request in service.requests[before:]}
    assert columns == {"16383", "0"}


def test_every_polygon_of_a_shape_counts_and_so_do_holes(images):
    hole = [[8.997, 51.992], [9.0, 51.992], [9.0, 51.995], [8.997, 51.995], [8.997, 51.992]]
    found = ids(interface.images_in_shape(collection(polygon(BOX, hole), polygon(SECOND))))

    def wanted(feature):
        x, y = feature["geometry"]["coordinates"]
        in_hole = 8.997 < x < 9.0 and 51.992 < y < 51.995
        return (inside(feature) and not in_hole) or inside(feature, SECOND)

    everything = {
        f["properties"]["id"]: f for f in [*images, *features(interface.images_in_bbox(SECOND))]
    }
    assert found == {key for key, f in everything.items() if wanted(f)}
    several = {
        "type": "MultiPolygon",
        "coordinates": [polygon(BOX)["coordinates"], polygon(SECOND)["coordinates"]],
    }
    assert ids(interface.images_in_shape(several)) == {
        key for key, f in everything.items() if inside(f) or inside(f, SECOND)
    }


def test_save_locally_writes_whole_files(images, tmp_path):
    text = interface.images_in_bbox(BOX)
    for data in (text, json.loads(text), interface.images_in_shape(polygon(BOX))):
        interface.save_locally(data, file_path=str(tmp_path), file_name="images")
        assert json.loads((tmp_path / "images.geojson").read_text()) == json.loads(text)
    assert [path.name for path in tmp_path.iterdir()] == ["images.geojson"]


def test_save_locally_raises_and_leaves_nothing(tmp_path):
    with pytest.raises(OSError):
        interface.save_locally(
            interface.images_in_bbox(BOX), file_path=str(tmp_path / "no" / "folder")
        )
    with pytest.raises(ValueError):
        interface.save_locally("no json", file_path=str(tmp_path))
    with pytest.raises((TypeError, ValueError)):
        interface.save_locally(
            {"type": "FeatureCollection", "features": [object()]}, file_path=str(tmp_path)
        )
    with pytest.raises(InvalidOptionError):
        interface.save_locally("{}", file_path=str(tmp_path), extension="xml")
    assert list(tmp_path.iterdir()) == []


def test_tables_have_the_columns_of_all_features(images, tmp_path):
    text = interface.images_in_bbox(BOX)
    interface.save_locally(text, file_path=str(tmp_path), file_name="images", extension="CSV")
    with (tmp_path / "images.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    found = features(text)
    assert [int(row["ID"]) for row in rows] == [f["properties"]["id"] for f in found]
    columns = set(rows[0])
    assert columns == {"ID", "WKT", "longitude", "latitude", "organization_id"} | {
        name for f in found for name in f["properties"] if name != "id"
    }
    for row, feature in zip(rows, found, strict=True):
        longitude, latitude = feature["geometry"]["coordinates"]
        assert row["WKT"] == f"POINT ({longitude} {latitude})"
        assert row["organization_id"] == str(feature["properties"].get("organization_id", "NULL"))
        assert float(row["compass_angle"]) == feature["properties"]["compass_angle"]


def test_lines_are_well_known_text_in_tables(tmp_path):
    interface.save_locally(interface.sequences_in_bbox(BOX), str(tmp_path), "lines", "csv")
    with (tmp_path / "lines.csv").open(newline="") as file:
        assert all(
            row["WKT"].startswith(("LINESTRING (", "MULTILINESTRING (("))
            for row in csv.DictReader(file)
        )


def test_a_name_that_cannot_be_one_is_replaced_with_a_warning(tmp_path):
    with pytest.warns(UserWarning, match="cannot be the name of a file"):
        interface.save_locally("{}", file_path=str(tmp_path), file_name="../images.geojson")
    (path,) = tmp_path.iterdir()
    assert path.name.startswith("mapillary_") and path.name.endswith("_.geojson")


def test_save_locally_takes_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    interface.save_locally("{}")
    assert len(list(tmp_path.iterdir())) == 1


def test_outlines_have_every_feature_the_true_extent_and_each_point_once():
    # The vectors of the service's documentation, in units of 4096 from the top.
    box = "GjgKBm1weS1vchIYEgIAABgDIhAJ4iDyJhq8AQAApAG7AQAPGgR0eXBlIgkKB3BvbHlnb24ogCB4AQ=="
    (ring,) = format.decode_pixel_geometry(box, normalized=False)["coordinates"]
    assert {x for x, _ in ring} == {2097, 2191} and {4096 - y for _, y in ring} == {2489, 2571}
    (parts,) = format.decode_pixel_geometry(box)["coordinates"]
    assert parts == [[x / 4096, y / 4096] for x, y in ring]
    document = collection()
    document["features"] = format.detection_features_to_geojson([{"id": "1", "geometry": box}])[
        "features"
    ]
    decoded = format.decode_pixel_geometry_in_geojson(document).to_dict()
    assert decoded["features"][0]["properties"]["pixel_geometry"] == {"coordinates": [parts]}
    assert document["features"][0]["properties"]["pixel_geometry"] == box, (
        "what was handed over stays"
    )
    for broken in ("no base64!", "AAAA", "////"):
        with pytest.raises(interface.MapillaryException):
            format.decode_pixel_geometry(broken)


def test_coordinates_have_both_spellings():
    assert Coordinates(1.0, 2.0).to_list() == Coordinates(lng=1.0, lat=2.0).to_list() == [1.0, 2.0]
    assert Coordinates(longitude=1.0, latitude=2.0).to_dict() == {"lng": 1.0, "lat": 2.0}
    with pytest.raises(InvalidOptionError):
        Coordinates(lng=1.0)


def test_boxes_and_polygons_keep_their_axes():
    box = [48.0, 38.0, 62.0, 45.0]
    feature = format.bbox_to_polygon(box)
    assert feature["geometry"]["coordinates"][0][0] == [48.0, 38.0]
    assert format.polygon_feature_to_bbox_list(feature) == box
    as_dict = format.polygon_feature_to_bbox_list(feature, is_bbox_list_required=False)
    assert as_dict == {"west": 48.0, "south": 38.0, "east": 62.0, "north": 45.0}
    assert format.bbox_to_polygon(as_dict) == feature
