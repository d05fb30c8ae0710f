"""What is known about a task without running anything: its file is no Python, or still the stub that was given."""

from typing import TYPE_CHECKING

from course.catalogue import Task
from course.student.home import Home
from course.student.message import broken_file
from course.student.originals import original

if TYPE_CHECKING:
    from course.grading.record import TaskResult


def glance(task: Task, home: Home) -> "TaskResult | None":
    """Return a task's result where a look at its files is enough, None where it has to be checked."""
    if broken_file(task, home):
        return _result(task, "failed")
    return _result(task, "not_attempted") if _is_as_given(task, home) else None


def _is_as_given(task: Task, home: Home) -> bool:
    """Whether all files of a task are the stubs, as a whole: then nothing of it can be written anywhere."""
    files = {file for file, _ in task.references}
    return bool(files) and all(_text(home, file) == original(file) for file in files)


def _text(home: Home, file: str) -> str:
    """Return a file of `lib/`, "" where it cannot be read."""
    try:
        return (home.lib / file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return ""


def _result(task: Task, verdict: str) -> "TaskResult":
    from course.grading.record import TaskResult

    return TaskResult(
        id=task.id,
        symbol=", ".join(symbol for _, symbol in task.references),
        points=0,
        max_points=task.points,
        verdict=verdict,
        message="",
        diagnosis=None,
        seconds=0,
        checks=[],
    )
