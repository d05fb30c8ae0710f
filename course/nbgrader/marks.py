"""Writes the points of the course's graders into nbgrader's gradebook.

nbgrader keeps two marks for a cell, `auto_score` and `manual_score`, and the second counts where there is one. Here
`auto_score` of a task is written by nobody but this module, and `manual_score` by nobody but a person in the
formgrader. So it makes no difference whether a notebook is autograded before, after, or again.
"""

from dataclasses import dataclass, field
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry
from sqlalchemy.exc import SQLAlchemyError

from course.catalogue import load
from course.errors import CourseError
from course.grading.record import Results, TaskResult
from course.nbgrader.names import assignment_of, cell_of, student_of


@dataclass
class Written:
    """What was done.

    Attributes:
        marks: how many points stand in the gradebook now.
        by_hand: marks beside which there is one that a person gave, which counts.
        changed: of these, student and task where the graders' points are others than before: to be looked at.
        undecided: student and task that could not be graded, and have the mark that they had.
        unknown: assignments of the results that the gradebook does not have.
        refused: a sentence for each record that is of no possible student.
    """

    marks: int = 0
    by_hand: int = 0
    changed: list[str] = field(default_factory=list)
    undecided: list[str] = field(default_factory=list)
    unknown: set[str] = field(default_factory=set)
    refused: list[str] = field(default_factory=list)


def read_records(folder: Path) -> list[Results]:
    """Read the records that `course grade --out FOLDER` wrote.

    Raises:
        CourseError: there are none, or one cannot be read.
    """
    paths = sorted(folder.glob("*/results.json"))
    if not paths:
        raise CourseError(f"There is no <student>/results.json in {folder}. `course grade --out {folder}` writes them.")
    records = []
    for path in paths:
        try:
            records.append(Results.model_validate_json(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise CourseError(f"{path} is no record of this course: {str(error).splitlines()[0]}.") from None
    return records


def write_marks(records: list[Results], url: str) -> Written:
    """Write the points of all records into the gradebook; the name of a submission is the student's id.

    Args:
        url: of the database, as SQLAlchemy reads it.

    Raises:
        CourseError: the database cannot be opened or written, or knows other cells than the catalogue.
    """
    written = Written()
    try:
        with Gradebook(url) as gradebook:
            known = {assignment.name for assignment in gradebook.assignments}
            if not known:
                raise CourseError(
                    f"The gradebook {url} has no assignment yet: run `nbgrader generate_assignment ex01`."
                )
            for record in records:
                try:
                    student = student_of(record.submission)
                except CourseError as error:
                    written.refused.append(str(error))
                else:
                    _write_record(gradebook, record, student, known, written)
    except SQLAlchemyError as error:
        raise CourseError(f"The gradebook {url} cannot be written: {str(error).splitlines()[0]}") from None
    return written


def _write_record(gradebook: Gradebook, record: Results, student: str, known: set[str], written: Written) -> None:
    """Write one student's points: all of them, or where something fails none."""
    try:
        gradebook.find_student(student)
    except MissingEntry:
        gradebook.add_student(student)
    for task in record.tasks:
        catalogued = load().task(task.id)
        assignment = assignment_of(catalogued.exercise)
        if assignment not in known:
            written.unknown.add(assignment)
            continue
        try:
            gradebook.find_submission(assignment, student)
        except MissingEntry:
            with gradebook.db.no_autoflush:  # it adds the parts before the whole, of which SQLAlchemy warns
                gradebook.add_submission(assignment, student)
        _write_mark(gradebook, (cell_of(catalogued), assignment, assignment, student), task, written)
    gradebook.db.commit()


def _write_mark(gradebook: Gradebook, place: tuple[str, str, str, str], task: TaskResult, written: Written) -> None:
    """Write the points of a task.

    Args:
        place: cell, notebook, assignment, student.
    """
    name = f"{place[-1]} {task.id}"
    try:
        grade = gradebook.find_grade(*place)
    except MissingEntry:
        raise CourseError(
            f"The assignment {place[1]} in the gradebook has no cell {place[0]}. Its notebook is older than the "
            f"catalogue: run `nbgrader generate_assignment {place[1]} --force`."
        ) from None
    if task.verdict == "grader_error":
        grade.needs_manual_grade = True
        written.undecided.append(name)
        return
    by_hand = grade.manual_score is not None
    changed = grade.auto_score != task.points
    if by_hand and changed and grade.auto_score is not None:
        written.changed.append(name)
    grade.auto_score = task.points
    grade.needs_manual_grade = by_hand and (changed or grade.needs_manual_grade)
    written.marks += 1
    written.by_hand += by_hand
