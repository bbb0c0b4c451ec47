"""The notebook runs from top to bottom, without the network, and shows what is stored in it."""

import re

import pytest
from pages import ROOT

NOTEBOOK = ROOT / "docs/notebooks/town.ipynb"

nbformat = pytest.importorskip("nbformat")


@pytest.fixture(scope="module")
def stored():
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    pytest.importorskip("matplotlib")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    folder = str(tmp_path_factory.mktemp("notebook"))
    return nbclient.NotebookClient(
        notebook, timeout=None, resources={"metadata": {"path": folder}}
    ).execute()


def outputs(notebook):
    return [
        output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs
    ]


def shown(notebook, kind):
    return [output["data"][kind] for output in outputs(notebook) if kind in output.get("data", {})]


def rows(notebook):
    """The text in the cells of all tables."""
    tables = "".join(shown(notebook, "text/html"))
    return re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", tables)


def test_what_is_stored_is_what_a_run_shows(stored, executed):
    assert shown(stored, "text/plain") == shown(executed, "text/plain")
    assert rows(stored) == rows(executed)
    assert len(rows(stored)) > 40


def test_it_finds_the_whole_town(executed):
    assert "(3697, 115, 600)" in shown(executed, "text/plain")


def test_it_draws_a_map_and_tables_and_complains_of_nothing(stored, executed):
    for notebook in (stored, executed):
        assert len(shown(notebook, "image/png")) == 1
        assert len([table for table in shown(notebook, "text/html") if "<table" in table]) >= 2
        kinds = [output.output_type for output in outputs(notebook)]
        assert "error" not in kinds
        assert "stream" not in kinds
