"""The marks as CSV files that gradebooks import.

Column names are those that the systems ask for: Canvas, "How do I import grades in the Gradebook?"; Moodle, "Grade
import"; Brightspace, "Import grades"; nbgrader's own CsvExportPlugin.
"""

import csv
import io
from collections.abc import Sequence

from course.catalogue import Catalogue, Exercise
from course.export.late import Account
from course.export.roster import Student
from course.report.table import number
from course.report.text import harmless_cell

Row = Sequence[object]
Marks = list[tuple[Student, Account]]


def plain(marks: Marks, catalogue: Catalogue, names: dict[str, str]) -> list[Row]:
    """Return a table for people: points as earned, days late, what counts."""
    exercises = _exercises(marks)
    header = ["submission", "id", "name", "handed_in"]
    for exercise in exercises:
        name = _name(exercise, names)
        header += [name, *([f"{name}, days late", f"{name}, counts"] if catalogue.late else [])]
    rows: list[Row] = [[*header, "points", "max_points", "undecided"]]
    for student, account in marks:
        row = [student.submission, student.id, student.name, _when(account)]
        for counted in account.exercises:
            late = [counted.days, _shown(account, counted.exercise)] if catalogue.late else []
            row += [number(counted.earned), *late]
        undecided = ", ".join(sorted(account.undecided))
        rows.append([*row, number(account.points), number(account.record.max_points), undecided])
    return rows


def canvas(marks: Marks, catalogue: Catalogue, names: dict[str, str]) -> list[Row]:
    """Return Canvas' gradebook: five columns that say who, the points possible below the header."""
    exercises = _exercises(marks)
    header = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    rows: list[Row] = [
        [*header, *(_name(exercise, names) for exercise in exercises)],
        ["    Points Possible", "", "", "", "", *(_possible(exercise) for exercise in exercises)],
    ]
    for student, account in marks:
        login = student.username or ("" if student.id or student.canvas_id else student.submission)
        who = [student.name, student.canvas_id, student.id, login, student.section]
        rows.append([*who, *_points(account)])
    return rows


def moodle(marks: Marks, catalogue: Catalogue, names: dict[str, str]) -> list[Row]:
    """Return a table for Moodle's grade import, which asks what each column is."""
    header = ["Username", "ID number", "Email address"]
    rows: list[Row] = [[*header, *(_name(exercise, names) for exercise in _exercises(marks))]]
    for student, account in marks:
        username = student.username or ("" if student.id or student.email else student.submission)
        rows.append([username, student.id, student.email, *_points(account)])
    return rows


def brightspace(marks: Marks, catalogue: Catalogue, names: dict[str, str]) -> list[Row]:
    """Return a table for Brightspace: items are called `<name> Points Grade`, and every line ends in a #."""
    items = [f"{_name(exercise, names)} Points Grade" for exercise in _exercises(marks)]
    rows: list[Row] = [["OrgDefinedId", "Username", *items, "End-of-Line Indicator"]]
    for student, account in marks:
        username = student.username or ("" if student.id else student.submission)
        rows.append([student.id, username, *_points(account), "#"])
    return rows


def nbgrader(marks: Marks, catalogue: Catalogue, names: dict[str, str]) -> list[Row]:
    """Return what `nbgrader export` writes: a line for each assignment of each student."""
    header = ["assignment", "duedate", "timestamp", "student_id", "last_name", "first_name", "email", "raw_score"]
    rows: list[Row] = [[*header, "late_submission_penalty", "score", "max_score"]]
    for column, exercise in enumerate(_exercises(marks)):
        deadline = catalogue.late and (exercise.deadline or catalogue.late.deadline)
        for student, account in marks:
            counted = account.exercises[column]
            who = [student.id or student.submission, student.last_name, student.first_name, student.email]
            decided = exercise.id not in account.undecided
            scores = [number(counted.earned), number(counted.earned - counted.counts), number(counted.counts)]
            when = [deadline.isoformat() if deadline else "", _when(account)]
            name = names.get(exercise.id) or f"ex{int(exercise.id):02}"
            rows.append([name, *when, *who, *(scores if decided else [""] * 3), _possible(exercise)])
    return rows


FORMATS = {"csv": plain, "canvas": canvas, "moodle": moodle, "brightspace": brightspace, "nbgrader": nbgrader}


def as_csv(rows: Sequence[Row]) -> str:
    """Return rows as CSV that no spreadsheet takes for formulas. Numbers, and the points possible, stay as they are."""
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    for row in rows:
        writer.writerow([_cell(value) for value in row])
    return stream.getvalue()


def _cell(value: object) -> str:
    text = str(value)
    return text if text == "#" or text.strip() == "Points Possible" else harmless_cell(text)


def _exercises(marks: Marks) -> list[Exercise]:
    return [counted.exercise for counted in marks[0][1].exercises] if marks else []


def _name(exercise: Exercise, names: dict[str, str]) -> str:
    return names.get(exercise.id) or f"Exercise {exercise.id}: {exercise.title}"


def _possible(exercise: Exercise) -> str:
    return number(sum(task.points for task in exercise.tasks))


def _points(account: Account) -> list[str]:
    return [_shown(account, counted.exercise) for counted in account.exercises]


def _shown(account: Account, exercise: Exercise) -> str:
    """Return the points of an exercise that count; nothing where the graders have not decided."""
    if exercise.id in account.undecided:
        return ""
    return number(next(counted.counts for counted in account.exercises if counted.exercise == exercise))


def _when(account: Account) -> str:
    return account.handed_in.isoformat() if account.handed_in else ""
