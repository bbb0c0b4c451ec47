import datetime

import pytest

import mly
from conftest import TOWN, client_of


def test_an_image_is_what_the_graph_says(client, ask, ids):
    fields = (
        "captured_at,make,is_pano,width,compass_angle,creator,sequence,geometry,camera_parameters"
    )
    truth = ask(ids[0], fields=fields)
    image = client.image(ids[0], fields=fields)
    assert image["id"] == ids[0] == int(truth["id"])
    assert image["captured_at"] == datetime.datetime.fromtimestamp(
        truth["captured_at"] / 1000, datetime.timezone.utc
    )
    assert (
        image["creator_id"] == int(truth["creator"]["id"])
        and image["creator_username"] == truth["creator"]["username"]
    )
    for name in (
        "make",
        "is_pano",
        "width",
        "compass_angle",
        "sequence",
        "geometry",
        "camera_parameters",
    ):
        assert image.get(name) == truth.get(name), name
    assert client.image(str(ids[0]), fields=["make"]) == {
        name: image[name] for name in ("id", "make", "geometry")
    }


def test_unknown_fields_are_passed_through(client, ask, ids):
    image = client.image(ids[0], fields=["detections.value"])
    truth = ask(ids[0], fields="detections.value")["detections"]["data"]
    assert image["detections"] in (truth, {"data": truth})


def test_many_ids_come_in_their_order_and_missing_ones_are_listed(client, ids):
    asked = [ids[3], 5, ids[1], ids[3]]
    batches = client.images_by_id(asked, fields=["make"])
    assert [row["id"] for row in batches.to_dicts()] == [ids[3], ids[1], ids[3]]
    assert batches.summary.not_found == [5]


def test_ids_may_come_in_many_forms(client, ids):
    pyarrow = pytest.importorskip("pyarrow")
    some = ids[:3]
    column = pyarrow.chunked_array([some])
    forms = [
        some,
        tuple(some),
        map(str, some),
        iter(some),
        pyarrow.table({"id": some, "make": ["a", "b", "c"]}),
        column,
        client.images_by_id(some),
    ]
    for package in ("numpy", "pandas", "polars"):
        library = pytest.importorskip(package)
        forms.append(library.array(some) if package == "numpy" else library.DataFrame({"id": some}))
        forms.append(some if package == "numpy" else library.Series(some))
    for form in forms:
        assert [row["id"] for row in client.images_by_id(form, fields=["id"]).to_dicts()] == some, (
            type(form)
        )
    assert [row["id"] for row in client.images_by_id(some[0], fields="id").to_dicts()] == some[:1]


def test_signs_are_not_taken_for_images(client):
    with pytest.raises(mly.InvalidQueryError, match="map feature"):
        client.images_by_id(client.run(mly.Query.signs(bbox=TOWN)))


def test_features_organizations_and_sequences(client, ask, ids, sign_ids):
    feature = client.feature(sign_ids[0])
    assert feature["object_value"] == ask(sign_ids[0], fields="object_value")["object_value"]
    assert [row["id"] for row in client.features_by_id(sign_ids).to_dicts()] == sign_ids
    images = client.images_by_id(ids, fields=["organization", "sequence"]).to_dicts()
    organization = next(image["organization_id"] for image in images if "organization_id" in image)
    assert client.organization(organization)["slug"] == ask(organization, fields="slug")["slug"]
    assert client.organizations_by_id([organization]).to_dicts()[0]["id"] == organization
    sequence = images[0]["sequence"]
    truth = [int(image["id"]) for image in ask("image_ids", sequence_id=sequence)["data"]]
    drive = client.sequence(sequence, fields=["captured_at"]).to_dicts()
    assert [image["id"] for image in drive] == truth
    assert drive == sorted(drive, key=lambda image: image["captured_at"])


def test_detections_of_images_and_of_map_features(client, ask, ids, sign_ids):
    truth = ask(f"{ids[0]}/detections", fields="value")["data"]
    found = client.detections(image_id=ids[0]).to_dicts()
    assert [row["id"] for row in found] == [int(row["id"]) for row in truth]
    assert all(
        0 <= value <= 1
        for row in found
        for ring in row["polygons"]
        for x_y in ring
        for value in x_y
    )
    pixels = client.detections(image_id=ids[:5], pixels=True).to_dicts()
    assert any(
        value > 1 for row in pixels for ring in row["polygons"] for x_y in ring for value in x_y
    )
    raw = client.detections(image_id=ids[:5], raw=True).to_dicts()
    assert len(raw) == len(pixels) and "polygons" not in raw[0]
    features = client.detections(map_feature_id=sign_ids).to_dicts()
    assert {row["map_feature_id"] for row in features} <= set(sign_ids) and features
    for keywords in (
        {},
        {"image_id": 1, "map_feature_id": 2},
        {"image_id": 1, "pixels": True, "raw": True},
    ):
        with pytest.raises(TypeError):
            client.detections(**keywords)


def test_a_thumbnail_is_an_address_that_works(client, ids):
    import urllib.request

    for size in (256, "256", 1024, "original"):
        with urllib.request.urlopen(client.thumbnail(ids[0], size)) as photo:
            assert photo.read(2) == b"\xff\xd8"
    with pytest.raises(mly.InvalidQueryError, match="1024"):
        client.thumbnail(ids[0], 1000)
    with pytest.raises(TypeError, match="'size'"):
        client.thumbnail(ids[0], 1.5)


def test_what_nothing_has_is_not_found(client):
    for look_up in (client.image, client.feature, client.organization, client.thumbnail):
        with pytest.raises(mly.NotFoundError) as error:
            look_up(5)
        assert error.value.ids == [5] and not error.value.retryable


@pytest.mark.parametrize("id", ["x", "", "-5", "007", "1/../2", "1?access_token=", -5, 2**70])
def test_what_cannot_be_an_id_is_refused(service, id):
    with pytest.raises((mly.InvalidQueryError, TypeError)):
        client_of(service).image(id)
    assert service.requests == []


def test_wrong_types_are_named(client):
    for call, name in [
        (lambda: client.image([1]), "'id'"),
        (lambda: client.image(1, fields=2), "'fields'"),
        (lambda: client.images_by_id(None), "'ids'"),
        (lambda: client.images_by_id([1.5]), "'ids'"),
        (lambda: client.images_by_id([1], limit="x"), "'limit'"),
        (lambda: client.run("images"), "'what'"),
        (lambda: client.detections(image_id=object()), "'image_id'"),
        (lambda: client.detections(image_id=1, raw="yes"), "'raw'"),
        (lambda: client.image(1, feilds="make"), "did you mean 'fields'"),
        (lambda: client.sequence("x", limits=1), "did you mean 'limit'"),
    ]:
        with pytest.raises(TypeError) as error:
            call()
        assert name in str(error.value)
