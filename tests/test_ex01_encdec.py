"""Task 1.3: the encoder-decoder. A network is judged by what it does, not by how it is written."""

import pytest

from course.grading.outcomes import CheckFailed
from tests.networks import check_gradients, check_levels, check_logits, check_shape, look_at, require_levels


@pytest.mark.task("1.3", points=2)
def test_encdec_shape(student, oracle):
    """Images (B, 3, 128, 128) give one number for each pixel, (B, 1, 128, 128), for any batch size."""
    check_shape(student, oracle)
    require_levels(student, oracle)


@pytest.mark.task("1.3", points=1)
def test_encdec_logits(student, oracle):
    """The numbers are logits, not probabilities: nothing after the last convolution keeps them in a range."""
    check_logits(student, oracle)
    require_levels(student, oracle)


@pytest.mark.task("1.3", points=2)
def test_encdec_levels(student, oracle):
    """The encoder halves its maps at least three times."""
    check_levels(student, oracle)


@pytest.mark.task("1.3", points=1)
def test_encdec_bottleneck(student, oracle):
    """All that the decoder knows of the image came through the bottleneck."""
    seen = look_at(student, oracle)
    if len(seen.heights) == 1:
        raise CheckFailed("There is no bottleneck: no map is lower than the image.", oracle.diagnosis("too-few-levels"))
    if seen.bypass:
        raise CheckFailed(
            f"The image also reaches the output on a way around the bottleneck of {seen.heights[-1]} rows.",
            oracle.diagnosis("has-skips"),
        )


@pytest.mark.task("1.3", points=2)
def test_encdec_gradients(student, oracle):
    """Every layer takes part: each convolution gets a gradient."""
    check_gradients(student, oracle)
    require_levels(student, oracle)
