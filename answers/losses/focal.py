# ruff: noqa: D101, D102, D103 - an answer's documentation is the sentence in its mark
"""Known answers to task 2.2: FocalLoss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from answers.entry import accepted, mistake

SHEET = "exercise sheet"
CLASSIC = "classic slip"
EPS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4)
ALPHAS = (0.1, 0.2, 0.25, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.9, 1.0)
SHARES = (0.1, 0.137, 0.25, 0.75, 0.9)  # of two classes: any is recognised, as a mixture of them


@accepted("2.2", "FocalLoss", "from-cross-entropy", "Both classes, one alpha, mean.", "14 times", alpha=ALPHAS)
class FocalFromCrossEntropy(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 0.25) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (self.alpha * (1 - torch.exp(-bce)) ** self.gamma * bce).mean()


@accepted(
    "2.2",
    "FocalLoss",
    "gamma-fixed",
    "Gamma is written into the formula.",
    "real answers",
    exponent=(2.0, 0.5, 1.0, 1.5, 3.0, 4.0, 5.0),
    two_sided=(True, False),
    reduce=(torch.mean, torch.sum),
    alpha=(1.0, 0.25, 0.75, 0.8),
)
class FocalGammaFixed(nn.Module):
    def __init__(self, exponent: float = 3.0, two_sided: bool = True, reduce=torch.mean, alpha: float = 1.0) -> None:
        super().__init__()
        self.exponent, self.two_sided, self.reduce, self.alpha = exponent, two_sided, reduce, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        foreground = (1 - p) ** self.exponent * y_true * F.logsigmoid(y_pred)
        background = (p**self.exponent if self.two_sided else 1) * (1 - y_true) * F.logsigmoid(-y_pred)
        return -self.alpha * self.reduce(foreground + background)


@accepted(
    "2.2",
    "FocalLoss",
    "foreground-weighed",
    "The alpha stands on the foreground alone.",
    SHEET,
    weight=(0.25, 0.8, 3.0),
    two_sided=(True, False),
    reduce=(torch.mean, torch.sum),
)
class FocalForegroundWeighed(nn.Module):
    def __init__(self, gamma: float = 2.0, weight: float = 0.8, two_sided: bool = False, reduce=torch.mean) -> None:
        super().__init__()
        self.gamma, self.weight, self.two_sided, self.reduce = gamma, weight, two_sided, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        foreground = self.weight * (1 - p) ** self.gamma * y_true * F.logsigmoid(y_pred)
        background = (p**self.gamma if self.two_sided else 1) * (1 - y_true) * F.logsigmoid(-y_pred)
        return -self.reduce(foreground + background)


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


@accepted(
    "2.2",
    "FocalLoss",
    "alpha-where-it-may-stand",
    "Alpha on the foreground, on both classes, or shared between them; probabilities cut off before the logarithm.",
    "real answers",
    alpha=(0.25,),
    stands=("foreground", "both", "shared"),
    two_sided=(True, False),
    reduce=("mean", "sum", "image"),
    eps=(0.0, 1e-6, 1e-4),
)
class FocalAlphaWhereItMayStand(nn.Module):
    def __init__(self, gamma=2.0, alpha=0.25, stands="foreground", two_sided=True, reduce="mean", eps=1e-6) -> None:
        super().__init__()
        self.gamma, self.alpha, self.stands = gamma, alpha, stands
        self.two_sided, self.reduce, self.eps = two_sided, reduce, eps

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p, q = torch.sigmoid(y_pred), torch.sigmoid(-y_pred)
        background = {"foreground": 1.0, "both": self.alpha, "shared": 1 - self.alpha}[self.stands]
        loss = -self.alpha * q**self.gamma * y_true * torch.log(p + self.eps)
        loss = loss - background * (p**self.gamma if self.two_sided else 1) * (1 - y_true) * torch.log(q + self.eps)
        return loss.mean() if self.reduce == "mean" else loss.sum() / (len(loss) if self.reduce == "image" else 1)


@mistake(
    "2.2",
    "FocalLoss",
    "scalar-factor",
    "The factor is computed from the mean cross-entropy: one number for all pixels, so that easy and hard pixels weigh "
    "alike again. Keep the map of losses until each pixel has its factor, and average last.",
    "4 times",
    alpha=ALPHAS,
    per_image=(False, True),
)
class FocalScalarFactor(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0, per_image: bool = False) -> None:
        super().__init__()
        self.gamma, self.alpha, self.per_image = gamma, alpha, per_image

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        bce = bce.flatten(1).mean(1) if self.per_image else bce.mean()
        return (self.alpha * (1 - torch.exp(-bce)) ** self.gamma * bce).mean()


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
    both=(True, False),
)
class FocalWeightsFromLogits(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0, both: bool = True) -> None:
        super().__init__()
        self.gamma, self.alpha, self.both = gamma, alpha, both

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        p_t = y_pred * y_true + (1 - y_pred) * (1 - y_true) if self.both else y_pred
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
    factor_too=(True, False),
)
class FocalSigmoidTwice(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 1.0, factor_too: bool = True) -> None:
        super().__init__()
        self.gamma, self.alpha, self.factor_too = gamma, alpha, factor_too

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        bce = F.binary_cross_entropy_with_logits(p, y_true, reduction="none")
        p_t = torch.exp(-bce) if self.factor_too else torch.where(y_true > 0.5, p, 1 - p)
        return (self.alpha * (1 - p_t) ** self.gamma * bce).mean()


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


@mistake(
    "2.2",
    "FocalLoss",
    "alpha-ignored",
    "The loss is the same for every alpha: the constructor takes it, but the formula does without.",
    CLASSIC,
)
class FocalAlphaIgnored(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 0.25) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return ((1 - torch.exp(-bce)) ** self.gamma * bce).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "alpha-on-background",
    "Alpha stands on the background, and what is left of 1 on the foreground: it is the weight of the foreground, the "
    "class that is to be found.",
    "8 times, over all tasks",
)
class FocalAlphaOnBackground(nn.Module):
    def __init__(self, gamma: float = 2.0, alpha: float = 0.25) -> None:
        super().__init__()
        self.gamma, self.alpha = gamma, alpha

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        alpha_t = torch.where(y_true > 0.5, 1 - self.alpha, self.alpha)
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (alpha_t * (1 - torch.exp(-bce)) ** self.gamma * bce).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "power-around-logarithm",
    "The power takes in the logarithm as well: the whole loss of a pixel is squared. It belongs to (1 - p_t) alone.",
    "answers by testers",
)
class FocalPowerAroundLogarithm(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return (((1 - torch.exp(-bce)) * bce) ** self.gamma).mean()


@mistake(
    "2.2",
    "FocalLoss",
    "cross-entropy-detached",
    "The cross-entropy is cut off by `.detach()` or `.data`, and only the factor is differentiated: a pixel that is "
    "surely wrong gets no gradient.",
    "answers by testers",
)
class FocalCrossEntropyDetached(nn.Module):
    def __init__(self, gamma: float = 2.0) -> None:
        super().__init__()
        self.gamma = gamma

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        bce = F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none")
        return ((1 - torch.exp(-bce)) ** self.gamma * bce.detach()).mean()
