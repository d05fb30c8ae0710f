"""Grades submissions on the workers of a Dask cluster: on this machine, or on many.

A submission travels as the files that would be graded, so that the machines need no common file system. Each worker
process grades one at a time, with a zygote of its own. Where a worker dies, its submission is graded elsewhere; one
that takes worker after worker with it (Dask's `allowed-failures`) is recorded as a grader error.
"""

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import dask
from distributed import Client, Future, LocalCluster, as_completed

from course.catalogue import load
from course.errors import CourseError
from course.grading.batch import not_graded
from course.grading.cells import TooLarge, files_of
from course.grading.launch import shared_zygote
from course.grading.record import Results
from course.grading.run import Settings, grade, graders_hash
from course.submission.find import Submission
from course.submission.stage import stage

# What waits at the scheduler, for each worker. More would fill its memory with submissions.
WAITING = 3
CONNECT_TIMEOUT = 30
# Dask keeps the last thousand messages for its developers, and ours hold submissions: 75 KB for each.
FEW_MESSAGES = {"distributed.admin.low-level-log-length": 10}


@contextmanager
def cluster(scheduler: str, workers: int) -> Iterator[Client]:
    """Connect to a scheduler, or start one on this machine with so many workers where its address is empty.

    Raises:
        CourseError: nobody answers at the address.
    """
    with ExitStack() as stack:
        stack.enter_context(dask.config.set(FEW_MESSAGES))
        if not scheduler:
            local = LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=":0", memory_limit=None)
            scheduler = stack.enter_context(local).scheduler_address
        try:
            client = stack.enter_context(Client(scheduler, timeout=CONNECT_TIMEOUT))
        except (OSError, ValueError) as error:
            raise CourseError(
                f"No Dask scheduler answers at {scheduler}: {error}. Start one with `dask scheduler`, and workers with "
                f"`dask worker {scheduler} --nthreads 1`."
            ) from None
        yield client


def grade_on_cluster(
    submissions: list[Submission],
    settings: Settings,
    done: Callable[[float], None],
    scheduler: str = "",
    workers: int = 1,
) -> Iterator[Results]:
    """Grade submissions on a cluster, and yield each result as soon as it is there: exactly one for each.

    Args:
        done: called with all points of a submission that has been graded.
        scheduler: its address; empty: a cluster of so many `workers` on this machine, for this call.

    Raises:
        CourseError: nobody answers there; the cluster has no workers, or other graders than this machine; or no
            sandbox holds there.
    """
    with cluster(scheduler, workers) as client:
        yield from _grade_on(client, submissions, settings, done)


def _grade_on(
    client: Client, submissions: list[Submission], settings: Settings, done: Callable[[float], None]
) -> Iterator[Results]:
    _check(client)
    points = sum(task.points + task.bonus for task in load().select(list(settings.tasks)))
    waiting = iter(submissions)
    places = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))

    def send(count: int) -> list[Future]:
        return [_send(client, submission, settings, sent) for submission in islice(waiting, count)]

    sent: dict[str, Submission] = {}
    going = as_completed(send(WAITING * places))
    for future in going:
        submission = sent.pop(future.key)
        yield _result(future, submission, settings)
        done(points)
        future.release()
        going.update(send(1))


def _check(client: Client) -> None:
    """Refuse a cluster that would grade otherwise than this machine."""
    graders = client.run(graders_hash)
    if not graders:
        raise CourseError("The scheduler has no workers. Start some: `dask worker ADDRESS --nthreads 1`.")
    strangers = [address for address, graders in graders.items() if graders != graders_hash()]
    if strangers:
        raise CourseError(
            f"{', '.join(strangers)} would grade by other rules: the course there is another version. Bring all "
            "machines to the same commit."
        )


def _send(client: Client, submission: Submission, settings: Settings, sent: dict[str, Submission]) -> Future:
    """Hand a submission over to the scheduler."""
    with tempfile.TemporaryDirectory(prefix="submission-") as folder:
        notes = stage(submission, Path(folder))
        try:
            files = files_of(Path(folder))
        except TooLarge as error:
            files, notes = {}, [*notes, str(error)]
    future = client.submit(grade_here, submission.name, files, notes, settings, pure=False)
    sent[future.key] = submission
    return future


def _result(future: Future, submission: Submission, settings: Settings) -> Results:
    """Return what came back.

    Raises:
        CourseError: the worker could not grade at all, and neither would another one.
    """
    error = future.exception() if future.status != "finished" else None
    if isinstance(error, CourseError):
        raise error
    return not_graded(submission, settings) if error or future.cancelled() else future.result()


def grade_here(name: str, files: dict[str, bytes], notes: list[str], settings: Settings) -> Results:
    """Grade a submission that has come as files, on a worker of the cluster.

    All of a process's submissions are graded in one thread: the zygote ends with the thread that has started it.
    """
    return _grader().submit(_grade, name, files, notes, settings).result()


def _grade(name: str, files: dict[str, bytes], notes: list[str], settings: Settings) -> Results:
    if settings.sandbox not in _zygotes:
        _zygotes[settings.sandbox] = ExitStack()
        _zygotes[settings.sandbox].enter_context(shared_zygote(settings.sandbox))
    with tempfile.TemporaryDirectory(prefix="received-") as folder:
        for path, content in files.items():
            target = Path(folder) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        results = grade(Submission(name, Path(folder)), settings)
    results.notes = notes
    return results


def _grader() -> ThreadPoolExecutor:
    if not _threads:
        _threads.append(ThreadPoolExecutor(1, "grader"))
    return _threads[0]


_threads: list[ThreadPoolExecutor] = []
_zygotes: dict[str, Any] = {}
