"""What an instructor decides: which definitions earn the points. And what is right but fragile costs none."""

from pathlib import Path

import pytest

from answers.entry import Answer
from course.catalogue import load
from course.grading.bank import load_bank, submit
from course.grading.launch import shared_zygote
from course.grading.oracle import LiveOracle
from course.grading.outcomes import CheckFailed
from course.grading.run import Settings, grade
from course.grading.student import Student
from course.grading.worker import LocalWorker
from course.submission.find import open_submission
from tests.inputs import binary_cases


def entry(task: str, name: str) -> Answer:
    return next(answer for answer in load_bank() if (answer.task, answer.name) == (task, name))


def judge(answer: Answer, accept: list[str] | None, folder: Path) -> None:
    """Judge an answer as its task's check does, under a policy."""
    task = load().task(answer.task).model_copy(update={"accept": accept})
    oracle = LiveOracle(0, task)
    worker = LocalWorker(submit(answer, folder, load()))
    try:
        oracle.judge(Student(worker, task, "cpu"), binary_cases(oracle.generator("value")))
    finally:
        worker.close()


@pytest.mark.parametrize("name", ["sheet", "sums-eps", "both-classes", "squared-denominator"])
def test_every_legitimate_definition_earns_the_points_by_default(name: str, tmp_path: Path) -> None:
    judge(entry("2.1", name), None, tmp_path / "s")


def test_an_instructor_can_ask_for_one_definition(tmp_path: Path) -> None:
    with pytest.raises(CheckFailed, match="expected"):
        judge(entry("2.1", "sheet"), ["reference"], tmp_path / "s")


def test_an_instructor_can_name_those_that_are_accepted(tmp_path: Path) -> None:
    judge(entry("2.1", "sheet"), ["reference", "sheet"], tmp_path / "s")


def test_what_overflows_at_large_logits_costs_the_bonus_only_and_is_explained(tmp_path: Path) -> None:
    folder = submit(entry("1.2", "sheet-mean"), tmp_path / "s", load())
    with shared_zygote():
        (result,) = grade(open_submission(folder), Settings(tasks=("1.2",))).tasks
    bonus = [check for check in result.checks if check.bonus]
    assert sum(check.points for check in result.checks if not check.bonus) == result.max_points
    assert [check.points for check in bonus] == [0, 0]
    assert all("this costs the bonus only" in check.message for check in bonus)


def test_what_breaks_on_two_empty_masks_costs_nothing_and_is_explained(tmp_path: Path) -> None:
    folder = submit(entry("7.2", "crash-on-empty"), tmp_path / "s", load())
    with shared_zygote():
        (result,) = grade(open_submission(folder), Settings(tasks=("7.2",))).tasks
    assert result.points == result.max_points
    assert any(check.message.startswith("Right, but fragile") for check in result.checks)
