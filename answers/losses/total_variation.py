# ruff: noqa: D101, D102, D103 - an answer's documentation is the sentence in its mark
"""Known answers to task 2.3: BCELoss_TotalVariation."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from answers.entry import accepted, mistake

SHEET = "exercise sheet"
CLASSIC = "classic slip"
# Any weight is recognised: these are those that the selftests try.
WEIGHTS = (1e-3, 0.0371, 0.1, 1.0, 10.0)
TINY_WEIGHTS = (1e-5, 1e-4)


def per_image(maps: Tensor) -> Tensor:
    return maps.sum() / len(maps)


REDUCE = (torch.mean, torch.sum, per_image)


@accepted("2.3", "BCELoss_TotalVariation", "mean", "Means over the pairs, another weight.", "8 times", weight=WEIGHTS)
class TvMean(nn.Module):
    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = torch.mean(torch.abs(p[:, :, 1:] - p[:, :, :-1])) + torch.mean(torch.abs(p[..., 1:] - p[..., :-1]))
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@accepted(
    "2.3",
    "BCELoss_TotalVariation",
    "mean-or-sum",
    "Differences by `diff`; mean or sum.",
    "11 times",
    weight=WEIGHTS,
    reduce=REDUCE,
)
class TvMeanOrSum(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = self.reduce(p.diff(dim=2).abs()) + self.reduce(p.diff(dim=3).abs())
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
)
class TvSum(nn.Module):
    def __init__(self, weight: float = 0.1) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = (p[:, :, 1:, :] - p[:, :, :-1, :]).abs().sum() + (p[:, :, :, 1:] - p[:, :, :, :-1]).abs().sum()
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@accepted(
    "2.3",
    "BCELoss_TotalVariation",
    "sum-of-all",
    "Sums for both terms, as the sheet writes them.",
    SHEET,
    weight=WEIGHTS[1:],
)
class TvSumOfAll(nn.Module):
    def __init__(self, weight: float = 1.0) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        bce = torch.sum(y_pred - y_true * y_pred + torch.log(1 + torch.exp(-y_pred)))
        return bce + self.weight * (p.diff(dim=2).abs().sum() + p.diff(dim=3).abs().sum())


@accepted(
    "2.3",
    "BCELoss_TotalVariation",
    "mixture",
    "A weighted mean of the two terms: only their ratio matters to training.",
    "variant",
)
class TvMixture(nn.Module):
    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = p.diff(dim=2).abs().mean() + p.diff(dim=3).abs().mean()
        return 0.83 * F.binary_cross_entropy_with_logits(y_pred, y_true) + 0.17 * tv


@accepted(
    "2.3",
    "BCELoss_TotalVariation",
    "isotropic",
    "The length of each pixel's gradient: edges cost the same in all directions.",
    "Rudin, Osher and Fatemi, 1992; isotropic form",
    weight=WEIGHTS,
    eps=(1e-8, 1e-6, 1e-12, 1e-10),
    reduce=REDUCE,
)
class TvIsotropic(nn.Module):
    def __init__(self, weight: float = 0.1, eps: float = 1e-8, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.eps, self.reduce = weight, eps, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        down = p[:, :, 1:, :-1] - p[:, :, :-1, :-1]
        right = p[:, :, :-1, 1:] - p[:, :, :-1, :-1]
        tv = self.reduce(torch.sqrt(down**2 + right**2 + self.eps))
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@accepted(
    "2.3",
    "BCELoss_TotalVariation",
    "isotropic-padded",
    "The length of each pixel's gradient, with the last row and column repeated at the border.",
    "Rudin, Osher and Fatemi, 1992; isotropic form",
    weight=WEIGHTS,
    eps=(1e-8, 1e-6, 1e-12, 1e-10),
    reduce=REDUCE,
)
class TvIsotropicPadded(nn.Module):
    def __init__(self, weight: float = 0.1, eps: float = 1e-8, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.eps, self.reduce = weight, eps, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = F.pad(torch.sigmoid(y_pred), (0, 1, 0, 1), mode="replicate")
        down = p[:, :, 1:, :-1] - p[:, :, :-1, :-1]
        right = p[:, :, :-1, 1:] - p[:, :, :-1, :-1]
        tv = self.reduce(torch.sqrt(down**2 + right**2 + self.eps))
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


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
    "2.3",
    "BCELoss_TotalVariation",
    "sums-per-image",
    "Both terms summed over each image.",
    "variant",
    weight=WEIGHTS[1:],
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
    weight=(0.5, 1.0, 10.0),
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
    by_pixels=(False, True),
)
class TvBatchAndChannel(nn.Module):
    def __init__(self, weight: float = 0.1, by_pixels: bool = False) -> None:
        super().__init__()
        self.weight, self.by_pixels = weight, by_pixels

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = torch.sum(torch.abs(p[1:] - p[:-1])) + torch.sum(torch.abs(p[:, 1:] - p[:, :-1]))
        tv = tv / p.numel() if self.by_pixels else tv
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "one-axis-only",
    "Only one direction counts, perhaps twice, and borders along the other one cost nothing: neighbours stand beside "
    "and above each other. Look at the axes of the differences.",
    CLASSIC,
    weight=WEIGHTS,
    reduce=REDUCE,
    axis=(2, 3),
    padded=(False, True),
)
class TvOneAxis(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean, axis: int = 3, padded: bool = False) -> None:
        super().__init__()
        self.weight, self.reduce, self.axis, self.padded = weight, reduce, axis, padded

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        last = p.narrow(self.axis, -1, 1) if self.padded else None
        tv = self.reduce(p.diff(dim=self.axis, append=last).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "squared",
    "The differences are squared: that prefers a blurred border to a sharp one. Total variation takes their absolute "
    "values.",
    CLASSIC,
    weight=WEIGHTS,
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
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
    weight=WEIGHTS,
)
class TvNoGradient(nn.Module):
    def __init__(self, weight: float = 0.1) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> float:
        p = torch.sigmoid(y_pred)
        tv = p.diff(dim=2).abs().mean() + p.diff(dim=3).abs().mean()
        return (F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv).item()


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "distance-to-target",
    "What is added is the distance between prediction and target: the cross-entropy measures that already. Total "
    "variation compares each pixel of the prediction with its neighbours.",
    CLASSIC,
    weight=WEIGHTS,
    reduce=REDUCE,
)
class TvDistance(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        distance = self.reduce((torch.sigmoid(y_pred) - y_true).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * distance


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "sparsity-instead",
    "What is added is the size of the mask, not the length of its border: print the regulariser by itself for an image "
    "that is foreground everywhere. It should be 0.",
    CLASSIC,
    weight=WEIGHTS,
    reduce=REDUCE,
)
class TvSparsity(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        size = self.reduce(torch.sigmoid(y_pred))
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * size


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "root-of-the-sum",
    "The root is taken once, of all squared differences together: that is the length of one long vector, and couples "
    "every edge with every other. Take the root, or the absolute value, of each pixel's own differences.",
    CLASSIC,
    weight=WEIGHTS,
)
class TvRootOfTheSum(nn.Module):
    def __init__(self, weight: float = 0.1) -> None:
        super().__init__()
        self.weight = weight

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        tv = torch.sqrt((p.diff(dim=2) ** 2).sum() + (p.diff(dim=3) ** 2).sum() + 1e-8)
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * tv


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "central-differences",
    "The differences are taken over two pixels, as `torch.gradient` does: a checkerboard, the most frayed mask there "
    "is, costs nothing. Compare each pixel with its neighbour.",
    "answers by testers",
    weight=WEIGHTS,
    reduce=REDUCE,
)
class TvCentral(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        rows, columns = torch.gradient(p, dim=(2, 3))
        variation = self.reduce(rows.abs()) + self.reduce(columns.abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * variation


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "step-of-two",
    "The slices are off by one: pixels two apart are compared, so that stripes of one pixel cost nothing. Neighbours "
    "are `[1:]` and `[:-1]`.",
    "answers by testers",
    weight=WEIGHTS,
    reduce=REDUCE,
)
class TvStepOfTwo(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        rows, columns = p[:, :, 2:] - p[:, :, :-2], p[..., 2:] - p[..., :-2]
        variation = self.reduce(rows.abs()) + self.reduce(columns.abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * variation


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "flattened-image",
    "The image is flattened before the differences: the end of a row is compared with the start of the next, and the "
    "height not at all. Keep (H, W), and slice along both.",
    "answers by testers",
    weight=WEIGHTS,
    reduce=REDUCE,
)
class TvFlattened(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        flat = p.flatten(1)
        variation = self.reduce((flat[:, 1:] - flat[:, :-1]).abs())
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + self.weight * variation


@mistake(
    "2.3",
    "BCELoss_TotalVariation",
    "weight-on-cross-entropy",
    "The weight stands in front of the cross-entropy, and the variation counts in full. Where do the brackets close?",
    "answers by testers",
    weight=(0.1,),
    reduce=REDUCE,
)
class TvWeightOnCrossEntropy(nn.Module):
    def __init__(self, weight: float = 0.1, reduce=torch.mean) -> None:
        super().__init__()
        self.weight, self.reduce = weight, reduce

    def forward(self, y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        variation = self.reduce(p.diff(dim=2).abs()) + self.reduce(p.diff(dim=3).abs())
        return self.weight * F.binary_cross_entropy_with_logits(y_pred, y_true) + variation
