"""Draws a task's pictures in a process of its own, so that the view stays alive and its terminal clean."""

import multiprocessing
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from course.catalogue import Task, load
from course.errors import CourseError
from course.student.grader import LOG, print_to
from course.student.home import Home

if TYPE_CHECKING:
    from course.grading.record import Results


def draw(home: Home, task: Task, results: "Results") -> list[str]:
    """Draw everything that there is to see of a task; return the files as the student knows them.

    Raises:
        CourseError: they cannot be drawn.
    """
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    arguments = theirs, home.folder, task.id, results.to_json(), results.files, home.remembered(LOG)
    process = context.Process(target=_draw, args=arguments, daemon=True)
    process.start()
    theirs.close()
    try:
        paths, trouble = ours.recv()
    except (EOFError, OSError):
        paths, trouble = [], f"The pictures could not be drawn; {home.remembered(LOG)} says why."
    process.join()
    if trouble:
        raise CourseError(trouble)
    return [home.shown(Path(path)) for path in paths]


def _draw(pipe: Any, folder: Path, task_id: str, record: str, files: dict[str, bytes], log: Path) -> None:
    print_to(log)
    os.environ.setdefault("MPLBACKEND", "Agg")
    from course.grading.record import Results
    from course.student.plots import plot

    results = Results.model_validate_json(record)
    results.files = files
    try:
        pipe.send(([str(path) for path in plot(Home(folder), load().task(task_id), results)], ""))
    except CourseError as error:
        pipe.send(([], str(error)))
