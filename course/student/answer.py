"""The reference solution of a task, where the course hands it out."""

from course.catalogue import Task
from course.errors import CourseError
from course.paths import ROOT
from course.student.restoring import lines_of

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"


def reference(task: Task) -> list[tuple[str, str]]:
    """Return (file, source) for each symbol of a task.

    Raises:
        CourseError: the solution is not in this copy of the course.
    """
    found = []
    for file, symbol in task.references:
        path = ROOT / "solutions" / file
        if not path.is_file():
            raise CourseError(
                f"The solution of {task.id} is not in this copy of the course: your teachers may hand it out after the "
                f"deadline. Until then there is `uv run course hint {task.id}`."
            )
        source = lines_of(path.read_text(encoding="utf-8"), symbol)
        found.append((file, "".join(line for line in source.splitlines(keepends=True) if not _is_marker(line))))
    if not found:
        raise CourseError(f"Task {task.id} has no code of its own: it runs {' and '.join(task.scripts)}.")
    return found


def _is_marker(line: str) -> bool:
    return line.strip() in (BEGIN, END)
