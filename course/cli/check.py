"""`course check`: how far a student is, and what to do next."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course.errors import CourseError

if TYPE_CHECKING:
    from course.grading.record import Results
    from course.student.checkup import Grades
    from course.student.home import Home

Submission = Annotated[Path | None, typer.Option(help="The folder that holds lib/; without it this one.")]


def check(
    tasks: Annotated[list[str] | None, typer.Argument(help="Tasks or exercises, as 2.1 or 2; all without.")] = None,
    submission: Submission = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every check that fails, not only the first.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Run in this process, so that breakpoint() works.")] = False,
    plots: Annotated[bool, typer.Option("--plot", help="Draw what was checked, into plots/.")] = False,
    device: Annotated[str, typer.Option(help="Where your code runs: cpu, cuda or mps.")] = "cpu",
) -> None:
    """Check your lib/: how far you are, and the first thing to do next.

    What takes a second comes first, what trains a network last, once what it needs has passed. What has passed is not
    checked again while its files have not changed; name a task to check it again. Ctrl-C stops and keeps what is known.
    Exit code 0: everything that was checked has passed; 1: something is still to be done.
    """
    from course.cli.grade import check_device
    from course.student.home import home_at

    home = home_at(submission)
    check_device(device)
    ids = tuple(tasks or ())
    if not debug:
        from course.student.grader import Grader

        with Grader(home, device) as grader:  # first of all: while it starts, this process prepares
            raise typer.Exit(_check(home, ids, Keeping(grader), everything, plots, live=True))
    if not ids:
        raise CourseError("Which task is to be run under the debugger? Name it: `uv run course check 2.1 --debug`.")
    from course.student.grader import LocalGrader

    raise typer.Exit(_check(home, ids, Keeping(LocalGrader(home, device)), everything, plots, live=False))


class Keeping:
    """Grades, and keeps the records for the pictures."""

    def __init__(self, grader: Grades) -> None:
        self._grader = grader
        self.records: dict[str, Results] = {}

    def grade(self, task_id: str) -> Results:
        """Return the record of a task."""
        self.records[task_id] = self._grader.grade(task_id)
        return self.records[task_id]


def _check(home: Home, ids: tuple[str, ...], grader: Keeping, everything: bool, plots: bool, live: bool) -> int:
    """Check, and say how it went.

    Args:
        plots: draw what was checked.
        live: draw the progress; a debugger needs the terminal for itself.

    Returns:
        the exit code.
    """
    from rich.live import Live

    from course.catalogue import load
    from course.cli.console import console
    from course.student.checkup import Checkup
    from course.student.memory import Memory
    from course.student.progress import Progress

    catalogue, terminal = load(), console()
    checkup = Checkup(catalogue.select(list(ids)), Memory(home, catalogue), ids)
    progress = Progress(checkup, catalogue, terminal)
    drawing = Live(progress, console=terminal, transient=True, refresh_per_second=8)
    stopped = False
    try:
        with drawing if live and terminal.is_terminal else nullcontext():
            checkup.run(grader)
    except KeyboardInterrupt:
        stopped = True
    progress.report(everything)
    if plots:
        from course.student.plots import plot

        drawn = [
            path for task_id, record in grader.records.items() for path in plot(home, catalogue.task(task_id), record)
        ]
        terminal.print("\n".join(["Pictures:", *map(home.shown, drawn)]) if drawn else "There is nothing to draw.")
    if stopped:
        terminal.print("Stopped. What was checked until then is remembered.", style="dim")
        return 130
    return 0 if all(standing.state == "passed" for standing in checkup.standings) else 1
