"""`course reset`: a task as it was given, and a backup of what it was."""

from pathlib import Path
from typing import Annotated

import typer


def reset(
    task: Annotated[str, typer.Argument(help="The task, as 2.1.")],
    submission: Annotated[Path | None, typer.Option(help="The folder that holds lib/; without it this one.")] = None,
) -> None:
    """Put the stub of a task back in its place, and keep a backup of the whole file. Other tasks stay as they are."""
    from course.catalogue import load
    from course.cli.console import console
    from course.student.home import home_at
    from course.student.restoring import reset as restore

    home, catalogue = home_at(submission), load()
    terminal = console()
    changed = restore(catalogue.task(task), home, catalogue)
    if not changed:
        terminal.print(f"Task {task} is as it was given: there is nothing to put back.", soft_wrap=True)
    for path, symbols, backup in changed:
        terminal.print(f"Put back in {home.shown(path)}: {', '.join(symbols)}", soft_wrap=True)
        if backup:
            terminal.print(f"The file as it was is kept in {home.shown(backup)}", soft_wrap=True)
