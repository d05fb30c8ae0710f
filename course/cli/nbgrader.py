"""`course nbgrader`: what nbgrader's own commands do not do for this course."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(help="Marks for nbgrader's gradebook, and the assignments' notebooks.", no_args_is_help=True)


@app.callback()
def check_installed() -> None:
    """Refuse, with a sentence, where nbgrader is not installed: students do not need it."""
    from importlib.util import find_spec

    from course.errors import CourseError

    if find_spec("nbgrader") is None:
        raise CourseError("nbgrader is not installed. `uv sync --extra instructor` adds what instructors need.")


@app.command()
def collect(
    paths: Annotated[list[Path], typer.Argument(help="Submissions, as `course grade` takes them.")],
    exercises: Annotated[str, typer.Option(help='Only these exercises, as "2,3".')] = "",
) -> None:
    """Lay the notebooks of submissions out for `nbgrader autograde`, each beside its own lib/."""
    from rich.console import Console

    from course.catalogue import load
    from course.errors import CourseError
    from course.nbgrader.collect import collect as collect_one
    from course.nbgrader.gradebook import configured
    from course.nbgrader.names import assignment_of
    from course.nbgrader.tidy import assignments
    from course.report.text import harmless_line
    from course.submission.find import find_submissions

    chosen = {task.exercise for task in load().select([part.strip() for part in exercises.split(",") if part.strip()])}
    names = [path.stem for path in assignments() if path.stem in {assignment_of(each) for each in chosen}]
    course_directory = configured()
    folder = Path(course_directory.root) / course_directory.submitted_directory
    console = Console(highlight=False, soft_wrap=True)
    submissions = find_submissions(paths)
    refused = 0
    for submission in submissions:
        try:
            found = collect_one(submission, names, folder)
        except CourseError as error:
            refused += 1
            console.print(harmless_line(str(error)), style="red", markup=False)
            continue
        console.print(f"{harmless_line(submission.name)}: {' '.join(found) or 'no notebook'}", markup=False)
    console.print(f"{len(submissions) - refused} of {len(submissions)} submissions are in {folder}.", markup=False)


@app.command()
def marks(
    results: Annotated[Path, typer.Argument(help="The folder that `course grade --out` wrote.")] = Path("results"),
    db: Annotated[
        str, typer.Option(help="The gradebook, an SQLAlchemy URL. Default: as nbgrader_config.py says.")
    ] = "",
) -> None:
    """Write the graders' points into nbgrader's gradebook. Marks given by hand stay.

    Each submission's name is the student's id. The order of this and of `nbgrader autograde` makes no difference.
    """
    from rich.console import Console

    from course.nbgrader.gradebook import configured
    from course.nbgrader.marks import read_records, write_marks
    from course.report.text import harmless_line

    records = read_records(results)
    written = write_marks(records, db or configured().db_url)
    console = Console(highlight=False, soft_wrap=True)
    students = len(records) - len(written.refused)
    console.print(f"{written.marks} marks of {students} students are in the gradebook.", markup=False)
    if written.unknown:
        missing = " ".join(sorted(written.unknown))
        console.print(f"Not in the gradebook, and left out: {missing}. `nbgrader generate_assignment` adds them.")
    if written.by_hand:
        console.print(f"{written.by_hand} of them have a mark by hand, which stays and counts.")
    for name in written.changed:
        console.print(f"Look again, the graders' points have changed: {harmless_line(name)}", markup=False)
    for name in written.undecided:
        console.print(f"Could not be graded, left as it was: {harmless_line(name)}", style="red", markup=False)
    for sentence in written.refused:
        console.print(harmless_line(sentence), style="red", markup=False)
    if written.undecided or written.refused:
        raise typer.Exit(1)


@app.command()
def tidy(
    check: Annotated[bool, typer.Option("--check", help="Change nothing; exit with 1 where something would.")] = False,
) -> None:
    """Prepare the assignments' notebooks for a commit: no results, points from course.toml, one way to write them."""
    from rich.console import Console

    from course.nbgrader.tidy import NOTEBOOKS, assignments
    from course.nbgrader.tidy import tidy as tidied
    from course.report.files import write_atomically

    changed = []
    for path in assignments():
        before = path.read_text(encoding="utf-8")
        after = tidied(before, path.stem)
        if after != before:
            changed.append(path)
            if not check:
                write_atomically(path, after)
    console = Console(highlight=False, soft_wrap=True)
    for path in changed:
        console.print(f"{'To be tidied' if check else 'Tidied'}: {path.relative_to(NOTEBOOKS.parent)}")
    if check and changed:
        raise typer.Exit(1)
