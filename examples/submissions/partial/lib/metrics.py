"""Metrics: how good a predicted mask is.

One policy for all of them (docs/metrics.md): a metric is a ratio of pixel counts; counts are added up over all
pixels that are passed in, then divided once. What is 0 / 0 is undefined: nan, never 0 and never 1.
Binary masks hold 0 and 1 (bool, integer or float) and have any shape, the same for both.
"""

import torch
from torch import Tensor


def confusion_counts(y_pred: Tensor, y_true: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Count the pixels that are right and wrong, over all images of the batch together.

    Args:
        y_pred: predicted binary mask, 0 or 1, any shape.
        y_true: true binary mask, of the same shape.

    Returns:
        true positives, false positives, false negatives, true negatives: four int64 scalars.
    """
    raise NotImplementedError("Exercise 7.1: confusion_counts")


def pixel_accuracy(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Return the share of pixels that are right, (TP + TN) / all: a scalar in [0, 1].

    Beware: where 1 % of the pixels are foreground, an empty prediction scores 0.99.
    """
    raise NotImplementedError("Exercise 7.1: pixel_accuracy")


def sensitivity(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Return the share of the true foreground that was found, TP / (TP + FN): a scalar in [0, 1].

    Also called recall or true positive rate. nan where there is no true foreground.
    """
    raise NotImplementedError("Exercise 7.1: sensitivity")


def specificity(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Return the share of the true background that was left alone, TN / (TN + FP): a scalar in [0, 1].

    Also called true negative rate. nan where there is no true background.
    """
    raise NotImplementedError("Exercise 7.1: specificity")


def iou(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Return the intersection over union, TP / (TP + FP + FN): a scalar in [0, 1].

    Also called the Jaccard index. nan where both masks are empty.
    """
    raise NotImplementedError("Exercise 7.2: iou")


def dice(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Return the Dice coefficient, 2 TP / (2 TP + FP + FN): a scalar in [0, 1].

    Also called the F1 score. It equals 2 J / (1 + J) for the intersection over union J, so that it ranks the
    predictions of one image exactly as the intersection over union does. nan where both masks are empty.
    """
    raise NotImplementedError("Exercise 7.2: dice")


class ConfusionMatrix:
    """Counts of true against predicted classes, added up over a whole data set.

    Add every batch with `update`, then ask once. The mean of the batches' own scores is something else: it depends
    on the batch size.

    Args:
        num_classes: K; classes are 0..K-1.
        ignore_index: pixels with this true label do not count.

    Attributes:
        matrix: int64 `(K, K)`; row = true class, column = predicted class.
    """

    def __init__(self, num_classes: int, ignore_index: int = 255) -> None:
        self.num_classes = num_classes
        self.ignore_index = ignore_index
        self.matrix = torch.zeros(num_classes, num_classes, dtype=torch.int64)

    def update(self, y_pred: Tensor, y_true: Tensor) -> None:
        """Add the pixels of a batch.

        Args:
            y_pred: predicted classes, int64 `(B, H, W)`, 0..K-1.
            y_true: true classes, int64 `(B, H, W)`, 0..K-1 or `ignore_index`.
        """
        raise NotImplementedError("Exercise 7.3: ConfusionMatrix")

    def iou(self) -> Tensor:
        """Return the intersection over union of each class, float `(K,)`; nan for a class that never appears.

        A class appears when a counted pixel is of this class, or predicted as this class.
        """
        raise NotImplementedError("Exercise 7.3: ConfusionMatrix")

    def mean_iou(self) -> Tensor:
        """Return the mean of `iou()` over the classes that appear, a scalar."""
        raise NotImplementedError("Exercise 7.3: ConfusionMatrix")

    def pixel_accuracy(self) -> Tensor:
        """Return the share of counted pixels whose class is right, a scalar."""
        raise NotImplementedError("Exercise 7.3: ConfusionMatrix")
