"""Wrong losses that are not in the answer bank: the property that fails is said, or the mistake behind a sum."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from course.catalogue import load
from course.grading.compare import Case
from course.grading.oracle import LiveOracle
from course.grading.outcomes import CheckFailed
from course.grading.student import Student
from course.worker.faults import Fault
from course.worker.serve import OPERATIONS
from tests.inputs import binary_cases


class WorkerHere:
    """A worker in this process, whose submission is one function, with this network beside it."""

    def __init__(self, make: Callable, network: Callable | None = None) -> None:
        self.make = make
        self.network = network

    def symbol(self, file: str, name: str) -> Callable:
        if file.startswith("model/") and self.network is None:
            raise Fault("not_attempted", "There is no network.")
        return self.network if file.startswith("model/") else self.make

    def request(self, header: dict[str, Any], arrays: dict[str, np.ndarray], timeout: float) -> tuple[dict, dict]:
        try:
            return OPERATIONS[header["operation"]](self, header, arrays)
        except Exception as error:
            fault = error if isinstance(error, Fault) else Fault("error", str(error))
            return fault.as_header(), {}


def student_of(oracle: LiveOracle, make: Callable, network: Callable | None = None) -> Student:
    return Student(WorkerHere(make, network), oracle.task, "cpu")


def bce(y_pred: Tensor, y_true: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(y_pred, y_true)


def dice(p: Tensor, y_true: Tensor) -> Tensor:
    return 1 - (2 * (p * y_true).sum() + 1) / (p.sum() + y_true.sum() + 1)


def changed_in_place(y_pred: Tensor, y_true: Tensor) -> Tensor:
    loss = bce(y_pred, y_true)
    y_true.mul_(2)
    return loss


def sum_over_fixed_size(y_pred: Tensor, y_true: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="sum") / (128 * 128)


def mean_times_batch(y_pred: Tensor, y_true: Tensor) -> Tensor:
    return bce(y_pred, y_true) * len(y_pred)


def foreground_squared(y_pred: Tensor, y_true: Tensor) -> Tensor:
    return (y_true * F.softplus(-y_pred) ** 2 + (1 - y_true) * F.softplus(y_pred)).mean()


def swapped_dice(a: Tensor, b: Tensor) -> Tensor:
    p = torch.sigmoid(b).flatten(1)
    a = a.flatten(1)
    return (1 - (2 * (p * a).sum(1) + 1) / (p.sum(1) + a.sum(1) + 1)).mean()


def summed_sigmoid_twice(y_pred: Tensor, y_true: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(torch.sigmoid(y_pred), y_true, reduction="sum")


def ratio_at_most_three(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Like an accepted answer, with weights per image, for the single image only; but that is not what is wrong."""
    ratio = (y_true.numel() - y_true.sum()) / y_true.sum()
    return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=ratio.clamp(max=3))


def last_image_weighted(y_pred: Tensor, y_true: Tensor) -> Tensor:
    y_pred, y_true = y_pred[-1:], y_true[-1:]
    ratio = (y_true.numel() - y_true.sum()) / y_true.sum()
    return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=ratio)


WRONG: list[tuple[str, Callable, str, str]] = [
    ("1.2", lambda y_pred, y_true: 3 * bce(y_pred, y_true), "another-factor", "3 times"),
    ("1.2", sum_over_fixed_size, "another-factor", "the number of pixels of the batch"),
    ("1.2", mean_times_batch, "another-factor", "the number of images"),
    ("1.2", lambda y_pred, y_true: bce(0 * y_pred, y_true), "ignores-prediction", "the same whatever is predicted"),
    ("1.2", lambda y_pred, y_true: bce(y_pred[-1:], y_true[-1:]), "right-for-one-image", "first axis"),
    ("1.2", lambda y_pred, y_true: torch.log(y_pred).mean(), "not-finite", "Logits can be negative"),
    ("1.2", summed_sigmoid_twice, "sigmoid-twice", "Besides, it is a sum"),
    ("1.2", changed_in_place, "modifies-input", "underscore"),
    ("1.2", lambda y_pred, y_true: torch.stack([bce(y_pred, y_true)] * 2), "map", "take the mean"),
    ("1.2", lambda y_pred, y_true: 2 - bce(y_pred, y_true), "sign-turned", "would unlearn"),
    (
        "1.2",
        lambda y_pred, y_true: (y_true * F.softplus(-y_pred) ** 2).mean(),
        "background-without-gradient",
        "background",
    ),
    ("2.1", lambda y_pred, y_true: dice(3 * y_pred, y_true), "out-of-bounds", "between 0 and 1"),
    ("1.2", foreground_squared, "right-on-background", "term that stands for the foreground"),
    (
        "2.1",
        lambda y_pred, y_true: torch.log(torch.cosh(dice(torch.sigmoid(y_pred), y_true))),
        "function-of-a-right-loss",
        "logarithm",
    ),
    ("2.1", swapped_dice, "arguments-swapped", "changed places"),
    ("2.1", lambda y_pred, y_true: dice((y_pred > 1).float(), y_true), "no-gradient", "nothing to learn from"),
    ("2.4", ratio_at_most_three, "right-on-background", "term that stands for the foreground"),
    ("2.4", last_image_weighted, "right-for-one-image", "first axis"),
]


