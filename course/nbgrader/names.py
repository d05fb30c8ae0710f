"""How exercises and tasks of the catalogue are called in nbgrader: `ex02`, and the cell `task-2-1` in it."""

import re

from course.catalogue import Task, load
from course.errors import CourseError
from course.report.text import harmless_line

PREFIX = "task-"
# nbgrader writes the ids of students into paths, globs, HTML and CSV as they are.
STUDENT = re.compile(r"\w[\w.@+ -]*")


def assignment_of(exercise_id: str) -> str:
    """Return the assignment of an exercise, which is also its notebook: "ex02" for "2"."""
    return f"ex{int(exercise_id):02}"


def cell_of(task: Task) -> str:
    """Return the graded cell of a task: "task-2-1" for 2.1."""
    return PREFIX + task.id.replace(".", "-")


def task_of(cell_name: str) -> Task | None:
    """Return the task of a graded cell; None for cells that are none of ours: questions, an instructor's own."""
    return next((task for task in load().tasks if cell_of(task) == cell_name), None)


def task_of_cell(cell: dict) -> Task | None:
    """Return the task of a notebook's cell; None where it is no graded cell of a task."""
    known = cell.get("metadata", {}).get("nbgrader") or {}
    return task_of(str(known.get("grade_id", ""))) if known.get("grade") else None


def student_of(submission: str) -> str:
    """Return the id of the student whose submission has this name, which is the same.

    Raises:
        CourseError: it has characters with which nbgrader could be led astray.
    """
    if STUDENT.fullmatch(submission):
        return submission
    raise CourseError(
        f"{harmless_line(submission)} cannot be a student's id in nbgrader: it must begin with a letter or digit, and "
        "may hold these, blanks and the signs . @ + - _ alone. Rename the submission."
    )
