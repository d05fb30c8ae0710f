"""Losses and metrics that want masks without their axis of channels: (B, H, W) in the place of (B, 1, H, W)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from course.grading.compare import Case
from course.grading.outcomes import CheckFailed, Diagnosis
from course.grading.student import Evaluation

NOTE = "It wants {} without the axis of channels, (B, H, W); the course's masks are (B, 1, H, W)."
# What is handed in without that axis, and what it is called.
TARGETS, BOTH = (("y_true",), "targets"), (("y_pred", "y_true"), "prediction and target")

WANTS_NO_CHANNELS = Diagnosis(
    "wants-no-channels",
    "This is right for masks without an axis of channels, (B, H, W), but they come as (B, 1, H, W): `squeeze` on one "
    "of the two makes every image meet every other one. Leave both as they are, or flatten both.",
)


def without_channels(
    cases: Sequence[Case], ask: Callable[[Sequence[Case]], Sequence[Evaluation]]
) -> Iterator[tuple[list[Evaluation], tuple[tuple[str, ...], str]]]:
    """Yield what comes back for masks without an axis of channels, and which of them had none: TARGETS or BOTH.

    Gradients get the axis back. Nothing where there is no such axis, or where the code fails.
    """
    if not all(_has_channel(case) for case in cases):
        return
    for form in (TARGETS, BOTH):
        names, _ = form
        turned = [Case({n: a[:, 0] if n in names else a for n, a in c.inputs.items()}, c.settings) for c in cases]
        try:
            evaluations = ask(turned)
        except CheckFailed:
            continue
        shapes = [next(iter(case.inputs.values())).shape for case in cases]
        yield [_reshaped(got, shape) for got, shape in zip(evaluations, shapes, strict=True)], form


def _has_channel(case: Case) -> bool:
    shapes = {array.shape for array in case.inputs.values()}
    return set(case.inputs) == {"y_pred", "y_true"} and len(shapes) == 1 and all(s[1:2] == (1,) for s in shapes)


def _reshaped(got: Evaluation, shape: tuple[int, ...]) -> Evaluation:
    fits = got.gradient is not None and got.gradient.size == np.prod(shape)
    return replace(got, gradient=got.gradient.reshape(shape)) if fits else got
