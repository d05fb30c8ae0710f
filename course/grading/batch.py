"""Grades many submissions side by side, each process with a zygote of its own."""

import multiprocessing
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from typing import Any

from course.catalogue import load
from course.errors import CourseError
from course.grading.launch import shared_zygote
from course.grading.record import Results, TaskResult
from course.grading.run import Settings, environment, grade
from course.submission.find import Submission

POLL = 0.2  # seconds between two looks at the progress


def grade_all(
    submissions: list[Submission], settings: Settings, jobs: int, done: Callable[[float], None]
) -> Iterator[Results]:
    """Grade submissions, and yield each result as soon as it is there.

    The order depends on the machine; the results do not. Every submission gives a result: where the grading process
    itself dies, it is tried once more alone, and then recorded as a grader error.

    Args:
        done: called with the points of each check that has ended, to show progress.

    Raises:
        CourseError: the sandbox does not hold, so that nothing can be graded.
    """
    died: list[Submission] = []
    for submission, results in _in_processes(submissions, settings, jobs, done):
        if results is None:
            died.append(submission)
        else:
            yield results
    for submission in died:
        for _, results in _in_processes([submission], settings, 1, done):
            yield results or not_graded(submission, settings)


def _in_processes(
    submissions: list[Submission], settings: Settings, jobs: int, done: Callable[[float], None]
) -> Iterator[tuple[Submission, Results | None]]:
    """Yield each submission with its result; None where its process died or failed."""
    context = multiprocessing.get_context("spawn")  # a fork would copy whatever this process has started
    queue = context.SimpleQueue()
    pool = ProcessPoolExecutor(
        min(jobs, len(submissions)), context, initializer=_start, initargs=(queue, settings.sandbox)
    )
    with pool:
        futures = {pool.submit(_grade, submission, settings): submission for submission in submissions}
        waiting = set(futures)
        while waiting:
            ended, waiting = wait(waiting, POLL, FIRST_COMPLETED)
            while not queue.empty():
                done(queue.get())
            for future in ended:
                error = future.exception()
                if isinstance(error, CourseError):  # the next submission would meet it too
                    pool.shutdown(cancel_futures=True)
                    raise error
                yield futures[future], None if error else future.result()


def _start(queue: Any, sandbox: str) -> None:
    """Prepare a grading process: its zygote ends with it."""
    global _queue, _error
    if sys.platform == "linux":
        from course.sandbox.linux import die_with_parent

        die_with_parent()  # and the zygote with it, and everything that a submission started
    _queue = queue
    _zygotes.append(shared_zygote(sandbox))
    try:
        _zygotes[-1].__enter__()
    except CourseError as error:
        _error = error


def _grade(submission: Submission, settings: Settings) -> Results:
    if _error:
        raise _error
    return grade(submission, settings, _queue.put)


_queue: Any = None
_error: CourseError | None = None
_zygotes: list = []


def not_graded(submission: Submission, settings: Settings) -> Results:
    """Return the record of a submission that could not be graded, which is nobody's fault but the graders'."""
    tasks = [
        TaskResult(
            id=task.id,
            symbol=", ".join(task.symbols),
            points=0,
            max_points=task.points,
            verdict="grader_error",
            message="The grading process died twice.",
            diagnosis=None,
            seconds=0,
            checks=[],
        )
        for task in load().select(list(settings.tasks))
    ]
    maximum = sum(task.max_points for task in tasks)
    return Results(
        submission=submission.name, points=0, max_points=maximum, environment=environment(settings), tasks=tasks
    )
