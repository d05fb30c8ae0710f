# ruff: noqa: D101, D102, D103 - an answer's documentation is the sentence in its mark
"""Known answers to the losses: tasks 1.2, 2.1 to 2.5, and the loss of 6.2.

Within a task the accepted answers come first. A number in `source` counts how often an answer occurs in public
repositories with solutions to the exercise sheet.
"""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from answers.entry import accepted, mistake

SHEET = "exercise sheet"
CLASSIC = "classic slip"
EPS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4)
SMOOTH = (1.0, 2.0, 0.5, 0.1, 1e-2, 1e-3, 1e-4, 1e-6, 0.0)
SHARES = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9)  # of two classes: neither may have none
ALPHAS = (*SHARES, 1.0)
AXES = ((1, 2, 3), (0, 1, 2, 3))
REDUCE = (torch.mean, torch.sum)
WEIGHTS = (1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.25, 0.3, 0.5, 1.0, 2.0, 5.0, 10.0)
TINY_WEIGHTS = (1e-6, 2e-6, 5e-6, 1e-5, 2e-5, 5e-5)
SOME_WEIGHTS = (1.0, 0.5, 0.1, 0.05, 0.01, 1e-3, 1e-4)

# ---------------------------------------------------------------------------------------------------- 1.2 BCELoss


