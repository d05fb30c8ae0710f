"""What students are told on their own machine, from a recording, is what they are told where marks are given."""

import importlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from answers.entry import Answer
from course.catalogue import Task, load
from course.grading.bank import load_bank, submit
from course.grading.judging import Oracle
from course.grading.oracle import LiveOracle
from course.grading.outcomes import CheckFailed
from course.grading.plugin import verdict_of
from course.grading.recorded import FORMAT, NotRecorded, RecordedOracle, Recording, read
from course.grading.recording import record
from course.grading.student import Student
from course.grading.worker import LocalWorker
from course.paths import ROOT

COMPARED = {"losses.py", "metrics.py"}
SYMBOLS = {(t.id, symbol) for t in load().tasks for file, symbol in t.references if file in COMPARED}
ENTRIES = [answer for answer in load_bank() if (answer.task, answer.symbol) in SYMBOLS]
MOST_BYTES = 3_000_000

# Ways to be wrong that no entry of the bank is: what is said about them comes from the values of the right answers.
DISTORTED = {
    "twice": "return 2 * right",
    "negative": "return -right",
    "detached": "return right.detach()",
    "other-gradient": "return right.detach() + (first - first.detach()).sum()",
    "constant": "return 0 * right + 0.25",
    "per-image": "return right * len(first)",
    "not-finite": "return right / 0",
    "a-little": "return right + 1e-3",
    "list": "return [right]",
    "map": "return right * torch.ones_like(first)",
}
DISTORTION = """

_right = {symbol}


def _distorted(first, *rest):
    right = _right()(first, *rest) if isinstance(_right, type) else _right(first, *rest)
    {body}


def {symbol}(y_pred, y_true):
    return _distorted({arguments})
"""
SWAPPED = ("swapped", "y_true, y_pred", "return right")


def checks_of(task: Task) -> Iterator[Callable]:
    for path in sorted((ROOT / "tests").glob(f"test_ex{int(task.exercise):02}_*.py")):
        for function in vars(importlib.import_module(f"tests.{path.stem}")).values():
            marks = [mark for mark in getattr(function, "pytestmark", []) if mark.name == "task"]
            if any(mark.args[0] == task.id for mark in marks):
                yield function


def said(folder: Path, task: Task, oracle: Oracle) -> list[tuple]:
    """Return what becomes of each check of a task: verdict, message, name and sentence of the diagnosis, hints."""
    outcomes = []
    for check in checks_of(task):
        student = Student(LocalWorker(folder), task, "cpu")
        error = None
        try:
            check(student, oracle)
        except Exception as raised:
            error = raised
        student.worker.close()
        outcomes.append((check.__name__, *verdict_of(error), tuple(student.hints)))
    return outcomes


def compare(folder: Path, task: Task, recorded: Path) -> list[tuple]:
    live = said(folder, task, LiveOracle(0, task))
    assert said(folder, task, RecordedOracle(0, task, recorded)) == live
    return live


@pytest.mark.parametrize("answer", ENTRIES, ids=lambda answer: f"{answer.task} {answer.symbol} {answer.name}")
def test_an_entry_of_the_bank_is_judged_alike(answer: Answer, recorded: Path, tmp_path: Path) -> None:
    folder = submit(answer, tmp_path / "submission", load())
    outcomes = compare(folder, load().task(answer.task), recorded)
    verdicts = {verdict for _, verdict, *_ in outcomes}
    assert "grader_error" not in verdicts, outcomes
    if answer.verdict == "mistake":
        assert answer.name in [diagnosis.name for _, _, _, diagnosis, _ in outcomes if diagnosis], outcomes


@pytest.mark.parametrize("task_id", ["1.2", "2.1", "2.2", "2.3", "2.4"])
@pytest.mark.parametrize("name", [*DISTORTED, SWAPPED[0]])
def test_what_is_wrong_in_no_known_way_is_judged_alike(
    name: str, task_id: str, recorded: Path, submission: Callable[..., Path]
) -> None:
    task = load().task(task_id)
    arguments, body = SWAPPED[1:] if name == SWAPPED[0] else ("y_pred, y_true", DISTORTED[name])
    text = (ROOT / "solutions" / "losses.py").read_text(encoding="utf-8")
    text += DISTORTION.format(symbol=task.symbols[0], arguments=arguments, body=body)
    outcomes = compare(submission({"losses.py": text}), task, recorded)
    assert {verdict for _, verdict, *_ in outcomes} > {"failed"} or {v for _, v, *_ in outcomes} == {"failed"}


