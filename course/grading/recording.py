"""Records what the known answers give for the public seed, for `RecordedOracle` in the students' copies.

The checks themselves say what there is to record: they are run on the reference with an oracle that writes down every
question they ask. Nothing of the answers' code gets into the recording; a gradient that is only compared is sketched.
"""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save

from answers.entry import Answer
from course.catalogue import Task
from course.errors import CourseError
from course.grading.bank import load_bank
from course.grading.compare import Case
from course.grading.expected import Expected
from course.grading.judging import Results, Values, turn, without_settings
from course.grading.oracle import LiveOracle
from course.grading.outcomes import Diagnosis
from course.grading.plugin import mark_of
from course.grading.recorded import FORMAT, HEADER, Recording, question
from course.grading.seeds import PUBLIC_SEED
from course.grading.sketch import SUMS, sketch
from course.grading.student import Student
from course.paths import ROOT

# In the place of what there is not.
NOTHING = Expected(np.nan, None, 0.0, 0.0)
# Requests of checks that train for minutes, and compare with nothing that is recorded.
TRAINING = {"fit", "run"}


def record(exercises: Sequence[str] = (), seed: int = PUBLIC_SEED) -> bytes:
    """Run the checks on the reference, and return the recording of what they asked: the content of its file.

    Args:
        exercises: ids; empty: all.
        seed: students get the public one; a hidden one is for graders that run where the solutions must not lie.

    Raises:
        CourseError: the reference fails a check, or a check breaks.
    """
    sentences = [(answer.task, answer.name, answer.sentence) for answer in _mistakes()]
    table = {"format": FORMAT, "mistakes": sentences, "questions": {}}
    recording = Recording(table, {})
    recorder = Recorder(recording, seed)
    options = ["--rootdir", str(ROOT), "-c", str(ROOT / "pyproject.toml"), "-o", "addopts="]
    options += ["-p", "course.grading.plugin", "--import-mode", "importlib", "-p", "no:terminal", "-p", "no:xdist"]
    options += ["-p", "no:cacheprovider", "--in-process", "--submission", str(ROOT / "solutions")]
    options += ["--tasks", ",".join(exercises), "--seed", str(seed)]
    status = pytest.main([str(ROOT / "tests"), *options], plugins=[recorder])
    if recorder.failed or not recording.table["questions"]:
        what = "; ".join(recorder.failed) or f"pytest ended with {status}"
        raise CourseError(f"The graders cannot be recorded while they do not pass on the solutions: {what}.")
    questions = dict(sorted(table["questions"].items()))
    header = json.dumps(table | {"questions": questions}, ensure_ascii=False, separators=(",", ":"))
    return save(recording.arrays, {HEADER: header})


def _mistakes() -> list[Answer]:
    return [answer for answer in load_bank() if answer.verdict == "mistake"]


class Unasked(Exception):  # noqa: N818
    """A check went on to train."""


class Recorder:
    """A plugin of pytest that gives every check an oracle which records, and no time for training."""

    def __init__(self, recording: Recording, seed: int) -> None:
        self.recording = recording
        self.seed = seed
        self.failed: list[str] = []

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Iterator[None]:
        """Run a check with our oracle; that it stops where it would train is no failure."""
        marked = mark_of(item)
        if marked and "oracle" in item.funcargs:
            item.funcargs["oracle"] = RecordingOracle(self.seed, marked[0], self.recording)
        if "student" in item.funcargs:
            _refuse_training(item.funcargs["student"])
        try:
            return (yield)
        except Unasked:
            return None

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
        """Note what failed."""
        if call.excinfo:
            self.failed.append(f"{item.name}: {call.excinfo.value}")
        return (yield)


def _refuse_training(student: Student) -> None:
    asked = student.worker.request

    def request(header: dict[str, Any], *rest: Any) -> Any:
        if header["operation"] in TRAINING:
            raise Unasked
        return asked(header, *rest)

    student.worker.request = request


class RecordingOracle(LiveOracle):
    """Judges nothing, but records what would be compared, in all the ways in which a student's code may be called."""

    def __init__(self, seed: int, task: Task, recording: Recording) -> None:
        super().__init__(seed, task)
        self.recording = recording

    def judge(
        self,
        student: Student,
        cases: Sequence[Case],
        *,
        symbol: str | None = None,
        gradient: bool = False,
        optional: Sequence[str] = (),
    ) -> None:
        """Record the right answers, the mistakes, and the right answers to what is turned round."""
        symbol = symbol or self.task.symbols[0]
        for count in range(len(optional) + 1):
            for lacking in itertools.combinations(optional, count):
                asked = without_settings(cases, lacking)
                self._write("right", symbol, asked, self.right(symbol, asked), gradient)
                self._write("wrong", symbol, asked, self.wrong(symbol, asked), gradient)
                if turned := turn(asked):
                    self._write("turned", symbol, turned, self.right_or_not_at_all(symbol, turned), False)

    def recogniser(
        self, symbol: str, asked: Case, compute: Callable[[Any], Sequence[Any]]
    ) -> Callable[[Results], Diagnosis | None]:
        """Record the arrays of the known mistakes."""
        results = self.results_of_mistakes(symbol, asked, compute)
        key = question("arrays", self.task.id, symbol, [asked])
        rows = [(_mistakes().index(answer), [array.shape for array in arrays]) for answer, arrays in results]
        numbers = [np.ravel(array) for _, arrays in results for array in arrays]
        self.recording.table["questions"][key] = rows
        self.recording.arrays[f"{key}.numbers"] = np.concatenate([*numbers, np.zeros(0)])
        return super().recogniser(symbol, asked, compute)

    def _write(self, kind: str, symbol: str, cases: Sequence[Case], known: Values, gradient: bool) -> None:
        key = question(kind, self.task.id, symbol, cases)
        rows = [expected for _, expected in known]
        arrays = _numbers(rows, len(cases), gradient)
        if any(want.none for row in rows for want in row):
            without = _numbers([[want.none or NOTHING for want in row] for row in rows], len(cases), gradient)
            arrays |= {f"none.{name}": array for name, array in without.items()}
        if kind == "right":
            first = enumerate(want.gradient for want in rows[0])
            # In full: what a property looks for, such as the sign, no sketch can tell.
            arrays |= {f"gradient.{n}": g.astype(np.float32) for n, g in first if g is not None}
        names = [_mistakes().index(answer) if kind == "wrong" else answer.name for answer, _ in known]
        self.recording.table["questions"][key] = names
        self.recording.arrays |= {f"{key}.{name}": array for name, array in arrays.items()}


def _numbers(rows: list[list[Expected]], cases: int, gradient: bool) -> dict[str, np.ndarray]:
    """Return what is recorded of answers: values, rounding errors, and sketches of gradients."""
    arrays = {"values": np.array([[want.value for want in row] for row in rows]).reshape(len(rows), cases)}
    errors = [[(want.value_error, want.gradient_error) for want in row] for row in rows]
    arrays["errors"] = np.array(errors, np.float32).reshape(len(rows), cases, 2)
    if gradient:
        sketches = [[want.gradient is not None and sketch(want.gradient) for want in row] for row in rows]
        arrays["largest"] = np.array([[s.largest if s else np.nan for s in row] for row in sketches])
        sums = [[s.sums if s else np.zeros(SUMS) for s in row] for row in sketches]
        arrays["sums"] = np.array(sums, np.float32)
    return arrays
