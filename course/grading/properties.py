"""What can be said about a wrong result that no known mistake explains: the first property that fails."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from course.grading.compare import Case, Expected, Tolerance
from course.grading.outcomes import CheckFailed, Diagnosis
from course.grading.sketch import Sketch, sums_of
from course.grading.student import Evaluation

# The bounds of what is between bounds whatever is predicted. All other losses here are at least 0.
UPPER_BOUND = {"DiceLoss": 1.0, "centered_penalty": 1.0, "sparsity_penalty": 1.0}
# What has no target, though a mask comes along: foreground and background mean nothing to it.
WITHOUT_TARGET = {"centered_penalty", "sparsity_penalty"}

# Gradients are parallel where their cosine is larger: a pixel of hundreds that is wrong makes it smaller.
PARALLEL = 1 - 1e-6

NO_GRADIENT = Diagnosis(
    "no-gradient",
    "The loss is cut off from the prediction: `.item()`, `.detach()`, rounding or a threshold inside a loss leave "
    "nothing to learn from.",
)
MAP = Diagnosis("map", "One number for each pixel or image came back. A loss is one number: take the mean.")
REMEMBERS = Diagnosis(
    "remembers-a-batch",
    "A loss that is used twice gives something else than one that is new: it keeps something of the first batch, a "
    "weight in `self`, say. Everything that depends on the batch belongs into `forward`.",
)
MODIFIES = Diagnosis("modifies-input", "Operations that end in an underscore, and `x[...] = `, change their input.")


@dataclass(frozen=True)
class Wrong:
    """A result that agrees with no accepted answer.

    Attributes:
        symbol: what was called.
        cases: the inputs.
        got: what came back, case by case, with gradients where the code has any.
        right: what each accepted answer gives, case by case.
        swapped: what each accepted answer gives when prediction and target change places.
        tolerance: rounding allowed.
        probe: calls the code once more, on other cases.
    """

    symbol: str
    cases: Sequence[Case]
    got: Sequence[Evaluation]
    right: Sequence[Sequence[Expected]]
    swapped: Sequence[Sequence[Expected]]
    tolerance: Tolerance
    probe: Callable[[Sequence[Case]], Sequence[Evaluation]]

    @property
    def numbers(self) -> np.ndarray:
        """The values that came back."""
        return np.array([evaluation.number for evaluation in self.got])

    def agrees(self, expected: Sequence[Expected]) -> np.ndarray:
        """In which cases a value is the expected one."""
        pairs = zip(self.got, expected, strict=True)
        return np.array([self.tolerance.same_value(got.number, want) for got, want in pairs])


def nearest(wrong: Wrong) -> Diagnosis | None:
    """Return the first property that a right answer has and this one has not."""
    checks = (
        remembers_a_batch,
        not_finite,
        arguments_swapped,
        without_gradient,
        another_factor,
        first_image_only,
        out_of_bounds,
        sign_turned,
        class_without_gradient,
        right_on_one_class,
        bent,
    )
    return next((found for check in checks if (found := check(wrong))), None)


def remembers_a_batch(wrong: Wrong) -> Diagnosis | None:
    """The values are others when each batch is the first one that the loss gets."""
    for case, got in zip(wrong.cases, wrong.got, strict=True):
        alone = wrong.probe([case])
        if alone and not np.isclose(alone[0].number, got.number, rtol=1e-3, atol=1e-4, equal_nan=True):
            return REMEMBERS
    return None


def arguments_swapped(wrong: Wrong) -> Diagnosis | None:
    """The values are right for prediction and target in each other's place."""
    if not any(wrong.agrees(expected).all() for expected in wrong.swapped):
        return None
    return Diagnosis(
        "arguments-swapped",
        "Prediction and target have changed places: the prediction comes first. Either name the parameters y_pred and "
        "y_true, or keep to this order.",
    )


def first_image_only(wrong: Wrong) -> Diagnosis | None:
    """The values are right exactly where the batch holds one image, and for each image of a batch on its own.

    Without the second it may be something else about these batches, say how little foreground they hold.
    """
    single = np.array([_images_of(case) == 1 for case in wrong.cases])
    if single.all() or not any(np.array_equal(wrong.agrees(expected), single) for expected in wrong.right):
        return None
    if not _right_on_images_alone(wrong):
        return None
    return Diagnosis(
        "right-for-one-image",
        "It is right for a batch of one image, and wrong for several: look at what happens along the first axis.",
    )


