"""The reference confusion matrix, against scikit-learn and torchmetrics."""

import numpy as np
import pytest
import sklearn.metrics
import torch
from torch import Tensor
from torchmetrics.classification import MulticlassJaccardIndex
from torchmetrics.segmentation import MeanIoU

from course.training.scores import class_iou, count_pairs
from solutions.metrics import ConfusionMatrix, iou

CLASSES, IGNORE = 5, 255
Maps = tuple[Tensor, Tensor]


@pytest.fixture
def maps(rng: np.random.Generator) -> Maps:
    """Predicted and true class maps of twelve images; some images lack some classes, some pixels are ignored."""
    y_true = torch.from_numpy(rng.integers(0, CLASSES, (12, 9, 13)))
    y_true[:4] = y_true[:4].clamp(max=2)
    guess = torch.from_numpy(rng.integers(0, CLASSES, y_true.shape))
    right = torch.from_numpy(rng.random(y_true.shape) < rng.uniform(0.2, 0.9, (12, 1, 1)))
    y_pred = torch.where(right, y_true, guess)
    y_true[torch.from_numpy(rng.random(y_true.shape) < 0.2)] = IGNORE
    return y_pred, y_true


def filled(maps: Maps, batch_size: int = 12, num_classes: int = CLASSES) -> ConfusionMatrix:
    matrix = ConfusionMatrix(num_classes)
    for y_pred, y_true in zip(*(part.split(batch_size) for part in maps), strict=True):
        matrix.update(y_pred, y_true)
    return matrix


def counted(maps: Maps) -> tuple[np.ndarray, np.ndarray]:
    y_pred, y_true = maps
    return y_pred[y_true != IGNORE].numpy(), y_true[y_true != IGNORE].numpy()


def test_matrix_against_scikit_learn(maps: Maps) -> None:
    y_pred, y_true = counted(maps)
    expected = sklearn.metrics.confusion_matrix(y_true, y_pred, labels=range(CLASSES))
    np.testing.assert_array_equal(filled(maps).matrix.numpy(), expected)


def test_scores_against_scikit_learn(maps: Maps) -> None:
    y_pred, y_true = counted(maps)
    matrix = filled(maps)
    expected = sklearn.metrics.jaccard_score(y_true, y_pred, labels=range(CLASSES), average=None)
    np.testing.assert_allclose(matrix.iou().numpy(), expected, atol=1e-6)
    assert matrix.mean_iou().item() == pytest.approx(expected.mean(), abs=1e-6)
    assert matrix.pixel_accuracy().item() == pytest.approx(sklearn.metrics.accuracy_score(y_true, y_pred), abs=1e-6)


def test_scores_against_torchmetrics(maps: Maps) -> None:
    """torchmetrics accumulates too, and leaves the ignored pixels out."""
    other = MulticlassJaccardIndex(CLASSES, average="none", ignore_index=IGNORE)
    for y_pred, y_true in zip(*(part.split(5) for part in maps), strict=True):
        other.update(y_pred, y_true)
    np.testing.assert_allclose(filled(maps).iou().numpy(), other.compute().numpy(), atol=1e-6)


def test_an_absent_class_has_no_score(maps: Maps) -> None:
    """Two classes more, which nobody drew or predicted: nan in `iou`, and the mean is what it was."""
    matrix = filled(maps, num_classes=CLASSES + 2)
    assert torch.isnan(matrix.iou()).tolist() == [False] * CLASSES + [True] * 2
    assert matrix.mean_iou().item() == pytest.approx(filled(maps).mean_iou().item(), abs=1e-6)


def test_absent_class_against_torchmetrics(maps: Maps) -> None:
    """torchmetrics' macro average leaves absent classes out as well."""
    other = MulticlassJaccardIndex(CLASSES + 2, average="macro", ignore_index=IGNORE)
    other.update(*maps)
    matrix = filled(maps, num_classes=CLASSES + 2)
    assert matrix.mean_iou().item() == pytest.approx(other.compute().item(), abs=1e-6)


def test_a_class_only_predicted_scores_zero() -> None:
    matrix = ConfusionMatrix(3)
    matrix.update(torch.tensor([[[0, 1]]]), torch.tensor([[[0, 0]]]))
    assert matrix.iou()[:2].tolist() == [0.5, 0.0] and torch.isnan(matrix.iou()[2])
    assert matrix.mean_iou().item() == 0.25


@pytest.mark.parametrize("batch_size", [1, 2, 4, 5, 12])
def test_the_batch_size_does_not_matter(maps: Maps, batch_size: int) -> None:
    assert torch.equal(filled(maps, batch_size).matrix, filled(maps).matrix)


def test_the_mean_of_batches_does_depend_on_the_batch_size(maps: Maps) -> None:
    """What the matrix is there to avoid: one set of predictions, as many scores as batch sizes."""
    means = []
    for batch_size in (1, 2, 4, 12):
        scores = [filled((p, t)).mean_iou() for p, t in zip(*(part.split(batch_size) for part in maps), strict=True)]
        means.append(torch.stack(scores).mean().item())
    assert max(means) - min(means) > 0.01
    assert means[-1] == filled(maps).mean_iou().item()


def test_per_image_mean_is_another_number(maps: Maps) -> None:
    """torchmetrics' MeanIoU is a mean over images: right too, but to be called by its name."""
    y_pred, y_true = maps
    y_true = torch.where(y_true == IGNORE, 0, y_true)
    images = [filled((p[None], t[None])).mean_iou() for p, t in zip(y_pred, y_true, strict=True)]
    other = MeanIoU(CLASSES, per_class=False, input_format="index")
    other.update(y_pred, y_true)
    per_image = torch.stack(images).mean().item()
    assert other.compute().item() == pytest.approx(per_image, abs=1e-6)
    assert abs(filled((y_pred, y_true)).mean_iou().item() - per_image) > 1e-3


def test_ignored_predictions_do_not_matter(maps: Maps) -> None:
    y_pred, y_true = maps
    other = torch.where(y_true == IGNORE, (y_pred + 1) % CLASSES, y_pred)
    assert torch.equal(filled((other, y_true)).matrix, filled(maps).matrix)


def test_another_ignore_index() -> None:
    matrix = ConfusionMatrix(2, ignore_index=-100)
    matrix.update(torch.tensor([[[0, 1, 1]]]), torch.tensor([[[0, 1, -100]]]))
    assert matrix.matrix.tolist() == [[1, 0], [0, 1]]


def test_nothing_counted_is_nan() -> None:
    matrix = ConfusionMatrix(3)
    matrix.update(torch.zeros(1, 2, 2, dtype=torch.int64), torch.full((1, 2, 2), IGNORE))
    assert torch.isnan(matrix.iou()).all() and torch.isnan(matrix.mean_iou()) and torch.isnan(matrix.pixel_accuracy())


def test_two_classes_agree_with_the_binary_metric(masks: tuple[Tensor, Tensor]) -> None:
    matrix = ConfusionMatrix(2)
    matrix.update(*(mask.squeeze(1).long() for mask in masks))
    assert matrix.iou()[1].item() == pytest.approx(iou(*masks).item(), abs=1e-6)


def test_agrees_with_what_training_reports(maps: Maps) -> None:
    """train.py, measure.py and the graders count on their own: students may not have filled in theirs yet."""
    matrix = filled(maps)
    counts = count_pairs(*maps, num_classes=CLASSES)
    assert torch.equal(counts, matrix.matrix)
    np.testing.assert_allclose(class_iou(counts).numpy(), matrix.iou().numpy(), atol=1e-6)
