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
    predicted = y_pred > 0.5
    actual = y_true > 0.5
    true_positives = (predicted & actual).sum()
    false_positives = (predicted & ~actual).sum()
    false_negatives = (~predicted & actual).sum()
    true_negatives = (~predicted & ~actual).sum()
    return true_positives, false_positives, false_negatives, true_negatives


def pixel_accuracy(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Return the share of pixels that are right, (TP + TN) / all: a scalar in [0, 1].

    Beware: where 1 % of the pixels are foreground, an empty prediction scores 0.99.
    """
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return (tp + tn) / (tp + fp + fn + tn)


def sensitivity(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Return the share of the true foreground that was found, TP / (TP + FN): a scalar in [0, 1].

    Also called recall or true positive rate. nan where there is no true foreground.
    """
    tp, _, fn, _ = confusion_counts(y_pred, y_true)
    return tp / (tp + fn)


def specificity(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Return the share of the true background that was left alone, TN / (TN + FP): a scalar in [0, 1].

    Also called true negative rate. nan where there is no true background.
    """
    _, fp, _, tn = confusion_counts(y_pred, y_true)
    return tn / (tn + fp)


def iou(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Return the intersection over union, TP / (TP + FP + FN): a scalar in [0, 1].

    Also called the Jaccard index. nan where both masks are empty.
    """
    tp, fp, fn, _ = confusion_counts(y_pred, y_true)
    return tp / (tp + fp + fn)


def dice(y_pred: Tensor, y_true: Tensor) -> Tensor:
    """Return the Dice coefficient, 2 TP / (2 TP + FP + FN): a scalar in [0, 1].

    Also called the F1 score. It equals 2 J / (1 + J) for the intersection over union J, so that it ranks the
    predictions of one image exactly as the intersection over union does. nan where both masks are empty.
    """
    tp, fp, fn, _ = confusion_counts(y_pred, y_true)
    return 2 * tp / (2 * tp + fp + fn)


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
        counted = y_true != self.ignore_index
        # Each pair (true, predicted) has a number of its own in 0..K*K-1: count those numbers.
        pair = y_true[counted] * self.num_classes + y_pred[counted]
        counts = torch.bincount(pair, minlength=self.num_classes**2)
        self.matrix += counts.reshape(self.num_classes, self.num_classes).cpu()

    def iou(self) -> Tensor:
        """Return the intersection over union of each class, float `(K,)`; nan for a class that never appears.

        A class appears when a counted pixel is of this class, or predicted as this class.
        """
        intersection = self.matrix.diagonal()
        union = self.matrix.sum(0) + self.matrix.sum(1) - intersection
        return intersection / union

    def mean_iou(self) -> Tensor:
        """Return the mean of `iou()` over the classes that appear, a scalar."""
        return self.iou().nanmean()

    def pixel_accuracy(self) -> Tensor:
        """Return the share of counted pixels whose class is right, a scalar."""
        return self.matrix.diagonal().sum() / self.matrix.sum()
