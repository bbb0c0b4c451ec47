"""What is installed as mly-rs."""

import importlib.metadata
import re

import mly


def test_one_wheel_is_for_every_python_from_3_10_on():
    installed = importlib.metadata.distribution("mly-rs")
    assert re.search(r"^Tag: cp310-abi3-\w+$", installed.read_text("WHEEL"), re.MULTILINE)
    assert installed.metadata["Requires-Python"] == ">=3.10"


def test_nothing_else_is_needed():
    needed = importlib.metadata.requires("mly-rs") or []
    assert all("extra ==" in requirement for requirement in needed)


def test_it_is_not_taken_for_the_drop_in():
    """The folder of the official package is not touched by it."""
    files = [str(file) for file in importlib.metadata.files("mly-rs")]
    assert [file for file in files if file.startswith("mapillary")] == []
    assert any(file.startswith("mly") for file in files)


def test_the_version_is_that_of_the_distribution():
    assert importlib.metadata.version("mly-rs") == mly.__version__
