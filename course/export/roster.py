"""The roster: which submission is whose, by the names of the system that gets the marks."""

import csv
from dataclasses import dataclass, fields
from pathlib import Path

from course.errors import CourseError


@dataclass(frozen=True)
class Student:
    """A line of the roster. Only `submission` must be there; each system wants others of these.

    Attributes:
        submission: the name of the submission in the results.
        id: the number of the student at the institution.
        username: the name for logging in.
        canvas_id: Canvas' own number of the user.
    """

    submission: str
    id: str = ""
    username: str = ""
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    section: str = ""
    canvas_id: str = ""

    @property
    def name(self) -> str:
        """Last name, first name; where there is none, the submission's."""
        return ", ".join(part for part in (self.last_name, self.first_name) if part) or self.submission


COLUMNS = tuple(field.name for field in fields(Student))


def read_roster(path: Path) -> list[Student]:
    """Read a roster. One submission may stand there several times: that of a group.

    Raises:
        CourseError: it cannot be read, or has other columns.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            rows = list(reader)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} cannot be read as CSV: {error}.") from None
    unknown = [str(name) for name in reader.fieldnames or [] if name not in COLUMNS]
    if "submission" not in (reader.fieldnames or []) or unknown:
        raise CourseError(
            f"{path} needs the column submission, and may have {', '.join(COLUMNS[1:])}; {_has(unknown)}."
        )
    return [Student(**{name: (row[name] or "").strip() for name in row if name in COLUMNS}) for row in rows]


def _has(unknown: list[str]) -> str:
    return f"there is also {', '.join(unknown)}" if unknown else "it has no submission"


def matched(roster: list[Student], submissions: list[str]) -> list[Student]:
    """Return the students of the submissions, in the order of these.

    Raises:
        CourseError: a submission is nobody's: its mark would be lost.
    """
    owners: dict[str, list[Student]] = {}
    for student in roster:
        owners.setdefault(student.submission, []).append(student)
    lost = [name for name in submissions if name not in owners]
    if lost:
        more = f" and {len(lost) - 1} more" if len(lost) > 1 else ""
        raise CourseError(f"The roster has no line for the submission {lost[0]}{more}: its mark would be lost.")
    return [student for name in submissions for student in owners[name]]
