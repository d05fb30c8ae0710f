"""The checks of a task, as functions: to be called without pytest, on a submission in this process."""

import importlib
from collections.abc import Callable, Iterator
from pathlib import Path

from course.catalogue import Task
from course.grading.oracle import LiveOracle
from course.grading.outcomes import CheckFailed, Diagnosis
from course.grading.student import Student
from course.grading.worker import LocalWorker
from course.paths import ROOT


def checks_of(task: Task) -> Iterator[Callable]:
    """Yield a task's checks, but for those that are a bonus."""
    for path in sorted((ROOT / "tests").glob(f"test_ex{int(task.exercise):02}_*.py")):
        module = importlib.import_module(f"tests.{path.stem}")
        for function in vars(module).values():
            marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "task"]
            if any(mark.args[0] == task.id and not mark.kwargs.get("bonus") for mark in marks):
                yield function


def failures(task: Task, folder: Path, seed: int) -> list[Diagnosis | None]:
    """Return the diagnosis of each check that a submission fails; what breaks a check is raised."""
    found, seen = [], {}
    for check in checks_of(task):
        worker = LocalWorker(folder)
        try:
            check(Student(worker, task, "cpu", seen), LiveOracle(seed, task))
        except CheckFailed as failed:
            found.append(failed.diagnosis)
        finally:
            worker.close()
    return found
