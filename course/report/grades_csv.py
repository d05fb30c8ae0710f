"""The table of a grading run as CSV, for spreadsheets and gradebooks."""

import csv
import io

from course.catalogue import Catalogue
from course.grading.record import Results
from course.report.table import graded_exercises, number, points_by_exercise
from course.report.text import harmless_cell


def grades_csv(results: list[Results], catalogue: Catalogue) -> str:
    """Return one line for each submission: points by exercise, by task, in total, and the grader errors."""
    exercises = graded_exercises(results, catalogue)
    task_ids = [task.id for task in results[0].tasks] if results else []
    stream = io.StringIO()
    writer = csv.writer(stream, quoting=csv.QUOTE_ALL, lineterminator="\n")
    header = ["submission", "points", "max_points", *(f"exercise {exercise.id}" for exercise in exercises)]
    writer.writerow([*header, *(f"task {task_id}" for task_id in task_ids), "grader_errors"])
    for record in results:
        by_exercise = ["" if points is None else number(points) for points in points_by_exercise(record, exercises)]
        by_task = [number(task.points) for task in record.tasks]
        errors = sum(task.verdict == "grader_error" for task in record.tasks)
        row = [harmless_cell(record.submission), number(record.points), number(record.max_points)]
        writer.writerow([*row, *by_exercise, *by_task, errors])
    return stream.getvalue()
