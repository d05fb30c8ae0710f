"""Checks tasks in the order in which their verdicts come soonest, and says what to do next.

Quick checks come first. A task that trains a network takes minutes, so it is trained only when what it needs has
passed. What has passed is not checked again while nothing has changed that it depends on: the same files get the same
verdict.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from course.catalogue import Task
from course.student.glance import glance
from course.student.memory import Memory
from course.student.message import Message, about, about_waiting, broken_file

if TYPE_CHECKING:
    from course.grading.record import Results, TaskResult

# A task's states beside the verdicts: not looked at yet, being checked, and a training whose needs have not passed.
PENDING, RUNNING, WAITING = "pending", "running", "waiting"


class Grades(Protocol):
    """What grades one task."""

    def grade(self, task_id: str) -> "Results":
        """Return the record of a task."""


@dataclass
class Standing:
    """Where a student stands with a task.

    Attributes:
        state: a verdict, or one of the three states above.
        result: what came of its checks, None where there is nothing yet.
        remembered: it was not checked again, because nothing has changed.
        since: when its checks began, on the monotonic clock.
    """

    task: Task
    state: str = PENDING
    result: "TaskResult | None" = None
    remembered: bool = False
    since: float = 0.0

    @property
    def points(self) -> float:
        """The points that are earned as things stand."""
        return self.result.points if self.result else 0.0


class Checkup:
    """One round of checks.

    Args:
        tasks: the tasks to check.
        named: ids that the student asked for by name: these are checked also where they are known, and trained whatever
            their needs.
        memory: results of earlier rounds.
    """

    def __init__(self, tasks: list[Task], memory: Memory, named: tuple[str, ...] = ()) -> None:
        self.standings = [Standing(task) for task in tasks]
        self.memory = memory
        self.named = named

    def run(self, grader: "Grades", begins: Callable[[Standing], None] = lambda standing: None) -> None:
        """Check everything: what is quick first, then what trains.

        Args:
            begins: called before each task.
        """
        for trains in (False, True):
            for standing in self.standings:
                if is_training(standing.task) is trains:
                    begins(standing)
                    self._check(standing, grader)

    def _check(self, standing: Standing, grader: "Grades") -> None:
        task = standing.task
        hindered = hindrance(task, self._state_of) if is_training(task) and task.id not in self.named else None
        if hindered:
            standing.state = hindered
            return
        standing.result = None if self._is_asked_for(task) else self._known(task)
        standing.remembered = standing.result is not None
        if standing.result is None:
            standing.state, standing.since = RUNNING, time.monotonic()
            standing.result = glance(task, self.memory.home) or self._grade(task, grader)
        standing.state = standing.result.verdict

    def _is_asked_for(self, task: Task) -> bool:
        """Whether a task is to be checked even if it is known how it stands."""
        return task.id in self.named or (task.exercise in self.named and not is_training(task))

    def _known(self, task: Task) -> "TaskResult | None":
        """Return what is remembered: any result of a training, of anything else that it has passed."""
        result = self.memory.of(task)
        return result if result and (is_training(task) or result.verdict == "passed") else None

    def _grade(self, task: Task, grader: "Grades") -> "TaskResult":
        key = self.memory.key(task)
        result = grader.grade(task.id).tasks[0]
        self.memory.keep(task, key, result)
        return result

    def _state_of(self, task_id: str) -> str:
        """Return the state of a task, also of one that is not in this round."""
        for standing in self.standings:
            if standing.task.id == task_id:
                return standing.state
        result = self.memory.of(self.memory.catalogue.task(task_id))
        return result.verdict if result else PENDING

    def first(self) -> Standing | None:
        """Return what to do first: what is wrong, then what is not written, all or a part; None where all is done."""
        most_urgent = max(self.standings, key=_urgency, default=None)  # the first of those
        return most_urgent if most_urgent and _urgency(most_urgent) else None

    def message(self, standing: Standing) -> Message:
        """Return what is to be said about a task."""
        home, catalogue = self.memory.home, self.memory.catalogue
        if standing.result:
            return about(standing.task, standing.result, home, catalogue)
        return about_waiting(standing.task)

    def is_broken(self, standing: Standing) -> bool:
        """Whether a file of a task is no Python."""
        return broken_file(standing.task, self.memory.home) is not None


def _urgency(standing: Standing) -> int:
    """Return how soon a task is to be seen to: 3, what is wrong; 2, what is not written; 1, what waits; 0, nothing."""
    if standing.state in ("failed", "grader_error"):
        checks = standing.result.checks if standing.result else []
        unwritten = bool(checks) and all(check.verdict in ("passed", "not_attempted") for check in checks)
        return 2 if unwritten else 3
    return {"not_attempted": 2, WAITING: 1}.get(standing.state, 0)


def hindrance(task: Task, state_of: Callable[[str], str]) -> str | None:
    """Return the state of a training that need not begin yet, None for what may.

    Args:
        state_of: returns the state of a task, by its id.
    """
    states = {state_of(need) for need in task.needs}
    if "not_attempted" in states:
        return "not_attempted"
    return WAITING if states & {"failed", "grader_error", WAITING} else None


def is_training(task: Task) -> bool:
    """Whether checking a task means training a network: such tasks need others."""
    return bool(task.needs)