@pytest.mark.parametrize(("task", "make", "name", "words"), WRONG, ids=[f"{t} {n} {w}" for t, _, n, w in WRONG])
def test_what_is_wrong_is_said(task: str, make: Callable, name: str, words: str) -> None:
    oracle = LiveOracle(0, load().task(task))
    with pytest.raises(CheckFailed) as failed:
        oracle.judge(student_of(oracle, make), binary_cases(oracle.generator("value")))
    assert failed.value.diagnosis is not None, failed.value
    assert failed.value.diagnosis.name == name, failed.value
    assert words in failed.value.diagnosis.sentence


def only_what_is_likely(y_pred: Tensor) -> Tensor:
    return torch.where(y_pred > 0, torch.sigmoid(y_pred), 0).mean()


def squared_where_unlikely(y_pred: Tensor) -> Tensor:
    p = torch.sigmoid(y_pred)
    return torch.where(y_pred > 0, p, p**2).mean()


@pytest.mark.parametrize("make", [only_what_is_likely, squared_where_unlikely])
def test_a_penalty_has_no_foreground_and_no_background(make: Callable) -> None:
    """A mask comes along with its inputs, but nothing is meant by it: not even where it is that of the prediction."""
    oracle = LiveOracle(0, load().task("2.5"))
    logits = [case.inputs["y_pred"] for case in binary_cases(oracle.generator("value"))]
    cases = [Case({"y_pred": z, "y_true": (z > 0).astype(np.float32)}) for z in logits]
    with pytest.raises(CheckFailed) as failed:
        oracle.judge(student_of(oracle, make), cases, symbol="sparsity_penalty")
    assert failed.value.diagnosis is None, failed.value


def test_a_right_value_with_another_gradient_is_called_that() -> None:
    oracle = LiveOracle(0, load().task("1.2"))
    student = student_of(oracle, lambda y_pred, y_true: bce(y_pred, y_true).detach() + (y_pred - y_pred.detach()).sum())
    with pytest.raises(CheckFailed, match="The value is right, but its gradient is not"):
        oracle.judge(student, binary_cases(oracle.generator("gradient")), gradient=True)


def focal(y_pred: Tensor, y_true: Tensor, gamma: float = 2.0) -> Tensor:
    loss = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
    return ((1 - torch.exp(-loss)) ** gamma * loss).mean()


def focal_without_gamma(y_pred: Tensor, y_true: Tensor) -> Tensor:
    return focal(y_pred, y_true)


def focal_that_ignores_gamma(y_pred: Tensor, y_true: Tensor, gamma: float = 2.0) -> Tensor:
    return focal(y_pred, y_true)


def cases(oracle: LiveOracle) -> list[Case]:
    return binary_cases(oracle.generator("gamma"), gamma=3.0)


@pytest.mark.parametrize("make", [focal, focal_without_gamma])
def test_an_optional_setting_may_be_missing(make: Callable) -> None:
    oracle = LiveOracle(0, load().task("2.2"))
    oracle.judge(student_of(oracle, make), cases(oracle), optional=["gamma"])


def test_a_setting_must_not_be_ignored() -> None:
    oracle = LiveOracle(0, load().task("2.2"))
    with pytest.raises(CheckFailed) as failed:
        oracle.judge(student_of(oracle, focal_that_ignores_gamma), cases(oracle), optional=["gamma"])
    assert failed.value.diagnosis is not None and failed.value.diagnosis.name == "gamma-ignored"


def test_a_setting_that_is_not_optional_must_be_there() -> None:
    oracle = LiveOracle(0, load().task("2.2"))
    with pytest.raises(CheckFailed):
        oracle.judge(student_of(oracle, focal_without_gamma), cases(oracle))


def test_a_metric_is_not_asked_for_a_gradient() -> None:
    oracle = LiveOracle(0, load().task("7.2"))
    case = binary_cases(oracle.generator("masks"))[0]
    masks = {"y_pred": (case.inputs["y_pred"] > 1).astype(np.float32), "y_true": case.inputs["y_true"]}
    with pytest.raises(CheckFailed) as failed:
        oracle.judge(student_of(oracle, lambda y_pred, y_true: 0.123), [Case(masks)])
    assert failed.value.diagnosis is None


class WeightOfTheFirstBatch(torch.nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.ratio = None

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if self.ratio is None:
            self.ratio = (y_true.numel() - y_true.sum()) / y_true.sum()
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=self.ratio)


def test_what_is_kept_from_the_first_batch_is_found() -> None:
    oracle = LiveOracle(0, load().task("2.4"))
    with pytest.raises(CheckFailed) as failed:
        oracle.judge(student_of(oracle, WeightOfTheFirstBatch), binary_cases(oracle.generator("value")))
    assert failed.value.diagnosis is not None and failed.value.diagnosis.name == "remembers-a-batch"


def target_without_channels(y_pred: Tensor, y_true: Tensor) -> Tensor:
    y_true = y_true.reshape(len(y_true), *y_true.shape[-2:])
    return (y_pred.clamp(min=0) - y_pred * y_true + torch.log1p(torch.exp(-y_pred.abs()))).mean()


def test_masks_without_channels_are_not_what_the_network_gives() -> None:
    """It is right where the network, too, gives (B, H, W); ours does not, and then it is wrong without a word."""
    oracle = LiveOracle(0, load().task("1.2"))
    with pytest.raises(CheckFailed) as failed:
        oracle.judge(student_of(oracle, target_without_channels), binary_cases(oracle.generator("value")))
    assert failed.value.diagnosis is not None and failed.value.diagnosis.name == "wants-no-channels"
