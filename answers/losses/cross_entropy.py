# ruff: noqa: D101, D102, D103 - an answer's documentation is the sentence in its mark
"""Known answers to task 6.2: CrossEntropyLoss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from answers.entry import accepted, mistake

CLASSIC = "classic slip"


@accepted("6.2", "CrossEntropyLoss", "log-softmax", "Log-softmax, then the entry of the true class.", "variant")
class CrossEntropyLogSoftmax(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        valid = y_true != self.ignore_index
        label = torch.where(valid, y_true, 0)
        loss = -F.log_softmax(y_pred, dim=1).gather(1, label.unsqueeze(1)).squeeze(1)
        weight = valid.to(loss.dtype)
        if self.class_weights is not None:
            weight = weight * self.class_weights.to(loss)[label]
        return (weight * loss).sum() / weight.sum().clamp(min=1e-12)


@accepted("6.2", "CrossEntropyLoss", "sum-over-weights", "A sum, divided by the sum of the weights.", "variant")
class CrossEntropySumOverWeights(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        weights = torch.ones(y_pred.shape[1]) if self.class_weights is None else self.class_weights
        weights = weights.to(y_pred)
        total = weights[y_true[y_true != self.ignore_index]].sum()
        loss = F.cross_entropy(y_pred, y_true, weights, ignore_index=self.ignore_index, reduction="sum")
        return loss / total if total > 0 else loss


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "softmax-twice",
    "The softmax is applied twice: cross-entropy expects logits, and applies it itself.",
    "7 times, over all losses",
)
class CrossEntropySoftmaxTwice(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        p = torch.softmax(y_pred, dim=1)
        return F.cross_entropy(p, y_true, self.class_weights, ignore_index=self.ignore_index)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "weights-ignored",
    "The class weights are taken, but not used: rare classes weigh as much as common ones.",
    CLASSIC,
)
class CrossEntropyWeightsIgnored(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.ignore_index = ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        return F.cross_entropy(y_pred, y_true, ignore_index=self.ignore_index)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "ignored-pixels-count",
    "Pixels without a label are taken for the first class: they must not count at all.",
    CLASSIC,
)
class CrossEntropyIgnoredCount(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.cross_entropy(y_pred, torch.where(y_true == self.ignore_index, 0, y_true), self.class_weights)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "divided-by-all-pixels",
    "The sum is divided by the number of all pixels, ignored ones too: the more are ignored, the smaller the loss. "
    "Divide by the weights of those that count.",
    "6 times, over all tasks",
)
class CrossEntropyDividedByAll(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        loss = F.cross_entropy(y_pred, y_true, self.class_weights, ignore_index=self.ignore_index, reduction="none")
        return loss.mean()


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "nan-when-all-ignored",
    "A batch in which every pixel is ignored gives 0 / 0, which is nan: one such batch ruins all weights. Return 0 "
    "for it.",
    "torch.nn.CrossEntropyLoss",
)
class CrossEntropyNan(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.cross_entropy(y_pred, y_true, self.class_weights, ignore_index=self.ignore_index)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "sum-not-mean",
    "The losses of the pixels are added up, not averaged: the result grows with the image and with the batch.",
    CLASSIC,
)
class CrossEntropySum(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.cross_entropy(y_pred, y_true, self.class_weights, ignore_index=self.ignore_index, reduction="sum")
