"""Checks again whatever a save touches, in a thread of its own: the current task first, then the others."""

import threading
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from course.catalogue import Catalogue, Task
from course.errors import CourseError
from course.student.checkup import PENDING, RUNNING, WAITING, Standing, hindrance, is_training
from course.student.depends import touched_by
from course.student.faults import BrokenFile
from course.student.glance import glance
from course.student.grader import Cancelled, Grader
from course.student.home import Home
from course.student.memory import Memory
from course.student.message import broken_file

if TYPE_CHECKING:
    from course.grading.record import Results


class Follower(threading.Thread):
    """Keeps the standings of all tasks up to date.

    Args:
        home: the student's folder.
        current: the task to begin with; None: the first that is not done.
        changed: called, in this thread, whenever something is to be shown anew.

    Attributes:
        standings: by task id.
        current: the task that the student is at.
        latency: seconds from the last save to the current task's verdict, None before the first.
        saved_file: the file that was saved last, as the student knows it.
        trouble: why nothing can be checked, "" where everything can.
        results: the record of each task that was checked in this session, by task id.
    """

    def __init__(self, home: Home, catalogue: Catalogue, current: Task | None, changed: Callable[[], None]) -> None:
        super().__init__(name="follower", daemon=True)
        self.home = home
        self.catalogue = catalogue
        self.memory = Memory(home, catalogue)
        self.changed = changed
        self.standings = {task.id: Standing(task) for task in catalogue.tasks}
        for standing in self.standings.values():
            self._recall(standing)
        self._settle()
        self._finding = current is None
        self.current = current or self._first_open()
        self.latency: float | None = None
        self.saved_file = ""
        self.trouble = ""
        self.results: dict[str, Results] = {}
        self._grader = Grader(home)
        self._wake = threading.Condition()
        self._todo: list[str] = [self.current.id] if self.standing.state == PENDING else []
        self._saved_at: float | None = None
        self._stopped = False

    @property
    def standing(self) -> Standing:
        """Where the student stands with the current task."""
        return self.standings[self.current.id]

    @property
    def points(self) -> float:
        """All points that are earned as things stand."""
        return sum(standing.points for standing in self.standings.values())

    def broken(self) -> BrokenFile | None:
        """Return what is wrong with a file of the current task that is no Python."""
        return broken_file(self.current, self.home)

    def saved(self, paths: Iterable[Path], at: float | None = None) -> None:
        """Check what these files touch.

        Args:
            at: when they were saved, by `time.time()`; without it now.
        """
        paths = list(paths)
        touched = touched_by(paths, self.catalogue, self.home)
        if not touched:
            return
        with self._wake:
            self.saved_file = self.home.shown(paths[0])
            first = [self.current.id] if self.current in touched else []
            # Others were wrong or right before: either may have changed. What was never looked at can wait.
            known = [task.id for task in touched if not is_training(task) and self._is_known(task)]
            for task in touched:
                if is_training(task) and task != self.current:
                    self._recall(self.standings[task.id])
            self._saved_at = (at or time.time()) if first else None
            self._schedule([*first, *(task_id for task_id in known if task_id not in first)])

    def choose(self, task: Task) -> None:
        """Make a task the current one, and check it unless it is known how it stands, or would take minutes."""
        with self._wake:
            self._finding = False
            self.current, self.latency, self._saved_at = task, None, None
            if self.standings[task.id].state == PENDING and not is_training(task):
                self._schedule([task.id])
        self.changed()

    def again(self) -> None:
        """Check the current task once more."""
        with self._wake:
            self.latency, self._saved_at = None, None
            self._schedule([self.current.id])

    def step(self, by: int) -> None:
        """Go to the next task, or to the one before; after the last comes the first."""
        tasks = self.catalogue.tasks
        self.choose(tasks[(tasks.index(self.current) + by) % len(tasks)])

    def next_open(self) -> Task | None:
        """Return the next task that is not done, None where every other one is."""
        tasks = self.catalogue.tasks
        place = tasks.index(self.current)
        later = [*tasks[place + 1 :], *tasks[:place]]
        return next((task for task in later if self.standings[task.id].state != "passed"), None)

    def stop(self) -> None:
        """End the thread and the process that grades."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        self._grader.close()

    def run(self) -> None:
        """Check what is to be checked until it is stopped."""
        while True:
            with self._wake:
                while not (self._todo or self._unknown() or self._stopped):
                    self._wake.wait()
                if self._stopped:
                    return
                standing = self.standings[self._todo.pop(0) if self._todo else self._unknown()[0]]
                hindered = hindrance(standing.task, self._state_of) is not None
                standing.since = time.monotonic()
                if not hindered:
                    standing.state = RUNNING
                    if standing.result and not standing.result.checks:
                        standing.result = None  # what a look at the file told holds no longer
                saved_at = self._saved_at if standing.task == self.current else None
            if not hindered:
                self.changed()
                self._grade(standing)
            self._settle()
            self._find()
            if saved_at is not None and standing.state != PENDING:
                self.latency, self._saved_at = time.time() - saved_at, None
            self.changed()

    def _grade(self, standing: Standing) -> None:
        """Check a task. Whatever goes wrong is shown: a view that stands still says nothing."""
        try:
            self._check(standing)
        except Exception as error:
            standing.state, standing.result = PENDING, None
            self.trouble = f"A fault of the course, not yours; please report it. {type(error).__name__}: {error}"

    def _check(self, standing: Standing) -> None:
        task = standing.task
        if seen := glance(task, self.home):
            standing.state, standing.result = seen.verdict, seen
            return
        key = self.memory.key(task)
        try:
            results = self._grader.grade(task.id)
        except Cancelled:
            standing.state = PENDING
            return
        except CourseError as error:
            standing.state, self.trouble = PENDING, "" if self._stopped else str(error)
            return
        self.trouble = ""
        standing.result, self.results[task.id] = results.tasks[0], results
        standing.state = standing.result.verdict
        self.memory.keep(task, key, standing.result)

    def _schedule(self, task_ids: list[str]) -> None:
        """Check these tasks next. A training that runs is broken off; anything else is done in a moment."""
        running = next((each for each in self.standings.values() if each.state == RUNNING), None)
        self._todo = task_ids + [task_id for task_id in self._todo if task_id not in task_ids]
        if running and is_training(running.task) and task_ids:
            self._grader.cancel()
        self._wake.notify()

    def _find(self) -> None:
        """At the beginning, go on to the first task that is not done, while what was looked at is."""
        with self._wake:
            state = self.standing.state
            if self._finding and state == "passed":
                self.current = self._first_open()
            elif state not in (PENDING, RUNNING):
                self._finding = False

    def _settle(self) -> None:
        """Say of each training that was not run whether it could be."""
        for standing in self.standings.values():
            if is_training(standing.task) and standing.result is None and standing.state != RUNNING:
                standing.state = hindrance(standing.task, self._state_of) or PENDING

    def _state_of(self, task_id: str) -> str:
        return self.standings[task_id].state

    def _unknown(self) -> list[str]:
        """Return the quick tasks of which nothing is known yet: they are checked when nothing else is to be done."""
        if self.trouble:
            return []
        states = self.standings.items()
        return [name for name, standing in states if standing.state == PENDING and not is_training(standing.task)]

    def _is_known(self, task: Task) -> bool:
        return self.standings[task.id].state not in (PENDING, WAITING)

    def _recall(self, standing: Standing) -> None:
        standing.result = self.memory.of(standing.task)
        standing.state = standing.result.verdict if standing.result else PENDING
        standing.remembered = standing.result is not None

    def _first_open(self) -> Task:
        """Return the first task that was begun and is wrong, else the first that is not known to be done."""
        quick = [task for task in self.catalogue.tasks if not is_training(task)]
        for wanted in (("failed", "grader_error"), ("not_attempted", PENDING)):
            for task in [*quick, *self.catalogue.tasks]:
                if self.standings[task.id].state in wanted:
                    return task
        return self.catalogue.tasks[0]
