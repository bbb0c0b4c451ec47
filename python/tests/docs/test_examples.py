"""Every example of the documentation runs against the demo town, and prints what the page says."""

import contextlib
import doctest
import importlib.util
import io
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from pages import ROOT, blocks, pages

PAGES = pages()

# Real places and ids of the READMEs, and what stands for them in the demo town.
STAND_INS = {
    "cargo run -- ": "mly ",
    "2.25,48.81,2.42,48.91": "8.98,51.98,9.03,52.01",
    "8.5,47.35,8.57,47.4": "8.98,51.98,9.03,52.01",
    "13.3777,52.5163": "9.005,51.998",
    "14/8574/5735": "14/8601/5411",
    "1933525276802129": "7038203092802113",
    "503148450834482": "690681606212996",
    "RmqBsAu3nzVAJF7ZHbRYUs": "vNL-ZnfUkSC0F-xTBFq86f",
    "mly emulate ": "mly emulate --port 0 ",
}

# Files that a page takes as given.
POLYGON = (
    '{"type":"Polygon","coordinates":[[[8.99,51.99],[9.02,51.985],[9.015,52.003],[8.99,51.99]]]}'
)
CHOSEN = "id\n7038203092802113\n690681606212996\n"
GIVEN = {
    "README.md": {"city.geojson": POLYGON, "state.geojson": POLYGON, "signs-images.csv": CHOSEN}
}

# Examples that are not run, of all pages together.
MOST_LEFT_OUT = 6


@pytest.fixture
def shell(town, tmp_path, monkeypatch):
    """A folder, a home and an environment as a reader has them, with the demo town as the
    service."""
    home = tmp_path / "home"
    folder = tmp_path / "work"
    home.mkdir()
    folder.mkdir()
    monkeypatch.chdir(folder)
    for name in ("HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(home))
    monkeypatch.setenv(
        "PATH", os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    )
    monkeypatch.setenv("MAPILLARY_TOKEN", town.token)
    monkeypatch.setenv("MAPILLARY_GRAPH_URL", town.url)
    monkeypatch.setenv("MAPILLARY_TILES_URL", town.url)
    monkeypatch.setenv("MPLBACKEND", "agg")
    return folder


def is_there(what):
    """Whether the command has an option, there is a database (scripts/databases), or there is a
    package that is not somebody else's of the same name."""
    if what == "postgis":
        return "PGDATABASE" in os.environ and shutil.which("ogr2ogr") is not None
    if what.startswith("--"):
        return (
            what
            in subprocess.run(
                ["mly", "images", "--help"], capture_output=True, text=True, check=True
            ).stdout
        )
    found = importlib.util.find_spec(what)
    return found is not None and ROOT in Path(found.origin or "/").resolve().parents


def is_run(block):
    return "not run" not in block.notes and all(map(is_there, block.notes.get("needs", "").split()))


def run_sh(block, folder):
    """What the commands print, errors included. What they left in the background is ended with
    them."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", block.text],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        code = process.wait()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        output.seek(0)
        printed = output.read()
    assert code == int(block.notes.get("exit", 0)), f"{block.place} ended with {code}:\n{printed}"
    return printed


def run_python(block, names):
    """What the statements print. Lines of tracebacks are those of the page."""
    printed = io.StringIO()
    code = compile("\n" * block.line + block.text, str(ROOT / block.page), "exec")
    with contextlib.redirect_stdout(printed):
        exec(code, names)
    return printed.getvalue()


def assert_prints(block, printed):
    expected = re.sub(
        r"in \d+\.\d s", "in ... s", block.prints
    )  # Times are those of another machine.
    flags = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    checker = doctest.OutputChecker()
    if not checker.check_output(expected, printed, flags):
        pytest.fail(
            f"{block.place} prints something else:\n{printed}\nand not:\n{block.prints}",
            pytrace=False,
        )


@pytest.mark.skipif(shutil.which("bash") is None, reason="the examples are written for bash")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_the_examples_of_a_page_run_in_order(page, shell):
    name = page.relative_to(ROOT).as_posix()
    for file, text in GIVEN.get(name, {}).items():
        (shell / file).write_text(text)
    names = {"__name__": "__main__"}
    for block in filter(is_run, blocks(page)):
        if page.name == "README.md":
            for real, ours in STAND_INS.items():
                block.text = block.text.replace(real, ours)
        printed = run_sh(block, shell) if block.language == "sh" else run_python(block, names)
        if block.prints is not None:
            assert_prints(block, printed)


def test_few_examples_are_not_run():
    left_out = [block.place for page in PAGES for block in blocks(page) if "not run" in block.notes]
    assert len(left_out) <= MOST_LEFT_OUT, left_out


def test_every_command_of_the_help_is_in_the_documentation():
    text = "".join(page.read_text() for page in PAGES)
    told = subprocess.run(["mly", "reference"], capture_output=True, text=True, check=True).stdout
    verbs = [verb["name"] for verb in json.loads(told)["verbs"]]
    assert len(verbs) > 15
    assert [verb for verb in verbs if f"mly {verb}" not in text] == []
