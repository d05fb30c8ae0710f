"""What a late hand-in costs, by the policy in `course.toml`. Records keep the points as they were earned."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from course.catalogue import Catalogue, Exercise, Late
from course.errors import CourseError
from course.grading.record import Results

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Counted:
    """The points of one exercise, as earned and as they count.

    Attributes:
        days: started days after the deadline, those of grace not among them.
        percent: what they cost.
    """

    exercise: Exercise
    earned: float
    days: int
    percent: float

    @property
    def counts(self) -> float:
        """The points that are left, to two digits."""
        return round(self.earned * (1 - self.percent / 100) + 1e-9, 2)


@dataclass(frozen=True)
class Account:
    """A submission's points, exercise by exercise.

    Attributes:
        handed_in: when; None: nobody asked.
        undecided: exercises with a grader error, which have no points yet.
    """

    record: Results
    handed_in: datetime | None
    exercises: list[Counted]
    undecided: frozenset[str]

    @property
    def points(self) -> float:
        """All points that count."""
        return round(sum(counted.counts for counted in self.exercises), 2)

    @property
    def words(self) -> str:
        """How late, in words: nothing where it costs nothing."""
        worst = max(self.exercises, key=lambda counted: counted.percent, default=None)
        if worst is None or not worst.percent:
            return ""
        return f"{worst.days} day{'' if worst.days == 1 else 's'}, -{worst.percent:g} %"


def days_late(handed_in: datetime, deadline: datetime, grace_days: float) -> int:
    """Return the started days after a deadline and its days of grace."""
    late = handed_in - deadline - grace_days * DAY
    return max(0, math.ceil(late / DAY))


def penalty(days: int, policy: Late) -> float:
    """Return what days cost, in per cent."""
    return min(policy.cap_percent, days * policy.percent_per_day)


def account(record: Results, catalogue: Catalogue, handed_in: datetime | None) -> Account:
    """Return what the points of a submission come to.

    Args:
        handed_in: None: as earned, whatever the policy.
    """
    exercises, undecided = [], set()
    for exercise in catalogue.exercises:
        tasks = [task for task in record.tasks if task.id.split(".")[0] == exercise.id]
        if not tasks:
            continue
        days, percent = 0, 0.0
        if catalogue.late and handed_in:
            days = days_late(handed_in, exercise.deadline or catalogue.late.deadline, catalogue.late.grace_days)
            percent = penalty(days, catalogue.late)
        exercises.append(Counted(exercise, sum(task.points for task in tasks), days, percent))
        if any(task.verdict == "grader_error" for task in tasks):
            undecided.add(exercise.id)
    return Account(record, handed_in, exercises, frozenset(undecided))


def accounts(records: Iterable[Results], catalogue: Catalogue, times: dict[str, datetime] | None) -> list[Account]:
    """Return the accounts of all submissions.

    Args:
        times: when each was handed in; None: the policy is left out.

    Raises:
        CourseError: of a submission it is not known when it was handed in.
    """
    records = list(records)
    if times is not None and catalogue.late:
        missing = [record.submission for record in records if record.submission not in times]
        if missing:
            more = f" and of {len(missing) - 1} more" if len(missing) > 1 else ""
            raise CourseError(
                f"When was {missing[0]} handed in? Its time{more} is missing: add it to the file of --times, as "
                "`submission,time`, or leave the late policy out with --no-late."
            )
    known = times if times is not None and catalogue.late else {}
    return [account(record, catalogue, known.get(record.submission)) for record in records]
