"""`course watch`: the current task, full screen, checked with every save."""

from pathlib import Path
from typing import Annotated

import typer


def watch(
    task: Annotated[str | None, typer.Argument(help="The task to begin with; without it the first to do.")] = None,
    submission: Annotated[Path | None, typer.Option(help="The folder that holds lib/; without it this one.")] = None,
) -> None:
    """Follow your work: the current task, checked again with every save. Keys are shown at the bottom."""
    import sys

    from course.catalogue import load
    from course.errors import CourseError
    from course.student.home import home_at

    home, catalogue = home_at(submission), load()
    current = catalogue.task(task) if task else None
    if not sys.stdout.isatty():
        raise CourseError("`course watch` needs a terminal. Elsewhere, say in a notebook, use `course check`.")
    from course.student.watching.app import Watch

    Watch(home, catalogue, current).run()
