"""What is expected of an answer with a weight is computed from two of its weights, and must be that of each weight."""

import numpy as np
import pytest

from course.grading.bank import load_bank
from course.grading.compare import LINEAR, Case, _expect, expectations
from tests.inputs import binary_batch

# An answer that takes its value out of the graph passes through float32 on the way.
ROUNDED = float(np.finfo(np.float32).eps)
WEIGHTED = [answer for answer in load_bank() if LINEAR in answer.variants]


@pytest.mark.parametrize("answer", WEIGHTED, ids=lambda answer: f"{answer.task} {answer.name}")
def test_an_answer_is_linear_in_its_weight(answer):
    case = Case(binary_batch(np.random.default_rng(0), (3, 1, 6, 8), 0.4))
    first = {name: values[0] for name, values in answer.variants.items() if name != LINEAR}
    for weight, got in zip(answer.variants[LINEAR], expectations(answer, case), strict=False):
        want = _expect(answer.make, Case(case.inputs, first | {LINEAR: weight}))
        assert got.value == pytest.approx(want.value, rel=ROUNDED, nan_ok=True)
        if want.gradient is None:
            assert got.gradient is None
        else:
            np.testing.assert_allclose(got.gradient, want.gradient, rtol=1e-9, atol=1e-12)
