"""Everything that the tabs share while the page is open."""

import contextlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from answers.entry import Answer
from course.catalogue import Task, load
from course.demo.breaking import Grader
from course.demo.live import MOST_STEPS, Duel, Plan, Status
from course.demo.sources import REFERENCE, House, Measures
from course.errors import CourseError
from course.grading.bank import submit
from course.grading.record import TaskResult

CLOSE_PATIENCE = 20.0  # seconds; what still runs then ends with this process


class Desk:
    """The code that may be run, and what runs it.

    Args:
        weights: folder with the weights of the networks in the zoo.

    Attributes:
        graded: what the last grading came to, or will.
        trained: the known mistake that the duel trains, or trained last; None where it is not about a mistake.
        loads: what the tabs want to be called when the page is opened: function, inputs, outputs.
    """

    def __init__(self, house: House, weights: Path | None = None) -> None:
        self.house = house
        self.weights = weights
        self.measures = Measures()
        self.duel = Duel()
        self.grader = Grader()
        self.graded: Future[TaskResult] | None = None
        self.trained: Answer | None = None
        self.loads: list[tuple[Callable, list[Any], list[Any]]] = []

    def on_load(self, work: Callable, inputs: list[Any], outputs: list[Any]) -> None:
        """Have something called when the page is opened."""
        self.loads.append((work, inputs, outputs))

    def race(self, plans: list[Plan], most_steps: int = MOST_STEPS, mistake: Answer | None = None) -> None:
        """End what trains, and begin anew; say which mistake it is about."""
        self.trained = mistake
        self.duel.start(plans, most_steps)

    def statuses(self, of_mistake: bool) -> list[Status]:
        """Return how far both are, if the duel is about a mistake, or if it is not: two tabs show one of these each."""
        return self.duel.status() if (self.trained is not None) == of_mistake else []

    def leave_mistake(self) -> None:
        """Forget what is known of the mistake that was looked at; its training ends."""
        self.graded = None
        if self.trained is not None:
            self.race([])

    def grade(self, task: Task, mistake: Answer, who: str) -> None:
        """Begin to grade a known mistake, or a student's code where `who` is one; see `graded`."""
        if who == REFERENCE:
            source = self.house.made(mistake.name, lambda root: submit(mistake, root, load()))
        else:
            source = self.house.sources[who]
        self.graded = self.grader.start(source, task)

    def warm(self) -> None:
        """Start in the background what takes seconds to start, so that nobody waits for it later."""
        threading.Thread(target=self._warm, daemon=True, name="warm").start()

    def _warm(self) -> None:
        with contextlib.suppress(CourseError):  # closed while it was starting
            self.duel.warm()
            self.grader.warm()

    def close(self) -> None:
        """End all processes, and remove all folders."""
        ends = [self.duel.close, self.grader.close, self.measures.close]
        threads = [threading.Thread(target=end, daemon=True) for end in ends]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(CLOSE_PATIENCE)
        self.house.close()
