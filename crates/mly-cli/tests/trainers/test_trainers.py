"""Data sets as trainers load them: ultralytics and torchvision."""

import os
import subprocess

import pytest
import torch
import yaml
from torchvision.datasets import CocoDetection, wrap_dataset_for_transforms_v2
from ultralytics import YOLO
from ultralytics.data.build import build_yolo_dataset
from ultralytics.data.utils import check_det_dataset
from ultralytics.utils import DEFAULT_CFG

MLY = os.environ["MLY"]
PARTS = ["train", "val", "test"]


def run(*words):
    subprocess.run([MLY, *words, "-q"], check=True)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """One data set of YOLO and one of COCO, of the same images."""
    folder = tmp_path_factory.mktemp("made")
    where = ["--demo", "--near", "9.005,51.998", "--radius", "250"]
    run("images", *where, "-o", folder / "in.csv")
    for form in ["yolo", "coco"]:
        settings = ["--size", "256", "--negatives", "-f", form]
        run("dataset", folder / "in.csv", "--demo", "--to", folder / form, *settings)
    return folder


def lines_of(folder):
    return sum(len(path.read_text().splitlines()) for path in folder.glob("*.txt"))


def test_ultralytics_loads_every_photo_and_label(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    described = made / "yolo" / "data.yaml"
    data = check_det_dataset(str(described), autodownload=False)
    assert data["names"] == yaml.safe_load(described.read_text())["names"]
    for part in PARTS:
        loaded = build_yolo_dataset(DEFAULT_CFG, data[part], 1, data)
        photos = list((made / "yolo" / "images" / part).glob("*.jpg"))
        assert sorted(loaded.im_files) == sorted(map(str, photos)), part
        boxes = sum(len(label["cls"]) for label in loaded.labels)
        assert boxes == lines_of(made / "yolo" / "labels" / part), part
        assert loaded[0]["img"].shape[0] == 3


def test_ultralytics_trains_a_small_detector(made, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    model = YOLO("yolo11n.yaml")
    settings = {"epochs": 1, "imgsz": 64, "batch": 8, "workers": 0, "plots": False}
    settings |= {"device": "cpu", "amp": False, "verbose": False, "pretrained": False}
    model.train(data=str(made / "yolo" / "data.yaml"), project=str(tmp_path), **settings)
    assert list(tmp_path.rglob("last.pt"))


def test_torchvision_loads_every_photo_and_label(made):
    photos = boxes = 0
    for part in PARTS:
        loaded = CocoDetection(made / "coco", made / "coco" / f"{part}.json")
        loaded = wrap_dataset_for_transforms_v2(loaded, target_keys=["boxes", "labels", "masks"])
        for photo, target in loaded:
            photos += 1
            if "boxes" not in target:
                continue
            boxes += len(target["boxes"])
            width, height = photo.size
            limit = torch.tensor([width, height, width, height]) + 1e-3
            assert (target["boxes"] >= 0).all() and (target["boxes"] <= limit).all()
            assert (target["labels"] >= 1).all()
            assert target["masks"].shape == (len(target["boxes"]), height, width)
    assert photos == sum(
        len(list((made / "yolo" / "images" / part).glob("*.jpg"))) for part in PARTS
    )
    assert boxes == sum(lines_of(made / "yolo" / "labels" / part) for part in PARTS)
