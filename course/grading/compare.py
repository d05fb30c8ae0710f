"""Compares what came back with known answers, in float64, with tolerances that the answers themselves set."""

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from course.grading.sketch import Sketch
from course.grading.student import Evaluation
from course.worker.adapt import arrange, construct, understood
from course.worker.evaluate import gradient_of, with_tensors

if TYPE_CHECKING:
    from answers.entry import Answer

# A student's rounding may be this many times that of the known answers, whose float32 is compared with float64.
ROUNDING_MARGIN = 16
# What known answers give is kept: submissions that are graded with one seed are compared with the same numbers.
KEPT = 20_000
# A constructor's argument in which value and gradient are linear: two of its values give all others.
LINEAR = "weight"


@dataclass(eq=False)
class Case:
    """One call: the inputs by name, in the order of the specification, and the settings."""

    inputs: dict[str, np.ndarray]
    settings: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """What tells this case from others."""
        digest = hashlib.blake2b(repr(self.settings).encode())
        for name, array in self.inputs.items():
            digest.update(f"{name} {array.dtype} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Case) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


@dataclass(frozen=True)
class Expected:
    """What one known answer gives for one case, in float64, and how far its float32 is off, relative to its size.

    The value is nan where it is not one number. Of a gradient that was recorded there may be a sketch only.
    """

    value: float
    gradient: np.ndarray | Sketch | None
    value_error: float
    gradient_error: float


def expectations(answer: "Answer", case: Case) -> list[Expected]:
    """Compute a known answer on a case, once for each of its variants that the case's settings leave open."""
    variants = {name: values for name, values in answer.variants.items() if name not in case.settings}
    weights = variants.pop(LINEAR, None)
    combinations = itertools.product(*variants.values())
    chosen = [dict(zip(variants, values, strict=True)) | case.settings for values in combinations]
    if weights is None:
        return [_expect(answer.make, Case(case.inputs, settings)) for settings in chosen]
    ends = [[_expect(answer.make, Case(case.inputs, s | {LINEAR: end})) for end in (0.0, 1.0)] for s in chosen]
    return [_between(none, full, weight) for none, full in ends for weight in weights]


def _between(none: Expected, full: Expected, weight: float) -> Expected:
    """Return what an answer gives for a weight, from what it gives for the weights 0 and 1."""
    value = none.value + weight * (full.value - none.value)
    ends = [(none.value_error, none.value), (full.value_error, full.value)]
    value_error = _mixed_error(*ends, weight, value)
    if none.gradient is None or full.gradient is None:
        return Expected(value, None, value_error, 0.0)
    gradient = none.gradient + weight * (full.gradient - none.gradient)
    ends = [(none.gradient_error, none.gradient), (full.gradient_error, full.gradient)]
    return Expected(value, gradient, value_error, _mixed_error(*ends, weight, gradient))


def _mixed_error(none: tuple[float, Any], full: tuple[float, Any], weight: float, exact: Any) -> float:
    """Return how far float32 is off for a weight, relative to the size, from that for the weights 0 and 1."""
    at_none, at_full = (error * _size(end) for error, end in (none, full))
    return max(at_none, weight * at_full) / _size(exact)


@lru_cache(maxsize=KEPT)
def _expect(make: Callable, case: Case) -> Expected:
    value, gradient = _compute(make, case, torch.float64)
    value32, gradient32 = _compute(make, case, torch.float32)
    return Expected(value, gradient, _relative(value32, value), _relative(gradient32, gradient))


def _compute(make: Callable, case: Case, dtype: torch.dtype) -> tuple[float, np.ndarray | None]:
    inputs = {name: torch.from_numpy(array.copy()) for name, array in case.inputs.items()}
    inputs = {name: tensor.to(dtype) if tensor.is_floating_point() else tensor for name, tensor in inputs.items()}
    first = next(iter(inputs.values())).requires_grad_(True)
    target = make
    settings = with_tensors(case.settings, str(dtype).removeprefix("torch."), torch.device("cpu"))
    if isinstance(target, type):
        target, _ = construct(target, settings)
        settings = {}
    signature = getattr(target, "forward", target)
    settings, _ = understood(signature, settings)
    result = target(*arrange(signature, inputs), **settings)
    gradient = gradient_of(result, first)
    number = torch.as_tensor(result).detach().double()
    return float(number) if number.numel() == 1 else np.nan, None if gradient is None else gradient.double().numpy()


def _relative(rounded: Any, exact: Any) -> float:
    """Return the largest difference, relative to the largest exact value but at least to 1."""
    if exact is None:
        return 0.0
    difference = np.max(np.abs(np.asarray(rounded, float) - exact))
    return float(difference / _size(exact)) if np.isfinite(difference) else 0.0


def _size(exact: Any) -> float:
    """Return the largest absolute value, but at least 1."""
    return max(1.0, float(np.max(np.abs(exact))))


@dataclass
class Tolerance:
    """How far a result may be off, relative to its size but at least to 1 for values."""

    value: float
    gradient: float

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


def matches(
    evaluations: Sequence[Evaluation], expected: Sequence[Expected], tolerance: Tolerance, gradient: bool
) -> bool:
    """Whether a student's results are those of one known answer in every case."""
    for got, want in zip(evaluations, expected, strict=True):
        if not tolerance.same_value(got.number, want):
            return False
        if gradient and not tolerance.same_gradient(got.gradient, want):
            return False
    return True
