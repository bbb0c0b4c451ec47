"""What is meant for training, read by pycocotools, Hugging Face datasets and webdataset."""

import json
import os
import subprocess
from pathlib import Path

import datasets
import pytest
import webdataset
import yaml
from PIL import Image
from pycocotools.coco import COCO

MLY = os.environ["MLY"]


def run(*words):
    subprocess.run([MLY, *words, "-q"], check=True)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("training")
    run(
        "images",
        "--demo",
        "--near",
        "9.005,51.998",
        "--radius",
        "100",
        "-o",
        folder / "few.csv",
    )
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


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One data set in each format, of the same images."""
    folder = tmp_path_factory.mktemp("made")
    run(
        "images",
        "--demo",
        "--near",
        "9.005,51.998",
        "--radius",
        "250",
        "-o",
        folder / "in.csv",
    )
    for form in ["coco", "yolo", "webdataset"]:
        settings = ["--size", "256", "--negatives", "-f", form]
        run("dataset", folder / "in.csv", "--demo", "--to", folder / form, *settings)
    return folder


PARTS = ["train", "val", "test"]


def images_in(made):
    with (made / "in.csv").open() as file:
        return len(file.readlines()) - 1


def test_pycocotools_reads_each_part_of_a_data_set(made):
    images, annotations = set(), set()
    for part in PARTS:
        coco = COCO(made / "coco" / f"{part}.json")
        assert coco.dataset["info"]["split"] == part
        assert [category["id"] for category in coco.dataset["categories"]] == list(
            range(1, len(coco.cats) + 1)
        )
        assert not images & set(coco.imgs) and not annotations & set(coco.anns)
        images |= set(coco.imgs)
        annotations |= set(coco.anns)
        for image in coco.imgs.values():
            with Image.open(made / "coco" / image["file_name"]) as photo:
                assert photo.size == (image["width"], image["height"])
        for annotation in coco.anns.values():
            x, y, width, height = annotation["bbox"]
            image = coco.imgs[annotation["image_id"]]
            assert x >= 0 and y >= 0 and width > 0 and height > 0
            assert x + width <= image["width"] + 1e-6 and y + height <= image["height"] + 1e-6
            area = int(coco.annToMask(annotation).sum())
            assert abs(area - annotation["area"]) <= 4 * (width + height) + 4, annotation["id"]
    assert len(images) == images_in(made) and annotations


def test_hugging_face_loads_the_folder_of_photos_with_its_labels(made):
    for form in ["coco", "yolo"]:
        loaded = datasets.load_dataset(
            "imagefolder",
            data_dir=str(made / form / "images"),
            cache_dir=str(made / "cache" / form),
        )
        assert set(loaded) == {"train", "validation", "test"}
        assert sum(map(len, loaded.values())) == images_in(made)
        row = next(row for row in loaded["train"] if row["objects"]["bbox"])
        assert row["image"].size == (row["width"], row["height"])
        assert len(row["objects"]["bbox"]) == len(row["objects"]["category"])


def test_hugging_face_loads_archives_with_their_parts(made):
    loaded = datasets.load_dataset(
        str(made / "webdataset"), cache_dir=str(made / "cache" / "shards")
    )
    assert set(loaded) == {"train", "validation", "test"}
    assert sum(map(len, loaded.values())) == images_in(made)
    labelled = [row for row in loaded["train"] if row["json"]["annotations"]]
    assert labelled and all(len(row["json"]["annotations"][0]["bbox"]) == 4 for row in labelled)


def test_webdataset_reads_photos_and_labels(made):
    for part in PARTS:
        shards = sorted(map(str, (made / "webdataset").glob(f"{part}-*.tar")))
        samples = list(
            webdataset.WebDataset(shards, shardshuffle=False).decode("pil").to_tuple("jpg", "json")
        )
        assert samples
        for photo, about in samples:
            assert photo.size == (about["width"], about["height"])


# How ultralytics reads a data set, by its documentation and its `ultralytics/data/utils.py`: paths of `data.yaml` are
# relative to `path`, or to the file itself without one; photos are found below them; the label of a photo has `labels`
# in place of the last `images` of its path; a line is a class and four shares of the photo, and none is given twice.


def photos_of(folder):
    return [
        path
        for path in sorted(folder.rglob("*.*"))
        if path.suffix.lower() in {".jpg", ".jpeg", ".png"}
    ]


def boxes_of(label, classes):
    lines = [line.split() for line in label.read_text().strip().splitlines()]
    assert all(len(line) == 5 for line in lines), label
    numbers = [[float(word) for word in line] for line in lines]
    assert all(0 <= number <= 1 for line in numbers for number in line[1:]), label
    assert all(line[0] in range(len(classes)) for line in numbers), label
    assert all(line[3] > 0 and line[4] > 0 for line in numbers), label
    return len(numbers)


def test_a_trainer_of_yolo_finds_photos_and_labels_from_any_folder(made, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    described = made / "yolo" / "data.yaml"
    settings = yaml.safe_load(described.read_text())
    assert "path" not in settings
    assert list(settings["names"]) == list(range(len(settings["names"])))
    photos = boxes = 0
    for part in PARTS:
        folder = described.parent / settings[part]
        for photo in photos_of(folder):
            before, after = str(photo).rsplit("/images/", 1)
            label = Path(before) / "labels" / Path(after).with_suffix(".txt")
            boxes += boxes_of(label, settings["names"])
            photos += 1
    annotations = sum(len(COCO(made / "coco" / f"{part}.json").anns) for part in PARTS)
    assert (photos, boxes) == (images_in(made), annotations)
