"""`course doctor`: whether this machine can do what the course needs."""

from pathlib import Path
from typing import Annotated

import typer


def doctor(
    submission: Annotated[Path | None, typer.Option(help="The folder that holds lib/; without it this one.")] = None,
) -> None:
    """Look at Python, PyTorch, device, data, disk, memory and terminal, and say what to do where something is wrong."""
    import textwrap

    from course.cli.console import console
    from course.student.doctor import GOOD, WORTH_KNOWING, WRONG, examine
    from course.student.home import home_at

    home, terminal = home_at(submission), console()
    signs = {GOOD: ("✓", "green"), WORTH_KNOWING: ("!", "bold yellow"), WRONG: ("✗", "bold red")}
    wrong = 0
    for finding in examine(home):
        sign, style = signs[finding.state]
        first = f"{sign} {finding.what:<10}"
        options = {"width": terminal.width, "subsequent_indent": " " * 12, "break_on_hyphens": False}
        terminal.print("\n".join(textwrap.wrap(first + finding.text, **options)), style=style)
        if finding.advice:
            print("\n".join(textwrap.wrap(finding.advice, initial_indent=" " * 12, **options)))
        wrong += finding.state == WRONG
    terminal.print()
    if wrong:
        terminal.print(
            f"{wrong} thing{'s' if wrong > 1 else ''} to put right before the rest makes sense.", style="bold"
        )
        raise typer.Exit(1)
    terminal.print("All is well. Begin with `uv run course watch`.", style="bold")
