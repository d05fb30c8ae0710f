"""Every assignment's notebook, run from top to bottom in a real kernel, with the solutions and with the stubs."""

import contextlib
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from course.catalogue import load
from course.nbgrader.names import task_of_cell
from course.nbgrader.tidy import assignments
from course.paths import ROOT
from course.student.checkup import is_training

NOTEBOOKS = {path.stem: path for path in assignments()}
CELL_SECONDS = 300  # on a machine that does much else; none takes a tenth of it alone


def project(folder: Path, library: Path, name: str) -> Path:
    """Lay out a student's project with a lib/, and return the notebook in it."""
    shutil.copytree(library, folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    for shared in ("data", "course.toml", "train.py", "predict.py"):
        (folder / shared).symlink_to(ROOT / shared)
    place = folder / "notebooks" / name
    place.mkdir(parents=True)
    return Path(shutil.copy(NOTEBOOKS[name], place))


def run(path: Path, monkeypatch: pytest.MonkeyPatch) -> nbformat.NotebookNode:
    """Run a notebook's cells in order; an error ends it, as it would for a student."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    notebook = nbformat.read(path, 4)
    for cell in notebook.cells:
        task = task_of_cell(cell) if cell.cell_type == "code" else None
        if task and is_training(task):
            cell.source = ""  # half a minute of training each, of which selftests/learning has many
    client = NotebookClient(notebook, timeout=CELL_SECONDS, resources={"metadata": {"path": str(path.parent)}})
    with contextlib.suppress(CellExecutionError):
        client.execute()
    return notebook


def errors(notebook: nbformat.NotebookNode) -> list[str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [f"{output.ename}: {output.evalue}" for output in outputs if output.output_type == "error"]


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_with_the_solutions_it_runs_to_the_end(name: str, tmp_path: Path, monkeypatch):
    notebook = run(project(tmp_path, ROOT / "solutions", name), monkeypatch)
    assert errors(notebook) == []
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source]
    assert all(cell.execution_count for cell in cells)
    pictures = [o for cell in cells for o in cell.outputs if "image/png" in o.get("data", {})]
    assert len(pictures) >= 6
    for cell in cells:
        written = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
        assert written == "", cell.source
        if task_of_cell(cell):
            shown = " ".join(str(output.get("data", {})) for output in cell.outputs)
            assert f"{task_of_cell(cell).points}" in shown
            assert "failed" not in shown


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_with_the_stubs_it_stops_at_the_first_task_and_names_it(name: str, tmp_path: Path, monkeypatch):
    notebook = run(project(tmp_path, ROOT / "lib", name), monkeypatch)
    (error,) = errors(notebook)
    assert error.startswith("NotImplementedError: Exercise ")
    named = error.removeprefix("NotImplementedError: Exercise ").split(":")[0]
    exercise = next(exercise for exercise in load().exercises if exercise.id == str(int(name[2:])))
    assert named in {task.id for task in load().tasks}
    assert int(named[0]) <= int(exercise.id)
