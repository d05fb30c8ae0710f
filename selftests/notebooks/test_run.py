"""Every assignment's notebook, run from top to bottom in a real kernel, with the solutions and with the stubs."""

import contextlib
from pathlib import Path

import nbformat
import pytest
from nbclient.exceptions import CellExecutionError

from course.catalogue import load
from course.nbgrader.names import task_of_cell
from course.nbgrader.tidy import assignments
from course.paths import ROOT
from course.site.running import errors, project, read, run
from course.student.checkup import is_training

NOTEBOOKS = {path.stem: path for path in assignments()}


def run_all(path: Path) -> nbformat.NotebookNode:
    """Run a notebook's cells in order; an error ends it, as it would for a student."""
    notebook = read(path)
    for cell in notebook.cells:
        task = task_of_cell(cell) if cell.cell_type == "code" else None
        if task and is_training(task):
            cell.source = ""  # half a minute of training each, of which selftests/learning has many
    with contextlib.suppress(CellExecutionError):
        run(notebook, path.parent)
    return notebook


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_with_the_solutions_it_runs_to_the_end(name: str, tmp_path: Path):
    notebook = run_all(project(tmp_path, ROOT / "solutions", NOTEBOOKS[name]))
    assert errors(notebook) == []
    cells = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source]
    assert all(cell.execution_count for cell in cells)
    pictures = [o for cell in cells for o in cell.outputs if "image/png" in o.get("data", {})]
    assert len(pictures) >= 5
    for cell in cells:
        written = "".join(output.text for output in cell.outputs if output.get("name") == "stderr")
        assert written == "", cell.source
        if task_of_cell(cell):
            shown = " ".join(str(output.get("data", {})) for output in cell.outputs)
            assert f"{task_of_cell(cell).points}" in shown
            assert "failed" not in shown


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_with_the_stubs_it_stops_at_the_first_task_and_names_it(name: str, tmp_path: Path):
    notebook = run_all(project(tmp_path, ROOT / "lib", NOTEBOOKS[name]))
    (error,) = errors(notebook)
    assert error.startswith("NotImplementedError: Exercise ")
    named = error.removeprefix("NotImplementedError: Exercise ").split(":")[0]
    exercise = next(exercise for exercise in load().exercises if exercise.id == str(int(name[2:])))
    assert named in {task.id for task in load().tasks}
    assert int(named[0]) <= int(exercise.id)
