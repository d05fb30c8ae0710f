"""`course show`: what a task asks for."""

from pathlib import Path
from typing import Annotated

import typer


def show(
    task: Annotated[str, typer.Argument(help="The task, as 2.1.")],
    submission: Annotated[Path | None, typer.Option(help="The folder that holds lib/; without it this one.")] = None,
) -> None:
    """Show what a task asks for: formula, shapes, and what is checked, for how many points."""
    from course.catalogue import load
    from course.cli.console import console
    from course.student.asked import description
    from course.student.home import home_at

    home, chosen = home_at(submission), load().task(task)
    terminal = console()
    styles = {"title": "bold", "code": "bold cyan", "dim": "dim", "": ""}
    for style, line in description(chosen, home.lib, terminal.width):
        terminal.print(line, style=styles[style])
