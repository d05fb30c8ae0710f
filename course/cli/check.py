"""`course check`: how far a student is, and what to do next."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from course.errors import CourseError

if TYPE_CHECKING:
    from course.student.checkup import Grades
    from course.student.home import Home

Submission = Annotated[Path | None, typer.Option(help="The folder that holds lib/; without it this one.")]


def check(
    tasks: Annotated[list[str] | None, typer.Argument(help="Tasks or exercises, as 2.1 or 2; all without.")] = None,
    submission: Submission = None,
    everything: Annotated[bool, typer.Option("--all", help="Show every check that fails, not only the first.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Run in this process, so that breakpoint() works.")] = False,
    device: Annotated[str, typer.Option(help="Where your code runs: cpu, cuda or mps.")] = "cpu",
) -> None:
    """Check your lib/: how far you are, and the first thing to do next.

    What takes a second comes first. What trains a network comes last, once what it needs has passed, and is not
    trained again while nothing has changed; name a task to train it again. Ctrl-C stops, and keeps what is known.
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
            raise typer.Exit(_check(home, ids, grader, everything, live=True))
    if not ids:
        raise CourseError("Which task is to be run under the debugger? Name it: `uv run course check 2.1 --debug`.")
    from course.student.grader import LocalGrader

    raise typer.Exit(_check(home, ids, LocalGrader(home, device), everything, live=False))


def _check(home: Home, ids: tuple[str, ...], grader: Grades, everything: bool, live: bool) -> int:
    """Check, and say how it went.

    Args:
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
    if stopped:
        terminal.print("Stopped. What was checked until then is remembered.", style="dim")
        return 130
    return 0 if all(standing.state == "passed" for standing in checkup.standings) else 1
