"""The pytest plugin of the graders: options, the fixtures `student` and `oracle`, and what is recorded.

A check is a test function in `tests/` with a mark and a docstring:

    @pytest.mark.task("2.1", points=3)
    def test_value(student, oracle):
        '''The value is that of a Dice loss.'''

The docstring is the sentence that the student reads. Bonus checks have `bonus=True`.
"""

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from course.catalogue import Catalogue, Task, load
from course.errors import CourseError
from course.grading.outcomes import CheckFailed, Diagnosis, NotAttempted
from course.grading.seeds import PUBLIC_SEED
from course.report.text import harmless
from course.sandbox.interface import DEFAULT
from course.submission.find import open_submission


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the graders' options."""
    group = parser.getgroup("course", "graders of the course")
    group.addoption("--submission", metavar="DIR", help="the submission to grade: a folder with lib/")
    group.addoption("--seed", type=int, default=PUBLIC_SEED, help="draws all inputs of the checks")
    group.addoption("--tasks", default="", help='only these tasks or exercises, as "2.1,3"')
    group.addoption("--device", default="cpu", help="cpu, cuda or mps")
    group.addoption("--sandbox", default=DEFAULT, help="auto, bubblewrap, namespaces, or none for one's own code")
    group.addoption("--in-process", action="store_true", help="run the code in pytest's own process, for a debugger")
    parser.addini("submission", "the submission to grade where --submission is not given")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the mark of a check."""
    config.addinivalue_line("markers", "task(id, points, bonus=False): a check of a task")


@pytest.hookimpl(optionalhook=True, tryfirst=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Stay in one process for a few checks, and for a debugger; the whole suite is shared among the cores.

    There is one process more than cores, because many tests wait: for a process, a browser, a limit of time. Each of
    them computes with one thread.
    """
    if config.getoption("--in-process") or config.getoption("--tasks"):
        config.option.dist = "no"
        return 0
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    return (os.cpu_count() or 1) + 1


def mark_of(item: pytest.Item) -> tuple[Task, float, bool] | None:
    """Return a check's task, points and whether they are bonus; None for a test that is no check."""
    mark = item.get_closest_marker("task")
    if mark is None:
        return None
    return load().task(mark.args[0]), mark.kwargs["points"], mark.kwargs.get("bonus", False)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the checks of the chosen tasks, in the order of the catalogue, and check that their points add up."""
    try:
        catalogue = load()
    except CourseError as error:
        raise pytest.UsageError(str(error)) from None
    checks = [item for item in items if mark_of(item)]
    _check_points(catalogue, checks)
    chosen = config.getoption("--tasks")
    if not chosen:
        return
    try:
        wanted = [task.id for task in catalogue.select(chosen.split(","))]
    except CourseError as error:
        raise pytest.UsageError(str(error)) from None
    kept = [item for item in checks if mark_of(item)[0].id in wanted]
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = sorted(kept, key=lambda item: wanted.index(mark_of(item)[0].id))


def _check_points(catalogue: Catalogue, checks: list[pytest.Item]) -> None:
    """The points of a task's checks must add up to those of the task, wherever all of its file was collected."""
    marks = [mark_of(check) for check in checks]
    for task in catalogue.tasks:
        found = [(points, bonus) for marked, points, bonus in marks if marked == task]
        whole_files = all("::" not in argument for argument in checks[0].config.args) if checks else False
        if not found or not whole_files:
            continue
        for kind, wanted in ((False, task.points), (True, task.bonus)):
            total = sum(points for points, bonus in found if bonus is kind)
            if total != wanted:
                name = "bonus points" if kind else "points"
                raise pytest.UsageError(f"The checks of task {task.id} have {total} {name}, course.toml says {wanted}.")


@pytest.fixture(scope="session")
def staged_submission(pytestconfig: pytest.Config) -> Iterator[Path]:
    """The submission that is graded, prepared in a folder of its own."""
    from course.submission.stage import content_of, stage

    chosen = pytestconfig.getoption("--submission") or pytestconfig.getini("submission")
    if not chosen:
        raise pytest.UsageError("Which submission? Give --submission DIR, a folder that holds lib/.")
    try:
        submission = open_submission(pytestconfig.rootpath / chosen)
    except CourseError as error:
        raise pytest.UsageError(str(error)) from None
    with tempfile.TemporaryDirectory(prefix="submission-") as name:
        pytestconfig.stash[NOTES] = stage(submission, Path(name))
        pytestconfig.stash[CONTENT] = content_of(Path(name))
        yield Path(name)


NOTES = pytest.StashKey[list[str]]()
CONTENT = pytest.StashKey[str]()


