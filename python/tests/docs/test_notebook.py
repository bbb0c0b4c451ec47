"""The notebook runs from top to bottom, without the network, and draws its map."""

import pytest
from pages import ROOT

NOTEBOOK = ROOT / "docs/notebooks/town.ipynb"

nbformat = pytest.importorskip("nbformat")


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


def test_the_notebook_is_kept_without_outputs():
    cells = [
        cell for cell in nbformat.read(NOTEBOOK, as_version=4).cells if cell.cell_type == "code"
    ]
    assert [cell for cell in cells if cell.outputs or cell.execution_count] == []


def test_it_finds_the_whole_town(executed):
    assert "(3697, 115, 600)" in shown(executed, "text/plain")


def test_it_draws_a_map_and_tables_and_complains_of_nothing(executed):
    assert len(shown(executed, "image/png")) == 1
    assert len([table for table in shown(executed, "text/html") if "<table" in table]) >= 2
    assert [
        output for output in outputs(executed) if output.output_type in ("error", "stream")
    ] == []
