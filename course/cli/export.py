"""`course export`: the marks, as gradebooks import them."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from course.errors import CourseError


class Format(StrEnum):
    """The systems that import marks."""

    csv = "csv"
    canvas = "canvas"
    moodle = "moodle"
    brightspace = "brightspace"
    nbgrader = "nbgrader"


def export(
    results: Annotated[Path, typer.Argument(help="The folder that `course grade --out` wrote.")],
    format_: Annotated[Format, typer.Option("--format", help="Whose columns.")] = Format.csv,
    out: Annotated[Path | None, typer.Option(help="The file to write; default: <format>.csv.")] = None,
    roster: Annotated[
        Path | None, typer.Option(help="CSV that says whose a submission is: submission,id,username,email,...")
    ] = None,
    times: Annotated[Path | None, typer.Option(help="CSV of the learning platform: submission,time.")] = None,
    submissions: Annotated[
        list[Path] | None, typer.Option(help="What was graded: when it came, where --times does not say.")
    ] = None,
    late: Annotated[bool, typer.Option(help="Apply the policy for late hand-ins of course.toml.")] = True,
    name: Annotated[
        list[str] | None, typer.Option(help='What the gradebook calls an exercise, as 1="Lab 1 (4711)".')
    ] = None,
) -> None:
    """Export the marks as CSV for a gradebook: Canvas, Moodle, Brightspace, nbgrader, or any spreadsheet.

    Without a roster the submissions are called by the students' user names. Exercises with a grader error stay empty.
    """
    from rich.console import Console

    from course.catalogue import load
    from course.cli.report import accounts_of
    from course.export.gradebooks import FORMATS, as_csv
    from course.export.roster import Student, matched, read_roster
    from course.report.files import read_record, record_folders, write_atomically

    records = [read_record(folder) for folder in record_folders(results)]
    _refuse_different_tasks(records)
    accounts = {a.record.submission: a for a in accounts_of(records, times, submissions, late)}
    people = read_roster(roster) if roster else [Student(record.submission) for record in records]
    marks = [(student, accounts[student.submission]) for student in matched(people, list(accounts))]
    path = out or Path(f"{format_}.csv")
    write_atomically(path, as_csv(FORMATS[format_](marks, load(), _names(name or []))))

    console = Console(markup=False, highlight=False, soft_wrap=True)
    console.print(f"{len(marks)} lines in {path}")
    undecided = [account.record.submission for account in accounts.values() if account.undecided]
    if undecided:
        console.print(
            f"Grader errors in {len(undecided)} submissions ({', '.join(undecided[:5])}): these exercises are empty. "
            "Grade them again.",
            style="red",
        )
    absent = {student.submission for student in people} - set(accounts)
    if absent:
        console.print(f"No results for {len(absent)} lines of the roster: they are left out.")


def _refuse_different_tasks(records: list) -> None:
    """Raise a CourseError where not all were graded for the same tasks: their columns would not fit."""
    tasks = {tuple(task.id for task in record.tasks) for record in records}
    if len(tasks) > 1:
        raise CourseError(
            "The submissions were graded for different tasks: grade all of them for the same, then export."
        )


def _names(given: list[str]) -> dict[str, str]:
    """Read names of exercises, as `1=Lab 1`."""
    from course.catalogue import load

    names = {}
    known = [exercise.id for exercise in load().exercises]
    for text in given:
        number, sign, name = text.partition("=")
        if not sign or number not in known:
            raise CourseError(f'--name {text!r}: write an exercise and its name, as 1="Lab 1". Exercises: {known}.')
        names[number] = name
    return names
