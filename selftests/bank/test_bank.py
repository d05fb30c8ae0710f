"""The answer bank against the graders: what is right earns the points, what is wrong fails and is named.

Every entry becomes a submission, the solutions with one symbol replaced, and is graded like any other. Tasks that train
a network need minutes for each entry, and are tested elsewhere.
"""

import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from answers.entry import Answer
from course.catalogue import Task, load
from course.grading.bank import load_bank, submit
from course.grading.launch import shared_zygote
from course.grading.record import TaskResult
from course.grading.run import Settings, grade
from course.paths import ROOT
from course.submission.find import open_submission

TASKS = [task for task in load().tasks if task.symbols and not task.needs]
ENTRIES = [answer for answer in load_bank() if load().task(answer.task) in TASKS]
MISTAKES_WANTED = 12


def name_of(value: Answer | Task) -> str:
    return f"{value.task} {value.symbol} {value.name}" if isinstance(value, Answer) else value.id


@pytest.fixture(scope="module", autouse=True)
def zygote() -> Iterator[None]:
    """Import torch once for all submissions."""
    with shared_zygote():
        yield


def grade_tasks(folder: Path, *ids: str) -> dict[str, TaskResult]:
    results = grade(open_submission(folder), Settings(tasks=ids))
    return {task.id: task for task in results.tasks}


def points_without_bonus(result: TaskResult) -> float:
    return sum(check.points for check in result.checks if not check.bonus)


def report(result: TaskResult) -> str:
    """What a failing test shows: each check that did not pass, and why."""
    lines = [f"{check.name}: {check.verdict}: {check.message}" for check in result.checks if check.verdict != "passed"]
    return "\n".join([f"{result.verdict}, {result.points} points, diagnosis {result.diagnosis}", *lines])


@pytest.mark.parametrize("answer", ENTRIES, ids=name_of)
def test_an_entry_gets_the_verdict_of_the_bank(answer: Answer, tmp_path: Path) -> None:
    result = grade_tasks(submit(answer, tmp_path / "submission", load()), answer.task)[answer.task]
    if answer.verdict == "accepted":
        assert points_without_bonus(result) == result.max_points, report(result)
    else:
        assert points_without_bonus(result) < result.max_points, report(result)
        assert result.verdict == "failed", report(result)
        assert result.diagnosis is not None and result.diagnosis.name == answer.name, report(result)


@pytest.fixture(scope="module")
def of_stubs() -> dict[str, TaskResult]:
    return grade_tasks(ROOT / "lib", *[task.id for task in TASKS])


@pytest.fixture(scope="module")
def of_solutions() -> dict[str, TaskResult]:
    return grade_tasks(ROOT / "solutions", *[task.id for task in TASKS])


@pytest.mark.parametrize("task", TASKS, ids=name_of)
def test_a_stub_is_not_attempted(task: Task, of_stubs: dict[str, TaskResult]) -> None:
    result = of_stubs[task.id]
    assert (result.verdict, result.points) == ("not_attempted", 0), report(result)


@pytest.mark.parametrize("task", TASKS, ids=name_of)
def test_the_reference_gets_all_points(task: Task, of_solutions: dict[str, TaskResult]) -> None:
    result = of_solutions[task.id]
    assert (result.verdict, result.points) == ("passed", task.points + task.bonus), report(result)


@pytest.mark.parametrize("task", TASKS, ids=name_of)
def test_a_task_has_known_mistakes(task: Task) -> None:
    mistakes = [answer.name for answer in ENTRIES if answer.task == task.id and answer.verdict == "mistake"]
    assert len(mistakes) >= MISTAKES_WANTED, f"Task {task.id} has {len(mistakes)} known mistakes: {mistakes}"


def test_a_name_is_used_once_for_a_symbol() -> None:
    counts = Counter((answer.task, answer.symbol, answer.name) for answer in load_bank())
    assert [key for key, count in counts.items() if count > 1] == []


def test_sentences_are_sentences() -> None:
    wrong = [name_of(answer) for answer in load_bank() if not answer.sentence.strip().endswith((".", "?", ".)"))]
    assert wrong == []


def test_an_entry_stands_in_the_place_of_its_symbol() -> None:
    answer = next(answer for answer in load_bank() if answer.name == "sheet-per-image")
    with tempfile.TemporaryDirectory() as folder:
        text = (submit(answer, Path(folder) / "submission", load()) / "lib" / "losses.py").read_text(encoding="utf-8")
    assert text.count("class DiceLoss(") == 1
    assert "@accepted" not in text and "answers" not in text
