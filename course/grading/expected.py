"""What known answers give, and how far a student's result may be off: as far as their own rounding goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from course.grading.sketch import Sketch, sketch

# A student's rounding may be this many times that of the known answers, whose float32 is compared with float64.
ROUNDING_MARGIN = 16


@dataclass(frozen=True)
class Expected:
    """What one known answer gives for one case, in float64, and how far its float32 is off, relative to its size.

    The value is nan where it is not one number. Of a gradient that was recorded there may be a sketch only.

    Attributes:
        none: what the answer gives with the weight 0, where it has a weight that may be any; the rest is then what it
            gives with the weight 1.
    """

    value: float
    gradient: np.ndarray | Sketch | None
    value_error: float
    gradient_error: float
    none: "Expected | None" = None


def mix(none: Expected, full: Expected, share_of_none: float, share_of_full: float) -> Expected:
    """Return a weighted sum of two."""
    shares = share_of_none, share_of_full
    value = shares[0] * none.value + shares[1] * full.value
    value_error = _mixed_error(shares, (none.value_error, full.value_error), (none.value, full.value)) / _size(value)
    if none.gradient is None or full.gradient is None:
        return Expected(value, None, value_error, 0.0)
    errors, gradients = (none.gradient_error, full.gradient_error), (none.gradient, full.gradient)
    gradient = _mixed_gradient(shares, gradients)
    return Expected(value, gradient, value_error, _mixed_error(shares, errors, gradients) / _size(gradient))


def _mixed_error(shares: Sequence[float], errors: Sequence[float], exact: Sequence[Any]) -> float:
    """Return how far float32 is off for a weighted sum."""
    return max(abs(share) * error * _size(of) for share, error, of in zip(shares, errors, exact, strict=True))


def _mixed_gradient(shares: Sequence[float], gradients: Sequence[np.ndarray | Sketch]) -> np.ndarray | Sketch:
    if not any(isinstance(gradient, Sketch) for gradient in gradients):
        return shares[0] * gradients[0] + shares[1] * gradients[1]
    first, second = (g if isinstance(g, Sketch) else sketch(g) for g in gradients)
    largest = max(abs(shares[0]) * first.largest, abs(shares[1]) * second.largest)
    return Sketch(first.shape, largest, shares[0] * first.sums + shares[1] * second.sums)


def relative(rounded: Any, exact: Any) -> float:
    """Return the largest difference, relative to the largest exact value but at least to 1."""
    if exact is None:
        return 0.0
    difference = np.max(np.abs(np.asarray(rounded, float) - exact))
    return float(difference / _size(exact)) if np.isfinite(difference) else 0.0


def _size(exact: Any) -> float:
    """Return the largest absolute value, but at least 1."""
    return max(1.0, exact.largest if isinstance(exact, Sketch) else float(np.max(np.abs(exact))))


@dataclass
class Tolerance:
    """How far a result may be off, relative to its size but at least to 1 for values.

    Attributes:
        margin: by what it was multiplied.
        extra: what was added to it.
    """

    value: float
    gradient: float
    margin: float = 1.0
    extra: float = 0.0

    def like(self, other: "Tolerance") -> "Tolerance":
        """Return one with the margin and the extra of another one."""
        return self.times(other.margin).plus(other.extra)

    def times(self, factor: float) -> "Tolerance":
        """Return one that is so many times as large."""
        return Tolerance(factor * self.value, factor * self.gradient, factor * self.margin, self.extra)

    def plus(self, extra: float) -> "Tolerance":
        """Return one that is so much larger."""
        return Tolerance(self.value + extra, self.gradient + extra, self.margin, self.extra + extra)

    def same_value(self, got: float, expected: Expected) -> bool:
        """Whether a value is the expected one, up to rounding. What is not finite is like nothing else."""
        return bool(abs(got - expected.value) <= self.value * max(1.0, abs(expected.value)))

    def same_gradient(self, got: np.ndarray | None, expected: Expected) -> bool:
        """Whether a gradient is the expected one, up to rounding."""
        if expected.gradient is None or got is None:
            return expected.gradient is None and got is None
        if got.shape != expected.gradient.shape:
            return False
        if isinstance(expected.gradient, Sketch):
            return expected.gradient.is_like(got, self.gradient)
        return bool(np.max(np.abs(got - expected.gradient)) <= self.gradient * scale_of(expected.gradient))


def scale_of(gradient: np.ndarray | Sketch | None) -> float:
    """Return the largest absolute value of a gradient, 0 where there is none."""
    if isinstance(gradient, Sketch):
        return gradient.largest
    return 0.0 if gradient is None else float(np.max(np.abs(gradient)))


def tolerance_of(known: Sequence[Sequence[Expected]]) -> Tolerance:
    """Return the tolerance that right answers set by their own rounding, the largest over all cases.

    Args:
        known: for each right answer what it gives, case by case.
    """
    flat = [expected for answer in known for expected in answer]
    epsilon = float(np.finfo(np.float32).eps)
    value = max(epsilon, *(expected.value_error for expected in flat))
    scales = [(expected.gradient_error, scale_of(expected.gradient)) for expected in flat]
    relative = [error * max(1.0, scale) / scale for error, scale in scales if scale]
    return Tolerance(ROUNDING_MARGIN * value, ROUNDING_MARGIN * max([epsilon, *relative]))