def test_every_mistake_can_be_named(recorded: Path) -> None:
    for answer in load_bank():
        if answer.verdict == "mistake":
            task = load().task(answer.task)
            live = LiveOracle(0, task).diagnosis(answer.name)
            assert RecordedOracle(0, task, recorded).diagnosis(answer.name) == live


def test_both_oracles_have_whatever_the_checks_ask_of_them(recorded: Path) -> None:
    oracle = RecordedOracle(0, load().tasks[0], recorded)
    asked = {
        name for path in (ROOT / "tests").glob("*.py") for name in re.findall(r"\boracle\.(\w+)", path.read_text())
    }
    assert "judge" in asked
    assert [name for name in sorted(asked) if not hasattr(oracle, name)] == []


def test_another_seed_is_refused_in_words(recorded: Path, submission: Callable[..., Path]) -> None:
    task = load().task("2.1")
    for _, verdict, message, *_ in said(submission(), task, RecordedOracle(7, task, recorded)):
        assert verdict == "grader_error"
        assert message.startswith("What this check expects is recorded for the seed 0 and not for 7")


def test_other_inputs_are_refused_in_words(recorded: Path, submission: Callable[..., Path]) -> None:
    task = load().task("2.1")
    oracle = RecordedOracle(0, task, recorded)
    oracle.generator = lambda name: LiveOracle(0, task).generator(name + "!")
    for _, verdict, message, *_ in said(submission(), task, oracle):
        assert verdict == "grader_error"
        assert message.startswith("What is to be expected of DiceLoss is not recorded for these inputs.")
    with pytest.raises(NotRecorded, match="No mistake called nonsense"):
        oracle.diagnosis("nonsense")


def test_a_recording_that_is_missing_or_broken_is_said(tmp_path: Path) -> None:
    from course.errors import CourseError

    path = tmp_path / "recorded.safetensors"
    with pytest.raises(CourseError, match="is missing"):
        read(path)
    path.write_bytes(b"not a recording")
    with pytest.raises(CourseError, match="cannot be read"):
        read(path)


def test_the_policy_reaches_the_recording(recorded: Path) -> None:
    """Every accepted answer of the losses is recorded; none that the catalogue does not accept."""
    table = read(recorded).table
    names = {name for rows in table["questions"].values() for name in rows if isinstance(name, str)}
    assert "reference" in names
    assert {a.name for a in ENTRIES if a.verdict == "accepted" and a.symbol == "DiceLoss"} <= names


def strings_of(value: object) -> set[str]:
    if isinstance(value, dict):
        return set().union(*(strings_of(part) for part in value.values()))
    if isinstance(value, list):
        return set().union(*(strings_of(part) for part in value))
    return {value} if isinstance(value, str) else set()


def test_the_recording_is_small_and_holds_names_and_sentences_only(recorded: Path) -> None:
    assert recorded.stat().st_size < MOST_BYTES
    mistakes = [answer for answer in load_bank() if answer.verdict == "mistake"]
    known = {text for answer in mistakes for text in (answer.task, answer.name, answer.sentence)}
    known |= {answer.name for answer in ENTRIES} | {"reference", FORMAT}
    assert strings_of(read(recorded).table) <= known


def test_a_recording_is_the_same_again_and_can_be_of_some_exercises(recorded: Path, tmp_path: Path) -> None:
    path = tmp_path / "part.safetensors"
    path.write_bytes(record(["7"]))
    assert path.read_bytes() == record(["7"])
    part, whole = read(path).table["questions"], read(recorded).table["questions"]
    assert part and part.items() <= whole.items() and len(part) < len(whole)


def test_a_student_must_fail_somewhere(recorded: Path, submission: Callable[..., Path]) -> None:
    """The comparison above can fail: with another recording's numbers a right answer is not right."""
    task = load().task("2.1")
    oracle = RecordedOracle(0, task, recorded)
    arrays = {name: a + 1e-3 if name.endswith("values") else a for name, a in read(recorded).arrays.items()}
    oracle.recording = Recording(oracle.recording.table, arrays)
    outcomes = said(submission(), task, oracle)
    assert {verdict for _, verdict, *_ in outcomes} == {"failed"}
    worker = LocalWorker(submission(name="again"))
    with pytest.raises(CheckFailed):
        next(checks_of(task))(Student(worker, task, "cpu"), oracle)
    worker.close()
