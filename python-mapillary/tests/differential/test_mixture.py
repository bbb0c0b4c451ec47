"""The official package over ours, as pip leaves it when the official one is installed later."""

import os
import shutil
import subprocess

import pytest
from test_differential import OFFICIAL

import mapillary


def test_the_official_package_over_ours_is_told(tmp_path):
    if not OFFICIAL.exists():
        pytest.skip(
            f"there is no {OFFICIAL}: run scripts/test, which makes it, or set MLY_OFFICIAL_PYTHON"
        )
    code = "import mapillary; print(mapillary.__path__[0])"
    alone = subprocess.run(
        [OFFICIAL, "-c", code], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    shutil.copytree(mapillary.__path__[0], tmp_path / "mapillary")
    shutil.copytree(alone.stdout.strip(), tmp_path / "mapillary", dirs_exist_ok=True)
    (tmp_path / "mapillary-1.0.16.dist-info").mkdir()
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    mixed = subprocess.run([OFFICIAL, "-c", code], capture_output=True, text=True, env=environment)
    assert mixed.returncode and "install mly-mapillary again" in mixed.stderr
