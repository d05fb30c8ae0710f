# ruff: noqa: D101, D102, D103 - an answer's documentation is the sentence in its mark
"""Known answers to task 2.4: WeightedBCELoss."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from answers.entry import accepted, mistake

SHEET = "exercise sheet"
CLASSIC = "classic slip"
EPS = (1e-8, 1e-7, 1e-6, 1e-5, 1e-4)


def sum_per_image(losses: Tensor) -> Tensor:
    """Return the sum over the pixels of each image, averaged over the batch."""
    return losses.sum() / len(losses)


REDUCTIONS = (torch.mean, torch.sum, sum_per_image)


@accepted(
    "2.4",
    "WeightedBCELoss",
    "pos-weight",
    "PyTorch's `pos_weight` from the batch; mean or sum.",
    "variant",
    eps=(0.0, *EPS, 1.0),
    reduce=REDUCTIONS,
)
class WeightedPosWeight(nn.Module):
    def __init__(self, eps: float = 1e-6, reduce=torch.mean) -> None:
        super().__init__()
        self.eps, self.reduce = eps, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        ratio = (1 - y_true).sum() / (y_true.sum() + self.eps)
        return self.reduce(F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=ratio, reduction="none"))


@accepted(
    "2.4",
    "WeightedBCELoss",
    "pos-weight-per-image",
    "The weight is computed for each image; mean or sum.",
    "variant",
    reduce=REDUCTIONS,
)
class WeightedPosWeightPerImage(nn.Module):
    def __init__(self, reduce=torch.mean) -> None:
        super().__init__()
        self.reduce = reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        foreground = y_true.sum(dim=(1, 2, 3), keepdim=True)
        background = (1 - y_true).sum(dim=(1, 2, 3), keepdim=True)
        ratio = background / foreground.clamp(min=1)
        return self.reduce(F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=ratio, reduction="none"))


@accepted(
    "2.4",
    "WeightedBCELoss",
    "balanced",
    "N / (2 N_c) for the pixels of class c; mean or sum.",
    "scikit-learn's `balanced`",
    reduce=REDUCTIONS,
)
class WeightedBalanced(nn.Module):
    def __init__(self, reduce=torch.mean) -> None:
        super().__init__()
        self.reduce = reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        foreground, total = y_true.sum(), y_true.numel()
        w1 = total / (2 * foreground.clamp(min=1))
        w0 = total / (2 * (total - foreground).clamp(min=1))
        weight = torch.where(y_true > 0.5, w1, w0)
        return self.reduce(weight * F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none"))


@accepted(
    "2.4",
    "WeightedBCELoss",
    "inverse-frequency",
    "N / N_c for the pixels of class c; mean or sum.",
    SHEET,
    eps=(0.0, *EPS),
    reduce=REDUCTIONS,
)
class WeightedInverseFrequency(nn.Module):
    def __init__(self, eps: float = 1e-6, reduce=torch.mean) -> None:
        super().__init__()
        self.eps, self.reduce = eps, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        frequency = y_true.mean()
        alpha = y_true / (frequency + self.eps) + (1 - y_true) / (1 - frequency + self.eps)
        return -self.reduce(alpha * (y_true * F.logsigmoid(y_pred) + (1 - y_true) * F.logsigmoid(-y_pred)))


@accepted("2.4", "WeightedBCELoss", "inverse-frequency-sum", "N / N_c for the pixels of class c, summed.", SHEET)
class WeightedInverseFrequencySum(nn.Module):
    def forward(self, y_real: Tensor, y_pred: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        w1 = 1 / y_real.mean().clamp(min=1e-6)
        w0 = 1 / (1 - y_real).mean().clamp(min=1e-6)
        return -torch.sum(w1 * y_real * torch.log(p) + w0 * (1 - y_real) * torch.log(1 - p))


@accepted(
    "2.4",
    "WeightedBCELoss",
    "balanced-per-image",
    "N / N_c for each image; mean or sum.",
    "variant",
    factor=(1.0, 0.5),
    reduce=REDUCTIONS,
)
class WeightedBalancedPerImage(nn.Module):
    def __init__(self, factor: float = 1.0, reduce=torch.mean) -> None:
        super().__init__()
        self.factor, self.reduce = factor, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        frequency = y_true.mean(dim=(1, 2, 3), keepdim=True).clamp(1e-6, 1 - 1e-6)
        alpha = self.factor * (y_true / frequency + (1 - y_true) / (1 - frequency))
        return self.reduce(alpha * F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none"))


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
    "2.4",
    "WeightedBCELoss",
    "other-class-share",
    "Each class weighs the other's share; mean or sum.",
    "variant",
    factor=(1.0, 2.0),
    reduce=REDUCTIONS,
)
class WeightedOtherShare(nn.Module):
    def __init__(self, factor: float = 1.0, reduce=torch.mean) -> None:
        super().__init__()
        self.factor, self.reduce = factor, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        share = y_true.mean()
        loss = (1 - share) * y_true * F.logsigmoid(y_pred) + share * (1 - y_true) * F.logsigmoid(-y_pred)
        return -self.factor * self.reduce(loss)


@accepted(
    "2.4",
    "WeightedBCELoss",
    "other-class-share-per-image",
    "Each class weighs the other's share of its image; mean or sum.",
    "variant",
    factor=(1.0, 2.0),
    reduce=REDUCTIONS,
)
class WeightedOtherSharePerImage(nn.Module):
    def __init__(self, factor: float = 1.0, reduce=torch.mean) -> None:
        super().__init__()
        self.factor, self.reduce = factor, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        share = y_true.mean(dim=(1, 2, 3), keepdim=True)
        weight = self.factor * torch.where(y_true > 0.5, 1 - share, share)
        return self.reduce(weight * F.binary_cross_entropy_with_logits(y_pred, y_true, reduction="none"))


@accepted(
    "2.4",
    "WeightedBCELoss",
    "foreground-frequency",
    "N / N_1 on foreground, 1 on background; mean or sum.",
    "variant",
    reduce=REDUCTIONS,
)
class WeightedForegroundFrequency(nn.Module):
    def __init__(self, reduce=torch.mean) -> None:
        super().__init__()
        self.reduce = reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        ratio = y_true.numel() / y_true.sum().clamp(min=1)
        return self.reduce(F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=ratio, reduction="none"))


@accepted(
    "2.4",
    "WeightedBCELoss",
    "eps-in-the-logarithm",
    "A small number inside the logarithm keeps it finite.",
    "variant",
    eps=EPS,
    weights=("ratio", "shares", "inverse"),
    reduce=REDUCTIONS,
)
class WeightedEps(nn.Module):
    def __init__(self, eps: float = 1e-7, weights: str = "shares", reduce=torch.mean) -> None:
        super().__init__()
        self.eps, self.weights, self.reduce = eps, weights, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        share = y_true.mean().clamp(1e-6, 1 - 1e-6)
        w1, w0 = {
            "ratio": ((1 - share) / share, 1.0),
            "shares": (1 - share, share),
            "inverse": (1 / share, 1 / (1 - share)),
        }[self.weights]
        p = torch.sigmoid(y_pred)
        return -self.reduce(w1 * y_true * torch.log(p + self.eps) + w0 * (1 - y_true) * torch.log(1 - p + self.eps))


@accepted(
    "2.4",
    "WeightedBCELoss",
    "pos-weight-given",
    "A weight that may be given, of the batch else; mean or sum.",
    "variant",
    reduce=("mean", "sum"),
)
class WeightedGiven(nn.Module):
    def __init__(self, pos_weight: float | None = None, reduce: str = "sum") -> None:
        super().__init__()
        self.pos_weight, self.reduce = pos_weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        weight = (1 - y_true).sum() / y_true.sum().clamp(min=1) if self.pos_weight is None else self.pos_weight
        weight = torch.as_tensor(weight).to(y_pred)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=weight, reduction=self.reduce)


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


@mistake(
    "2.4",
    "WeightedBCELoss",
    "ratio-bent",
    "The weight is the root or the logarithm of the ratio of the classes: the common class still weighs more in total. "
    "Take the ratio itself.",
    CLASSIC,
    bend=(torch.sqrt, torch.log, torch.log1p),
)
class WeightedBent(nn.Module):
    def __init__(self, bend=torch.sqrt) -> None:
        super().__init__()
        self.bend = bend

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        ratio = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=self.bend(ratio))


@mistake(
    "2.4",
    "WeightedBCELoss",
    "ratio-capped",
    "The weight is cut off: where the foreground is rarer than that it weighs less than the background again. Take the "
    "ratio itself, and only keep it from dividing by 0.",
    CLASSIC,
    most=(5.0, 10.0, 20.0),
)
class WeightedCapped(nn.Module):
    def __init__(self, most: float = 10.0) -> None:
        super().__init__()
        self.most = most

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        ratio = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=ratio.clamp(max=self.most))


@mistake(
    "2.4",
    "WeightedBCELoss",
    "ratio-squared",
    "The weight of the classes is applied twice, once to the map of losses and once more inside it.",
    CLASSIC,
)
class WeightedSquared(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        ratio = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        weight = torch.where(y_true > 0.5, ratio, 1.0)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, weight, pos_weight=ratio)


@mistake(
    "2.4",
    "WeightedBCELoss",
    "map",
    "One number for each pixel or image came back. A loss is one number: take the mean.",
    "1 time",
)
class WeightedMap(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        ratio = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=ratio, reduction="none")


@mistake(
    "2.4",
    "WeightedBCELoss",
    "given-weight-ignored",
    "The weight that is given as `pos_weight` has no effect: the constructor takes it, but the formula always uses "
    "that of the batch.",
    CLASSIC,
)
class WeightedGivenIgnored(nn.Module):
    def __init__(self, pos_weight: float | None = None) -> None:
        super().__init__()
        self.pos_weight = pos_weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        weight = (1 - y_true).sum() / y_true.sum().clamp(min=1)
        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=weight)
