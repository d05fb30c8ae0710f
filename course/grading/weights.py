"""Known answers with a weight of their own, such as that of a regulariser: which weight explains what came back.

Value and gradient of such an answer are linear in its weight, so that what it gives for the weights 0 and 1 tells what
it gives for any. Whoever writes 0.37 into the code is as right as who writes 0.1.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from course.grading.expected import Expected, mix, tolerance_of

# Each term must change some value by this many times the tolerance: else it might as well not be there.
LEAST_EFFECT = 4


def explanations(values: Sequence[float], expected: Sequence[Expected]) -> Iterator[list[Expected]]:
    """Yield what one known answer gives, for each way in which its weight can be chosen to explain some values.

    An answer without a free weight is yielded as it is. One with a weight is yielded with the positive weight that fits
    best, and then also as a mixture of both terms, as in 0.9 * first + 0.1 * second.

    Args:
        values: what came back, case by case.
        expected: what the answer gives, case by case.
    """
    if expected[0].none is None:
        yield list(expected)
        return
    if not np.isfinite(values).all():
        return
    none = np.array([want.none.value for want in expected if want.none])
    term = np.array([want.value for want in expected]) - none
    weight = _least_squares(term, values - none, values)
    yield from _mixtures(expected, 1.0, weight)
    share = _least_squares(none - term, values - term, values)
    if share < 1:
        yield from _mixtures(expected, share, 1 - share)


def _least_squares(slope: np.ndarray, target: np.ndarray, values: Sequence[float]) -> float:
    """Return the number that times `slope` is nearest to `target`, relative to the size of the values."""
    scale = np.maximum(1.0, np.abs(values))
    slope, target = slope / scale, target / scale
    return float(slope @ target / (slope @ slope)) if slope.any() else 0.0


def _mixtures(expected: Sequence[Expected], factor: float, weight: float) -> Iterator[list[Expected]]:
    """Yield `factor` times the one term and `weight` times the other, if each of them makes a difference."""
    if factor <= 0 or weight <= 0:
        return
    mixed = [mix(want.none, want, factor - weight, weight) for want in expected if want.none]
    tolerance = tolerance_of([mixed]).value
    least = [LEAST_EFFECT * tolerance * max(1.0, abs(want.value)) for want in mixed]
    first = [factor * abs(want.none.value) for want in expected if want.none]
    second = [weight * abs(want.value - want.none.value) for want in expected if want.none]
    terms = (first, second) if any(first) else (second,)  # an answer may be its second term alone
    if all(any(effect >= low for effect, low in zip(effects, least, strict=True)) for effects in terms):
        yield mixed
