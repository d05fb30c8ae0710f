"""Intersection over union from counts that were added up over a whole set: the policy of docs/metrics.md.

Its own module, without the student's metrics: train.py needs a score before exercise 7 is filled in, and whoever
grades masks computes it with the same few lines.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

IGNORE_INDEX = 255

Maps = np.ndarray | Tensor | Sequence[np.ndarray | Tensor]


def count_pairs(predicted: Tensor, true: Tensor, num_classes: int, ignore_index: int = IGNORE_INDEX) -> Tensor:
    """Count the pixels of each true class (row) that were given each class (column): int64 `(K, K)` on the CPU.

    Args:
        predicted: classes, integer, any shape, 0..K-1.
        true: classes, integer, the same shape, 0..K-1 or `ignore_index`, whose pixels do not count.

    Raises:
        ValueError: the shapes differ, or a class is outside 0..K-1.
    """
    if predicted.shape != true.shape:
        raise ValueError(f"The prediction is {tuple(predicted.shape)}, the truth {tuple(true.shape)}.")
    counted = true != ignore_index
    predicted, true = predicted[counted].long(), true[counted].long()
    for name, classes in (("predicted", predicted), ("true", true)):
        if classes.numel() and not 0 <= int(classes.min()) <= int(classes.max()) < num_classes:
            raise ValueError(f"A {name} class is outside 0..{num_classes - 1}.")
    counts = torch.bincount(true * num_classes + predicted, minlength=num_classes**2)
    return counts.reshape(num_classes, num_classes).cpu()


def class_iou(counts: Tensor) -> Tensor:
    """Return the IoU of each class, float64 `(K,)`; nan for a class that is neither true nor predicted anywhere."""
    intersection = counts.diagonal().double()
    return intersection / (counts.sum(0) + counts.sum(1) - intersection)


def score(counts: Tensor) -> float:
    """Return the one number that a run is judged by, nan where it is undefined.

    From counts `(2, 2)`: the IoU of the foreground. From `(K, K)`: the mean IoU over the classes that appear.
    """
    iou = class_iou(counts)
    return float(iou[1] if len(iou) == 2 else iou.nanmean())


def binary_iou(masks_pred: Maps, masks_true: Maps) -> float:
    """Return the IoU of the foreground over a set of masks: counts added up, then divided once.

    Args:
        masks_pred: predicted masks, values above 0 are foreground: one array of any shape, or a sequence of arrays,
            one an image, of any sizes.
        masks_true: true masks, likewise.

    Returns:
        A number in [0, 1]; nan where no mask has any foreground, neither true nor predicted.

    Raises:
        ValueError: the numbers of masks or their shapes differ.
    """
    counts = torch.zeros(2, 2, dtype=torch.int64)
    for predicted, true in _pairs(masks_pred, masks_true):
        counts += count_pairs((predicted > 0).long(), (true > 0).long(), 2)
    return score(counts)


def mean_class_iou(pred_labels: Maps, true_labels: Maps, num_classes: int, ignore_index: int = IGNORE_INDEX) -> float:
    """Return the mean IoU over the classes that appear in a set of class maps: counts added up, then divided.

    Args:
        pred_labels: predicted classes 0..K-1: one integer array of any shape, or a sequence, one an image.
        true_labels: true classes 0..K-1, or `ignore_index` where a pixel does not count; likewise.
        num_classes: K.
        ignore_index: the true label of pixels that do not count.

    Returns:
        A number in [0, 1]; nan where no pixel counts.

    Raises:
        ValueError: the numbers of maps or their shapes differ, or a class is outside 0..K-1.
    """
    counts = torch.zeros(num_classes, num_classes, dtype=torch.int64)
    for predicted, true in _pairs(pred_labels, true_labels):
        counts += count_pairs(predicted, true, num_classes, ignore_index)
    return float(class_iou(counts).nanmean())


def _pairs(predicted: Maps, true: Maps) -> list[tuple[Tensor, Tensor]]:
    sets = [[maps] if isinstance(maps, np.ndarray | Tensor) else list(maps) for maps in (predicted, true)]
    if len(sets[0]) != len(sets[1]):
        raise ValueError(f"{len(sets[0])} predictions for {len(sets[1])} true maps.")
    return [(torch.as_tensor(p), torch.as_tensor(t)) for p, t in zip(*sets, strict=True)]
