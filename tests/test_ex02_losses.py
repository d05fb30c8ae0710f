"""Exercise 2: Dice loss, focal loss, total variation, class weights, penalties.

Each check calls the student's loss on several batches and compares the results with all known answers. Any
legitimate definition passes, as long as it is the same one on every batch.
"""

import numpy as np
import pytest

from course.grading.compare import Case
from course.grading.outcomes import CheckFailed
from tests.inputs import binary_batch, binary_cases, one_edge


@pytest.mark.task("2.1", points=4)
def test_dice_value(student, oracle):
    """The value is that of a soft Dice loss, computed from logits."""
    oracle.judge(student, binary_cases(oracle.generator("value")))


@pytest.mark.task("2.1", points=2)
def test_dice_gradient(student, oracle):
    """The gradient is that of a soft Dice loss: there is something to learn from."""
    oracle.judge(student, binary_cases(oracle.generator("gradient")), gradient=True)


@pytest.mark.task("2.2", points=3)
def test_focal_value(student, oracle):
    """The value is that of a focal loss with gamma = 2, each pixel with its own factor."""
    oracle.judge(student, binary_cases(oracle.generator("value"), gamma=2.0), optional=["gamma"])


@pytest.mark.task("2.2", points=2)
def test_focal_gradient(student, oracle):
    """The gradient is that of a focal loss."""
    cases = binary_cases(oracle.generator("gradient"), gamma=2.0)
    oracle.judge(student, cases, gradient=True, optional=["gamma"])


@pytest.mark.task("2.2", points=1)
def test_focal_gamma(student, oracle):
    """The loss follows gamma and alpha, where they are parameters: FocalLoss(gamma=3) discounts easy pixels more."""
    oracle.judge(student, binary_cases(oracle.generator("gamma"), gamma=3.0), optional=["gamma"])
    cases = binary_cases(oracle.generator("alpha"), gamma=2.5, alpha=0.3)
    if _takes(student, cases[0], "alpha", [0.7, 0.3]):
        oracle.judge(student, cases, gradient=True, optional=["gamma", "alpha"])
    _look_at_default_gamma(student, oracle)


def _look_at_default_gamma(student, oracle) -> None:
    """Hint at a gamma that is 0 unless it is told."""
    case = binary_cases(oracle.generator("default"))[0]
    try:
        default, none = student.evaluate_each([case, Case(case.inputs, {"gamma": 0.0})])
    except CheckFailed:
        return  # what expects probabilities may refuse logits
    if "gamma" not in none.dropped and np.isclose(default.number, none.number, rtol=1e-5):
        student.hint("FocalLoss() has gamma = 0 here, which makes it the cross-entropy: by default it should be 2.")


@pytest.mark.task("2.3", points=3)
def test_total_variation_value(student, oracle):
    """The value is the cross-entropy plus a weight times the total variation of the probabilities."""
    oracle.judge(student, [one_edge(), *binary_cases(oracle.generator("value"))])


@pytest.mark.task("2.3", points=2)
def test_total_variation_gradient(student, oracle):
    """The gradient contains that of the total variation, not of the cross-entropy alone."""
    oracle.judge(student, binary_cases(oracle.generator("gradient")), gradient=True)


@pytest.mark.task("2.3", points=1)
def test_total_variation_weight(student, oracle):
    """The loss follows the weight, where it is a parameter: BCELoss_TotalVariation(weight=0.7)."""
    oracle.judge(student, binary_cases(oracle.generator("weight"), weight=0.7), optional=["weight"])


@pytest.mark.task("2.4", points=2)
def test_weighted_value(student, oracle):
    """The value is that of a cross-entropy in which the rare class weighs more, by the inverse of its frequency."""
    generator = oracle.generator("value")
    single = Case(binary_batch(generator, (2, 1, 6, 9), foreground=0.0))  # but for one pixel
    oracle.judge(student, [*binary_cases(generator), single])


@pytest.mark.task("2.4", points=1)
def test_weighted_gradient(student, oracle):
    """The gradient is that of a class-weighted cross-entropy; so it is with a weight that is given as pos_weight."""
    oracle.judge(student, binary_cases(oracle.generator("gradient")), gradient=True)
    cases = binary_cases(oracle.generator("given"), pos_weight=3.7)
    if _takes(student, cases[0], "pos_weight", [3.7]):
        oracle.judge(student, cases, gradient=True, optional=["pos_weight"])


@pytest.mark.task("2.4", points=1)
def test_weighted_without_foreground(student, oracle):
    """A batch without any foreground gives a finite loss: a class that is absent has no frequency to invert."""
    oracle.judge(student, binary_cases(oracle.generator("gradient")))
    inputs = binary_batch(oracle.generator("empty"), (2, 1, 8, 8), 0.5)
    inputs["y_true"] = np.zeros_like(inputs["y_true"])
    number = student.evaluate(**inputs).number
    if not np.isfinite(number):
        raise CheckFailed(f"The loss of a batch without foreground is {number}.")


@pytest.mark.task("2.5", points=1)
def test_centered_value(student, oracle):
    """The centred penalty is 1 - sigma(z) at the central pixel, mean over the batch."""
    oracle.judge(student, _logits_only(oracle.generator("centered")), symbol="centered_penalty")


@pytest.mark.task("2.5", points=1)
def test_centered_gradient(student, oracle):
    """The gradient of the centred penalty points to the central pixel of each image."""
    cases = _logits_only(oracle.generator("centered gradient"))
    oracle.judge(student, cases, symbol="centered_penalty", gradient=True)


@pytest.mark.task("2.5", points=1)
def test_sparsity_value(student, oracle):
    """The sparsity penalty is the mean probability of the foreground."""
    oracle.judge(student, _logits_only(oracle.generator("sparsity")), symbol="sparsity_penalty")


@pytest.mark.task("2.5", points=1)
def test_sparsity_gradient(student, oracle):
    """The gradient of the sparsity penalty reaches every pixel."""
    cases = _logits_only(oracle.generator("sparsity gradient"))
    oracle.judge(student, cases, symbol="sparsity_penalty", gradient=True)


def _takes(student, case: Case, name: str, tensor: list[float]) -> bool:
    """Whether a parameter, if it is there at all, takes a number. Who wants a tensor in its place is told so."""
    try:
        student.evaluate(settings=case.settings, **case.inputs)
    except CheckFailed as refused:
        try:
            student.evaluate(settings=case.settings | {name: tensor}, **case.inputs)
        except CheckFailed:
            return True  # it is not the parameter: the comparison says what it is
        student.hint(f"`{name}` should be a number: {refused.message}")
        return False
    return True


def _logits_only(generator: np.random.Generator) -> list[Case]:
    """Return cases with odd and even sizes. A mask comes along for functions that also want one."""
    shapes = [(1, 1, 7, 9), (4, 1, 8, 12), (3, 1, 11, 6)]
    return [Case(binary_batch(generator, shape, 0.4)) for shape in shapes]
