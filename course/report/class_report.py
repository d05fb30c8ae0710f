"""The report about a whole class, for its instructor."""

import statistics
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from course.catalogue import Catalogue, Exercise, Task
from course.export.late import Account
from course.grading.record import CheckResult, Results, TaskResult
from course.report.charts import histogram, meter
from course.report.pages import render
from course.report.similarity import Files, alike
from course.report.sources import given_texts, telling, unusual
from course.report.table import graded_exercises, points_by_exercise

HARDEST = 12
MOST_UNNAMED = 20
# Who tried so many tasks without a point is stuck.
STUCK_TASKS = 2


@dataclass(frozen=True)
class Distribution:
    """How the points of an exercise, or of all, are distributed."""

    title: str
    points: list[float]
    maximum: float
    drawing: Markup

    @property
    def median(self) -> float:
        """The middle submission's points."""
        return statistics.median(self.points)

    @property
    def full(self) -> int:
        """How many have all points."""
        return sum(points >= self.maximum for points in self.points)


@dataclass
class CheckCount:
    """How many passed a check, of those who tried the task."""

    task: Task
    check: CheckResult
    tried: int = 0
    passed: int = 0

    @property
    def share(self) -> float:
        """The share that passed."""
        return self.passed / self.tried


@dataclass(frozen=True)
class Mistake:
    """A named mistake, and who made it."""

    task: Task
    name: str
    sentence: str
    who: list[str] = field(default_factory=list)

    @property
    def is_frequent(self) -> bool:
        """Whether more than one submission has it."""
        return len(self.who) > 1


@dataclass(frozen=True)
class Unnamed:
    """What the graders said of tasks that are wrong in no known way. The keys are in order, and the values nothing."""

    message: str
    tasks: dict[str, None] = field(default_factory=dict)
    who: dict[str, None] = field(default_factory=dict)


@dataclass(frozen=True)
class Stuck:
    """Somebody who tried tasks without a point, or has not begun exercises that others finished."""

    name: str
    points: float
    tried: list[TaskResult]
    not_begun: list[Exercise]


@dataclass(frozen=True)
class Inspect:
    """A submission to look at by hand, and why."""

    name: str
    reasons: list[str]


def class_report(
    records: Sequence[Results],
    catalogue: Catalogue,
    sources: Mapping[str, Files] | None = None,
    late: Sequence[Account] = (),
) -> str:
    """Return the page.

    Args:
        sources: the files of each submission, to compare them; None: they are not compared.
        late: what the late policy makes of each submission; empty: it is not shown.
    """
    pairs = alike(sources, given_texts()) if sources is not None else []
    exercises = graded_exercises(list(records), catalogue)
    return render(
        "class.html",
        course=catalogue.title,
        records=records,
        exercises=exercises,
        rows=[(record, points_by_exercise(record, exercises)) for record in records],
        late={account.record.submission: account for account in late},
        distributions=distributions(records, exercises),
        hardest=hardest(records, catalogue)[:HARDEST],
        mistakes=mistakes(records, catalogue),
        stuck=stuck(records, exercises),
        errors=[(record, task) for record in records for task in record.tasks if task.verdict == "grader_error"],
        inspect=to_inspect(records, sources or {}),
        compared=sources is not None,
        pairs=pairs,
        differences=differing(records),
        meter=meter,
        unnamed=unnamed(records)[:MOST_UNNAMED],
    )


def distributions(records: Sequence[Results], exercises: Sequence[Exercise]) -> list[Distribution]:
    """Return the distribution of all points, and of each exercise's."""
    found = [_distribution("All exercises", [record.points for record in records], records[0].max_points)]
    by_record = [points_by_exercise(record, list(exercises)) for record in records]
    for column, exercise in enumerate(exercises):
        points = [row[column] for row in by_record if row[column] is not None]
        maximum = sum(task.max_points for task in records[0].tasks if task.id.split(".")[0] == exercise.id)
        found.append(_distribution(f"{exercise.id} {exercise.title}", points, maximum))
    return found


def _distribution(title: str, points: list[float], maximum: float) -> Distribution:
    return Distribution(title, points, maximum, histogram(f"Points: {title}", points, maximum))


def hardest(records: Sequence[Results], catalogue: Catalogue) -> list[CheckCount]:
    """Return the checks of which the smallest share passed, of those who tried the task."""
    counts: dict[tuple[str, str], CheckCount] = {}
    for record in records:
        for task in record.tasks:
            if task.verdict in ("not_attempted", "grader_error"):
                continue
            for check in task.checks:
                count = counts.setdefault((task.id, check.name), CheckCount(catalogue.task(task.id), check))
                count.tried += 1
                count.passed += check.verdict == "passed"
    failed = [count for count in counts.values() if count.passed < count.tried]
    return sorted(failed, key=lambda count: (count.share, -count.tried))


def mistakes(records: Sequence[Results], catalogue: Catalogue) -> list[Mistake]:
    """Return the mistakes that have a name, the most frequent first."""
    found: dict[tuple[str, str], Mistake] = {}
    for record in records:
        for task in record.tasks:
            if task.verdict == "failed" and (known := task.diagnosis):
                new = Mistake(catalogue.task(task.id), known.name, known.sentence)
                found.setdefault((task.id, known.name), new).who.append(record.submission)
    return sorted(found.values(), key=lambda mistake: (-len(mistake.who), mistake.task.id, mistake.name))


def unnamed(records: Sequence[Results]) -> list[Unnamed]:
    """Return why tasks are wrong that no known mistake explains, the most frequent reason first."""
    found: dict[str, Unnamed] = {}
    for record in records:
        for task in record.tasks:
            if task.verdict == "failed" and not task.diagnosis:
                reason = found.setdefault(task.message, Unnamed(task.message))
                reason.tasks[task.id] = None
                reason.who[record.submission] = None
    return sorted(found.values(), key=lambda reason: (-len(reason.who), -len(reason.tasks), reason.message))


def stuck(records: Sequence[Results], exercises: Sequence[Exercise]) -> list[Stuck]:
    """Return who tried tasks in vain, or has begun less than half of the exercises; the most tasks first."""
    found = []
    for record in records:
        tried = [task for task in record.tasks if task.verdict == "failed" and task.points == 0]
        begun = {task.id.split(".")[0] for task in record.tasks if task.verdict != "not_attempted"}
        not_begun = [exercise for exercise in exercises if exercise.id not in begun]
        if len(tried) >= STUCK_TASKS or 2 * len(not_begun) > len(exercises):
            found.append(Stuck(record.submission, record.points, tried, not_begun))
    return sorted(found, key=lambda student: (-len(student.tried), student.points, student.name))


def to_inspect(records: Sequence[Results], sources: Mapping[str, Files]) -> list[Inspect]:
    """Return the submissions that did, or could do, more than compute."""
    found = []
    for record in records:
        messages = [*record.notes, *(check.message for task in record.tasks for check in task.checks)]
        reasons = [*telling(messages), *unusual(sources.get(record.submission, {}))]
        if reasons:
            found.append(Inspect(record.submission, reasons))
    return found


def differing(records: Sequence[Results]) -> list[str]:
    """Return what not all submissions were graded with: then their points cannot be compared."""
    values = defaultdict(Counter)
    for record in records:
        for name, value in record.environment:
            values[name][str(value)] += 1
    return [
        f"{name}: {', '.join(f'{v} ({n})' for v, n in c.most_common())}" for name, c in values.items() if len(c) > 1
    ]
