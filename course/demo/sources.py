"""Whose code the demo runs: the reference's, or a student's in the sandbox."""

import contextlib
import importlib
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

from course.catalogue import Task, load
from course.errors import CourseError
from course.grading.launch import Zygote
from course.grading.outcomes import CheckFailed
from course.grading.replies import Reply, RoundReply, array_of
from course.grading.returned import Evaluation
from course.grading.student import Student
from course.paths import ROOT
from course.report.text import harmless_line
from course.sandbox.interface import choose
from course.submission.find import Submission, find_submissions
from course.submission.stage import stage
from course.worker.protocol import Arrays

REFERENCE = "the reference"
PATIENCE = 15.0  # seconds for one call of a student's loss: a lecture cannot wait for a loop without end
TRAINING_PATIENCE = 120.0  # seconds for a round of some steps

# A zygote tests its sandbox with a secret in this process's environment, which two at once would take from each other.
_STARTING = threading.Lock()


@dataclass(frozen=True)
class Source:
    """Code in a folder that holds `lib/`.

    Attributes:
        name: what it is called on the page.
        root: the folder.
        sandbox: around what runs it.
        submission: as the graders open it.
    """

    name: str
    root: Path
    sandbox: str
    submission: Submission


class House:
    """All code that the demo may run, staged in folders of its own.

    Args:
        students: a submission, or a folder of them; None: the reference alone.
        sandbox: the sandbox for students' code, as `course grade` names it.

    Raises:
        CourseError: there are no submissions, or no sandbox works here.
    """

    def __init__(self, students: Path | None = None, sandbox: str = "auto") -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="demo-")
        self.folder = Path(self._folder.name)
        root = self.folder / "reference"
        shutil.copytree(ROOT / "solutions", root / "lib", ignore=shutil.ignore_patterns("__pycache__"))
        self.sources = {REFERENCE: Source(REFERENCE, root, "none", Submission("reference", root))}
        self.notes: dict[str, list[str]] = {}
        if students is not None:
            self._stage(find_submissions([students]), choose(sandbox).name)
            if len(self.sources) == 1:
                raise CourseError(f"There is no submission in {students}: each is a folder or archive that holds lib/.")

    def _stage(self, submissions: list[Submission], sandbox: str) -> None:
        for number, submission in enumerate(submissions):
            root = self.folder / f"student{number}"
            root.mkdir()
            name = harmless_line(submission.name, 40)
            self.notes[name] = stage(submission, root)
            self.sources[name] = Source(name, root, sandbox, submission)

    @property
    def names(self) -> list[str]:
        """The names of all sources, the reference first."""
        return list(self.sources)

    def made(self, name: str, make: Callable[[Path], object]) -> Source:
        """Return a source of the course's own making, say a known mistake: `make` writes it into an empty folder."""
        root = Path(tempfile.mkdtemp(prefix="made-", dir=self.folder))
        make(root)
        return Source(name, root, "none", Submission(name, root))

    def close(self) -> None:
        """Remove the folders."""
        self._folder.cleanup()


class Lane:
    """Runs one thing at a time: each lane has a zygote of its own, so that no lane waits for another.

    A zygote is started when it is first needed, one for each sandbox.
    """

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._zygotes: dict[str, Zygote] = {}
        self._closed = False

    def student(self, source: Source, task: Task) -> "Caller":
        """Return a caller of a source's code, in a new worker."""
        with self.lock:
            return Caller(self._zygote(source.sandbox).spawn(source.root), task, "cpu")

    def warm(self) -> None:
        """Start what trusted code is forked from."""
        with self.lock:
            self._zygote("none")

    def _zygote(self, sandbox: str) -> Zygote:
        if self._closed:
            raise CourseError("The demo is being closed.")
        if sandbox not in self._zygotes:
            with _STARTING:
                self._zygotes[sandbox] = Zygote(choose(sandbox))
        return self._zygotes[sandbox]

    def close(self) -> None:
        """End the zygotes, and with them what they started."""
        with self.lock:
            self._closed = True
            for zygote in self._zygotes.values():
                with contextlib.suppress(OSError):
                    zygote.close()
            self._zygotes.clear()


class Caller(Student):
    """Calls a source's code as the graders do, but with less patience and on other tasks too."""

    def about(self, task: Task) -> "Caller":
        """Turn to another task of the same submission."""
        self.task = task
        return self

    def _ask(self, kind: Any, header: dict[str, Any], arrays: Mapping[str, np.ndarray], timeout: Any = None) -> Any:
        return super()._ask(kind, header, arrays, timeout or PATIENCE)

    def begin(self, arrays: Arrays, **request: Any) -> None:
        """Begin to train the task's network: see `course.worker.fitting.Fit`."""
        self._ask(Reply, self._target(None) | {"operation": "fit"} | request, arrays, TRAINING_PATIENCE)

    def go_on(self, count: int, shape: tuple[int, ...]) -> tuple[float, np.ndarray]:
        """Train for some steps; return their mean loss, and the unseen images' probabilities, uint8 of `shape`."""
        request = {"operation": "fit_steps", "count": count}
        reply, arrays = self._ask(RoundReply, request, {}, TRAINING_PATIENCE)
        return reply.loss, array_of(arrays, "soft", "u", shape)

    def close(self) -> None:
        """End the worker."""
        self.worker.close()


def call(make: Callable, settings: Mapping[str, Any], inputs: Mapping[str, np.ndarray], gradient: bool) -> Evaluation:
    """Call trusted code in this process: what `Student.evaluate` does with a student's."""
    tensors = [torch.from_numpy(array) for array in inputs.values()]
    if gradient:
        tensors[0] = tensors[0].clone().requires_grad_(True)
    target = make(**settings) if isinstance(make, type) and issubclass(make, nn.Module) else make
    result = torch.as_tensor(target(*tensors))
    grad = torch.autograd.grad(result, tensors[0])[0].numpy() if gradient and result.requires_grad else None
    return Evaluation([result.detach().double().numpy()], ["tensor"], ["float64"], grad, [], [])


def symbol_of(task: Task, symbol: str) -> Callable:
    """Return the reference's class or function."""
    file = next(file for file, name in task.references if name == symbol)
    return getattr(importlib.import_module("solutions." + file.removesuffix(".py").replace("/", ".")), symbol)


class Measures:
    """Calls losses and metrics, of the reference here, of a student in a worker that stays between two strokes."""

    def __init__(self) -> None:
        self._lane = Lane()
        self._callers: dict[str, Caller] = {}

    def __call__(
        self,
        source: Source,
        task_id: str,
        symbol: str,
        settings: Mapping[str, Any],
        gradient: bool,
        **inputs: np.ndarray,
    ) -> Evaluation:
        """Call one symbol.

        Raises:
            CheckFailed: the student's code fails; NotAttempted: it is not written yet.
        """
        task = load().task(task_id)
        if source.name == REFERENCE:
            return call(symbol_of(task, symbol), settings, inputs, gradient)
        with self._lane.lock:
            caller = self._callers.get(source.name) or self._lane.student(source, task)
            self._callers[source.name] = caller
            try:
                return caller.about(task).evaluate(symbol=symbol, settings=settings, gradient=gradient, **inputs)
            except CheckFailed:
                self._callers.pop(source.name).close()  # the worker may be gone: the next call gets a new one
                raise

    def close(self) -> None:
        """End the workers."""
        self._lane.close()
