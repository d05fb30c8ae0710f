"""Grades one submission: runs the checks on it, and makes the results record."""

import hashlib
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version

import pytest

from course.catalogue import Task, load
from course.grading.plugin import Recorder
from course.grading.record import CheckResult, Diagnosis, Environment, Results, TaskResult, Verdict
from course.grading.seeds import PUBLIC_SEED, HiddenSeeds
from course.paths import ROOT
from course.sandbox.interface import DEFAULT, choose
from course.submission.find import Submission
from course.worker.threads import one_thread


@dataclass(frozen=True)
class Settings:
    """What a grading run is done with.

    Attributes:
        seed: draws all inputs; or the hidden seeds, of which each submission gets the one that it is to get.
        device: "cpu", "cuda" or "mps".
        tasks: ids of tasks or exercises; empty: all.
        sandbox: "auto", "bubblewrap", "namespaces" or "none".
        in_process: run the code in this process, where a debugger can stop in it: one's own code only.
    """

    seed: int | HiddenSeeds = PUBLIC_SEED
    device: str = "cpu"
    tasks: tuple[str, ...] = ()
    sandbox: str = DEFAULT
    in_process: bool = False


def grade(submission: Submission, settings: Settings, done: Callable[[float], None] = lambda points: None) -> Results:
    """Run all checks on a submission.

    Args:
        done: called with the points of each check that has ended, to show progress.
    """
    recorder = Recorder(done)
    seed = settings.seed.of(submission.name) if isinstance(settings.seed, HiddenSeeds) else settings.seed
    arguments = [str(ROOT / "tests"), "--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml")]
    # The project's own options are for its developers, and those of the environment for whoever set them: say here
    # what grading needs, and nothing else.
    for variable in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(variable, None)
    arguments += ["-o", "addopts=", "-p", "course.grading.plugin", "--import-mode", "importlib"]
    arguments += ["-p", "no:terminal", "-p", "no:cacheprovider", "-p", "no:faulthandler"]
    # These cost more than most checks: reading what all installed packages bring for pytest, handlers for logs around
    # each check, and collecting garbage five times when a run ends.
    arguments += ["--disable-plugin-autoload", "-p", "no:logging", "-p", "no:unraisableexception"]
    arguments += ["--submission", submission.address, "--seed", str(seed), "--device", settings.device]
    arguments += ["--sandbox", settings.sandbox]
    if settings.in_process:
        # pytest would take the terminal away from the debugger, and put its own in its place.
        arguments += ["--in-process", "--capture=no", "-p", "no:debugging"]
    with one_thread():
        pytest.main([*arguments, "--tasks", ",".join(settings.tasks)], plugins=[recorder])
    tasks = [_task_result(task, recorder) for task in load().select(list(settings.tasks))]
    return Results(
        submission=submission.name,
        points=sum(task.points for task in tasks),
        max_points=sum(task.max_points for task in tasks),
        notes=recorder.notes,
        content=recorder.content,
        environment=environment(settings),
        tasks=tasks,
        files=recorder.files,
    )


def _task_result(task: Task, recorder: Recorder) -> TaskResult:
    """Add up the checks of a task."""
    checks = [
        CheckResult(**{key: value for key, value in check.items() if key != "task"})
        for check in recorder.checks
        if check["task"] == task.id
    ]
    verdict = _verdict([check.verdict for check in checks if not check.bonus])
    counted = [check for check in checks if not check.bonus]
    wrong = [check for check in counted if check.verdict == verdict]
    # A task of which a part is right and a part is not written has failed, though none of its checks has.
    wrong = wrong or [check for check in counted if check.verdict != "passed"]
    diagnosis = recorder.diagnoses.get(task.id)
    return TaskResult(
        id=task.id,
        symbol=", ".join(symbol for _, symbol in task.references) or ", ".join(task.scripts),
        points=sum(check.points for check in checks),
        max_points=task.points,
        verdict=verdict,
        message=wrong[0].message if wrong else "No check ran: this is a fault of the graders.",
        diagnosis=Diagnosis(name=diagnosis.name, sentence=diagnosis.sentence) if diagnosis else None,
        seconds=round(recorder.seconds.get(task.id, 0.0), 3),
        checks=checks,
    )


def _verdict(verdicts: list[Verdict]) -> Verdict:
    """Return the verdict on a task from those on its checks. No check at all is never a pass."""
    if not verdicts or "grader_error" in verdicts:
        return "grader_error"
    for same in ("passed", "not_attempted"):
        if all(verdict == same for verdict in verdicts):
            return same
    return "failed"


def environment(settings: Settings) -> Environment:
    """Return what the verdicts are reached with."""
    return Environment(
        course=version("segmentation-course"),
        graders=graders_hash(),
        python=platform.python_version(),
        torch=version("torch"),
        torchvision=version("torchvision"),
        device=settings.device,
        seed=settings.seed.name if isinstance(settings.seed, HiddenSeeds) else settings.seed,
        sandbox=choose(settings.sandbox).name,
    )


@cache
def graders_hash() -> str:
    """Return a hash of everything that decides a verdict: two runs with the same hash and seed agree."""
    digest = hashlib.sha256()
    paths = [ROOT / "course.toml"]
    for folder in ("tests", "solutions", "answers", "course/grading", "course/worker"):
        paths += sorted((ROOT / folder).rglob("*.py"))
    for path in paths:
        digest.update(path.relative_to(ROOT).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]
