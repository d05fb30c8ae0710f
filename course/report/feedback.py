"""The feedback page of one student."""

from collections.abc import Sequence
from dataclasses import dataclass

from course.catalogue import Catalogue, Exercise, Task
from course.grading.record import CheckResult, Results, TaskResult
from course.report.charts import meter
from course.report.figures import Chart, Gallery, charts_of, gallery_of
from course.report.pages import render

MOST_TO_GAIN = 3
FAULT = "The graders failed here, not you: nothing is decided yet, and your teachers have been told."


@dataclass(frozen=True)
class CheckView:
    """A check as it is shown: its message once, though several checks of a task may end for one reason."""

    result: CheckResult
    message: str

    @property
    def passed(self) -> bool:
        """Whether it earned its points."""
        return self.result.verdict == "passed"


@dataclass(frozen=True)
class TaskView:
    """A task as it is shown."""

    task: Task
    result: TaskResult
    checks: list[CheckView]
    charts: list[Chart]
    gallery: Gallery | None

    @property
    def state(self) -> str:
        """Which look it has: passed, partly, failed, not_attempted or grader_error."""
        return "partly" if self.result.verdict == "failed" and self.result.points > 0 else self.result.verdict

    @property
    def label(self) -> str:
        """The state in words."""
        words = {"passed": "all right", "partly": "partly right", "failed": "not right yet"}
        return (words | {"not_attempted": "not filled in", "grader_error": "not graded"})[self.state]

    @property
    def lost(self) -> float:
        """The points that were not earned."""
        return max(0.0, self.result.max_points - self.result.points)

    @property
    def lesson(self) -> str:
        """What to know about it in a line or two: what the mistake is, else what came."""
        return self.result.diagnosis.sentence if self.result.diagnosis else self.result.message


@dataclass(frozen=True)
class Gain:
    """Tasks that lost points for one and the same reason."""

    lesson: str
    tasks: list[TaskView]

    @property
    def lost(self) -> float:
        """All of their points together."""
        return sum(view.lost for view in self.tasks)


@dataclass(frozen=True)
class ExerciseView:
    """An exercise as it is shown."""

    exercise: Exercise
    tasks: list[TaskView]

    @property
    def points(self) -> float:
        """What its tasks earned."""
        return sum(view.result.points for view in self.tasks)

    @property
    def max_points(self) -> float:
        """What there was to earn, without bonus."""
        return sum(view.result.max_points for view in self.tasks)


def feedback_page(record: Results, catalogue: Catalogue) -> str:
    """Return the page: points, what is wrong and why, what to look at, and pictures."""
    exercises = exercises_of(record, catalogue)
    views = [view for exercise in exercises for view in exercise.tasks]
    bonus = sum(check.points for view in views for check in view.result.checks if check.bonus)
    return render(
        "feedback.html",
        course=catalogue.title,
        record=record,
        exercises=exercises,
        bonus=bonus,
        to_gain=gains(views)[:MOST_TO_GAIN],
        fault=FAULT,
        meter=meter,
    )


def gains(views: Sequence[TaskView]) -> list[Gain]:
    """Return what cost points in tasks that were attempted, the most first."""
    found: dict[str, Gain] = {}
    for view in views:
        if view.state in ("failed", "partly") and view.lost:
            found.setdefault(view.lesson, Gain(view.lesson, [])).tasks.append(view)
    return sorted(found.values(), key=lambda gain: -gain.lost)


def exercises_of(record: Results, catalogue: Catalogue) -> list[ExerciseView]:
    """Return what was graded, exercise by exercise, in the catalogue's order."""
    results = {task.id: task for task in record.tasks}
    views = []
    for exercise in catalogue.exercises:
        graded = [task for task in exercise.tasks if task.id in results]
        if graded:
            views.append(ExerciseView(exercise, [_view(task, results[task.id], record.files) for task in graded]))
    return views


def _view(task: Task, result: TaskResult, files: dict[str, bytes]) -> TaskView:
    checks = _views(result.checks, result.verdict)
    return TaskView(task, result, checks, charts_of(task.id, result.checks), gallery_of(result.checks, files))


def _views(checks: Sequence[CheckResult], verdict: str) -> list[CheckView]:
    """Leave out a message that stood with an earlier check, or that is the whole task's."""
    views, said = [], set()
    for check in checks:
        repeated = check.message in said or (verdict == "not_attempted" and check.verdict == "not_attempted")
        views.append(CheckView(check, "" if repeated else check.message))
        said.add(check.message)
    return views