def not_finite(wrong: Wrong) -> Diagnosis | None:
    """A value is nan or infinite, although no logit is large."""
    if np.isfinite(wrong.numbers).all():
        return None
    return Diagnosis(
        "not-finite",
        "nan comes from the logarithm or the root of a negative number, or from 0 / 0; infinity comes from the "
        "logarithm of 0. Logits can be negative: are they turned into probabilities first?",
    )


def without_gradient(wrong: Wrong) -> Diagnosis | None:
    """Nothing reaches the prediction; perhaps because the prediction is not used at all."""
    if wrong.right[0][0].gradient is None:
        return None  # a metric: it has none to lose
    if any(evaluation.gradient is not None and np.any(evaluation.gradient) for evaluation in wrong.got):
        return None
    others = wrong.probe([_with_other_prediction(case) for case in wrong.cases])
    if others and np.array_equal([other.number for other in others], wrong.numbers):
        return Diagnosis(
            "ignores-prediction",
            "The result is the same whatever is predicted. (A softmax over one channel, for instance, is always 1.)",
        )
    # A metric counts: the reference has no gradient either.
    return NO_GRADIENT if any(want.gradient is not None for want in wrong.right[0]) else None


def another_factor(wrong: Wrong) -> Diagnosis | None:
    """The values are the right ones times a number, or times a number and a size."""
    if any(wrong.agrees(expected).all() for expected in wrong.right):
        return None  # the value is right, it is the gradient that is not
    if len(wrong.cases) < 2:
        return None  # one number is always some factor times another
    sizes = {"": np.ones(len(wrong.cases))} | _sizes(wrong.cases)
    for expected in wrong.right:
        values = np.array([want.value for want in expected])
        if np.any(values == 0):
            continue
        for name, size in sizes.items():
            for sign, words in ((1, "times"), (-1, "divided by")):
                factors = wrong.numbers / values / size**sign
                if np.ptp(factors) <= 2 * wrong.tolerance.value * np.abs(factors).max():
                    return _factor(float(factors.mean()), f", {words} {name}" if name else "")
    return None


def out_of_bounds(wrong: Wrong) -> Diagnosis | None:
    """A value lies where no right value can lie."""
    low, high = wrong.numbers.min(), wrong.numbers.max()
    bound = UPPER_BOUND.get(wrong.symbol)
    if low >= 0 and (bound is None or high <= bound or any(want.value > bound for e in wrong.right for want in e)):
        return None
    value = low if low < 0 else high
    between = f"between 0 and {bound:g}" if bound else "never negative"
    return Diagnosis(
        "out-of-bounds",
        f"The value {value:.4g} is impossible: this loss is {between}. Logits in the place of probabilities do that, "
        "or a sign.",
    )


def sign_turned(wrong: Wrong) -> Diagnosis | None:
    """The gradient points the other way, in every case."""
    products = [
        float((evaluation.gradient * want.gradient).sum())
        for evaluation, want in zip(wrong.got, wrong.right[0], strict=True)
        if evaluation.gradient is not None and want.gradient is not None
        if evaluation.gradient.shape == want.gradient.shape
    ]
    if not products or max(products) >= 0:
        return None
    return Diagnosis(
        "sign-turned",
        "The loss falls where the prediction gets worse: training would unlearn. Look for a lost minus, a missing "
        "`1 -`, or classes that have changed places.",
    )


def class_without_gradient(wrong: Wrong) -> Diagnosis | None:
    """The pixels of one class get no gradient at all, though every accepted answer gives them some."""
    if wrong.symbol in WITHOUT_TARGET:
        return None
    for name, label in (("background", 0.0), ("foreground", 1.0)):
        pixels = [case.inputs["y_true"] == label for case in wrong.cases if "y_true" in case.inputs]
        if len(pixels) != len(wrong.cases):
            return None
        pairs = list(zip(wrong.got, pixels, strict=True))
        ours = list(zip(wrong.right[0], pixels, strict=True))
        if all(_vanishes(got.gradient, where) for got, where in pairs) and not any(
            _vanishes(want.gradient, where) for want, where in ours
        ):
            return Diagnosis(
                f"{name}-without-gradient",
                f"The {name} pixels get no gradient: whatever is predicted there costs nothing. Is their term missing?",
            )
    return None


def right_on_one_class(wrong: Wrong) -> Diagnosis | None:
    """The gradient is that of the reference on the pixels of one class, and another one on those of the other."""
    if wrong.symbol in WITHOUT_TARGET:
        return None
    masks = [case.inputs.get("y_true") for case in wrong.cases]
    pairs = list(zip(wrong.got, wrong.right[0], masks, strict=True))
    if any(mask is None or not _comparable(got, want) or mask.shape != got.gradient.shape for got, want, mask in pairs):
        return None
    for name, other, label in (("foreground", "background", 1.0), ("background", "foreground", 0.0)):
        same = [
            np.abs(got.gradient - want.gradient)[mask == label].max(initial=0.0)
            <= wrong.tolerance.gradient * np.abs(want.gradient).max()
            for got, want, mask in pairs
        ]
        if all(same):
            return Diagnosis(
                f"right-on-{name}",
                f"On the {name} pixels it is right, on the {other} pixels it is not: look at the term that stands for "
                f"the {other}.",
            )
    return None


