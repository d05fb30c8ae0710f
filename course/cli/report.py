"""`course report`: a page about the whole class."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from course.export.late import Account
    from course.grading.record import Results


def report(
    results: Annotated[Path, typer.Argument(help="The folder that `course grade --out` wrote.")],
    out: Annotated[Path, typer.Option(help="The page to write.")] = Path("class.html"),
    submissions: Annotated[
        list[Path] | None, typer.Option(help="What was graded: to compare the submissions, and for when they came.")
    ] = None,
    times: Annotated[
        Path | None, typer.Option(help="CSV of the learning platform: submission,time. For the late policy.")
    ] = None,
) -> None:
    """Write one HTML page about the class: points, hard checks, mistakes, who is stuck, what to look at by hand.

    The page names students and is for their teachers. Nothing in it changes a mark.
    """
    from rich.console import Console

    from course.catalogue import load
    from course.report.class_report import class_report
    from course.report.files import read_record, record_folders, write_atomically
    from course.report.sources import read_sources
    from course.submission.find import find_submissions

    records = [read_record(folder) for folder in record_folders(results)]
    sources = read_sources(find_submissions(submissions)) if submissions else None
    late = accounts_of(records, times, submissions) if load().late and (times or submissions) else []
    write_atomically(out, class_report(records, load(), sources, late))
    Console().print(f"{len(records)} submissions in {out}", markup=False, highlight=False, soft_wrap=True)


def accounts_of(
    records: "list[Results]", times: Path | None, submissions: list[Path] | None, with_policy: bool = True
) -> "list[Account]":
    """Return what the points of submissions come to under the late policy of `course.toml`.

    Args:
        times: a file of the learning platform; it goes before what the submissions say of themselves.
        with_policy: False: as earned.

    Raises:
        CourseError: there is a policy, and nothing says when a submission was handed in.
    """
    from course.catalogue import load
    from course.errors import CourseError
    from course.export.late import accounts
    from course.export.times import handed_in, read_times
    from course.submission.find import find_submissions

    if not (with_policy and load().late):
        return accounts(records, load(), None)
    if not times and not submissions:
        raise CourseError(
            "course.toml has a policy for late hand-ins: when was each submission handed in? Give --times with a CSV "
            "file of the learning platform, or --submissions; or leave the policy out with --no-late."
        )
    known = read_times(times) if times else {}
    for submission in find_submissions(submissions) if submissions else []:
        if submission.name not in known:
            known[submission.name] = handed_in(submission)
    return accounts(records, load(), known)
