"""What is meant for training, read by pycocotools, Hugging Face datasets and webdataset."""

import json
import os
import subprocess

import datasets
import pytest
import webdataset
from pycocotools.coco import COCO

MLY = os.environ["MLY"]


def run(*words):
    subprocess.run([MLY, *words, "-q"], check=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    run("images", "--demo", "--near", "9.005,51.998", "--radius", "100", "-o", folder / "few.csv")
    few = ["--from", folder / "few.csv", "-f", "coco"]
    run("detections", "--demo", *few, "-o", folder / "labels.json")
    run("detections", "--demo", *few, "--with-empty", "-o", folder / "all.json")
    shards = ["--layout", "webdataset", "--size", "256"]
    run("download", folder / "few.csv", "--demo", "--to", folder / "shards", *shards)
    return folder


def test_pycocotools_evaluates_annotations(folder):
    coco = COCO(folder / "labels.json")
    coco.info()
    (license,) = coco.dataset["licenses"]
    assert license["name"] == "CC BY-SA 4.0"
    assert {image["license"] for image in coco.dataset["images"]} == {license["id"]}
    first = coco.dataset["annotations"][0]
    keys = ["image_id", "category_id", "bbox"]
    results = coco.loadRes([{**{key: first[key] for key in keys}, "score": 0.9}])
    assert len(results.anns) == 1
    for annotation in coco.dataset["annotations"]:
        area = int(coco.annToMask(annotation).sum())
        # Pixels at the border are inside or not.
        border = 4 * sum(annotation["bbox"][2:])
        assert abs(area - annotation["area"]) <= border, annotation["id"]


def test_images_without_annotations_are_there_on_wish(folder):
    with_some, with_all = COCO(folder / "labels.json"), COCO(folder / "all.json")
    assert set(with_some.imgs) < set(with_all.imgs)
    assert set(with_some.anns) == set(with_all.anns)
    with (folder / "few.csv").open() as file:
        assert len(with_all.imgs) == len(file.readlines()) - 1


def test_a_hole_is_no_part_of_a_mask(tmp_path):
    ring = [[10, 20], [50, 20], [50, 40], [10, 40], [10, 20]]
    hole = [[20, 25], [20, 35], [30, 35], [30, 25], [20, 25]]
    properties = {
        "id": "1", "image_id": "2", "value": "object--bench", "polygons": [ring, hole],
        "image_width": 400, "image_height": 300, "sequence_id": "a" * 22,
    }  # fmt: skip
    feature = {"type": "Feature", "geometry": None, "properties": properties}
    (tmp_path / "hole.geojson").write_text(json.dumps(feature))
    run("convert", tmp_path / "hole.geojson", tmp_path / "hole.json", "-f", "coco")
    coco = COCO(tmp_path / "hole.json")
    (annotation,) = coco.dataset["annotations"]
    mask = coco.annToMask(annotation)
    assert (annotation["area"], int(mask.sum())) == (700, 700)
    assert mask[30, 15] == 1 and mask[30, 25] == 0


def test_hugging_face_loads_shards(folder):
    loaded = datasets.load_dataset(
        "webdataset",
        data_files=str(folder / "shards" / "*.tar"),
        split="train",
        cache_dir=str(folder / "cache"),
    )
    with (folder / "few.csv").open() as file:
        assert len(loaded) == len(file.readlines()) - 1
    fields = loaded.features["json"]
    numbers = ["altitude", "compass_angle", "computed_compass_angle", "quality_score"]
    assert {fields[name].dtype for name in numbers} == {"float64"}
    assert {fields[name].dtype for name in ["captured_at", "width", "height"]} == {"int64"}


def test_webdataset_loads_shards(folder):
    shards = sorted(map(str, (folder / "shards").glob("*.tar")))
    samples = list(webdataset.WebDataset(shards, shardshuffle=False).decode())
    assert all(sample["json"]["id"] == sample["__key__"] for sample in samples)
    with (folder / "shards" / "manifest.json").open() as file:
        manifest = json.load(file)
    assert manifest["count"] == len(samples) and manifest["license"] == "CC BY-SA 4.0"