def bent(wrong: Wrong) -> Diagnosis | None:
    """The gradient has the direction of a right one, in every case: a function of a right loss."""
    for expected in wrong.right:
        pairs = list(zip(wrong.got, expected, strict=True))
        if all(_comparable(got, want) and _cosine(got.gradient, want.gradient) > PARALLEL for got, want in pairs):
            return Diagnosis(
                "function-of-a-right-loss",
                "Each pixel pulls in the right direction and proportion, but the value is another one: something is "
                "applied to the finished loss, say a logarithm, a root or a power, or it is multiplied by something "
                "that changes from batch to batch.",
            )
    return None


def _right_on_images_alone(wrong: Wrong) -> bool:
    """Whether the values of the images, each handed in alone, add up to those of the batches, or have them as mean."""
    alone = [_image_of(case, number) for case in wrong.cases for number in range(_images_of(case))]
    got = wrong.probe(alone)
    if not got:
        return False
    ends = np.cumsum([_images_of(case) for case in wrong.cases])[:-1]
    by_batch = np.split(np.array([evaluation.number for evaluation in got]), ends)
    return any(
        all(
            wrong.tolerance.same_value(float(put_together(own)), want)
            for own, want in zip(by_batch, expected, strict=True)
        )
        for expected in wrong.right
        for put_together in (np.mean, np.sum)
    )


def _images_of(case: Case) -> int:
    return len(next(iter(case.inputs.values())))


def _image_of(case: Case, number: int) -> Case:
    return replace(case, inputs={name: array[number : number + 1] for name, array in case.inputs.items()})


def _comparable(got: Evaluation, want: Expected) -> bool:
    return got.gradient is not None and want.gradient is not None and got.gradient.shape == want.gradient.shape


def _cosine(got: np.ndarray, want: np.ndarray | Sketch) -> float:
    """Return how well two gradients agree in direction; of a recorded one only the sums with random signs are known."""
    first, second = (sums_of(got), want.sums) if isinstance(want, Sketch) else (got.ravel(), want.ravel())
    size = np.linalg.norm(first) * np.linalg.norm(second)
    return float(first @ second / size) if size > 0 else 0.0


def _vanishes(gradient: np.ndarray | None, where: np.ndarray) -> bool:
    return gradient is None or gradient.shape != where.shape or not np.any(gradient[where])


def _with_other_prediction(case: Case) -> Case:
    first = next(iter(case.inputs))
    return replace(case, inputs=case.inputs | {first: 1 - 2 * case.inputs[first]})


def _sizes(cases: Sequence[Case]) -> dict[str, np.ndarray]:
    """Return what a loss may have been multiplied with or divided by: sizes that differ between the cases."""
    shapes = [next(iter(case.inputs.values())).shape for case in cases]
    sizes = {
        "the number of images": [shape[0] for shape in shapes],
        "the number of pixels of the batch": [np.prod(shape) for shape in shapes],
        "the number of pixels of an image": [np.prod(shape[1:]) for shape in shapes],
        "the height": [shape[-2] for shape in shapes if len(shape) > 1],
        "the width": [shape[-1] for shape in shapes],
    }
    arrays = {name: np.array(size, float) for name, size in sizes.items() if len(size) == len(cases)}
    return {name: size for name, size in arrays.items() if np.ptp(size) > 0}


def _factor(factor: float, size: str) -> Diagnosis:
    if size and np.isclose(factor, 1):
        return Diagnosis("another-factor", f"The value is a right one{size}. Look at what you divide by.")
    sign = " Its sign is turned." if factor < 0 else ""
    return Diagnosis("another-factor", f"The value is {factor:.4g} times a right one{size}.{sign}")


def probing(ask: Callable[[Sequence[Case]], Sequence[Evaluation]]) -> Callable[[Sequence[Case]], Sequence[Evaluation]]:
    """Return a `probe` for `Wrong`: nothing where the code fails on these cases, or returns no numbers."""

    def probe(cases: Sequence[Case]) -> Sequence[Evaluation]:
        try:
            evaluations = ask(cases)
            return evaluations if all(np.isfinite(evaluation.number) for evaluation in evaluations) else []
        except CheckFailed:
            return []

    return probe
