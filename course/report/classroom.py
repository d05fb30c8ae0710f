"""Points for GitHub: `python -m course.report.classroom results`, in a workflow after `course grade`.

GitHub Classroom reads a notice with the title "Autograding report", whoever writes it; everybody else reads the table
in the summary of the run.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from course.errors import CourseError
from course.grading.record import Results, TaskResult
from course.report.files import RECORD, read_record
from course.report.text import harmless

SIGNS = {"passed": "✓", "failed": "✗", "not_attempted": "·", "grader_error": "?"}
# With it GitHub takes a line of output for a command.
COMMAND = "::"


def notices(record: Results) -> Iterator[str]:
    """Yield what GitHub Classroom reads: points, and the most there are."""
    points = {"totalPoints": record.points, "maxPoints": record.max_points}
    yield f"{COMMAND}notice title=Autograding complete::Points {record.points:g}/{record.max_points:g}"
    yield f"{COMMAND}notice title=Autograding report::{json.dumps(points)}"


def summary(record: Results) -> str:
    """Return the table of a run, in Markdown."""
    rows = [f"## {record.points:g} of {record.max_points:g} points", "", "| | task | points | |", "|---|---|---:|---|"]
    rows += [_row(task) for task in record.tasks]
    return "\n".join(rows) + "\n"


def _row(task: TaskResult) -> str:
    said = task.diagnosis.sentence if task.diagnosis else task.message if task.verdict != "passed" else ""
    cell = " ".join(harmless(said).split()).replace("|", "\\|").replace("<", "&lt;")
    return f"| {SIGNS[task.verdict]} | {task.id} {task.symbol} | {task.points:g} / {task.max_points:g} | {cell} |"


def main(folder: Path) -> None:
    """Print the notices, and append the table to the run's summary.

    Args:
        folder: with the record of one submission in it.
    """
    found = sorted(folder.glob(f"*/{RECORD}"))
    if len(found) != 1:
        raise CourseError(f"{folder} holds {len(found)} records: `course grade . --out {folder}` writes one.")
    record = read_record(found[0].parent)
    print("\n".join(notices(record)))
    if path := os.environ.get("GITHUB_STEP_SUMMARY"):
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(summary(record))


if __name__ == "__main__":
    try:
        main(Path(sys.argv[1] if len(sys.argv) == 2 else "results"))
    except CourseError as error:
        sys.exit(str(error))