@accepted("1.2", "BCELoss", "sheet-mean", "The sheet's simplified formula: right, until exp(-z) overflows.", SHEET)
class BceSheetMean(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return torch.mean(y_pred - y_true * y_pred + torch.log(1 + torch.exp(-y_pred)))


@accepted("1.2", "BCELoss", "sheet-sum", "The sheet's simplified formula, summed over all pixels.", SHEET)
class BceSheetSum(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return torch.sum(y_pred - y_true * y_pred + torch.log(1 + torch.exp(-y_pred)))


@accepted("1.2", "BCELoss", "sum-per-image", "Summed over the pixels, averaged over the images.", SHEET)
class BceSumPerImage(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return (y_pred - y_true * y_pred + F.softplus(-y_pred)).flatten(1).sum(1).mean()


@accepted(
    "1.2", "BCELoss", "earlier-years", "The target comes first, as in earlier years of the course.", "2019 hand-out"
)
class BceEarlierYears(nn.Module):
    def forward(self, y_real: Tensor, y_pred: Tensor) -> Tensor:
        return torch.mean(y_pred - y_real * y_pred + torch.log(1 + torch.exp(-y_pred)))


@accepted("1.2", "BCELoss", "function", "A function in place of a class.", "seen in public repositories")
def bce_function(y_real: Tensor, y_pred: Tensor) -> Tensor:
    return torch.mean(y_pred - y_real * y_pred + torch.log(1 + torch.exp(-y_pred)))


@accepted("1.2", "BCELoss", "with-logits", "PyTorch's own stable form.", "9 times")
class BceWithLogits(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(y_pred, y_true)


@accepted("1.2", "BCELoss", "with-logits-sum", "PyTorch's own stable form, summed.", "real answers")
class BceWithLogitsSum(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.loss = nn.BCEWithLogitsLoss(reduction="sum")

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return self.loss(y_pred, y_true)


@accepted("1.2", "BCELoss", "max-form", "The textbook's stable form: exp never sees a positive number.", "3 times")
class BceMaxForm(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return (y_pred.clamp(min=0) - y_true * y_pred + torch.log(1 + torch.exp(-y_pred.abs()))).mean()


@accepted("1.2", "BCELoss", "softplus", "Softplus is log(1 + exp(z)) without overflow.", "1 time")
class BceSoftplus(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return (F.softplus(y_pred) - y_true * y_pred).mean()


@accepted("1.2", "BCELoss", "naive", "The definition, word for word: the logarithm of a rounded 0 is infinite.", SHEET)
class BceNaive(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return -(y_true * torch.log(p) + (1 - y_true) * torch.log(1 - p)).mean()


@accepted("1.2", "BCELoss", "naive-sum", "The definition, word for word, with its sum.", SHEET)
class BceNaiveSum(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return -torch.sum(y_true * torch.log(p) + (1 - y_true) * torch.log(1 - p))


@accepted(
    "1.2", "BCELoss", "naive-eps", "A small number inside the logarithm keeps it finite.", "real answers", eps=EPS
)
class BceNaiveEps(nn.Module):
    def __init__(self, eps: float = 1e-7) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return -torch.mean(y_true * torch.log(p + self.eps) + (1 - y_true) * torch.log(1 - p + self.eps))


@accepted("1.2", "BCELoss", "clamped", "Probabilities kept away from 0 and 1: finite, flat beyond.", "real answers")
class BceClamped(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred).clamp(1e-6, 1 - 1e-6)
        return -(y_true * p.log() + (1 - y_true) * (1 - p).log()).mean()


@accepted(
    "1.2", "BCELoss", "sigmoid-bce", "PyTorch cuts this logarithm off at -100: finite, but flat beyond.", "1 time"
)
class BceOfSigmoid(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.binary_cross_entropy(torch.sigmoid(y_pred), y_true)


@mistake(
    "1.2",
    "BCELoss",
    "sigmoid-twice",
    "The sigmoid is applied twice: predictions end up between 0.5 and 0.731, and the loss can never get near 0. "
    "Look at what the loss function that you call expects, logits or probabilities.",
    "7 times, over all losses",
)
class BceSigmoidTwice(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(torch.sigmoid(y_pred), y_true)


@mistake(
    "1.2",
    "BCELoss",
    "not-finite",
    "The prediction goes into the logarithm as it comes. It is a logit and can be negative: turn it into a probability "
    "first.",
    "17 times, over all losses",
)
class BceSigmoidForgotten(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return -(y_true * torch.log(y_pred) + (1 - y_true) * torch.log(1 - y_pred)).mean()


@mistake(
    "1.2",
    "BCELoss",
    "sigmoid-forgotten-clamped",
    "The prediction is taken for a probability and cut to between 0 and 1. It is a logit: most pixels end up at the "
    "bounds, where nothing is learned.",
    CLASSIC,
)
class BceSigmoidForgottenClamped(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.binary_cross_entropy(y_pred.clamp(0, 1), y_true)


@mistake(
    "1.2",
    "BCELoss",
    "sign-turned",
    "The minus in front of the sum is missing: training would make the prediction as wrong as it can be.",
    "8 times, over all tasks",
)
class BceSignTurned(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return (y_true * F.logsigmoid(y_pred) + (1 - y_true) * F.logsigmoid(-y_pred)).mean()


@mistake(
    "1.2",
    "BCELoss",
    "minus-on-first-term",
    "The minus reaches only the first of the two terms: it belongs in front of their sum. Look at the brackets.",
    CLASSIC,
)
class BceMinusOnFirstTerm(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return (-y_true * F.logsigmoid(y_pred) + (1 - y_true) * F.logsigmoid(-y_pred)).mean()


@mistake(
    "1.2",
    "BCELoss",
    "classes-swapped",
    "Foreground and background have changed places: the loss is smallest for the inverted mask. Which term does the "
    "target multiply?",
    "8 times, over all tasks",
)
class BceClassesSwapped(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return -((1 - y_true) * F.logsigmoid(y_pred) + y_true * F.logsigmoid(-y_pred)).mean()


@mistake(
    "1.2",
    "BCELoss",
    "arguments-swapped",
    "Prediction and target have changed places: the prediction comes first. The logits were taken for the target.",
    "3 times",
)
class BceArgumentsSwapped(nn.Module):
    def forward(self, a: Tensor, b: Tensor) -> Tensor:
        return torch.mean(b - a * b + torch.log(1 + torch.exp(-b)))


@mistake(
    "1.2",
    "BCELoss",
    "foreground-only",
    "The term for background pixels is missing: predicting foreground everywhere would cost nothing.",
    CLASSIC,
)
class BceForegroundOnly(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return -(y_true * F.logsigmoid(y_pred)).mean()


@mistake(
    "1.2",
    "BCELoss",
    "background-only",
    "The term for foreground pixels is missing: predicting background everywhere would cost nothing.",
    CLASSIC,
)
class BceBackgroundOnly(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return -((1 - y_true) * F.logsigmoid(-y_pred)).mean()


@mistake(
    "1.2",
    "BCELoss",
    "target-forgotten",
    "The target does not occur in the result: the loss is the same whatever is asked for. A term of the formula was "
    "left out.",
    CLASSIC,
)
class BceTargetForgotten(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return torch.mean(y_pred + torch.log(1 + torch.exp(-y_pred)))


@mistake(
    "1.2",
    "BCELoss",
    "exponent-sign",
    "The exponent has the wrong sign. Check the formula at a large positive logit on foreground: the loss should be "
    "about 0.",
    CLASSIC,
)
class BceExponentSign(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return torch.mean(y_pred - y_true * y_pred + torch.log(1 + torch.exp(y_pred)))


@mistake(
    "1.2",
    "BCELoss",
    "product-sign",
    "The product of target and prediction has the wrong sign: foreground is punished for being found.",
    CLASSIC,
)
class BceProductSign(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return torch.mean(y_pred + y_true * y_pred + torch.log(1 + torch.exp(-y_pred)))


@mistake(
    "1.2",
    "BCELoss",
    "abs-forgotten",
    "The stable form takes the absolute value of the logit inside the exponential; here it is missing, or has lost "
    "its minus.",
    CLASSIC,
)
class BceAbsForgotten(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return (y_pred.clamp(min=0) - y_true * y_pred + torch.log(1 + torch.exp(-y_pred))).mean()


@mistake(
    "1.2",
    "BCELoss",
    "other-logarithm",
    "The logarithm has another base: cross-entropy is meant with the natural one.",
    CLASSIC,
)
class BceOtherLogarithm(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return -(y_true * torch.log10(p) + (1 - y_true) * torch.log10(1 - p)).mean()


@mistake(
    "1.2",
    "BCELoss",
    "squared-error",
    "This is the squared error of the probabilities, not their cross-entropy: confident mistakes cost too little.",
    CLASSIC,
)
class BceSquaredError(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.mse_loss(torch.sigmoid(y_pred), y_true)


@mistake(
    "1.2",
    "BCELoss",
    "first-image-only",
    "Only the first image of the batch counts: right for one image, wrong for several.",
    CLASSIC,
)
class BceFirstImageOnly(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(y_pred[0], y_true[0])


@mistake(
    "1.2",
    "BCELoss",
    "map",
    "One number for each pixel or image came back. A loss is one number: take the mean.",
    "1 time",
)
class BceMap(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return y_pred - y_true * y_pred + torch.log(1 + torch.exp(-y_pred))


@mistake(
    "1.2",
    "BCELoss",
    "no-gradient",
    "The loss is cut off from the prediction: `.item()`, `.detach()`, rounding or a threshold inside a loss leave "
    "nothing to learn from.",
    "3 times, over all losses",
)
class BceNoGradient(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> float:
        return torch.mean(y_pred - y_true * y_pred + torch.log(1 + torch.exp(-y_pred))).item()


# --------------------------------------------------------------------------------------------------- 2.1 DiceLoss


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
        total = y_pred.sum(self.axes) + y_true.sum(self.axes)
        return 1 - ((2 * (y_pred * y_true).sum(self.axes) + self.smooth) / (total + self.smooth)).mean()


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
)
class DiceBackgroundCounted(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        agreeing = (p * y_true + (1 - p) * (1 - y_true)).sum()
        return 1 - (2 * agreeing + 1) / (2 * y_true.numel() + 1)


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
    axes=AXES,
)
class DiceSmoothDoubled(nn.Module):
    def __init__(self, axes: tuple = (0, 1, 2, 3)) -> None:
        super().__init__()
        self.axes = axes

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        total = p.sum(self.axes) + y_true.sum(self.axes)
        return 1 - (2 * ((p * y_true).sum(self.axes) + 1) / (total + 1)).mean()


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


# -------------------------------------------------------------------------------------------------- 2.2 FocalLoss


@accepted("2.2", "FocalLoss", "from-cross-entropy", "Both classes, one alpha, mean.", "14 times", alpha=ALPHAS)
class FocalFromCrossEntropy(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 0.25) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (self.alpha * (1 - torch.exp(-bce)) ** self.gamma * bce).mean()


@accepted("2.2", "FocalLoss", "gamma-fixed", "Both classes, gamma written as 2 into the formula.", "real answers")
class FocalGammaFixed(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        foreground = (1 - p) ** 2 * y_true * F.logsigmoid(y_pred)
        return -(foreground + p**2 * (1 - y_true) * F.logsigmoid(-y_pred)).mean()


@accepted("2.2", "FocalLoss", "both-sum", "Both classes, one alpha, sum over all pixels.", "real answers", alpha=ALPHAS)
class FocalBothSum(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p_t = torch.exp(-F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none"))
        return -torch.sum(self.alpha * (1 - p_t) ** self.gamma * torch.log(p_t))


@accepted("2.2", "FocalLoss", "both-sum-per-image", "Both classes, summed over each image.", "1 time", alpha=ALPHAS)
class FocalBothSumPerImage(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (self.alpha * (1 - torch.exp(-bce)) ** self.gamma * bce).sum(dim=(1, 2, 3)).mean()


@accepted("2.2", "FocalLoss", "alpha-t", "Both classes, weighed by alpha and 1 - alpha.", "10 times", alpha=SHARES)
class FocalAlphaT(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 0.25) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        p_t = p * y_true + (1 - p) * (1 - y_true)
        alpha_t = self.alpha * y_true + (1 - self.alpha) * (1 - y_true)
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (alpha_t * (1 - p_t) ** self.gamma * bce).mean()


@accepted("2.2", "FocalLoss", "alpha-t-sum", "Weighed by alpha and 1 - alpha, summed.", "real answers", alpha=SHARES)
class FocalAlphaTSum(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 0.75) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_real: Tensor, y_pred: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        foreground = self.alpha * (1 - p) ** self.gamma * y_real * torch.log(p)
        background = (1 - self.alpha) * p**self.gamma * (1 - y_real) * torch.log(1 - p)
        return -torch.sum(foreground + background)


@accepted("2.2", "FocalLoss", "torchvision", "torchvision's own focal loss: alpha is 0.25 there.", "variant")
class FocalTorchvision(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        from torchvision.ops import sigmoid_focal_loss

        return sigmoid_focal_loss(y_pred, y_true, gamma=self.gamma, reduction="mean")


@accepted("2.2", "FocalLoss", "both-eps", "Both classes, a small number inside the logarithm.", "variant", eps=EPS)
class FocalBothEps(nn.Module):
    def __init__(self, gamma: float = 2.0, eps: float = 1e-8) -> None:
        super().__init__()
        self.gamma, self.eps = gamma, eps

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        foreground = (1 - p) ** self.gamma * y_true * torch.log(p + self.eps)
        return -(foreground + p**self.gamma * (1 - y_true) * torch.log(1 - p + self.eps)).mean()


@accepted("2.2", "FocalLoss", "inverse-frequency", "Both classes, weighed by their inverse frequency.", SHEET)
class FocalInverseFrequency(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        foreground = y_true.mean().clamp(1e-6, 1 - 1e-6)
        alpha_t = y_true / foreground + (1 - y_true) / (1 - foreground)
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (alpha_t * (1 - torch.exp(-bce)) ** self.gamma * bce).mean()


@accepted(
    "2.2",
    "FocalLoss",
    "sheet-mean",
    "The sheet's formula: the factor stands on the foreground only, so that the easy background keeps its full weight.",
    "7 times",
    alpha=ALPHAS,
)
class FocalSheetMean(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        loss = (1 - p) ** self.gamma * y_true * torch.log(p) + (1 - y_true) * torch.log(1 - p)
        return -self.alpha * loss.mean()


@accepted("2.2", "FocalLoss", "sheet-sum", "The sheet's formula with its sum.", "7 times", alpha=ALPHAS)
class FocalSheetSum(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        foreground = (1 - p) ** self.gamma * y_true * F.logsigmoid(y_pred)
        return -self.alpha * torch.sum(foreground + (1 - y_true) * F.logsigmoid(-y_pred))


@accepted("2.2", "FocalLoss", "sheet-sum-per-image", "The sheet's formula, summed over each image.", "1 time")
class FocalSheetSumPerImage(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        foreground = torch.sigmoid(-y_pred) ** self.gamma * y_true * F.logsigmoid(y_pred)
        return -(foreground + (1 - y_true) * F.logsigmoid(-y_pred)).flatten(1).sum(1).mean()


@accepted(
    "2.2", "FocalLoss", "sheet-alpha-t", "The sheet's formula, weighed by alpha and 1 - alpha.", SHEET, alpha=SHARES
)
class FocalSheetAlphaT(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 0.25) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        foreground = self.alpha * torch.sigmoid(-y_pred) ** self.gamma * y_true * F.logsigmoid(y_pred)
        return -(foreground + (1 - self.alpha) * (1 - y_true) * F.logsigmoid(-y_pred)).mean()


@accepted("2.2", "FocalLoss", "sheet-fixed", "The sheet's formula as a function, gamma written into it.", SHEET)
def focal_sheet_function(y_real: Tensor, y_pred: Tensor) -> Tensor:
    p = torch.sigmoid(y_pred)
    return -((1 - p) ** 2 * y_real * torch.log(p + 1e-8) + (1 - y_real) * torch.log(1 - p + 1e-8)).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "scalar-factor",
    "The factor is computed from the mean cross-entropy: one number for all pixels, so that easy and hard pixels weigh "
    "alike again. Keep the map of losses until each pixel has its factor, and average last.",
    "4 times",
    alpha=ALPHAS,
)
class FocalScalarFactor(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true)
        return self.alpha * (1 - torch.exp(-bce)) ** self.gamma * bce


@mistake(
    "2.2",
    "FocalLoss",
    "easy-counts-more",
    "The factor grows with the confidence in the true class: easy pixels count more instead of less.",
    CLASSIC,
    alpha=(1.0, 0.25),
)
class FocalEasyCountsMore(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (self.alpha * torch.exp(-bce) ** self.gamma * bce).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "foreground-factor-everywhere",
    "Background pixels get the factor of foreground pixels: the surer the network is of the background, the more it "
    "counts. What is the probability of the true class on background?",
    CLASSIC,
    alpha=(1.0, 0.25),
)
class FocalForegroundFactorEverywhere(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (self.alpha * (1 - torch.sigmoid(y_pred)) ** self.gamma * bce).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "background-factor-only",
    "Only the background has the factor, the foreground has none: the rare class is the one whose hard pixels matter.",
    CLASSIC,
)
class FocalBackgroundFactorOnly(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        background = torch.sigmoid(y_pred) ** self.gamma * (1 - y_true) * F.logsigmoid(-y_pred)
        return -(y_true * F.logsigmoid(y_pred) + background).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "background-missing",
    "The term for background pixels is missing: predicting foreground everywhere would cost nothing.",
    CLASSIC,
    alpha=(1.0, 0.25),
)
class FocalBackgroundMissing(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return -(self.alpha * torch.sigmoid(-y_pred) ** self.gamma * y_true * F.logsigmoid(y_pred)).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "factor-missing",
    "This is the plain cross-entropy, or a multiple of it: no pixel has the factor that discounts the easy ones.",
    CLASSIC,
    alpha=ALPHAS,
)
class FocalFactorMissing(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return self.alpha * F.binary_cross_entropy_with_logits(y_pred, y_true)


@mistake(
    "2.2",
    "FocalLoss",
    "gamma-multiplies",
    "Gamma multiplies the factor; it is meant as its exponent.",
    CLASSIC,
)
class FocalGammaMultiplies(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (self.gamma * (1 - torch.exp(-bce)) * bce).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "gamma-ignored",
    "The loss is the same for every gamma: the constructor takes it, but the formula has a number in its place.",
    CLASSIC,
)
class FocalGammaIgnored(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return ((1 - torch.exp(-bce)) ** 2 * bce).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "power-inside",
    "The power is taken before the subtraction: the factor is (1 - p) to the gamma, not 1 - p to the gamma.",
    CLASSIC,
)
class FocalPowerInside(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return ((1 - torch.exp(-bce) ** self.gamma) * bce).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "logarithm-missing",
    "The logarithm is missing: only the factor is left, and confident mistakes cost at most 1.",
    CLASSIC,
)
class FocalLogarithmMissing(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return ((1 - torch.exp(-bce)) ** self.gamma).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "weights-from-logits",
    "The factor is computed from the logits, which can be larger than 1 and negative: it belongs to the probability of "
    "the true class.",
    "17 times, over all losses",
    alpha=(1.0, 0.25),
)
class FocalWeightsFromLogits(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        p_t = y_pred * y_true + (1 - y_pred) * (1 - y_true)
        return (self.alpha * (1 - p_t) ** self.gamma * bce).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "weights-from-logits-sheet",
    "The sheet's factor is computed from the logits: it is one minus the probability, so the sigmoid comes first.",
    "17 times, over all losses",
)
class FocalWeightsFromLogitsSheet(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        foreground = (1 - y_pred) ** self.gamma * y_true * F.logsigmoid(y_pred)
        return -(foreground + (1 - y_true) * F.logsigmoid(-y_pred)).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "sigmoid-twice",
    "The sigmoid is applied twice: predictions end up between 0.5 and 0.731. Look at what the cross-entropy that you "
    "call expects, logits or probabilities.",
    "7 times, over all losses",
    alpha=(1.0, 0.25),
)
class FocalSigmoidTwice(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(torch.sigmoid(y_pred), y_true, reduction="none")
        return (self.alpha * (1 - torch.exp(-bce)) ** self.gamma * bce).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "sign-turned",
    "The minus in front is missing: training would make the prediction as wrong as it can be.",
    "8 times, over all tasks",
)
class FocalSignTurned(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        foreground = (1 - p) ** self.gamma * y_true * torch.log(p)
        return (foreground + p**self.gamma * (1 - y_true) * torch.log(1 - p)).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "minus-on-first-term",
    "The minus reaches only the first of the two terms: it belongs in front of their sum. Look at the brackets.",
    CLASSIC,
)
class FocalMinusOnFirstTerm(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return (-((1 - p) ** self.gamma) * y_true * torch.log(p) + (1 - y_true) * torch.log(1 - p)).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "factor-detached",
    "The factor is cut off from the gradient: the value is right, but the gradient is not that of this loss.",
    CLASSIC,
)
class FocalFactorDetached(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return ((1 - torch.exp(-bce.detach())) ** self.gamma * bce).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "map",
    "One number for each pixel or image came back. A loss is one number: take the mean.",
    "1 time",
)
class FocalMap(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (1 - torch.exp(-bce)) ** self.gamma * bce


@mistake(
    "2.2",
    "FocalLoss",
    "no-gradient",
    "The loss is cut off from the prediction: `.item()`, `.detach()`, rounding or a threshold inside a loss leave "
    "nothing to learn from.",
    "3 times, over all losses",
)
class FocalNoGradient(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none").detach()
        return ((1 - torch.exp(-bce)) ** self.gamma * bce).mean()


# ------------------------------------------------------------------------------------ 2.3 BCELoss_TotalVariation


@accepted("2.3", "BCELoss_TotalVariation", "mean", "Means over the pairs, another weight.", "8 times", weight=WEIGHTS)
class TvMean(nn.Module):
    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = torch.mean(torch.abs(p[:, :, 1:] - p[:, :, :-1])) + torch.mean(torch.abs(p[..., 1:] - p[..., :-1]))
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@accepted("2.3", "BCELoss_TotalVariation", "mean-fixed", "Means over the pairs, a fixed weight.", "8 times")
class TvMeanFixed(nn.Module):
    def forward(self, y_real: Tensor, y_pred: Tensor) -> Tensor:
        bce = torch.mean(y_pred - y_real * y_pred + torch.log(1 + torch.exp(-y_pred)))
        p = torch.sigmoid(y_pred)
        return bce + 0.01 * (p.diff(dim=2).abs().mean() + p.diff(dim=3).abs().mean())


@accepted(
    "2.3",
    "BCELoss_TotalVariation",
    "sum",
    "The sheet's sums.",
    "2 times",
    weight=WEIGHTS + TINY_WEIGHTS,
    bce=("mean", "sum"),
)
class TvSum(nn.Module):
    def __init__(self, weight: float = 0.1, bce: str = "mean") -> None:
        super().__init__()
        self.weight, self.bce = weight, bce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = (p[:, :, 1:, :] - p[:, :, :-1, :]).abs().sum() + (p[:, :, :, 1:] - p[:, :, :, :-1]).abs().sum()
        return F.binary_cross_entropy_with_logits(y_pred, y_true, reduction=self.bce) + self.weight * tv


@accepted("2.3", "BCELoss_TotalVariation", "sum-of-all", "Sums for both terms, as the sheet writes them.", SHEET)
class TvSumOfAll(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        bce = torch.sum(y_pred - y_true * y_pred + torch.log(1 + torch.exp(-y_pred)))
        return bce + p.diff(dim=2).abs().sum() + p.diff(dim=3).abs().sum()


@accepted(
    "2.3",
    "BCELoss_TotalVariation",
    "sum-per-image",
    "Sums over each image, averaged over the batch.",
    "1 time",
    weight=WEIGHTS + TINY_WEIGHTS,
)
class TvSumPerImage(nn.Module):
    def __init__(self, weight: float = 0.01) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = (p[:, :, 1:, :] - p[:, :, :-1, :]).abs().sum() + (p[:, :, :, 1:] - p[:, :, :, :-1]).abs().sum()
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv / len(y_pred)


@accepted(
    "2.3", "BCELoss_TotalVariation", "sums-per-image", "Both terms summed over each image.", "variant", weight=WEIGHTS
)
class TvSumsPerImage(nn.Module):
    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="sum")
        tv = p.diff(dim=2).abs().sum() + p.diff(dim=3).abs().sum()
        return (bce + self.weight * tv) / y_pred.size(0)


@accepted(
    "2.3", "BCELoss_TotalVariation", "mean-over-pixels", "The sums, divided by the pixels.", "variant", weight=WEIGHTS
)
class TvMeanOverPixels(nn.Module):
    def __init__(self, weight: float = 0.1) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = p.diff(dim=2).abs().sum() + p.diff(dim=3).abs().sum()
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv / y_pred.numel()


@accepted(
    "2.3",
    "BCELoss_TotalVariation",
    "sum-and-mean",
    "A summed cross-entropy beside a mean of the total variation: next to nothing is left of it.",
    "variant",
    weight=(0.1, 0.2, 0.25, 0.5, 1.0, 2.0, 5.0, 10.0),
)
class TvSumAndMean(nn.Module):
    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = p.diff(dim=2).abs().mean() + p.diff(dim=3).abs().mean()
        return F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="sum") + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "variation-of-logits",
    "The total variation is that of the logits, which have no bounds: it drowns the cross-entropy. Turn them into "
    "probabilities first.",
    "5 times",
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvOfLogits(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        tv = self.reduce(y_pred.diff(dim=2).abs()) + self.reduce(y_pred.diff(dim=3).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "regulariser-nothing",
    "This is the cross-entropy alone: the total variation adds nothing. Print the regulariser by itself for an image "
    "with one edge.",
    "2 times",
)
class TvNothing(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        regularization = 0.0
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + 0.1 * regularization


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "batch-and-channel-axes",
    "The differences run over the batch and the channels, not over the height and the width: nothing for one image, "
    "and a comparison of different images for several. Which axes does a tensor (B, C, H, W) have?",
    "2 times",
    weight=SOME_WEIGHTS,
)
class TvBatchAndChannel(nn.Module):
    def __init__(self, weight: float = 0.1) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = torch.sum(torch.abs(p[1:] - p[:-1])) + torch.sum(torch.abs(p[:, 1:] - p[:, :-1]))
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "one-axis-only",
    "Only one direction counts: borders along the other one cost nothing. Neighbours stand beside and above each "
    "other.",
    CLASSIC,
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
    axis=(2, 3),
)
class TvOneAxis(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean, axis: int = 3) -> None:
        super().__init__()
        self.weight, self.reduce, self.axis = weight, reduce, axis

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        tv = self.reduce(torch.sigmoid(y_pred).diff(dim=self.axis).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "same-axis-twice",
    "One direction is counted twice and the other not at all: look at the axis in the second difference.",
    CLASSIC,
    weight=SOME_WEIGHTS,
    axis=(2, 3),
)
class TvSameAxisTwice(nn.Module):
    def __init__(self, weight: float = 0.1, axis: int = 2) -> None:
        super().__init__()
        self.weight, self.axis = weight, axis

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = p.diff(dim=self.axis).abs().mean() + p.diff(dim=self.axis).abs().mean()
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "squared",
    "The differences are squared: that prefers a blurred border to a sharp one. Total variation takes their absolute "
    "values.",
    CLASSIC,
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvSquared(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = self.reduce(p.diff(dim=2) ** 2) + self.reduce(p.diff(dim=3) ** 2)
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "absolute-missing",
    "The differences have a sign: going up and coming down cancel, so that only the image's rim counts. Take absolute "
    "values before you add up.",
    CLASSIC,
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvAbsoluteMissing(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = self.reduce(p.diff(dim=2)) + self.reduce(p.diff(dim=3))
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "absolute-too-late",
    "The absolute value is taken of the sum, after the differences have cancelled. Take it of each difference.",
    CLASSIC,
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvAbsoluteTooLate(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = self.reduce(p.diff(dim=2)).abs() + self.reduce(p.diff(dim=3)).abs()
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "subtracted",
    "The total variation is subtracted: frayed borders are rewarded.",
    "8 times, over all tasks",
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvSubtracted(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = self.reduce(p.diff(dim=2).abs()) + self.reduce(p.diff(dim=3).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) - self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "variation-of-target",
    "The total variation is that of the target, which training cannot change: it adds a constant. It belongs to the "
    "prediction.",
    CLASSIC,
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvOfTarget(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        tv = self.reduce(y_true.diff(dim=2).abs()) + self.reduce(y_true.diff(dim=3).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "cross-entropy-missing",
    "This is the total variation alone: an empty image would be perfect. Add it to the cross-entropy.",
    CLASSIC,
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvAlone(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        return self.weight * (self.reduce(p.diff(dim=2).abs()) + self.reduce(p.diff(dim=3).abs()))


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "diagonal",
    "Each pixel is compared with its diagonal neighbour: total variation compares it with the one below and the one "
    "beside.",
    CLASSIC,
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvDiagonal(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = self.reduce((p[:, :, 1:, 1:] - p[:, :, :-1, :-1]).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "wraps-around",
    "The last row is compared with the first, and the last column with the first: an image has no such neighbours.",
    CLASSIC,
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvWrapsAround(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = self.reduce((p - p.roll(1, 2)).abs()) + self.reduce((p - p.roll(1, 3)).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "thresholded",
    "The total variation is that of the mask after a threshold: its gradient is zero everywhere. Use the "
    "probabilities.",
    "3 times, over all losses",
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvThresholded(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        mask = torch.sigmoid(y_pred).round()
        tv = self.reduce(mask.diff(dim=2).abs()) + self.reduce(mask.diff(dim=3).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "sigmoid-twice",
    "The cross-entropy gets probabilities, and applies the sigmoid once more. Look at what the cross-entropy that you "
    "call expects, logits or probabilities.",
    "7 times, over all losses",
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvSigmoidTwice(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = self.reduce(p.diff(dim=2).abs()) + self.reduce(p.diff(dim=3).abs())
        return F.binary_cross_entropy_with_logits(p, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "weight-ignored",
    "The loss is the same for every weight: the constructor takes it, but the formula has a number in its place.",
    CLASSIC,
)
class TvWeightIgnored(nn.Module):
    def __init__(self, weight: float = 0.1) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = p.diff(dim=2).abs().mean() + p.diff(dim=3).abs().mean()
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + 0.1 * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "variation-detached",
    "The value is right, but the total variation is cut off from the prediction: the gradient is that of the "
    "cross-entropy alone.",
    "3 times, over all losses",
    weight=SOME_WEIGHTS,
    reduce=REDUCE,
)
class TvDetached(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = self.reduce(p.diff(dim=2).abs()) + self.reduce(p.diff(dim=3).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv.item()


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "no-gradient",
    "The loss is cut off from the prediction: `.item()`, `.detach()`, rounding or a threshold inside a loss leave "
    "nothing to learn from.",
    "3 times, over all losses",
    weight=SOME_WEIGHTS,
)
class TvNoGradient(nn.Module):
    def __init__(self, weight: float = 0.1) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> float:
        p = torch.sigmoid(y_pred)
        tv = p.diff(dim=2).abs().mean() + p.diff(dim=3).abs().mean()
        return (F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv).item()


# -------------------------------------------------------------------------------------------- 2.4 WeightedBCELoss


@accepted(
    "2.4", "WeightedBCELoss", "pos-weight", "PyTorch's `pos_weight` from the batch.", "variant", eps=(0.0, *EPS, 1.0)
)
class WeightedPosWeight(nn.Module):
    def __init__(self, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        pos_weight = (1 - y_true).sum() / (y_true.sum() + self.eps)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=pos_weight)


@accepted("2.4", "WeightedBCELoss", "pos-weight-sum", "PyTorch's `pos_weight` from the batch, summed.", "variant")
class WeightedPosWeightSum(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        pos_weight = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=pos_weight, reduction="sum")


@accepted("2.4", "WeightedBCELoss", "pos-weight-per-image", "The weight is computed for each image.", "variant")
class WeightedPosWeightPerImage(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        foreground = y_true.sum(dim=(1, 2, 3), keepdim=True)
        background = (1 - y_true).sum(dim=(1, 2, 3), keepdim=True)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=background / foreground.clamp(min=1))


@accepted("2.4", "WeightedBCELoss", "balanced", "N / (2 N_c) for the pixels of class c.", "scikit-learn's `balanced`")
class WeightedBalanced(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        foreground, total = y_true.sum(), y_true.numel()
        w1 = total / (2 * foreground.clamp(min=1))
        w0 = total / (2 * (total - foreground).clamp(min=1))
        weight = torch.where(y_true > 0.5, w1, w0)
        return (weight * F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")).mean()


@accepted("2.4", "WeightedBCELoss", "inverse-frequency", "N / N_c for the pixels of class c.", SHEET, eps=(0.0, *EPS))
class WeightedInverseFrequency(nn.Module):
    def __init__(self, eps: float = 1e-6) -> None:
        super().__init__()
        self.eps = eps

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        frequency = y_true.mean()
        alpha = y_true / (frequency + self.eps) + (1 - y_true) / (1 - frequency + self.eps)
        return -(alpha * (y_true * F.logsigmoid(y_pred) + (1 - y_true) * F.logsigmoid(-y_pred))).mean()


@accepted("2.4", "WeightedBCELoss", "inverse-frequency-sum", "N / N_c for the pixels of class c, summed.", SHEET)
class WeightedInverseFrequencySum(nn.Module):
    def forward(self, y_real: Tensor, y_pred: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        w1 = 1 / y_real.mean().clamp(min=1e-6)
        w0 = 1 / (1 - y_real).mean().clamp(min=1e-6)
        return -torch.sum(w1 * y_real * torch.log(p) + w0 * (1 - y_real) * torch.log(1 - p))


@accepted("2.4", "WeightedBCELoss", "balanced-per-image", "N / N_c for each image.", "variant", factor=(1.0, 0.5))
class WeightedBalancedPerImage(nn.Module):
    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        frequency = y_true.mean(dim=(1, 2, 3), keepdim=True).clamp(1e-6, 1 - 1e-6)
        alpha = self.factor * (y_true / frequency + (1 - y_true) / (1 - frequency))
        return (alpha * F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")).mean()


@accepted("2.4", "WeightedBCELoss", "one-over-count", "The mean loss of each class, added up.", "variant")
class WeightedOneOverCount(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        loss = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        foreground = (loss * y_true).sum() / y_true.sum().clamp(min=1)
        return foreground + (loss * (1 - y_true)).sum() / (1 - y_true).sum().clamp(min=1)


@accepted("2.4", "WeightedBCELoss", "one-over-count-mean", "1 / N_c for the pixels of class c, mean.", "variant")
class WeightedOneOverCountMean(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        weight = y_true / y_true.sum().clamp(min=1) + (1 - y_true) / (1 - y_true).sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, weight=weight)


@accepted("2.4", "WeightedBCELoss", "normalised", "Divided by the sum of the weights.", "variant")
class WeightedNormalised(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        weight = 1 + y_true * ((1 - y_true).sum() / y_true.sum().clamp(min=1) - 1)
        loss = F.binary_cross_entropy_with_logits(y_pred, y_true, weight, reduction="sum")
        return loss / weight.sum().clamp(min=1e-6)


@accepted(
    "2.4", "WeightedBCELoss", "other-class-share", "Each class weighs the other's share.", "variant", factor=(1.0, 2.0)
)
class WeightedOtherShare(nn.Module):
    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        share = y_true.mean()
        loss = (1 - share) * y_true * F.logsigmoid(y_pred) + share * (1 - y_true) * F.logsigmoid(-y_pred)
        return -self.factor * loss.mean()


@accepted("2.4", "WeightedBCELoss", "other-class-share-sum", "Each class weighs the other's share, summed.", "variant")
class WeightedOtherShareSum(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        share = y_true.mean()
        return -((1 - share) * y_true * F.logsigmoid(y_pred) + share * (1 - y_true) * F.logsigmoid(-y_pred)).sum()


@accepted("2.4", "WeightedBCELoss", "foreground-frequency", "N / N_1 on foreground, 1 on background.", "variant")
class WeightedForegroundFrequency(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        pos_weight = y_true.numel() / y_true.sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=pos_weight)


@mistake(
    "2.4",
    "WeightedBCELoss",
    "weights-missing",
    "This is the plain cross-entropy: foreground and background pixels weigh the same.",
    CLASSIC,
)
class WeightedNot(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(y_pred, y_true)


@mistake(
    "2.4",
    "WeightedBCELoss",
    "frequency-not-inverse",
    "The weights are the frequencies themselves: the common class counts more. Take their inverse.",
    CLASSIC,
    factor=(1.0, 2.0),
)
class WeightedByFrequency(nn.Module):
    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        share = y_true.mean()
        weight = self.factor * (share * y_true + (1 - share) * (1 - y_true))
        return (weight * F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")).mean()


@mistake(
    "2.4",
    "WeightedBCELoss",
    "ratio-upside-down",
    "The weight of the foreground is foreground over background: below 1 for the rare class. Turn the ratio round.",
    "8 times, over all tasks",
)
class WeightedRatioUpsideDown(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        pos_weight = y_true.sum() / (1 - y_true).sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=pos_weight)


@mistake(
    "2.4",
    "WeightedBCELoss",
    "weight-on-background",
    "The weight of the rare foreground multiplies the term of the background: in which of the two terms does it "
    "belong?",
    CLASSIC,
)
class WeightedWrongTerm(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        weight = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return -(y_true * F.logsigmoid(y_pred) + weight * (1 - y_true) * F.logsigmoid(-y_pred)).mean()


@mistake(
    "2.4",
    "WeightedBCELoss",
    "classes-swapped",
    "Each class has the weight of the other one: foreground pixels get the background's inverse frequency.",
    "8 times, over all tasks",
    factor=(1.0, 0.5),
)
class WeightedClassesSwapped(nn.Module):
    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        share = y_true.mean().clamp(1e-6, 1 - 1e-6)
        weight = self.factor * (y_true / (1 - share) + (1 - y_true) / share)
        return (weight * F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")).mean()


@mistake(
    "2.4",
    "WeightedBCELoss",
    "weight-on-all",
    "The weight multiplies the whole loss, foreground and background alike: the classes weigh what they weighed "
    "before.",
    CLASSIC,
)
class WeightedAll(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        weight = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return weight * F.binary_cross_entropy_with_logits(y_pred, y_true)


@mistake(
    "2.4",
    "WeightedBCELoss",
    "fixed-weight",
    "The weight is a fixed number: it has to follow the share of the foreground in the batch.",
    CLASSIC,
    pos_weight=(2.0, 3.0, 5.0, 10.0, 0.5),
)
class WeightedFixed(nn.Module):
    def __init__(self, pos_weight: float = 5.0) -> None:
        super().__init__()
        self.pos_weight = pos_weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=torch.tensor(self.pos_weight))


@mistake(
    "2.4",
    "WeightedBCELoss",
    "weights-from-prediction",
    "The weight is computed from the prediction. The classes are counted in the target: the network must not be able "
    "to change its own weights.",
    CLASSIC,
)
class WeightedFromPrediction(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        mask = (y_pred > 0).float()
        pos_weight = (1 - mask).sum() / mask.sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=pos_weight)


@mistake(
    "2.4",
    "WeightedBCELoss",
    "background-missing",
    "The background's term is missing: a weight for the foreground does not make the background weigh nothing.",
    CLASSIC,
)
class WeightedBackgroundMissing(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        weight = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return -(weight * y_true * F.logsigmoid(y_pred)).mean()


@mistake(
    "2.4",
    "WeightedBCELoss",
    "sigmoid-twice",
    "The sigmoid is applied twice: predictions end up between 0.5 and 0.731. Look at what the cross-entropy that you "
    "call expects, logits or probabilities.",
    "7 times, over all losses",
)
class WeightedSigmoidTwice(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        pos_weight = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(torch.sigmoid(y_pred), y_true, pos_weight=pos_weight)


@mistake(
    "2.4",
    "WeightedBCELoss",
    "sign-turned",
    "The minus in front is missing: training would make the prediction as wrong as it can be.",
    "8 times, over all tasks",
)
class WeightedSignTurned(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        weight = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return (weight * y_true * F.logsigmoid(y_pred) + (1 - y_true) * F.logsigmoid(-y_pred)).mean()


@mistake(
    "2.4",
    "WeightedBCELoss",
    "no-gradient",
    "The loss is cut off from the prediction: `.item()`, `.detach()`, rounding or a threshold inside a loss leave "
    "nothing to learn from.",
    "3 times, over all losses",
)
class WeightedNoGradient(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> float:
        pos_weight = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=pos_weight).item()


# ---------------------------------------------------------------------- 2.5 centered_penalty and sparsity_penalty


@accepted("2.5", "centered_penalty", "centred-sum", "Summed over the images.", "variant")
def centred_sum(y_pred: Tensor) -> Tensor:
    return torch.sum(1 - torch.sigmoid(y_pred[:, :, y_pred.shape[2] // 2, y_pred.shape[3] // 2]))


@accepted("2.5", "centered_penalty", "centre-rounded-down", "Where there are two middles, the first.", "variant")
def centred_rounded_down(y_pred: Tensor) -> Tensor:
    row, column = (y_pred.shape[-2] - 1) // 2, (y_pred.shape[-1] - 1) // 2
    return 1 - torch.sigmoid(y_pred[..., row, column]).mean()


@accepted(
    "2.5", "centered_penalty", "centre-rounded-down-sum", "Where there are two middles, the first; summed.", "variant"
)
def centred_rounded_down_sum(y_pred: Tensor) -> Tensor:
    row, column = (y_pred.shape[-2] - 1) // 2, (y_pred.shape[-1] - 1) // 2
    return (1 - torch.sigmoid(y_pred[..., row, column])).sum()


@accepted("2.5", "centered_penalty", "centre-averaged", "The mean of all middle pixels of each image.", "variant")
def centred_averaged(y_pred: Tensor) -> Tensor:
    height, width = y_pred.shape[-2:]
    middle = y_pred[..., (height - 1) // 2 : height // 2 + 1, (width - 1) // 2 : width // 2 + 1]
    return (1 - torch.sigmoid(middle)).mean()


@accepted("2.5", "centered_penalty", "centred-with-target", "A target comes along that is not needed.", SHEET)
def centred_with_target(y_real: Tensor, y_pred: Tensor) -> Tensor:
    height, width = y_pred.shape[-2:]
    return torch.mean(1 - torch.sigmoid(y_pred[:, 0, height // 2, width // 2]))


@mistake("2.5", "centered_penalty", "centred-logit", "This is one minus a logit: the sigmoid is missing.", "17 times")
def centred_logit(y_pred: Tensor) -> Tensor:
    return (1 - y_pred[..., y_pred.shape[-2] // 2, y_pred.shape[-1] // 2]).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centred-complement-missing",
    "This rewards an empty middle: the penalty is one minus the probability at the centre.",
    "8 times, over all tasks",
)
def centred_complement_missing(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(y_pred[..., y_pred.shape[-2] // 2, y_pred.shape[-1] // 2]).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centred-complement-inside",
    "One minus the logit goes into the sigmoid: the complement is taken of the probability, after the sigmoid.",
    CLASSIC,
)
def centred_complement_inside(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(1 - y_pred[..., y_pred.shape[-2] // 2, y_pred.shape[-1] // 2]).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centre-axes-swapped",
    "Height and width have changed places: right for square images only. A tensor (B, C, H, W) has the row first.",
    SHEET,
)
def centre_axes_swapped(y_pred: Tensor) -> Tensor:
    return (1 - torch.sigmoid(y_pred[:, :, y_pred.shape[3] // 2, y_pred.shape[2] // 2])).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centre-of-first-image",
    "Only the first image of the batch counts: right for one image, wrong for several.",
    CLASSIC,
)
def centre_of_first_image(y_pred: Tensor) -> Tensor:
    return 1 - torch.sigmoid(y_pred[0, 0, y_pred.shape[-2] // 2, y_pred.shape[-1] // 2])


@mistake(
    "2.5",
    "centered_penalty",
    "whole-image",
    "This is one minus the mean of the whole image: only the pixel in the middle counts.",
    CLASSIC,
)
def centred_whole_image(y_pred: Tensor) -> Tensor:
    return 1 - torch.sigmoid(y_pred).mean()


@mistake("2.5", "centered_penalty", "corner", "This looks at a corner of the image, not at its middle.", CLASSIC)
def centred_corner(y_pred: Tensor) -> Tensor:
    return (1 - torch.sigmoid(y_pred[..., 0, 0])).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "centre-of-flat-image",
    "The middle of the flattened image is taken. For an even width that is the start of a row, at the rim.",
    CLASSIC,
)
def centre_of_flat_image(y_pred: Tensor) -> Tensor:
    flat = y_pred.flatten(1)
    return (1 - torch.sigmoid(flat[:, flat.shape[1] // 2])).mean()


@mistake(
    "2.5",
    "centered_penalty",
    "no-gradient",
    "The penalty is cut off from the prediction: `.item()`, `.detach()`, rounding or a threshold leave nothing to "
    "learn from.",
    "3 times, over all losses",
)
def centred_no_gradient(y_pred: Tensor) -> Tensor:
    return (1 - torch.sigmoid(y_pred.detach()[..., y_pred.shape[-2] // 2, y_pred.shape[-1] // 2])).mean()


@accepted("2.5", "sparsity_penalty", "sparse-sum", "Summed over all pixels: an L1 norm.", "variant")
def sparse_sum(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(y_pred).abs().sum()


@accepted(
    "2.5", "sparsity_penalty", "sparse-sum-per-image", "Summed over each image, averaged over the batch.", "variant"
)
def sparse_sum_per_image(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(y_pred).sum(dim=(1, 2, 3)).mean()


@accepted("2.5", "sparsity_penalty", "sparse-with-target", "A target comes along that is not needed.", SHEET)
def sparse_with_target(y_real: Tensor, y_pred: Tensor) -> Tensor:
    return torch.norm(torch.sigmoid(y_pred), p=1) / y_pred.numel()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-logits",
    "This is the mean of the logits: it has no lower bound, so that training drives them to minus infinity. Take the "
    "sigmoid first.",
    "17 times, over all losses",
)
def sparse_logits(y_pred: Tensor) -> Tensor:
    return y_pred.mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-absolute-logits",
    "This is the L1 norm of the logits: it drives them to 0, and probabilities to one half. Take the sigmoid first.",
    CLASSIC,
)
def sparse_absolute_logits(y_pred: Tensor) -> Tensor:
    return y_pred.abs().mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-complement",
    "This is one minus the mean probability: it rewards large masks.",
    "8 times, over all tasks",
)
def sparse_complement(y_pred: Tensor) -> Tensor:
    return 1 - torch.sigmoid(y_pred).mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-squared",
    "The probabilities are squared: that is an L2 term. L1 takes them as they are.",
    CLASSIC,
)
def sparse_squared(y_pred: Tensor) -> Tensor:
    return (torch.sigmoid(y_pred) ** 2).mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-thresholded",
    "Pixels are counted after a threshold: the gradient is zero everywhere. Use the probabilities.",
    "3 times, over all losses",
)
def sparse_thresholded(y_pred: Tensor) -> Tensor:
    return (torch.sigmoid(y_pred) > 0.5).float().mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "sparse-sigmoid-twice",
    "The sigmoid is applied twice: the penalty never falls below one half.",
    "7 times, over all losses",
)
def sparse_sigmoid_twice(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(torch.sigmoid(y_pred)).mean()


@mistake(
    "2.5",
    "sparsity_penalty",
    "map",
    "One number for each pixel came back, as the sheet's formula has it. A penalty is one number: take the mean.",
    SHEET,
)
def sparse_map(y_pred: Tensor) -> Tensor:
    return torch.sigmoid(y_pred)


# -------------------------------------------------------------------------------------------- 6.2 CrossEntropyLoss


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
