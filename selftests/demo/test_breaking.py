"""Known mistakes: the difference that is shown, the training, and the diagnosis by the real graders."""

import pytest

from course.catalogue import load
from course.demo import breaking, live
from course.demo.breaking import Grader
from course.demo.desk import Desk
from course.demo.live import Duel, Plan
from course.demo.sources import REFERENCE, House
from course.grading.bank import load_bank
from course.paths import ROOT


@pytest.fixture(scope="module")
def house():
    found = House(ROOT / "examples" / "submissions" / "perfect", "none")
    yield found
    found.close()


def entry(task, name):
    return next(a for a in load_bank() if (a.task, a.name, a.verdict) == (task, name, "mistake"))


def test_every_task_with_mistakes_is_offered_and_every_mistake_has_a_name_of_its_own():
    offered = breaking.tasks()
    assert {task.id for task in offered.values()} == {a.task for a in load_bank() if a.verdict == "mistake"}
    for task in offered.values():
        answers = [a for a in load_bank() if a.task == task.id and a.verdict == "mistake"]
        assert len(breaking.mistakes(task)) == len(answers), task.id


def test_a_mistake_gets_its_own_diagnosis_from_the_real_graders(house):
    answer = entry("2.1", "factor-two-missing")
    desk = Desk(House())
    try:
        desk.grade(load().task("2.1"), answer, REFERENCE)
        result = desk.graded.result(120)
        assert (result.id, result.verdict) == ("2.1", "failed")
        assert result.diagnosis.name == answer.name and result.diagnosis.sentence == answer.sentence
        right = desk.grader.start(house.sources[house.names[1]], load().task("2.1")).result(120)
        assert right.verdict == "passed" and right.points == right.max_points
    finally:
        desk.close()


def test_the_grader_starts_again_after_its_process_died(house):
    grader = Grader()
    try:
        pool = grader._running()
        with pytest.raises(Exception):  # noqa: B017 - how a pool breaks is its own business
            pool.submit(__import__("os")._exit, 1).result(60)
        result = grader.start(house.sources[house.names[1]], load().task("2.5")).result(120)
        assert result.verdict == "passed"
    finally:
        grader.close()


def test_what_can_be_trained_is_said():
    assert breaking.trains(entry("3.1", breaking.mistakes(load().task("3.1")).popitem()[1].name))
    assert breaking.trains(entry("2.1", "sigmoid-forgotten"))
    assert not any(breaking.trains(a) for a in load_bank() if a.task in ("1.1", "6.1", "7.1", "7.2"))


@pytest.fixture(scope="module")
def duel():
    found = Duel()
    yield found
    found.close()


def wait(duel):
    for training in duel._running:
        assert training.join(120)
    return duel.status()


def test_two_trainings_keep_step_and_learn(house, duel):
    reference = house.sources[REFERENCE]
    plans = [Plan(reference, network, "Cross-entropy", "cells", 0) for network in ("EncDec", "UNet")]
    duel.start(plans, most_steps=40)
    left, right = wait(duel)
    assert (left.phase, right.phase) == ("ended", "ended"), (left.message, right.message)
    assert [p.step for p in left.points] == [p.step for p in right.points] == list(range(5, 45, 5))
    assert right.points[-1].loss < 0.7 * right.points[0].loss
    assert right.soft.shape == (live.SHOWN, 128, 128) and right.soft.max() > 127


def test_the_same_seed_gives_the_same_training_and_another_one_another(house, duel):
    reference = house.sources[REFERENCE]
    losses = []
    for seed in (0, 0, 1):
        duel.start([Plan(reference, "EncDec", "Dice", "1 % foreground", seed)], most_steps=5)
        (status,) = wait(duel)
        losses.append(status.points[-1].loss)
    assert losses[0] == losses[1] != losses[2]


def test_a_mistake_in_a_loss_shows_in_the_training(house, duel):
    plans = breaking.plans(entry("1.2", "sign-turned"), house, house.sources[REFERENCE])
    duel.start(plans, most_steps=15)
    right, wrong = wait(duel)
    assert wrong.points[-1].loss < 0 < right.points[-1].loss


def test_code_that_cannot_be_trained_is_a_sentence_and_the_other_goes_on(house, duel, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "losses.py").write_text("class BCELoss:\n    def __call__(self, a, b):\n        return 0.5\n")
    (tmp_path / "lib" / "model").mkdir()
    (tmp_path / "lib" / "model" / "UNetModel.py").write_text(
        (ROOT / "solutions" / "model" / "UNetModel.py").read_text("utf-8")
    )
    own = House(tmp_path, "none")
    try:
        plans = [
            Plan(own.sources[own.names[1]], "UNet", "Cross-entropy", "cells", 0),
            Plan(own.sources[own.names[1]], "EncDec", "Cross-entropy", "cells", 0),
        ]
        duel.start([plans[0], Plan(house.sources[REFERENCE], "EncDec", "Dice", "cells", 0)], most_steps=10)
        left, right = wait(duel)
        assert left.phase == "failed" and "loss returns float" in left.message
        assert right.phase == "ended" and right.steps == 10
        duel.start(plans[1:], most_steps=5)
        (missing,) = wait(duel)
        assert missing.phase == "failed" and "EncDecModel.py is not in the submission" in missing.message
    finally:
        own.close()


def test_a_pause_holds_and_a_stop_ends(house, duel):
    import time

    duel.start([Plan(house.sources[REFERENCE], "EncDec", "Cross-entropy", "cells", 0)])
    while duel.status()[0].steps < 5:
        time.sleep(0.05)
    duel.pause(True)
    time.sleep(1.5)  # the round that was under way
    (before,) = duel.status()
    time.sleep(0.5)
    (after,) = duel.status()
    assert before.phase == after.phase == "paused" and before.steps == after.steps
    duel.pause(False)
    while duel.status()[0].steps == before.steps:
        time.sleep(0.05)
    duel.stop()
    assert wait(duel)[0].phase == "ended"


def test_blur_is_the_width_of_the_unsure_border():
    import numpy as np

    truth = np.zeros((1, 1, 64, 64), np.float32)
    truth[..., 32:] = 1
    hard = np.where(truth > 0, 255, 0).astype(np.uint8)
    assert live.blur(hard, truth) == 0
    soft = hard.copy()
    soft[..., 30:34] = 128
    assert live.blur(soft, truth) == pytest.approx(4)
    assert np.isnan(live.blur(hard, np.zeros_like(truth)))
