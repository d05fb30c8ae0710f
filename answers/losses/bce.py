# ruff: noqa: D101, D102, D103 - an answer's documentation is the sentence in its mark
"""Known answers to task 1.2: BCELoss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from answers.entry import accepted, mistake

SHEET = "exercise sheet"
CLASSIC = "classic slip"
EPS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4)


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
    "expects-probabilities",
    "This is right for probabilities, but it gets logits: any real number. The sigmoid belongs into the loss here. "
    "(Without one it is right only together with a network that ends in a sigmoid, and yours do not.)",
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
    "arguments-swapped-after-sigmoid",
    "Prediction and target have changed places in the call of PyTorch's loss, which wants the prediction first: the "
    "mask was taken for the prediction, the probabilities for the target.",
    CLASSIC,
    loss=(F.binary_cross_entropy_with_logits, F.binary_cross_entropy),
)
class BceArgumentsSwappedAfterSigmoid(nn.Module):
    def __init__(self, loss=F.binary_cross_entropy_with_logits) -> None:
        super().__init__()
        self.loss = loss

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return self.loss(y_true, torch.sigmoid(y_pred))


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


@mistake(
    "1.2",
    "BCELoss",
    "classes-averaged-apart",
    "Foreground and background are averaged apart: each class weighs the same, however many pixels it has. That is the "
    "weighted cross-entropy of 2.4; here every pixel weighs the same.",
    CLASSIC,
    factor=(1.0, 0.5),
)
class BceClassesApart(nn.Module):
    def __init__(self, factor: float = 1.0) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        loss = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return self.factor * (loss[y_true == 1].mean() + loss[y_true == 0].mean())


@mistake(
    "1.2",
    "BCELoss",
    "hinge",
    "This is the hinge loss: it asks for a margin, and costs nothing beyond it. The cross-entropy is the logarithm of "
    "the true class's probability.",
    CLASSIC,
)
class BceHinge(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.relu(1 - (2 * y_true - 1) * y_pred).mean()


@mistake(
    "1.2",
    "BCELoss",
    "overflow-hidden",
    "Where the formula overflows, the loss is set to 0: the pixels that are most surely wrong cost nothing any more. "
    "Look for a form that does not overflow instead.",
    "answers by testers: nan_to_num",
)
class BCEOverflowHidden(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        loss = -(y_true * torch.log(p) + (1 - y_true) * torch.log(1 - p))
        return torch.nan_to_num(loss, nan=0.0, posinf=0.0).mean()


@mistake(
    "1.2",
    "BCELoss",
    "logits-clamped",
    "The logits are cut off at a small number against overflow: a pixel that is wrong beyond it gets no gradient, and "
    "can never be corrected.",
    "answers by testers",
    most=(1.0, 2.0, 3.0, 4.0),
)
class BCELogitsClamped(nn.Module):
    def __init__(self, most: float = 3.0) -> None:
        super().__init__()
        self.most = most

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(y_pred.clamp(-self.most, self.most), y_true)


@mistake(
    "1.2",
    "BCELoss",
    "logit-lost",
    "The first term of z - y z + log(1 + exp(-z)) is missing: background is pushed towards the foreground.",
    "answers by testers",
)
class BCELogitLost(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        return (-y_true * y_pred + F.softplus(-y_pred)).mean()
