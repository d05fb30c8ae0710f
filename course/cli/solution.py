"""`course solution`: the reference, to compare with once a task is done."""

from pathlib import Path
from typing import Annotated

import typer


def solution(
    task: Annotated[str, typer.Argument(help="The task, as 2.1.")],
    submission: Annotated[Path | None, typer.Option(help="The folder that holds lib/; without it this one.")] = None,
) -> None:
    """Show the reference solution of a task that you have passed, where this copy of the course has it."""
    from rich.syntax import Syntax

    from course.catalogue import load
    from course.cli.console import console
    from course.errors import CourseError
    from course.student.answer import reference
    from course.student.home import home_at
    from course.student.memory import Memory

    home, catalogue = home_at(submission), load()
    chosen = catalogue.task(task)
    sources = reference(chosen)
    result = Memory(home, catalogue).of(chosen)
    if result is None or result.verdict != "passed":
        raise CourseError(
            f"The solution of {chosen.id} is shown once your own has passed: `uv run course check {chosen.id}`. "
            f"`uv run course hint {chosen.id}` helps you there."
        )
    terminal = console()
    for file, source in sources:
        terminal.print(f"solutions/{file}", style="bold")
        terminal.print(Syntax(source, "python", theme="ansi_light", background_color="default", word_wrap=True))
