"""The reference losses, and the accepted alternatives, against independent libraries and closed forms."""

from collections.abc import Callable

import pytest
import torch
import torch.nn.functional as F
from monai.losses import DiceLoss as MonaiDice
from segmentation_models_pytorch.losses import DiceLoss as SmpDice
from torch import Tensor, nn
from torchmetrics.functional.image import total_variation
from torchvision.ops import sigmoid_focal_loss

from answers.losses import bce, cross_entropy, dice, focal
from answers.losses import total_variation as regularised
from solutions.losses import (
    BCELoss,
    BCELoss_TotalVariation,
    CrossEntropyLoss,
    DiceLoss,
    FocalLoss,
    WeightedBCELoss,
    centered_penalty,
    sparsity_penalty,
)

SHAPES = [(1, 1, 8, 8), (4, 1, 7, 12), (3, 1, 16, 5)]
Loss = Callable[[Tensor, Tensor], Tensor]


def batch(shape: tuple[int, ...], foreground: float = 0.3) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(shape[0])
    y_pred = 3 * torch.randn(shape, generator=generator, dtype=torch.float64)
    y_true = (torch.rand(shape, generator=generator) < foreground).double()
    y_true[:, 0, 0, 0] = 1  # in every image, for what is computed image by image
    return y_pred, y_true


def value_and_gradient(loss: Loss, y_pred: Tensor, y_true: Tensor) -> tuple[Tensor, Tensor]:
    y_pred = y_pred.clone().requires_grad_(True)
    value = loss(y_pred, y_true)
    (gradient,) = torch.autograd.grad(value, y_pred)
    return value.detach(), gradient


def inverse_frequency(y_pred: Tensor, y_true: Tensor) -> Tensor:
    pos_weight = (y_true.numel() - y_true.sum()) / y_true.sum()
    return nn.BCEWithLogitsLoss(pos_weight=pos_weight)(y_pred, y_true)


def variation(reduction: str, weight: float) -> Loss:
    def loss(y_pred: Tensor, y_true: Tensor) -> Tensor:
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + weight * total_variation(
            torch.sigmoid(y_pred), reduction
        )

    return loss


def variation_over_pairs(weight: float) -> Loss:
    """The mean of each direction, from a library that adds up both: a column has no horizontal neighbours."""

    def loss(y_pred: Tensor, y_true: Tensor) -> Tensor:
        p = torch.sigmoid(y_pred)
        b, c, h, w = p.shape
        columns = total_variation(p.permute(0, 3, 1, 2).reshape(b * w, c, h, 1), "sum") / (b * c * w * (h - 1))
        rows = total_variation(p.permute(0, 2, 1, 3).reshape(b * h, c, 1, w), "sum") / (b * c * h * (w - 1))
        return F.binary_cross_entropy_with_logits(y_pred, y_true) + weight * (rows + columns)

    return loss


ORACLES: dict[str, tuple[Loss, Loss]] = {
    "BCELoss, torch": (BCELoss(), F.binary_cross_entropy_with_logits),
    "DiceLoss, MONAI": (DiceLoss(), MonaiDice(sigmoid=True, smooth_nr=1.0, smooth_dr=1.0)),
    "DiceLoss(1e-5), MONAI": (DiceLoss(1e-5), MonaiDice(sigmoid=True)),
    # smp computes Dice as a Tversky index, (I + s) / (total / 2 + s): its smoothing counts twice.
    "sums, smp": (dice.DiceSums(1.0), SmpDice("binary", smooth=0.5)),
    "sums, MONAI": (dice.DiceSums(1.0), MonaiDice(sigmoid=True, batch=True, smooth_nr=1.0, smooth_dr=1.0)),
    "counts, smp": (dice.DiceCounts(), SmpDice("binary", smooth=1e-7)),
    "squared-denominator, MONAI": (
        dice.DiceSquaredDenominator(1.0, (1, 2, 3)),
        MonaiDice(sigmoid=True, squared_pred=True, smooth_nr=1.0, smooth_dr=1.0),
    ),
    "FocalLoss, torchvision": (
        FocalLoss(2.0, None),
        lambda y_pred, y_true: sigmoid_focal_loss(y_pred, y_true, alpha=-1, gamma=2.0, reduction="mean"),
    ),
    "FocalLoss(3, 0.25), torchvision": (
        FocalLoss(3.0, 0.25),
        lambda y_pred, y_true: sigmoid_focal_loss(y_pred, y_true, alpha=0.25, gamma=3.0, reduction="mean"),
    ),
    "FocalLoss(0), torch": (FocalLoss(0.0), F.binary_cross_entropy_with_logits),
    "alpha-t-sum, torchvision": (
        lambda y_pred, y_true: focal.FocalAlphaTSum(2.0, 0.75)(y_true, y_pred),  # the order of earlier years
        lambda y_pred, y_true: sigmoid_focal_loss(y_pred, y_true, alpha=0.75, gamma=2.0, reduction="sum"),
    ),
    "BCELoss_TotalVariation, torchmetrics": (BCELoss_TotalVariation(0.3), variation_over_pairs(0.3)),
    "sum, torchmetrics": (regularised.TvSum(0.3), variation("sum", 0.3)),
    "sum-per-image, torchmetrics": (regularised.TvSumPerImage(0.3), variation("mean", 0.3)),
    "WeightedBCELoss, torch": (WeightedBCELoss(), inverse_frequency),
    "WeightedBCELoss(4), torch": (WeightedBCELoss(4.0), nn.BCEWithLogitsLoss(pos_weight=torch.tensor(4.0))),
}


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("name", ORACLES)
def test_value_and_gradient_are_those_of_another_library(name: str, shape: tuple[int, ...]) -> None:
    ours, theirs = ORACLES[name]
    y_pred, y_true = batch(shape)
    value, gradient = value_and_gradient(ours, y_pred, y_true)
    expected_value, expected_gradient = value_and_gradient(theirs, y_pred, y_true)
    torch.testing.assert_close(value, expected_value.squeeze())
    torch.testing.assert_close(gradient, expected_gradient)


