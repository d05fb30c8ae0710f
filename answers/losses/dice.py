# ruff: noqa: D101, D102, D103 - an answer's documentation is the sentence in its mark
"""Known answers to task 2.1: DiceLoss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from answers.entry import accepted, mistake

CLASSIC = "classic slip"
SMOOTH = (1.0, 2.0, 5.0, 10.0, 100.0, 0.5, 0.1, 1e-2, 1e-3, 1e-4, 1e-6, 0.0)
AXES = ((1, 2, 3), (0, 1, 2, 3))


@accepted(
    "2.1",
    "DiceLoss",
    "sheet",
    "The sheet's means over the batch: its +1 weighs as much as a whole image of foreground, so that predicting "
    "nothing costs little.",
    "8 times",
)
class DiceSheet(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return 1 - torch.mean(2 * p * y_true + 1) / (torch.mean(p + y_true) + 1)


@accepted("2.1", "DiceLoss", "sheet-per-image", "The sheet's means, for each image.", "2 times")
class DiceSheetPerImage(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        numerator = (2 * p * y_true + 1).mean(dim=(1, 2, 3))
        return (1 - numerator / ((p + y_true).mean(dim=(1, 2, 3)) + 1)).mean()


@accepted("2.1", "DiceLoss", "sums", "Sums over the whole batch.", "14 times", smooth=SMOOTH)
class DiceSums(nn.Module):
    def __init__(self, smooth: float = 1.0) -> None:
        super().__init__()
        self.smooth = smooth

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p, y = torch.sigmoid(y_pred).reshape(-1), y_true.reshape(-1)
        return 1 - (2 * (p * y).sum() + self.smooth) / (p.sum() + y.sum() + self.smooth)


@accepted(
    "2.1",
    "DiceLoss",
    "sums-along-axes",
    "Sums over the axes of an image, or over all.",
    "14 times",
    smooth=SMOOTH,
    axes=AXES,
)
class DiceSumsAlongAxes(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        total = p.sum(self.axes) + y_true.sum(self.axes)
        return 1 - ((2 * (p * y_true).sum(self.axes) + self.smooth) / (total + self.smooth)).mean()


@accepted("2.1", "DiceLoss", "sums-eps", "Sums over the whole batch, with a tiny number against 0 / 0.", "11 times")
class DiceSumsEps(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return 1 - 2 * (p * y_true).sum() / ((p + y_true).sum() + 1e-6)


@accepted("2.1", "DiceLoss", "sums-per-image", "Sums over each image.", "4 times", smooth=SMOOTH)
class DiceSumsPerImage(nn.Module):
    def __init__(self, smooth: float = 1.0) -> None:
        super().__init__()
        self.smooth = smooth

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p, y = torch.sigmoid(y_pred).flatten(1), y_true.flatten(1)
        return (1 - (2 * (p * y).sum(1) + self.smooth) / (p.sum(1) + y.sum(1) + self.smooth)).mean()


@accepted("2.1", "DiceLoss", "sums-eps-per-image", "Sums over each image, with a tiny number against 0 / 0.", "4 times")
class DiceSumsEpsPerImage(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        intersection = (p * y_true).sum(dim=(2, 3))
        total = p.sum(dim=(2, 3)) + y_true.sum(dim=(2, 3))
        return 1 - ((2 * intersection + 1e-8) / (total + 1e-8)).mean()


@accepted(
    "2.1",
    "DiceLoss",
    "smooth-below",
    "The smoothing stands in the denominator only.",
    "variant",
    smooth=SMOOTH,
    axes=AXES,
)
class DiceSmoothBelow(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        total = p.sum(self.axes) + y_true.sum(self.axes)
        return (1 - 2 * (p * y_true).sum(self.axes) / (total + self.smooth)).mean()


@accepted(
    "2.1",
    "DiceLoss",
    "squared-denominator",
    "Squares in the denominator, as in the V-Net paper.",
    "1 time",
    smooth=SMOOTH,
    axes=AXES,
)
class DiceSquaredDenominator(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        total = (p**2).sum(self.axes) + (y_true**2).sum(self.axes)
        dice = (2 * (p * y_true).sum(self.axes) + self.smooth) / (total + self.smooth)
        return 1 - dice.mean()


@accepted(
    "2.1", "DiceLoss", "sheet-squared-denominator", "The sheet's means, with squares below.", "variant", axes=AXES
)
class DiceSheetSquared(nn.Module):
    def __init__(self, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        below = (p**2 + y_true**2).mean(self.axes) + 1
        return (1 - (2 * p * y_true + 1).mean(self.axes) / below).mean()


@accepted("2.1", "DiceLoss", "counts", "From soft true positives, false positives and false negatives.", "variant")
class DiceCounts(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tp, fp, fn = (p * y_true).sum(), (p * (1 - y_true)).sum(), ((1 - p) * y_true).sum()
        return 1 - (2 * tp + 1e-7) / (2 * tp + fp + fn + 1e-7)


@accepted(
    "2.1", "DiceLoss", "earlier-years", "The target comes first, as in earlier years of the course.", "2019 hand-out"
)
class DiceEarlierYears(nn.Module):
    def forward(self, y_real: Tensor, y_pred: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return 1 - torch.mean(2 * y_real * p + 1) / (torch.mean(y_real + p) + 1)


@accepted("2.1", "DiceLoss", "function", "A function in place of a class.", "seen in public repositories")
def dice_function(y_real: Tensor, y_pred: Tensor) -> Tensor:
    p = torch.sigmoid(y_pred)
    return 1 - (2 * (p * y_real).sum() + 1) / (p.sum() + y_real.sum() + 1)


@accepted(
    "2.1",
    "DiceLoss",
    "both-classes",
    "The mean of the Dice losses of foreground and background.",
    "variant",
    smooth=(1.0, 1e-3, 1e-6, 0.0),
    axes=AXES,
)
class DiceBothClasses(nn.Module):
    def __init__(self, smooth: float = 1e-6, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.stack([torch.sigmoid(y_pred), torch.sigmoid(-y_pred)])
        y = torch.stack([y_true, 1 - y_true])
        axes = [axis + 1 for axis in self.axes]
        dice = (2 * (p * y).sum(axes) + self.smooth) / (p.sum(axes) + y.sum(axes) + self.smooth)
        return 1 - dice.mean()


@mistake(
    "2.1",
    "DiceLoss",
    "sigmoid-forgotten",
    "This is a Dice loss of the logits: turn them into probabilities first. (A Dice loss without a sigmoid is right "
    "only together with a network that ends in one; ours return logits.)",
    "10 times",
    smooth=(1.0, 1e-6),
    axes=AXES,
)
class DiceSigmoidForgotten(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = y_pred
        total = p.sum(self.axes) + y_true.sum(self.axes)
        return 1 - ((2 * (p * y_true).sum(self.axes) + self.smooth) / (total + self.smooth)).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "sigmoid-forgotten-sheet",
    "This is the sheet's Dice loss of the logits: turn them into probabilities first.",
    "10 times",
    axes=AXES,
)
class DiceSigmoidForgottenSheet(nn.Module):
    def __init__(self, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return 1 - ((2 * y_pred * y_true + 1).mean(self.axes) / ((y_pred + y_true).mean(self.axes) + 1)).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "sigmoid-twice",
    "The sigmoid is applied twice: no prediction is below 0.5, so that background always counts as half foreground.",
    "7 times, over all losses",
    smooth=(1.0, 1e-6),
    axes=AXES,
)
class DiceSigmoidTwice(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(torch.sigmoid(y_pred))
        total = p.sum(self.axes) + y_true.sum(self.axes)
        return 1 - ((2 * (p * y_true).sum(self.axes) + self.smooth) / (total + self.smooth)).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "softmax-of-one-channel",
    "A softmax over a single channel is 1 everywhere, whatever the network says. Two classes in one channel need the "
    "sigmoid.",
    CLASSIC,
)
class DiceSoftmax(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.softmax(y_pred, dim=1)
        return 1 - (2 * (p * y_true).sum() + 1) / (p.sum() + y_true.sum() + 1)


@mistake(
    "2.1",
    "DiceLoss",
    "factor-two-missing",
    "The 2 in front of the intersection is missing: a perfect prediction would still cost about one half.",
    "6 times, over all tasks",
    smooth=(1.0, 1e-6),
    axes=AXES,
)
class DiceFactorTwoMissing(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        total = p.sum(self.axes) + y_true.sum(self.axes)
        return 1 - (((p * y_true).sum(self.axes) + self.smooth) / (total + self.smooth)).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "factor-two-missing-sheet",
    "The 2 in the sheet's numerator is missing: a perfect prediction would still cost something.",
    "6 times, over all tasks",
)
class DiceFactorTwoMissingSheet(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return 1 - torch.mean(p * y_true + 1) / (torch.mean(p + y_true) + 1)


@mistake(
    "2.1",
    "DiceLoss",
    "complement-missing",
    "This is the Dice coefficient itself: it is largest for a perfect mask, so minimising it unlearns. The loss is one "
    "minus it.",
    "8 times, over all tasks",
    smooth=(1.0, 1e-6),
    axes=AXES,
)
class DiceComplementMissing(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        total = p.sum(self.axes) + y_true.sum(self.axes)
        return ((2 * (p * y_true).sum(self.axes) + self.smooth) / (total + self.smooth)).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "complement-missing-sheet",
    "This is the sheet's fraction without the one minus in front: it is largest for a perfect mask.",
    "8 times, over all tasks",
)
class DiceComplementMissingSheet(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return torch.mean(2 * p * y_true + 1) / (torch.mean(p + y_true) + 1)


@mistake(
    "2.1",
    "DiceLoss",
    "negative",
    "This is minus the Dice coefficient. It trains alike, but a perfect mask costs -1: the loss asked for is one minus "
    "Dice, between 0 and 1.",
    CLASSIC,
    smooth=(1.0, 1e-6),
    axes=AXES,
)
class DiceNegative(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        total = p.sum(self.axes) + y_true.sum(self.axes)
        return -((2 * (p * y_true).sum(self.axes) + self.smooth) / (total + self.smooth)).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "background-counted",
    "Agreement on the background counts as overlap: this is the accuracy, which is high for an empty prediction. Dice "
    "looks at the foreground only.",
    "2 times",
    smooth=(*SMOOTH, 0.0),
)
class DiceBackgroundCounted(nn.Module):
    def __init__(self, smooth: float = 1.0) -> None:
        super().__init__()
        self.smooth = smooth

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        agreeing = (p * y_true + (1 - p) * (1 - y_true)).sum()
        return 1 - (2 * agreeing + self.smooth) / (2 * y_true.numel() + self.smooth)


@mistake(
    "2.1",
    "DiceLoss",
    "iou",
    "This is one minus the IoU: its denominator is the union. Dice has the sum of the two areas there, and twice the "
    "intersection above.",
    CLASSIC,
    smooth=(1.0, 1e-6),
    axes=AXES,
)
class DiceIou(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        intersection = (p * y_true).sum(self.axes)
        union = p.sum(self.axes) + y_true.sum(self.axes) - intersection
        return 1 - ((intersection + self.smooth) / (union + self.smooth)).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "per-pixel",
    "The fraction is formed for each pixel, and then averaged: all the correct background counts as perfect overlap. "
    "Sum first, divide then.",
    CLASSIC,
)
class DicePerPixel(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return 1 - ((2 * p * y_true + 1) / (p + y_true + 1)).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "hard-coded-size",
    "The sums are divided by a fixed image size: right for that size only. Let the tensors say how many pixels they "
    "have.",
    "6 times, over all tasks",
)
class DiceHardCodedSize(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return 1 - ((2 * p * y_true).sum() / (128 * 128) + 1) / ((p + y_true).sum() / (128 * 128) + 1)


@mistake(
    "2.1",
    "DiceLoss",
    "target-not-below",
    "The denominator has only the predicted area: foreground that is missed costs nothing.",
    CLASSIC,
)
class DiceTargetNotBelow(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return 1 - (2 * (p * y_true).sum() + 1) / (2 * p.sum() + 1)


@mistake(
    "2.1",
    "DiceLoss",
    "smooth-doubled",
    "The 2 multiplies the smoothing as well: a perfect prediction gives less than 0. Look at the brackets.",
    CLASSIC,
    smooth=(1.0,),
    axes=AXES,
)
class DiceSmoothDoubled(nn.Module):
    def __init__(self, smooth: float = 1.0, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.smooth, self.axes = smooth, axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        total = p.sum(self.axes) + y_true.sum(self.axes)
        return 1 - (2 * ((p * y_true).sum(self.axes) + self.smooth) / (total + self.smooth)).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "smooth-above-only",
    "The smoothing stands in the numerator only: a perfect prediction gives less than 0.",
    CLASSIC,
    axes=AXES,
)
class DiceSmoothAboveOnly(nn.Module):
    def __init__(self, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return 1 - ((2 * (p * y_true).sum(self.axes) + 1) / (p.sum(self.axes) + y_true.sum(self.axes))).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "thresholded",
    "The prediction is cut to 0 or 1 first. That is the metric: its gradient is zero everywhere, so a network cannot "
    "learn from it. The loss uses the probabilities.",
    "3 times, over all losses",
)
class DiceThresholded(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        mask = (torch.sigmoid(y_pred) > 0.5).float()
        return 1 - (2 * (mask * y_true).sum() + 1) / (mask.sum() + y_true.sum() + 1)


@mistake(
    "2.1",
    "DiceLoss",
    "cross-entropy-added",
    "A cross-entropy is added to the Dice loss. That is a good loss, but another task: here Dice alone is asked for.",
    CLASSIC,
    axes=AXES,
)
class DiceCrossEntropyAdded(nn.Module):
    def __init__(self, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        dice = (2 * (p * y_true).sum(self.axes) + 1) / (p.sum(self.axes) + y_true.sum(self.axes) + 1)
        return 1 - dice.mean() + F.binary_cross_entropy_with_logits(y_pred, y_true)


@mistake(
    "2.1",
    "DiceLoss",
    "sum-over-batch",
    "The losses of the images are added up: the result grows with the batch and leaves [0, 1]. Take their mean.",
    CLASSIC,
)
class DiceSumOverBatch(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p, y = torch.sigmoid(y_pred).flatten(1), y_true.flatten(1)
        return (1 - (2 * (p * y).sum(1) + 1) / (p.sum(1) + y.sum(1) + 1)).sum()


@mistake(
    "2.1",
    "DiceLoss",
    "map",
    "One number for each pixel or image came back. A loss is one number: take the mean.",
    "1 time",
)
class DiceMap(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p, y = torch.sigmoid(y_pred).flatten(1), y_true.flatten(1)
        return 1 - (2 * (p * y).sum(1) + 1) / (p.sum(1) + y.sum(1) + 1)


@mistake(
    "2.1",
    "DiceLoss",
    "arguments-swapped",
    "Prediction and target have changed places: the sigmoid was applied to the mask, and the logits were taken for the "
    "target.",
    "3 times",
)
class DiceArgumentsSwapped(nn.Module):
    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        p = torch.sigmoid(b)
        return 1 - (2 * (p * a).sum() + 1) / (p.sum() + a.sum() + 1)


@mistake(
    "2.1",
    "DiceLoss",
    "no-gradient",
    "The loss is cut off from the prediction: `.item()`, `.detach()`, rounding or a threshold inside a loss leave "
    "nothing to learn from.",
    "3 times, over all losses",
)
class DiceNoGradient(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> float:
        p = torch.sigmoid(y_pred)
        return 1 - (2 * (p * y_true).sum().item() + 1) / (p.sum().item() + y_true.sum().item() + 1)


@mistake(
    "2.1",
    "DiceLoss",
    "per-row",
    "The sums run along one axis only: a coefficient for each row or column, averaged. Rows without foreground then "
    "count as much as the cell. Sum over both axes of an image.",
    "answers by testers",
    axis=(-1, -2),
    smooth=SMOOTH,
)
class DicePerRow(nn.Module):
    def __init__(self, smooth: float = 1.0, axis: int = -1) -> None:
        super().__init__()
        self.smooth, self.axis = smooth, axis

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        intersection, total = (p * y_true).sum(self.axis), (p + y_true).sum(self.axis)
        return 1 - ((2 * intersection + self.smooth) / (total + self.smooth)).mean()


@mistake(
    "2.1",
    "DiceLoss",
    "product-of-sums",
    "Prediction and target are summed before they are multiplied: where they lie no longer matters. Multiply pixel by "
    "pixel, and sum then.",
    "answers by testers",
    reduce=(torch.mean, torch.sum),
)
class DiceProductOfSums(nn.Module):
    def __init__(self, smooth: float = 1.0, reduce=torch.mean) -> None:
        super().__init__()
        self.smooth, self.reduce = smooth, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        intersection = self.reduce(p * y_true.sum())
        return 1 - (2 * intersection + self.smooth) / (p.sum() + y_true.sum() + self.smooth)


@mistake(
    "2.1",
    "DiceLoss",
    "scaled-instead-of-sigmoid",
    "The logits are scaled to 0 to 1 by the smallest and the largest of the batch: what a pixel's logit means then "
    "depends on all others. Use the sigmoid.",
    "answers by testers",
)
class DiceScaled(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = (y_pred - y_pred.min()) / (y_pred.max() - y_pred.min() + 1e-8)
        return 1 - (2 * (p * y_true).sum() + 1) / (p.sum() + y_true.sum() + 1)
