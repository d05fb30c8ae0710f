"""What is expected of an answer with a weight is computed from two of its weights, and must explain each weight."""

from dataclasses import replace

import numpy as np
import pytest

from course.grading.bank import load_bank
from course.grading.compare import LINEAR, Case, _expect, expectations, matches
from course.grading.expected import Expected, tolerance_of
from course.grading.returned import Evaluation
from course.grading.sketch import Sketch, sketch
from course.grading.weights import explanations
from tests.inputs import binary_batch, binary_cases

WEIGHTED = [answer for answer in load_bank() if LINEAR in answer.variants]
CASES = binary_cases(np.random.default_rng(0))


def first_of(answer):
    """Return an answer with the first of each of its variants, and these."""
    chosen = {name: values[0] for name, values in answer.variants.items() if name != LINEAR}
    return replace(answer, variants={name: (value,) for name, value in chosen.items()} | {LINEAR: ()}), chosen


def came_back(wants: list[Expected]) -> list[Evaluation]:
    return [Evaluation([np.asarray(want.value)], ["tensor"], ["float64"], want.gradient, [], []) for want in wants]


@pytest.mark.parametrize("answer", WEIGHTED, ids=lambda answer: f"{answer.task} {answer.symbol} {answer.name}")
def test_any_weight_of_an_answer_is_recognised(answer):
    answer, chosen = first_of(answer)
    lines = [expectations(answer, case)[0] for case in CASES]
    for weight in (0.0371, 0.5, 1.0, 2.7):
        exact = [_expect(answer.make, Case(case.inputs, chosen | {LINEAR: weight})) for case in CASES]
        assert matches(came_back(exact), lines, tolerance_of([exact]), True), weight


def test_the_weight_that_explains_is_the_weight():
    answer = next(a for a in WEIGHTED if a.name == "variation-of-logits")
    answer, chosen = first_of(answer)
    lines = [expectations(answer, case)[0] for case in CASES]
    exact = [_expect(answer.make, Case(case.inputs, chosen | {LINEAR: 0.37})) for case in CASES]
    (explained, *_) = explanations([want.value for want in exact], lines)
    for got, want in zip(explained, exact, strict=True):
        assert got.value == pytest.approx(want.value, rel=1e-9)
        np.testing.assert_allclose(got.gradient, want.gradient, rtol=1e-9, atol=1e-12)


def made(value: float, none: float) -> Expected:
    return Expected(value, None, 0.0, 0.0, none=Expected(none, None, 0.0, 0.0))


@pytest.mark.parametrize(
    ("values", "explained"),
    [
        ([1.5, 2.0, 2.5], True),  # none + 0.5 * term
        ([0.9 + 0.1, 1.8 + 0.0, 1.8 + 0.1], True),  # 0.9 * none + 0.1 * term
        ([1.0, 2.0, 2.0], False),  # the term is not there
        ([0.5, 2.0, 1.5], False),  # subtracted
        ([3.0, 4.0, 5.0], False),  # twice everything
        ([1.5, 2.0, 2.6], False),
    ],
)
def test_a_weight_must_be_positive_and_explain_every_case(values, explained):
    lines = [made(2.0, 1.0), made(2.0, 2.0), made(3.0, 2.0)]  # none: 1, 2, 2; the term: 1, 0, 1
    wants = [Expected(value, None, 0.0, 0.0) for value in values]
    assert matches(came_back(wants), lines, tolerance_of([wants]), False) is explained


def test_sketches_of_gradients_are_mixed_like_the_gradients():
    answer, _ = first_of(next(a for a in WEIGHTED if a.name == "variation-of-logits"))
    case = Case(binary_batch(np.random.default_rng(0), (3, 1, 6, 8), 0.4))
    (line,) = expectations(answer, case)
    sketched = replace(
        line, gradient=sketch(line.gradient), none=replace(line.none, gradient=sketch(line.none.gradient))
    )
    (full, *_) = explanations([line.none.value + 0.3 * (line.value - line.none.value)], [line])
    (rough, *_) = explanations([line.none.value + 0.3 * (line.value - line.none.value)], [sketched])
    assert isinstance(rough[0].gradient, Sketch)
    assert rough[0].gradient.is_like(full[0].gradient, 1e-9)
    assert not rough[0].gradient.is_like(1.1 * full[0].gradient, 1e-9)
