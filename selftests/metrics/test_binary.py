"""The binary metrics of the reference solutions, against scikit-learn and the corrected figures of the documents."""

import math
from collections.abc import Callable

import numpy as np
import pytest
import sklearn.metrics
import torch
from torch import Tensor

from solutions.metrics import confusion_counts, dice, iou, pixel_accuracy, sensitivity, specificity

ORACLES = {
    pixel_accuracy: sklearn.metrics.accuracy_score,
    sensitivity: sklearn.metrics.recall_score,
    specificity: lambda y_true, y_pred: sklearn.metrics.recall_score(y_true, y_pred, pos_label=0),
    iou: sklearn.metrics.jaccard_score,
    dice: sklearn.metrics.f1_score,
}
metrics = pytest.mark.parametrize("metric", ORACLES, ids=[metric.__name__ for metric in ORACLES])


def flat(mask: Tensor) -> np.ndarray:
    return mask.numpy().ravel().astype(int)


@metrics
def test_against_scikit_learn(metric: Callable, masks: tuple[Tensor, Tensor]) -> None:
    y_pred, y_true = masks
    expected = ORACLES[metric](flat(y_true), flat(y_pred))
    assert metric(y_pred, y_true).item() == pytest.approx(expected, abs=1e-6)


def test_counts_against_scikit_learn(masks: tuple[Tensor, Tensor]) -> None:
    y_pred, y_true = masks
    (tn, fp), (fn, tp) = sklearn.metrics.confusion_matrix(flat(y_true), flat(y_pred), labels=[0, 1])
    counts = confusion_counts(y_pred, y_true)
    assert [int(count) for count in counts] == [tp, fp, fn, tn]
    assert {count.dtype for count in counts} == {torch.int64} and {count.shape for count in counts} == {torch.Size([])}


def test_dice_is_a_function_of_iou(masks: tuple[Tensor, Tensor]) -> None:
    overlap = iou(*masks).item()
    assert dice(*masks).item() == pytest.approx(2 * overlap / (1 + overlap), abs=1e-6)


@metrics
def test_masks_of_any_type_and_shape(metric: Callable, masks: tuple[Tensor, Tensor]) -> None:
    expected = metric(*masks)
    for dtype in (torch.bool, torch.uint8, torch.int64, torch.float64):
        assert metric(*(mask.to(dtype) for mask in masks)) == expected
    assert metric(*(mask.squeeze(1) for mask in masks)) == expected
    assert metric(*(mask.flatten() for mask in masks)) == expected


def circles(shift: int) -> tuple[Tensor, Tensor]:
    """Two discs of radius 20 on 100 x 100 pixels, one shifted along the diagonal."""
    y, x = np.mgrid[:100, :100]
    discs = [(y - centre) ** 2 + (x - centre) ** 2 <= 20**2 for centre in (50, 50 + shift)]
    return torch.from_numpy(discs[1]), torch.from_numpy(discs[0])


def test_circles() -> None:
    """A document prints 0.6667 and 0.8000. No whole shift along the diagonal gives that."""
    y_pred, y_true = circles(5)
    tp, fp, fn, _ = (int(count) for count in confusion_counts(y_pred, y_true))
    assert (tp + fp, tp + fn, tp, tp + fp + fn) == (1257, 1257, 972, 1542)
    assert iou(y_pred, y_true).item() == pytest.approx(0.6304, abs=5e-5)
    assert dice(y_pred, y_true).item() == pytest.approx(0.7733, abs=5e-5)
    assert all(abs(iou(*circles(shift)).item() - 2 / 3) > 0.02 for shift in range(20))


def test_second_problem() -> None:
    """Printed as overlap 11, union 18, areas 13 and 14, which contradict each other; counted: 12, 17, 15 and 14."""
    y_pred, y_true = torch.zeros(8, 8), torch.zeros(8, 8)
    y_pred.view(-1)[10:25] = 1
    y_true.view(-1)[13:27] = 1
    tp, fp, fn, _ = (int(count) for count in confusion_counts(y_pred, y_true))
    assert (tp + fp, tp + fn, tp, tp + fp + fn) == (15, 14, 12, 17)
    assert iou(y_pred, y_true).item() == pytest.approx(0.7059, abs=5e-5)
    assert dice(y_pred, y_true).item() == pytest.approx(0.8276, abs=5e-5)


def test_perfect_and_opposite() -> None:
    y_true = torch.arange(64).reshape(8, 8) % 3 == 0
    assert [metric(y_true, y_true).item() for metric in ORACLES] == [1.0] * 5
    assert [metric(~y_true, y_true).item() for metric in ORACLES] == [0.0] * 5


def test_what_is_undefined_is_nan() -> None:
    empty, full = torch.zeros(1, 1, 4, 4), torch.ones(1, 1, 4, 4)
    assert all(math.isnan(metric(empty, empty).item()) for metric in (iou, dice, sensitivity))
    assert math.isnan(specificity(full, full).item())
    assert [metric(full, empty).item() for metric in (iou, dice, specificity, pixel_accuracy)] == [0.0] * 4
    assert pixel_accuracy(empty, empty).item() == 1.0


def test_an_empty_prediction_of_a_small_cell_is_accurate() -> None:
    y_true = torch.zeros(1, 1, 10, 10)
    y_true[..., 5, 5] = 1
    empty = torch.zeros_like(y_true)
    assert pixel_accuracy(empty, y_true).item() == pytest.approx(0.99)
    assert iou(empty, y_true).item() == dice(empty, y_true).item() == sensitivity(empty, y_true).item() == 0.0
