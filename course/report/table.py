"""The table of a grading run, for the terminal: submissions against exercises, in points."""

from rich import box
from rich.markup import escape
from rich.table import Table

from course.catalogue import Catalogue, Exercise
from course.grading.record import Results
from course.report.text import harmless


def points_by_exercise(results: Results, exercises: list[Exercise]) -> list[float | None]:
    """Return the points of one submission for each exercise; None where none of its tasks was graded."""
    points: list[float | None] = []
    for exercise in exercises:
        own = [task.points for task in results.tasks if task.id.split(".")[0] == exercise.id]
        points.append(sum(own) if own else None)
    return points


def graded_exercises(results: list[Results], catalogue: Catalogue) -> list[Exercise]:
    """Return the exercises of which at least one task was graded, in order."""
    ids = {task.id.split(".")[0] for record in results for task in record.tasks}
    return [exercise for exercise in catalogue.exercises if exercise.id in ids]


def grades_table(results: list[Results], catalogue: Catalogue) -> Table:
    """Return a table with one row for each submission."""
    exercises = graded_exercises(results, catalogue)
    table = Table(title="Points", title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("submission", overflow="fold")
    for exercise, maximum in zip(exercises, _maxima(results, exercises), strict=True):
        table.add_column(f"ex {exercise.id}\n/{number(maximum)}", justify="right")
    total = max((record.max_points for record in results), default=0)
    table.add_column(f"total\n/{number(total)}", justify="right", style="bold")
    for record in results:
        cells = ["" if points is None else number(points) for points in points_by_exercise(record, exercises)]
        table.add_row(escape(harmless(record.submission, 60)), *cells, number(record.points))
    return table


def _maxima(results: list[Results], exercises: list[Exercise]) -> list[float]:
    tasks = results[0].tasks if results else []
    return [sum(task.max_points for task in tasks if task.id.split(".")[0] == e.id) for e in exercises]


def number(points: float) -> str:
    """Write points without needless zeros: 4, 2.5."""
    return f"{points:.2f}".rstrip("0").rstrip(".")
