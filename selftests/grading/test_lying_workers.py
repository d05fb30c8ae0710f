"""A worker that answers garbage: what it says is a failed check, never a fault of the graders, and never a crash."""

import copy
import importlib
import json
import random
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from course.catalogue import load
from course.grading.launch import shared_zygote
from course.grading.oracle import LiveOracle
from course.grading.outcomes import CheckFailed
from course.grading.plugin import verdict_of
from course.grading.student import Student
from course.paths import ROOT

LIES = (None, True, False, "", "x" * 100_000, "\x1b[2J\ud800\u202e", -1, 0, 10**17, 2**70, 1e308)
LIES += (float("nan"), float("inf"), [], [[]] * 3, [None], {}, {"a": [1]}, [1, "2"], "not_attempted")
ROUNDS = 6
# These run a training: what they ask for is asked for in the tests of `fit` and `run` below.
LONG = ("learn", "test_masks_")


def lying(generator: random.Random, reply: tuple[dict, dict]) -> tuple[dict, dict]:
    """Return an answer in which something is not as it was."""
    header, arrays = copy.deepcopy(reply[0]), dict(reply[1])
    for _ in range(generator.choice([1, 1, 2, 4])):
        kind = generator.choice(["value", "value", "key", "array", "array", "array", "fault"])
        places = list(places_in(header))
        if kind == "value" and places:
            holder, key = generator.choice(places)
            holder[key] = copy.deepcopy(generator.choice(LIES))
        elif kind == "key" and header:
            del header[generator.choice(list(header))]
        elif kind == "array" and arrays:
            name = generator.choice(list(arrays))
            arrays[name] = other_array(generator, arrays[name])
            if arrays[name] is None:
                del arrays[name]
        elif kind == "fault" and generator.random() < 0.2:
            header["fault"] = copy.deepcopy(generator.choice([*LIES, {"kind": "error", "text": "x"}]))
    return header, arrays


def places_in(value):
    """Yield every place in an answer, however deep."""
    if isinstance(value, dict | list):
        for key in list(value) if isinstance(value, dict) else range(len(value)):
            yield value, key
            yield from places_in(value[key])


def other_array(generator: random.Random, array: np.ndarray) -> np.ndarray | None:
    """Return another array, or none."""
    with np.errstate(all="ignore"):
        return generator.choice(
            [
                lambda: None,
                lambda: np.full_like(array, np.nan) if array.dtype.kind == "f" else np.full_like(array, 99),
                lambda: np.full(array.shape, np.inf),
                lambda: np.full(array.shape, 1e308),
                lambda: array.astype(generator.choice([np.float64, np.float32, np.int8, np.uint64, np.bool_])),
                lambda: array.astype(np.complex64),
                lambda: array[None],
                lambda: array.reshape(-1),
                lambda: np.zeros((0, 10**9), array.dtype),
                lambda: np.zeros((), array.dtype),
                lambda: np.zeros((1,) * max(array.ndim, 1), array.dtype),
                lambda: np.zeros((2,) * 30, np.int8)[:0],
                lambda: -array if array.dtype.kind != "b" else ~array,
            ]
        )()


class Recorded:
    """A worker that gives the answers of an honest one, and keeps them for those that lie."""

    def __init__(self, worker):
        self.worker, self.replies = worker, []

    def request(self, header, arrays, timeout):
        reply = self.worker.request(header, arrays, timeout)
        self.replies.append((header["operation"], reply))
        return reply


class Lying:
    """A worker that gives recorded answers, some of them changed."""

    def __init__(self, replies, seed):
        self.replies, self.at, self.generator = replies, 0, random.Random(seed)

    def request(self, header, arrays, timeout):
        fitting = [reply for operation, reply in self.replies if operation == header["operation"]]
        operation, reply = self.replies[self.at % len(self.replies)]
        self.at += 1
        if operation != header["operation"]:
            reply = fitting[0] if fitting else ({}, {})
        lie = self.generator.random() < 0.6
        changed, values = lying(self.generator, reply) if lie else reply
        return json.loads(json.dumps(changed)), values