@pytest.mark.parametrize("weighted", [False, True])
def test_cross_entropy_is_that_of_torch(weighted: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    y_pred = torch.randn((2, 5, 6, 7), generator=generator)
    y_true = torch.randint(0, 5, (2, 6, 7), generator=generator)
    y_true[0, :3] = 255
    weights = torch.tensor([0.5, 1.0, 2.0, 4.0, 0.1]) if weighted else None
    expected = nn.CrossEntropyLoss(weights, ignore_index=255)(y_pred, y_true)
    for loss in (CrossEntropyLoss, cross_entropy.CrossEntropyLogSoftmax, cross_entropy.CrossEntropySumOverWeights):
        torch.testing.assert_close(loss(weights)(y_pred, y_true), expected)


def test_cross_entropy_of_nothing_is_zero_with_a_gradient_of_zeros() -> None:
    y_pred = torch.randn((1, 3, 4, 4), requires_grad=True)
    loss = CrossEntropyLoss()(y_pred, torch.full((1, 4, 4), 255))
    loss.backward()
    assert loss.item() == 0
    assert y_pred.grad.abs().max() == 0


def test_penalties_have_their_closed_forms() -> None:
    y_pred = torch.full((2, 1, 4, 6), -2.0, dtype=torch.float64)
    y_pred[0, 0, 2, 3] = 1.0
    sigma = [1 / (1 + torch.tensor(-z, dtype=torch.float64).exp()) for z in (-2.0, 1.0)]
    torch.testing.assert_close(centered_penalty(y_pred), 1 - (sigma[0] + sigma[1]) / 2)
    torch.testing.assert_close(sparsity_penalty(y_pred), (47 * sigma[0] + sigma[1]) / 48)


@pytest.mark.parametrize("logit", [0.0, 20.0, -20.0, 89.0, -89.0, 100.0, -100.0, 1000.0, -1000.0])
@pytest.mark.parametrize("target", [0.0, 1.0])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float16, torch.bfloat16])
def test_bce_stays_right_at_extreme_logits(logit: float, target: float, dtype: torch.dtype) -> None:
    z, y = torch.tensor([logit], dtype=torch.float64), torch.tensor([target], dtype=torch.float64)
    expected = value_and_gradient(F.binary_cross_entropy_with_logits, z, y)
    got = value_and_gradient(BCELoss(), z.to(dtype), y.to(dtype))
    tolerance = 4 * torch.finfo(dtype).eps
    for ours, theirs in zip(got, expected, strict=True):
        torch.testing.assert_close(ours.double(), theirs, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize(
    ("dtype", "threshold"), [(torch.float32, -88.7228), (torch.float16, -11.0898), (torch.float64, -709.78)]
)
def test_the_sheets_cross_entropy_overflows_at_its_threshold(dtype: torch.dtype, threshold: float) -> None:
    def value_at(logit: float) -> Tensor:
        return bce.BceSheetMean()(torch.tensor([logit], dtype=dtype), torch.zeros(1, dtype=dtype))

    low, high = 1.01 * threshold, 0.99 * threshold
    assert value_at(low).isinf()
    assert value_at(high).isfinite()
    while high - low > 1e-5 * -threshold:
        middle = (low + high) / 2
        low, high = (middle, high) if value_at(middle).isinf() else (low, middle)
    # float16 has steps of 1/128 there.
    assert low == pytest.approx(threshold, abs=0.005 if dtype == torch.float16 else 2e-5 * -threshold)


def test_the_sheets_dice_hardly_minds_an_empty_prediction() -> None:
    y_true = torch.zeros((1, 1, 100, 100), dtype=torch.float64)
    y_true[..., :10, :10] = 1  # 1 % of the pixels
    nothing = torch.full_like(y_true, -100.0)
    assert dice.DiceSheet()(nothing, y_true).item() == pytest.approx(0.0099, abs=5e-5)
    assert DiceLoss()(nothing, y_true).item() == pytest.approx(0.990, abs=5e-4)


@pytest.mark.parametrize(
    ("foreground", "cross_entropy", "sheet", "both"),
    [(0.01, 0.72, 0.91, 0.003), (0.05, 0.33, 0.67, 0.001), (0.20, 0.10, 0.30, 0.000)],
)
def test_the_sheets_focal_loss_keeps_the_easy_background(
    foreground: float, cross_entropy: float, sheet: float, both: float
) -> None:
    """The share of the loss that easy background has: logit -4 there, and an undecided 0 on the foreground."""
    pixels = 10_000
    y_true = torch.zeros((1, 1, 1, pixels), dtype=torch.float64)
    y_true[..., : int(foreground * pixels)] = 1
    y_pred = torch.where(y_true > 0.5, 0.0, -4.0)
    background = y_true < 0.5

    def share(loss: Loss) -> float:
        of_background = loss(y_pred[background].view(1, 1, 1, -1), y_true[background].view(1, 1, 1, -1))
        return float(of_background * background.sum() / (loss(y_pred, y_true) * pixels))

    assert share(BCELoss()) == pytest.approx(cross_entropy, abs=0.01)
    assert share(focal.FocalSheetMean()) == pytest.approx(sheet, abs=0.01)
    assert share(FocalLoss()) == pytest.approx(both, abs=0.001)
