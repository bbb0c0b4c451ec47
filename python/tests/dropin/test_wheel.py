"""What a wheel of this package is."""

import importlib.metadata
import re


def test_one_wheel_is_for_every_python_from_3_10_on():
    installed = importlib.metadata.distribution("mly")
    assert re.search(r"^Tag: cp310-abi3-\w+$", installed.read_text("WHEEL"), re.MULTILINE)
    assert installed.metadata["Requires-Python"] == ">=3.10"


def test_both_packages_are_in_it():
    import mapillary
    import mly

    # The distribution needs no other: what a method needs is imported when it is called.
    needed = importlib.metadata.requires("mly") or []
    assert all("extra ==" in requirement for requirement in needed)
    for package in (mly, mapillary):
        path = package.__path__[0]
        files = importlib.metadata.files("mly") or []
        is_editable = any(file.name.endswith(".pth") for file in files)
        assert is_editable or any(str(file.locate()).startswith(path) for file in files)
