"""`course hint`: one more hint each time."""

from pathlib import Path
from typing import Annotated

import typer


def hint(
    task: Annotated[str, typer.Argument(help="The task, as 2.1.")],
    submission: Annotated[Path | None, typer.Option(help="The folder that holds lib/; without it this one.")] = None,
) -> None:
    """Give one more hint for a task each time, from a nudge to nearly the answer."""
    from course.catalogue import load
    from course.cli.console import console
    from course.student import hints
    from course.student.home import home_at

    home, chosen = home_at(submission), load().task(task)
    terminal = console()
    count = hints.one_more(chosen, home)
    terminal.print(f"{chosen.id} {chosen.title}", style="bold")
    terminal.print(hints.shown(chosen, count, terminal.width, "the same command again"))
