"""What the tab "Break it live" computes: a known mistake, the training it gives, and what a student would be told."""

import contextlib
import multiprocessing
import signal
import sys
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from multiprocessing.process import BaseProcess

from answers.entry import Answer
from course.catalogue import Task, load
from course.demo import live
from course.demo.live import Plan
from course.demo.sources import House, Source
from course.grading.bank import load_bank, submit
from course.grading.record import TaskResult

SHORT = 100  # steps of a training that is only to show what a mistake does
END_PATIENCE = 10.0  # seconds for a grading that is broken off to tidy up


@cache
def tasks() -> dict[str, Task]:
    """Return the tasks that the answer bank knows mistakes of, by the name that the page shows."""
    known = {answer.task for answer in load_bank() if answer.verdict == "mistake"}
    return {f"{task.id} {task.title}": task for task in load().tasks if task.id in known}


def mistakes(task: Task) -> dict[str, Answer]:
    """Return the known mistakes of a task, by the name that the page shows."""
    found = [answer for answer in load_bank() if answer.task == task.id and answer.verdict == "mistake"]
    many = len(task.symbols) > 1
    return {(f"{answer.symbol}: " if many else "") + answer.name.replace("-", " "): answer for answer in found}


# The training it gives


def plans(answer: Answer, house: House, reference: Source) -> list[Plan]:
    """Return the two trainings, the reference's and the mistake's, of an answer that `trains`."""
    broken = house.made("the mistake", lambda root: submit(answer, root, load()))
    network = next((name for name, task in live.NETWORKS.items() if task == answer.task), "UNet")
    loss = next((label for label, loss in live.LOSSES.items() if loss.symbol == answer.symbol), "Cross-entropy")
    return [Plan(source, network, loss, "cells", 0) for source in (reference, broken)]


def trains(answer: Answer) -> bool:
    """Whether a network can be trained with an answer: it is a network, or a loss of the cells."""
    losses = {loss.symbol for loss in live.LOSSES.values()}
    return answer.task in live.NETWORKS.values() or answer.symbol in losses


UNTRAINED = (
    "This task trains nothing that can be shown in a minute: what is wrong here spoils data or numbers, and every "
    "training looks as it should. That is why it needs a grader."
)


# The diagnosis


class Grader:
    """Grades in a process of its own, which stays: pytest, the graders and a zygote are started once."""

    def __init__(self) -> None:
        self._pool: ProcessPoolExecutor | None = None
        self._processes: set[BaseProcess] = set()

    def start(self, source: Source, task: Task) -> "Future[TaskResult]":
        """Begin to grade one task of a source's code, as `course grade` would."""
        try:
            return self._running().submit(_grade, source, task.id)
        except BrokenProcessPool:
            self.close()
            return self._running().submit(_grade, source, task.id)

    def warm(self) -> None:
        """Start the process now."""
        self._running()

    def close(self) -> None:
        """End the process, and what it started; what is being graded is broken off."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in self._processes:
            process.terminate()
        for process in self._processes:
            process.join(END_PATIENCE)
        pool.shutdown(wait=False, cancel_futures=True)

    def _running(self) -> ProcessPoolExecutor:
        if self._pool is None:
            context = multiprocessing.get_context("spawn")  # a fork would copy the server's threads in the middle
            self._pool = ProcessPoolExecutor(1, context, initializer=_begin)
            others = set(multiprocessing.active_children())
            self._pool.submit(_nothing)
            self._processes = set(multiprocessing.active_children()) - others
        return self._pool


_open = contextlib.ExitStack()


def _begin() -> None:
    """Prepare the grading process: Ctrl-C is the server's business, and the zygote of trusted code is needed first."""
    from course.grading.launch import shared_zygote

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    _open.enter_context(shared_zygote("none"))


def _nothing() -> None:
    """Take the time that importing pytest and the graders takes."""
    import course.grading.run  # noqa: F401


def _grade(source: Source, task_id: str) -> TaskResult:
    from course.grading.launch import shared_zygote
    from course.grading.run import Settings, grade

    _open.enter_context(shared_zygote(source.sandbox))
    return grade(source.submission, Settings(tasks=(task_id,), sandbox=source.sandbox)).tasks[0]
