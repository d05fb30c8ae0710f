"""Exercise 4: the U-Net that learns how to shrink and enlarge its maps, and whether it learns to segment."""

import pytest

from course.grading.outcomes import CheckFailed
from tests.learning import check_learns
from tests.networks import check_all_skips, check_gradients, check_logits, check_shape, look_at, require_skips


@pytest.mark.task("4.1", points=1)
def test_unet2_shape(student, oracle):
    """Images (B, 3, 128, 128) give one number for each pixel, (B, 1, 128, 128), for any batch size."""
    check_shape(student, oracle, unpadded=True)
    _require_learned_sampling(student, oracle)


@pytest.mark.task("4.1", points=1)
def test_unet2_logits(student, oracle):
    """The numbers are logits, not probabilities: nothing after the last convolution keeps them in a range."""
    check_logits(student, oracle)
    _require_learned_sampling(student, oracle)


@pytest.mark.task("4.1", points=2)
def test_unet2_down(student, oracle):
    """The maps are halved by convolutions with stride 2, at least three times, and not by pooling."""
    seen = look_at(student, oracle)
    if pools := seen.named("max_pool2d") + seen.named("avg_pool2d"):
        raise CheckFailed(
            f"Expected no pooling, got {len(pools)}, the first from {pools[0]['height_in']} to "
            f"{pools[0]['height_out']} rows.",
            oracle.diagnosis("pooling-kept"),
        )
    strided = [call for call in seen.named("conv2d") if call["stride"] == 2]
    if len(strided) < 3:
        raise CheckFailed(
            f"Expected at least three convolutions with stride 2, got {len(strided)}.", oracle.diagnosis("no-strides")
        )


@pytest.mark.task("4.1", points=2)
def test_unet2_up(student, oracle):
    """The maps are enlarged by transposed convolutions with stride 2, at least three, and not by interpolation."""
    seen = look_at(student, oracle)
    enlarging = [call for call in seen.named("interpolate") if call["height_out"] >= 1.5 * call["height_in"]]
    if enlarging:
        raise CheckFailed(
            f"Expected no interpolation, got {len(enlarging)}, the first from {enlarging[0]['height_in']} to "
            f"{enlarging[0]['height_out']} rows.",
            oracle.diagnosis("interpolation-kept"),
        )
    if any(call["height_out"] > call["height_in"] for call in seen.named("interpolate")):
        student.hint(
            "Interpolation adds the row that the transposed convolutions leave out: with output_padding=1, or a kernel "
            "of 2 or 4, nothing is left out."
        )
    transposed = [call for call in seen.named("conv_transpose2d") if call["stride"] == 2]
    if len(transposed) < 3:
        raise CheckFailed(
            f"Expected at least three transposed convolutions with stride 2, got {len(transposed)}.",
            oracle.diagnosis("no-transposed-convolutions"),
        )
    if any(call["kernel"] % 2 for call in transposed):
        student.hint(
            "A transposed convolution with stride 2 and an odd kernel overlaps itself on every other pixel, which "
            "draws a checkerboard; kernels of 2 or 4 do not."
        )


@pytest.mark.task("4.1", points=1)
def test_unet2_skips(student, oracle):
    """At every level, three at least, the encoder's map reaches the output directly, not through lower ones."""
    check_all_skips(student, oracle, wanted=3)
    _require_learned_sampling(student, oracle)


@pytest.mark.task("4.1", points=1)
def test_unet2_gradients(student, oracle):
    """Every layer takes part: each convolution, strided and transposed ones too, gets a gradient."""
    check_gradients(student, oracle)
    _require_learned_sampling(student, oracle)


@pytest.mark.task("4.2", points=4)
def test_unet2_learns(student, oracle):
    """Trained on the embedded cells, the U-Net with learned sampling finds cells that it has never seen."""
    _require_learned_sampling(student, oracle)
    check_learns(student, oracle)


def _require_learned_sampling(student, oracle) -> None:
    """Whatever else is right: without a skip connection or any learned sampling it is a network of another exercise."""
    require_skips(student, oracle)
    seen = look_at(student, oracle)
    if not any(call["stride"] == 2 for call in seen.named("conv2d") + seen.named("conv_transpose2d")):
        raise CheckFailed("No convolution of the network has a stride of 2.", oracle.diagnosis("pooling-kept"))
