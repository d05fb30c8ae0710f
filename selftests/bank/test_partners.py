"""A sigmoid in the network and losses of probabilities: right together, explained where one of the two is missing."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.grading.launch import shared_zygote
from course.grading.record import TaskResult
from course.grading.run import Settings, grade
from course.paths import ROOT
from course.submission.find import open_submission

SIGMOID = """

_{name} = {name}


class {name}(_{name}):
    def forward(self, x):
        return torch.sigmoid(super().forward(x))
"""
IMPORTS = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
LOSSES = {
    "BCELoss": "return F.binary_cross_entropy(y_pred, y_true)",
    "DiceLoss": "return 1 - (2 * (y_pred * y_true).sum() + 1e-6) / (y_pred.sum() + y_true.sum() + 1e-6)",
    "FocalLoss": "b = F.binary_cross_entropy(y_pred, y_true, reduction='none')\n"
    "        return ((1 - torch.exp(-b)) ** 2 * b).mean()",
    "BCELoss_TotalVariation": "tv = y_pred.diff(dim=2).abs().mean() + y_pred.diff(dim=3).abs().mean()\n"
    "        return F.binary_cross_entropy(y_pred, y_true) + 0.05 * tv",
}
TASKS = {"1.2": "BCELoss", "2.1": "DiceLoss", "2.2": "FocalLoss", "2.3": "BCELoss_TotalVariation"}
NETWORKS = {"1.3": ("model/EncDecModel.py", "EncDec"), "3.1": ("model/UNetModel.py", "UNet")}


@pytest.fixture(scope="module", autouse=True)
def zygote() -> Iterator[None]:
    with shared_zygote():
        yield


def losses_of_probabilities(*names: str) -> str:
    classes = [
        f"\n\nclass {name}(nn.Module):\n    def forward(self, y_pred, y_true):\n        {LOSSES[name]}\n"
        for name in names
    ]
    return IMPORTS + "".join(classes)


def grade_task(folder: Path, task: str, losses: str | None, with_sigmoid: str | None) -> TaskResult:
    """Grade the solutions with other losses, and with a sigmoid at the end of one network."""
    shutil.copytree(ROOT / "solutions", folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    if losses is not None:
        (folder / "lib" / "losses.py").write_text(losses, encoding="utf-8")
    if with_sigmoid:
        file, name = NETWORKS[with_sigmoid]
        path = folder / "lib" / file
        path.write_text(
            "import torch\n" + path.read_text(encoding="utf-8") + SIGMOID.format(name=name), encoding="utf-8"
        )
    (result,) = grade(open_submission(folder), Settings(tasks=(task,))).tasks
    return result


def earned(result: TaskResult) -> float:
    return sum(check.points for check in result.checks if not check.bonus)


@pytest.mark.parametrize("task", TASKS)
def test_a_loss_of_probabilities_is_right_beside_a_network_that_returns_them(task: str, tmp_path: Path) -> None:
    result = grade_task(tmp_path / "s", task, losses_of_probabilities(TASKS[task]), "1.3")
    assert earned(result) == result.max_points, [check.message for check in result.checks]
    assert any("which your `EncDec` returns" in check.message for check in result.checks)


@pytest.mark.parametrize("task", TASKS)
def test_without_such_a_network_it_is_wrong_and_explained(task: str, tmp_path: Path) -> None:
    result = grade_task(tmp_path / "s", task, losses_of_probabilities(TASKS[task]), None)
    assert earned(result) == 0
    assert result.diagnosis.name in ("expects-probabilities", "sigmoid-forgotten"), result.diagnosis
    assert "together with a network that ends in" in result.diagnosis.sentence


@pytest.mark.parametrize("loss", ["BCELoss", "DiceLoss", "FocalLoss"])
@pytest.mark.parametrize("task", NETWORKS)
def test_a_network_with_a_sigmoid_is_right_beside_a_loss_of_probabilities(task: str, loss: str, tmp_path: Path) -> None:
    result = grade_task(tmp_path / "s", task, losses_of_probabilities(loss), task)
    assert earned(result) == result.max_points, [check.message for check in result.checks]
    assert any(f"which your `{loss}` expects" in check.message for check in result.checks)


@pytest.mark.parametrize("task", NETWORKS)
def test_beside_losses_of_logits_it_is_wrong(task: str, tmp_path: Path) -> None:
    result = grade_task(tmp_path / "s", task, None, task)
    assert earned(result) < result.max_points
    assert result.diagnosis.name == "ends-in-sigmoid"


def test_a_loss_that_is_always_small_does_not_make_a_sigmoid_right(tmp_path: Path) -> None:
    nothing = f"{IMPORTS}\n\ndef BCELoss(y_pred, y_true):\n    return 0 * y_pred.sum()\n"
    assert grade_task(tmp_path / "s", "1.3", nothing, "1.3").diagnosis.name == "ends-in-sigmoid"


def test_a_wrong_loss_of_probabilities_stays_wrong_beside_such_a_network(tmp_path: Path) -> None:
    wrong = losses_of_probabilities("DiceLoss").replace("1 - (2 *", "1 - (")
    result = grade_task(tmp_path / "s", "2.1", wrong, "1.3")
    assert earned(result) == 0
