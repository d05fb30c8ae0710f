"""Exercise 1: the binary cross-entropy.

The right value and the right gradient earn the points, in the sheet's form or any other. Staying right at extreme
logits, and in half precision, is a bonus.
"""

import itertools

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course.grading.outcomes import CheckFailed
from tests.inputs import binary_cases, one_pixel

EXTREMES = (0.0, 20.0, -20.0, 89.0, -89.0, 100.0, -100.0, 1000.0, -1000.0)
# float16 overflows earlier: the sheet's form below -11.1. All these numbers are exact in float16 and in bfloat16.
HALF = (0.0, 4.0, -4.0, 11.5, -11.5, 20.0, -20.0, 100.0, -100.0, 1000.0, -1000.0)
LARGE = 6.0  # a logit that every form gets right
HINT = (
    "Small logits are right: this costs the bonus only. exp(-z) overflows below z = -88.7 in float32 and below -11.1 "
    "in float16, and a sigmoid is rounded to 0 or 1 long before. Look for a form in which exp never sees a large "
    "positive number, and log never a rounded 0."
)


@pytest.mark.task("1.2", points=4)
def test_bce_value(student, oracle):
    """The value is that of the binary cross-entropy, computed from logits."""
    oracle.judge(student, binary_cases(oracle.generator("value")))
    _check_surely_wrong(student, oracle)


@pytest.mark.task("1.2", points=2)
def test_bce_gradient(student, oracle):
    """The gradient is that of the binary cross-entropy."""
    oracle.judge(student, binary_cases(oracle.generator("gradient")), gradient=True)


@pytest.mark.task("1.2", points=1, bonus=True)
def test_bce_extreme_logits(student, oracle):
    """Bonus: value and gradient are right at 0, ±20, ±89, ±100 and ±1000."""
    oracle.judge(student, binary_cases(oracle.generator("value")))
    _right_at(student, EXTREMES, "float32", 1e-5)


@pytest.mark.task("1.2", points=1, bonus=True)
def test_bce_half_precision(student, oracle):
    """Bonus: value and gradient are right in float16 and bfloat16, up to their rounding."""
    oracle.judge(student, binary_cases(oracle.generator("value")))
    for dtype in ("float16", "bfloat16"):
        _right_at(student, HALF, dtype, 4 * torch.finfo(getattr(torch, dtype)).eps)


def _check_surely_wrong(student, oracle) -> None:
    """The surer a wrong pixel, the more it costs. An overflow costs the bonus only; costing nothing is no overflow."""
    cases = [one_pixel(sign * logit, float(sign < 0)) for sign in (-1, 1) for logit in (LARGE, 20.0)]
    try:
        costs = [got.number for got in student.evaluate_each(cases)]
    except CheckFailed:
        return  # what expects probabilities may refuse such numbers
    for large, larger in (costs[:2], costs[2:]):
        if np.isfinite([large, larger]).all() and larger < large - 1e-3:
            message = f"A wrong pixel with the logit {LARGE:g} costs {large:.4g}, one with 20 only {larger:.4g}."
            raise CheckFailed(message, oracle.diagnosis("overflow-hidden"))


def _right_at(student, logits: tuple[float, ...], dtype: str, tolerance: float) -> None:
    """Compare images of one pixel, for which sum and mean are the same, with PyTorch's loss in float64."""
    pixels = list(itertools.product(logits, (0.0, 1.0)))
    cases = [one_pixel(logit, target) for logit, target in pixels]
    evaluations = student.evaluate_each(cases, gradient=True, dtype=dtype)
    for (logit, target), got in zip(pixels, evaluations, strict=True):
        value, gradient = _truth(logit, target)
        where = f"At z = {logit:g}, y = {target:g} in {dtype}"
        if not _close(got.number, value, tolerance):
            raise CheckFailed(f"{where} expected {value:.4g}, got {got.number:.4g}.\n{HINT}")
        # At 0 exactly |z| and max(z, 0) have no derivative, and PyTorch's choice changes with its version.
        slope = np.nan if got.gradient is None else float(got.gradient.sum())
        if logit != 0 and not _close(slope, gradient, tolerance):
            raise CheckFailed(f"{where} expected the gradient {gradient:.4g}, got {slope:.4g}.\n{HINT}")


def _truth(logit: float, target: float) -> tuple[float, float]:
    """Return loss and gradient in float64."""
    z = torch.tensor(logit, dtype=torch.float64, requires_grad=True)
    loss = F.binary_cross_entropy_with_logits(z, torch.tensor(target, dtype=torch.float64))
    loss.backward()
    return loss.item(), z.grad.item()


def _close(got: float, expected: float, tolerance: float) -> bool:
    """Whether a number is right, relative to its size but at least to 1: a loss of 2e-9 may be rounded to 0."""
    return bool(np.isfinite(got)) and abs(got - expected) <= tolerance * max(1.0, abs(expected))
