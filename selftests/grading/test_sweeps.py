"""The loss as a function of one logit: only where the value is wrong, beside what the formula says."""

import numpy as np
import pytest

from course.grading.run import Settings, grade
from course.grading.sweeps import HELD, LOGITS
from course.paths import ROOT
from course.submission.find import open_submission

RIGHT = (ROOT / "solutions" / "losses.py").read_text()
NEGATED = """

class {name}(nn.Module):
    def __init__(self, *args, **settings):
        super().__init__()
        self.inner = {parent}(*args, **settings)

    def forward(self, y_pred, y_true):
        return {wrong}
"""
DIES = """import os
        if y_pred.shape[-1] == 4:
            os._exit(0)
        return 2 * self.inner(y_pred, y_true)"""


def curves_of(folder, losses: str, task: str) -> dict[str, dict]:
    """Grade a task with these losses; return the curves of its first check that keeps any."""
    (folder / "lib").mkdir()
    (folder / "lib" / "losses.py").write_text(losses)
    results = grade(open_submission(folder), Settings(seed=5, tasks=(task,), sandbox="none"))
    assert "grader_error" not in {check.verdict for check in results.tasks[0].checks}
    kept = [check.evidence for check in results.tasks[0].checks if check.evidence]
    return {curve.name: curve for curve in kept[0].curves} if kept else {}


def wrong(symbol: str, wrong: str) -> str:
    """Return the reference's losses with one in whose place a wrong one stands that calls it."""
    return RIGHT.replace(f"class {symbol}(", "class Right(") + NEGATED.format(name=symbol, parent="Right", wrong=wrong)


def softplus(logits):
    return np.log1p(np.exp(logits))


def test_a_right_loss_leaves_no_curve(tmp_path):
    assert curves_of(tmp_path, RIGHT, "1.2") == {}


def test_a_gradient_that_is_wrong_leaves_no_curve(tmp_path):
    assert curves_of(tmp_path, wrong("BCELoss", "self.inner(y_pred, y_true).detach()"), "1.2") == {}


def test_cross_entropy_beside_its_formula(tmp_path):
    curves = curves_of(tmp_path, wrong("BCELoss", "-self.inner(y_pred, y_true)"), "1.2")
    assert set(curves) == {"loss, the foreground pixels", "loss, the background pixels"}
    held = softplus(-HELD)
    for name, sign in (("loss, the foreground pixels", -1), ("loss, the background pixels", 1)):
        assert curves[name].lines["expected"] == pytest.approx((softplus(sign * LOGITS) + held) / 2, rel=1e-4)
        assert curves[name].lines["yours"] == pytest.approx(-(softplus(sign * LOGITS) + held) / 2, rel=1e-4)


def test_a_penalty_has_no_target(tmp_path):
    text = RIGHT.replace("def centered_penalty(", "def right_penalty(")
    text += "\n\ndef centered_penalty(y_pred):\n    return 1 - right_penalty(y_pred)\n"
    curves = curves_of(tmp_path, text, "2.5")
    assert list(curves) == ["loss, every pixel"]
    probability = 1 / (1 + np.exp(-LOGITS))
    assert curves["loss, every pixel"].lines["expected"] == pytest.approx(1 - probability, rel=1e-4)
    assert curves["loss, every pixel"].lines["yours"] == pytest.approx(probability, rel=1e-4)


def test_several_classes(tmp_path):
    curves = curves_of(tmp_path, wrong("CrossEntropyLoss", "2 * self.inner(y_pred, y_true)"), "6.2")
    expected = np.log(np.exp(LOGITS) + 11) - LOGITS
    assert curves["loss, the true class"].lines["expected"] == pytest.approx(expected, rel=1e-4)
    assert curves["loss, the true class"].lines["yours"] == pytest.approx(2 * expected, rel=1e-4)


def test_a_loss_that_dies_on_the_way_leaves_none_and_fails_as_it_would(tmp_path):
    assert (
        curves_of(tmp_path, wrong("BCELoss", "0 * y_pred.sum()").replace("return 0 * y_pred.sum()", DIES), "1.2") == {}
    )
