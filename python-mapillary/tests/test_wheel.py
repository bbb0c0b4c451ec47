"""What is installed as mly-mapillary."""

import importlib.metadata

import mly


def test_it_needs_mly_rs_of_the_same_version():
    assert importlib.metadata.requires("mly-mapillary") == [f"mly-rs=={mly.__version__}"]
    assert importlib.metadata.version("mly-mapillary") == mly.__version__


def test_it_is_python_alone_and_owns_one_folder():
    installed = importlib.metadata.distribution("mly-mapillary")
    assert "Tag: py3-none-any" in installed.read_text("WHEEL")
    folders = {str(file).partition("/")[0] for file in installed.files}
    # An editable installation has a path file in place of the folder.
    assert {name for name in folders if not name.endswith((".dist-info", ".pth"))} <= {"mapillary"}
