"""What an import does, and does not."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from mapillary._official import refuse_mixture

WATCHED = """
import sys
touched = []
def watch(event, args):
    if event.startswith("socket.") or event in ("subprocess.Popen", "os.mkdir", "os.remove", "os.rename"):
        touched.append((event, str(args)))
    if event == "open":
        path, mode = str(args[0]), args[1]
        writes = isinstance(mode, str) and set(mode) & set("wax+")
        if writes or not path.endswith((".py", ".pyc", ".so", ".pyd")) and "/__pycache__/" not in path:
            touched.append((event, path, mode))
sys.addaudithook(watch)
import mapillary
import mapillary.interface, mapillary.models.logger, mapillary.utils.filter
import json
json.dump([touched, sorted(sys.modules)], sys.stdout)
"""


@pytest.fixture(scope="module")
def watched():
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", WATCHED], check=True, capture_output=True, text=True, env=environment
    )
    return json.loads(done.stdout)


def test_an_import_touches_no_file_and_no_network(watched):
    assert watched[0] == []


def test_an_import_pulls_no_other_package(watched):
    packages = {name.partition(".")[0] for name in watched[1]}
    assert (
        packages & {"numpy", "pandas", "shapely", "pyarrow", "requests", "mercantile", "geojson"}
        == set()
    )


def test_a_module_alone_can_be_imported():
    modules = [
        "mapillary.config.api.entities",
        "mapillary.config.api.general",
        "mapillary.config.api.vector_tiles",
        "mapillary.interface",
        "mapillary.models.api.entities",
        "mapillary.models.api.general",
        "mapillary.models.api.vector_tiles",
        "mapillary.models.client",
        "mapillary.models.config",
        "mapillary.models.exceptions",
        "mapillary.models.geojson",
        "mapillary.models.logger",
        "mapillary.utils.auth",
        "mapillary.utils.extract",
        "mapillary.utils.filter",
        "mapillary.utils.format",
        "mapillary.utils.time",
        "mapillary.utils.verify",
    ]
    for module in modules:
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)


def test_the_package_has_its_parts():
    import mapillary as mly

    for name in ("interface", "models", "utils", "config"):
        assert hasattr(mly, name)
    assert (
        mly.models.geojson.GeoJSON
        and mly.utils.filter.pipeline
        and mly.config.api.entities.Entities
    )


def test_the_official_distribution_beside_it_is_told(tmp_path):
    refuse_mixture([str(tmp_path), str(tmp_path / "absent")])
    (tmp_path / "mapillary_tools-0.14.0.dist-info").mkdir()
    (tmp_path / "mapillarywidget-1.dist-info").mkdir()
    refuse_mixture([str(tmp_path)])
    (tmp_path / "mapillary-1.0.16.dist-info").mkdir()
    with pytest.raises(ImportError, match=r"mapillary 1\.0\.16 .*pip uninstall mapillary"):
        refuse_mixture([str(tmp_path)])
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", "import mapillary"], capture_output=True, text=True, env=environment
    )
    assert done.returncode and "1.0.16" in done.stderr
    subprocess.run([sys.executable, "-c", "import mly"], check=True, env=environment)


def test_the_official_distribution_is_told_when_it_came_later_and_replaced_files(tmp_path):
    """As pip leaves it: files that both have are theirs, the others are still ours."""
    import mapillary

    mixture = tmp_path / "mapillary"
    shutil.copytree(mapillary.__path__[0], mixture)
    (tmp_path / "mapillary-1.0.16.dist-info").mkdir()
    (mixture / "__init__.py").write_text("from . import models, utils, config, interface\n")
    (mixture / "interface.py").write_text("theirs = True\n")
    for statement in ("import mapillary", "from mapillary.interface import theirs"):
        done = subprocess.run(
            [sys.executable, "-c", statement],
            capture_output=True,
            text=True,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
        )
        assert done.returncode and "mapillary 1.0.16 is in" in done.stderr


def test_an_import_takes_little_more_than_that_of_the_core():
    """As a ratio, best of several: an import of the core and of urllib, which both have to be there
    anyway."""

    def best(statement):
        code = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
        runs = [
            subprocess.run([sys.executable, "-c", code], check=True, capture_output=True)
            for _ in range(5)
        ]
        return min(float(run.stdout) for run in runs)

    assert best("import mapillary") < 5 * best(
        "import mly, json, urllib.parse, datetime, csv, http.client"
    )
