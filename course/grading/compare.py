"""Compares what came back with known answers, in float64, with tolerances that the answers themselves set."""

import hashlib
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from course.grading.expected import Expected, Tolerance, relative, tolerance_of
from course.grading.student import Evaluation
from course.grading.weights import explanations
from course.worker.adapt import arrange, construct, understood
from course.worker.evaluate import gradient_of, with_tensors

if TYPE_CHECKING:
    from answers.entry import Answer

# What known answers give is kept: submissions that are graded with one seed are compared with the same numbers.
KEPT = 20_000
# A constructor's argument in which value and gradient are linear: two of its values give all others. Of those listed
# for an answer the selftests try each; a student's may be any other.
LINEAR = "weight"


@dataclass(eq=False)
class Case:
    """One call: the inputs by name, in the order of the specification, and the settings."""

    inputs: dict[str, np.ndarray]
    settings: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def content(self) -> str:
        """What tells these inputs from others."""
        digest = hashlib.blake2b()
        for name, array in self.inputs.items():
            digest.update(f"{name} {array.dtype.str} {array.shape}".encode() + np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    @cached_property
    def key(self) -> str:
        """What tells this case from others."""
        return f"{self.content} {self.settings!r}"

    def having(self, settings: dict[str, Any]) -> "Case":
        """Return the case with other settings."""
        other = Case(self.inputs, settings)
        other.content = self.content
        return other

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Case) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def expectations(answer: "Answer", case: Case) -> list[Expected]:
    """Compute a known answer on a case, once for each of its variants that the case's settings leave open.

    A weight that is left open may be any: such an answer is computed for the weights 0 and 1.
    """
    variants = {name: values for name, values in answer.variants.items() if name not in case.settings}
    weighted = variants.pop(LINEAR, None) is not None
    combinations = itertools.product(*variants.values())
    chosen = [dict(zip(variants, values, strict=True)) | case.settings for values in combinations]
    if not weighted:
        return [_expect(answer.make, case.having(settings)) for settings in chosen]
    ends = [[_expect(answer.make, case.having(s | {LINEAR: end})) for end in (0.0, 1.0)] for s in chosen]
    return [replace(full, none=none) for none, full in ends]


@lru_cache(maxsize=KEPT)
def _expect(make: Callable, case: Case) -> Expected:
    value, gradient = _compute(make, case, torch.float64)
    value32, gradient32 = _compute(make, case, torch.float32)
    return Expected(value, gradient, relative(value32, value), relative(gradient32, gradient))


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


def matches(
    evaluations: Sequence[Evaluation], expected: Sequence[Expected], tolerance: Tolerance, gradient: bool
) -> bool:
    """Whether a student's results are those of one known answer in every case."""
    for explained in explanations([got.number for got in evaluations], expected):
        # With a weight that fits best, only the answer's own rounding is left to be tolerated.
        own = tolerance if expected[0].none is None else tolerance_of([explained]).like(tolerance)
        if all(_same(got, want, own, gradient) for got, want in zip(evaluations, explained, strict=True)):
            return True
    return False


def _same(got: Evaluation, want: Expected, tolerance: Tolerance, gradient: bool) -> bool:
    return tolerance.same_value(got.number, want) and (not gradient or tolerance.same_gradient(got.gradient, want))