def checks() -> list[tuple[str, object, SimpleNamespace]]:
    """Return every check with the task that it belongs to."""
    found = []
    for path in sorted((ROOT / "tests").glob("test_*.py")):
        module = importlib.import_module(f"tests.{path.stem}")
        for name, value in vars(module).items():
            marks = [mark for mark in getattr(value, "pytestmark", []) if mark.name == "task"]
            if marks and not any(word in name for word in LONG):
                found.append((name, value, marks[0]))
    return found


@pytest.fixture(scope="module")
def zygote():
    with shared_zygote() as running:
        yield running


@pytest.fixture(scope="module")
def right(tmp_path_factory) -> Path:
    from course.submission.find import open_submission
    from course.submission.stage import stage

    folder = tmp_path_factory.mktemp("right")
    stage(open_submission(ROOT / "solutions"), folder)
    return folder


@pytest.mark.parametrize(("name", "check", "mark"), checks(), ids=[name for name, _, _ in checks()])
def test_no_lie_is_a_fault_of_the_graders(zygote, right, name, check, mark):
    task = load().task(mark.args[0])
    worker = zygote.spawn(right)
    recorded = Recorded(worker)
    check(Student(recorded, task, "cpu"), LiveOracle(0, task))
    worker.close()
    for seed in range(ROUNDS):
        student = Student(Lying(recorded.replies, f"{name} {seed}"), task, "cpu")
        try:
            check(student, LiveOracle(0, task))
        except Exception as error:
            verdict, message, _ = verdict_of(error)
            assert verdict in ("failed", "not_attempted"), f"seed {seed}: {type(error).__name__}: {error}"
            assert message


HONEST = {
    "fit": ({}, {}),
    "fit_steps": (
        {"loss": 0.5, "probabilities": False, "lowest": -1.0, "highest": 1.0},
        {"predictions": np.zeros((2, 1, 8, 8), np.uint8)},
    ),
    "run": ({"exit_code": 0, "output": "", "script": "train.py"}, {"cell_000": np.zeros((8, 8), np.uint8)}),
}


@pytest.mark.parametrize("seed", range(60))
def test_lies_about_training(seed):
    task = load().task("3.2")
    student = Student(Lying(list(HONEST.items()), seed), task, "cpu")
    arrays = {"images": np.zeros((2, 3, 8, 8), np.float32)}
    try:
        for trained in student.fit(arrays, rounds=[1, 1], seed=0, batch_size=2, learning_rate=1e-3):
            assert trained.predictions.dtype == np.uint8
            assert not trained.predictions.size or trained.predictions.max() <= 1
            assert isinstance(trained.loss, float | int)
    except CheckFailed:
        pass
    try:
        run = student.run([["train.py"]], {}, "masks", 1.0)
        assert all(mask.dtype.kind in "fiub" for mask in run.masks.values())
        assert isinstance(run.exit_code, int)
        (run.output + run.script + "".join(run.masks)).encode()
    except CheckFailed:
        pass


def test_what_a_worker_says_is_shown_harmlessly():
    class Rude:
        def request(self, header, arrays, timeout):
            return {"fault": {"kind": "error", "text": "\x1b[2J\ud800 gone\u202e" + "x" * 10_000}}, {}

    student = Student(Rude(), load().task("2.1"), "cpu")
    with pytest.raises(CheckFailed) as failed:
        student.evaluate(y_pred=np.zeros(1, np.float32))
    text = failed.value.message
    assert text.isprintable()
    assert len(text) < 3000
    text.encode()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_no_number_that_is_none_passes(value):
    task = load().task("2.1")
    got = {"values": [{"kind": "tensor", "dtype": "float32"}], "dropped": [], "modified": []}

    class Nan:
        def request(self, header, arrays, timeout):
            values = {}
            for number in range(len(header["settings"])):
                values[f"{number}.value0"] = np.array(value, np.float32)
                values[f"{number}.gradient"] = np.full_like(arrays[f"{number}.y_pred"], value)
            return {"calls": [got] * len(header["settings"])}, values

    from tests import test_ex02_losses as losses

    for check in (losses.test_dice_value, losses.test_dice_gradient):
        with pytest.raises(CheckFailed):
            check(Student(Nan(), task, "cpu"), LiveOracle(0, task))
