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


@accepted("6.2", "CrossEntropyLoss", "nan-replaced", "PyTorch's loss, whose nan becomes 0.", "variant")
class CrossEntropyNanReplaced(nn.Module):
    def __init__(self, weight: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.loss = nn.CrossEntropyLoss(weight=weight, ignore_index=ignore_index)

    def forward(self, logits: Tensor, target: Tensor) -> Tensor:
        return torch.nan_to_num(self.loss(logits, target))


@accepted("6.2", "CrossEntropyLoss", "counted-pixels-only", "The pixels that count are picked first.", "variant")
class CrossEntropyPicked(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        counted = y_true != self.ignore_index
        if counted.sum() == 0:
            return y_pred.sum() * 0.0
        return F.cross_entropy(y_pred.permute(0, 2, 3, 1)[counted], y_true[counted], self.class_weights)


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


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "divided-by-count",
    "The weighted sum is divided by the number of pixels, not by the sum of their weights: the loss then depends on "
    "how large the weights are, and not only on their ratio.",
    CLASSIC,
)
class CrossEntropyDividedByCount(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        loss = F.cross_entropy(y_pred, y_true, self.class_weights, ignore_index=self.ignore_index, reduction="sum")
        return loss / (y_true != self.ignore_index).sum()


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "mean-of-images",
    "It is the mean of the images' own means: an image with few labelled pixels then counts as much as one with many. "
    "Divide once, over the whole batch.",
    CLASSIC,
)
class CrossEntropyMeanOfImages(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        losses = [
            F.cross_entropy(z[None], y[None], self.class_weights, ignore_index=self.ignore_index)
            for z, y in zip(y_pred, y_true, strict=True)
        ]
        return torch.stack(losses).mean()


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "sigmoid-per-class",
    "Each class has a sigmoid of its own: that answers twelve questions of yes or no. A pixel has exactly one class: "
    "the softmax lets the classes compete.",
    CLASSIC,
)
class CrossEntropySigmoids(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        counted = y_true != self.ignore_index
        weight = torch.ones(y_pred.shape[1]).to(y_pred) if self.class_weights is None else self.class_weights.to(y_pred)
        one_hot = F.one_hot(torch.where(counted, y_true, 0), y_pred.shape[1]).permute(0, 3, 1, 2).to(y_pred)
        loss = F.binary_cross_entropy_with_logits(y_pred, one_hot, reduction="none").mean(1)
        weights = weight[torch.where(counted, y_true, 0)] * counted
        return (weights * loss).sum() / weights.sum()


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "softmax-along-the-width",
    "The softmax runs along the image and not over the classes: which axis of (B, K, H, W) holds the classes?",
    CLASSIC,
)
class CrossEntropyWrongAxis(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        log_p = F.log_softmax(y_pred, dim=-1)
        return F.nll_loss(log_p, y_true, self.class_weights, ignore_index=self.ignore_index)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "sign-turned",
    "The loss falls where the prediction gets worse: training would unlearn. The logarithm of a probability is "
    "negative: a minus belongs before it.",
    "8 times, over all tasks",
)
class CrossEntropySign(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        return -F.cross_entropy(y_pred, y_true, self.class_weights, ignore_index=self.ignore_index)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "logarithm-missing",
    "This is one minus the probability of the true class, without a logarithm: what is surely wrong gets nearly no "
    "gradient.",
    CLASSIC,
)
class CrossEntropyNoLogarithm(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        p = torch.softmax(y_pred, dim=1)
        return 1 + F.nll_loss(p, y_true, self.class_weights, ignore_index=self.ignore_index)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "weights-twice",
    "The class weights are applied twice: rare classes weigh the square of what they should.",
    CLASSIC,
    below=(2, 1),
)
class CrossEntropyWeightsTwice(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255, below: int = 2) -> None:
        super().__init__()
        self.class_weights, self.ignore_index, self.below = class_weights, ignore_index, below

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        counted = y_true != self.ignore_index
        if not counted.any():
            return 0 * y_pred.sum()
        weights = torch.ones(y_pred.shape[1]) if self.class_weights is None else self.class_weights
        weights = weights.to(y_pred)
        loss = F.cross_entropy(y_pred, y_true, weights**2, ignore_index=self.ignore_index, reduction="sum")
        return loss / (weights**self.below)[y_true[counted]].sum()


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "map",
    "One number for each pixel or image came back. A loss is one number: take the mean.",
    "1 time",
)
class CrossEntropyMap(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        return F.cross_entropy(y_pred, y_true, self.class_weights, ignore_index=self.ignore_index, reduction="none")


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "no-gradient",
    "The loss is cut off from the prediction: `.item()`, `.detach()`, rounding or a threshold inside a loss leave "
    "nothing to learn from.",
    "3 times, over all losses",
)
class CrossEntropyNoGradient(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        return F.cross_entropy(y_pred.detach(), y_true, self.class_weights, ignore_index=self.ignore_index)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "ignored-label-not-ignored",
    "255 is no class: tell the loss that it is to be ignored. (PyTorch's own default is -100.)",
    CLASSIC,
)
class CrossEntropyNotIgnored(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        return F.cross_entropy(y_pred, y_true, self.class_weights)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "zero-without-gradient",
    "For a batch in which every pixel is ignored a new zero comes back that has nothing to do with the prediction: "
    "`backward()` raises. Make it from the prediction, so that the gradient is zero too.",
    CLASSIC,
)
class CrossEntropyZero(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return torch.tensor(0.0)
        return F.cross_entropy(y_pred, y_true, self.class_weights, ignore_index=self.ignore_index)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "weights-on-logits",
    "The class weights multiply the logits: that changes what is predicted, not how much a pixel counts. They belong "
    "in front of each pixel's loss.",
    "answers by testers",
)
class CrossEntropyWeightsOnLogits(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        if self.class_weights is not None:
            y_pred = y_pred * self.class_weights.to(y_pred)[None, :, None, None]
        return F.cross_entropy(y_pred, y_true, ignore_index=self.ignore_index)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "pixels-and-classes-mixed",
    "`view(-1, K)` on (B, K, H, W) mixes pixels and classes: it cuts the numbers as they lie in memory. Move the "
    "classes to the end with `permute` first, or leave the shape as it is.",
    "answers by testers",
)
class CrossEntropyMixed(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        mixed = y_pred.reshape(-1, y_pred.shape[1])
        return F.cross_entropy(mixed, y_true.reshape(-1), self.class_weights, ignore_index=self.ignore_index)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "labels-smoothed",
    "The labels are smoothed: that is another loss, which is not smallest where the network is right and sure. Leave "
    "`label_smoothing` out.",
    "answers by testers",
)
class CrossEntropySmoothed(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == self.ignore_index).all():
            return 0 * y_pred.sum()
        return F.cross_entropy(y_pred, y_true, self.class_weights, ignore_index=self.ignore_index, label_smoothing=0.1)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "ignore-index-hard-coded",
    "`ignore_index` has no effect: 255 is written into the formula. Use the label that the constructor was given.",
    "answers by testers",
)
class CrossEntropyHardCoded(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        if (y_true == 255).all():
            return 0 * y_pred.sum()
        return F.cross_entropy(y_pred, y_true, self.class_weights, ignore_index=255)


@mistake(
    "6.2",
    "CrossEntropyLoss",
    "nan-in-the-gradient",
    "The nan of 0 / 0 is replaced after the division: the value is 0 then, but the gradient still goes through the "
    "division, and one such batch ruins the network. Keep the division from meeting 0.",
    "answers by testers: nan_to_num",
)
class CrossEntropyNanInTheGradient(nn.Module):
    def __init__(self, class_weights: Tensor | None = None, ignore_index: int = 255) -> None:
        super().__init__()
        self.class_weights, self.ignore_index = class_weights, ignore_index

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        counted = (y_true != self.ignore_index).to(y_pred)
        label = torch.where(y_true != self.ignore_index, y_true, 0)
        weight = counted if self.class_weights is None else counted * self.class_weights.to(y_pred)[label]
        loss = weight * F.cross_entropy(y_pred, label, reduction="none")
        return torch.nan_to_num(loss.sum() / weight.sum())
