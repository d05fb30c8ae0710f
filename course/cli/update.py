"""`course update`: a newer release for a student's copy."""

from pathlib import Path
from typing import Annotated

import typer


def update(
    release: Annotated[Path, typer.Argument(help="The new release: its folder, or its zip.")],
    submission: Annotated[Path | None, typer.Option(help="Your copy of the course; without it this one.")] = None,
) -> None:
    """Bring your copy of the course up to a newer release: new exercises, graders, data.

    What you have written stays as it is, in lib/, in notebooks/ and wherever you have changed a script. What is new in
    such a file is said.
    """
    from rich.console import Console

    from course.paths import ROOT
    from course.update.apply import update as bring
    from course.update.source import open_release

    console = Console(highlight=False, soft_wrap=True)
    with open_release(release) as source:
        report = bring(submission or ROOT, source)
    if not (report.added or report.renewed or report.removed or report.sentences):
        console.print("Everything is as in this release already.")
        return
    console.print(f"{len(report.added)} files are new, {report.renewed} were renewed, {report.removed} removed.")
    if report.exercises:
        console.print(f"New exercises: {', '.join(report.exercises)}. `uv run course list` shows their tasks.")
    for sentence in report.sentences:
        console.print(f"- {sentence}", markup=False)
    if report.sync:
        console.print("Packages have changed: run `uv sync`.")
