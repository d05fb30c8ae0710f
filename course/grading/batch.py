"""Grades many submissions side by side, each process with a zygote of its own."""

import contextlib
import multiprocessing
import multiprocessing.connection
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path
from typing import Any

from course.catalogue import load
from course.errors import CourseError
from course.grading.launch import shared_zygote
from course.grading.record import PICTURES, SCHEMA, Results, TaskResult
from course.grading.run import Settings, environment, grade
from course.submission.find import Submission
from course.submission.stage import content_of, stage

POLL = 0.2  # seconds between two looks at the progress
STOP_TIME = 10.0  # seconds in which a grading process must have tidied up


def grade_all(
    submissions: list[Submission], settings: Settings, done: Callable[[float], None], jobs: int
) -> Iterator[Results]:
    """Grade submissions, and yield each result as soon as it is there.

    The order depends on the machine; the results do not. Every submission gives a result: where the grading process
    itself dies, it is tried once more alone, and then recorded as a grader error. Where this is interrupted or closed,
    all that it started has ended.

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
    if not submissions:
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy whatever this process has started
    queue = context.SimpleQueue()
    others = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(
        min(jobs, len(submissions)), context, initializer=_start, initargs=(queue, settings.sandbox)
    )
    with pool:
        try:
            with _deaf():  # a process inherits that: Ctrl-C reaches all of them, but it is this one that ends them
                futures = {pool.submit(_grade, submission, settings): submission for submission in submissions}
            waiting = set(futures)
            while waiting:
                ended, waiting = wait(waiting, POLL, FIRST_COMPLETED)
                while not queue.empty():
                    done(queue.get())
                for future in ended:
                    error = future.exception()
                    if isinstance(error, CourseError):  # the next submission would meet it too
                        raise error
                    yield futures.pop(future), None if error else future.result()
        except BaseException:
            with _deaf():
                pool.shutdown(wait=False, cancel_futures=True)
                _stop(set(multiprocessing.active_children()) - others)
            raise


@contextlib.contextmanager
def _deaf() -> Iterator[None]:
    """Do not hear Ctrl-C."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _stop(processes: set[Any]) -> None:
    """End grading processes: let them remove what they have made, but not for long."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + STOP_TIME
    for process in processes:
        multiprocessing.connection.wait([process.sentinel], max(0.0, deadline - time.monotonic()))
        process.kill()


def _start(queue: Any, sandbox: str) -> None:
    """Prepare a grading process: its zygote ends with it."""
    global _queue, _error, _busy
    if sys.platform == "linux":
        from course.sandbox.linux import die_with_parent

        die_with_parent()  # and the zygote with it, and everything that a submission started
    _queue = queue
    _zygotes.append(shared_zygote(sandbox))
    _busy = True
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        _zygotes[-1].__enter__()
    except (CourseError, KeyboardInterrupt) as error:
        _error = error
    finally:
        _busy = False


def _grade(submission: Submission, settings: Settings) -> Results:
    global _busy
    _busy = True
    try:
        if _error:
            raise _error
        results = grade(submission, settings, _queue.put)
        if _error:  # pytest ends quietly when it is interrupted, with the checks that there were
            raise _error
        return results
    finally:
        _busy = False


def _interrupt(*_: object) -> None:
    """Break off what is being graded, such that its folders are removed, and grade nothing more."""
    global _error
    _error = KeyboardInterrupt()
    if _busy:
        raise _error


_queue: Any = None
_error: CourseError | KeyboardInterrupt | None = None
_busy = False
_zygotes: list = []


def finished(path: Path, submission: Submission, settings: Settings) -> Results | None:
    """Return the record at a path, where grading the submission with these settings would give the same again.

    Everything must be as it is now, the student's files too, but for the sandbox. What is broken, of an older kind or
    incomplete by a fault of the graders is None.
    """
    try:
        record = Results.model_validate_json(path.read_bytes())
    except (OSError, ValueError):
        return None
    now = environment(settings).model_copy(update={"sandbox": record.environment.sandbox})
    tasks = [task.id for task in load().select(list(settings.tasks))]
    if (record.schema_, record.submission, record.environment) != (SCHEMA, submission.name, now):
        return None
    if record.pictures and not (path.parent / PICTURES).is_file():
        return None
    if [task.id for task in record.tasks] != tasks or any(task.verdict == "grader_error" for task in record.tasks):
        return None
    with tempfile.TemporaryDirectory(prefix="submission-") as folder:
        stage(submission, Path(folder))
        return record if content_of(Path(folder)) == record.content else None


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