@pytest.fixture(scope="session")
def zygote(pytestconfig: pytest.Config) -> Iterator[Any]:
    """The process from which workers are forked: that of the whole run, or one of this session's own."""
    from course.grading.launch import shared_zygote

    with shared_zygote(pytestconfig.getoption("--sandbox")) as running:
        yield running
        running.rest()


@pytest.fixture(scope="session")
def seen() -> dict:
    """What one check finds out about the submission's networks, and another one asks as well."""
    return {}


@pytest.fixture
def student(request: pytest.FixtureRequest, staged_submission: Path, seen: dict) -> Iterator[Any]:
    """The student's code, in a worker that no other check has left a trace in."""
    from course.grading.student import Student
    from course.grading.worker import LocalWorker

    task, _, _ = mark_of(request.node)
    device = request.config.getoption("--device")
    if request.config.getoption("--in-process"):
        worker = LocalWorker(staged_submission)
        yield Student(worker, task, device, seen)
        worker.close()
    else:
        zygote = request.getfixturevalue("zygote")
        worker = zygote.lend(staged_submission)
        yield Student(worker, task, device, seen)
        zygote.take_back(worker)


@pytest.fixture
def oracle(request: pytest.FixtureRequest) -> Any:
    """What is to be expected: computed where the solutions are, in a student's copy looked up."""
    from course.grading.oracles import oracle_for

    return oracle_for(request.config.getoption("--seed"), mark_of(request.node)[0])


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Put the verdict on a check's report, and a short text in place of the traceback."""
    outcome = yield
    report = outcome.get_result()
    if mark_of(item) is None or call.excinfo is None:
        return
    verdict, message, diagnosis = verdict_of(call.excinfo.value)
    if verdict != "grader_error" or isinstance(call.excinfo.value, CourseError):
        report.longrepr = "\n".join(filter(None, [sentence_of(item), message, diagnosis and diagnosis.sentence]))


def verdict_of(error: BaseException | None) -> tuple[str, str, Diagnosis | None]:
    """Return verdict, message and diagnosis of a check that ended with this exception, or without one.

    Whatever is not the student's doing is a grader error: only a check that ran to its end is passed. The message may
    hold text of the student's, and is made harmless.
    """
    if error is None:
        return "passed", "", None
    if isinstance(error, NotAttempted):
        return "not_attempted", harmless(str(error)), None
    if isinstance(error, CheckFailed):
        return "failed", harmless(error.message), error.diagnosis
    name = "" if isinstance(error, CourseError) else f"{type(error).__name__}: "
    return "grader_error", harmless(f"{name}{error}"), None


def sentence_of(item: pytest.Item) -> str:
    """Return the sentence of a check: its docstring on one line."""
    return " ".join((item.function.__doc__ or item.name).split())


class Recorder:
    """Collects what becomes of each check in one run. Give it to `pytest.main(plugins=[...])`.

    Args:
        done: called with the points of each check that has ended, whatever its verdict.
    """

    def __init__(self, done: Callable[[float], None]) -> None:
        self.done = done
        self.checks: list[dict[str, Any]] = []
        self.diagnoses: dict[str, Diagnosis] = {}
        self.seconds: dict[str, float] = {}
        self.notes: list[str] = []
        self.content = ""
        self.files: dict[str, bytes] = {}

    def pytest_configure(self, config: pytest.Config) -> None:
        """Spare pytest its own account of a failure, which nobody reads and which takes longer than the check."""
        config.option.tbstyle = "value"

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Time a check."""
        start = time.monotonic()
        yield
        marked = mark_of(item)
        if marked:
            task_id = marked[0].id
            self.seconds[task_id] = self.seconds.get(task_id, 0.0) + time.monotonic() - start
            self.done(marked[1])

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
        """Note a check's verdict: that of its call, or that of a set-up that failed."""
        yield
        marked = mark_of(item)
        if marked is None or not (call.when == "call" or call.excinfo):
            return
        task, points, bonus = marked
        verdict, message, diagnosis = verdict_of(call.excinfo.value if call.excinfo else None)
        self.checks.append(
            {
                "task": task.id,
                "name": item.name,
                "sentence": sentence_of(item),
                "verdict": verdict,
                "message": message,
                "points": points if verdict == "passed" else 0,
                "max_points": points,
                "bonus": bonus,
            }
        )
        if student := item.funcargs.get("student"):
            if verdict == "passed":
                self.checks[-1]["message"] = " ".join(student.hints)
            self.checks[-1]["evidence"], files = student.evidence.record(f"{task.id}/{item.name}")
            self.files |= files
        if diagnosis:
            self.diagnoses.setdefault(task.id, diagnosis)

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Keep the notes about the submission, and the hash of what was graded."""
        self.notes = session.config.stash.get(NOTES, [])
        self.content = session.config.stash.get(CONTENT, "")
