"""Notebooks as they are committed: no results, nothing of an editor, points from the catalogue, one way to write them.

The `.ipynb` files are the source: whoever works on them does it in Jupyter, and there is no second copy to keep up.
Their lines are in a fixed order, so that a change shows as what it is.
"""

from pathlib import Path

import nbformat
from nbformat import NotebookNode

from course.catalogue import load
from course.errors import CourseError
from course.nbgrader.names import assignment_of, cell_of
from course.paths import ROOT
from course.release.notebooks import CELL_METADATA, METADATA

NOTEBOOKS = ROOT / "notebooks"


def assignments() -> list[Path]:
    """Return the notebooks of the assignments: one for each exercise that has one."""
    names = (assignment_of(exercise.id) for exercise in load().exercises)
    return [path for name in names if (path := NOTEBOOKS / name / f"{name}.ipynb").is_file()]


def tidy(text: str, name: str) -> str:
    """Return a notebook as it is committed.

    Args:
        text: the notebook's JSON.
        name: of the assignment, "ex02": its graded cells must be those of the catalogue. Other names have none.

    Raises:
        CourseError: it is no notebook, or has other graded cells than the catalogue has tasks and questions.
    """
    try:
        notebook = nbformat.reads(text, as_version=4)
        nbformat.validate(notebook)
    except (ValueError, nbformat.ValidationError) as error:
        raise CourseError(f"The notebook {name} cannot be read: {str(error).splitlines()[0]}.") from None
    notebook.metadata = METADATA
    for cell in notebook.cells:
        cell.metadata = {key: cell.metadata[key] for key in sorted(CELL_METADATA) if key in cell.metadata}
        cell.source = "\n".join(line.rstrip() for line in cell.source.strip().splitlines())
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    _set_points(notebook, name)
    notebook.nbformat_minor = 5
    return nbformat.writes(notebook) + "\n"  # keys sorted, and a line of the file for each line of a cell


def _set_points(notebook: NotebookNode, name: str) -> None:
    """Copy the points of tasks and questions from the catalogue."""
    points: dict[str, int] = {}
    for exercise in load().exercises:
        if assignment_of(exercise.id) == name:
            points = {cell_of(task): task.points for task in exercise.tasks}
            points |= {question.id: question.points for question in exercise.questions}
    graded = [cell.metadata["nbgrader"] for cell in notebook.cells if cell.metadata.get("nbgrader", {}).get("grade")]
    names = [known["grade_id"] for known in graded]
    if sorted(names) != sorted(points):
        wanted, there = ", ".join(sorted(points)) or "none", ", ".join(sorted(names)) or "none"
        raise CourseError(f"The notebook {name} must have the graded cells {wanted}; it has {there}.")
    for known in graded:
        known["points"] = points[known["grade_id"]]
