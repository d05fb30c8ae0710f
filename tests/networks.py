"""What the checks of the networks share: images to look at them with, and the properties that all of them have.

A network is judged by what it does: which weights get a gradient, at which heights its maps lie, which of them reach
the output when everything lower is cut off. How it is written does not matter.
"""

from functools import lru_cache

import numpy as np

from course.grading.outcomes import CheckFailed
from course.grading.partners import loss_of_probabilities
from course.grading.student import Structure

BINARY = {"in_channels": 3, "num_classes": 1}
SIZE = 128
OTHER_SIZE = (96, 64)
# The U-Net of the paper has no padding and refuses 128 x 128; 188 is the least size from which an output is left.
UNPADDED = 188


# Of what tells two far corners apart, at least this share must lie around them. Right ones had 0.47 and more of 1, and
# those in which places are lost at most 0.16.
NEAR = 0.3


def random_images(generator: np.random.Generator, count: int, height: int = SIZE, width: int | None = None):
    """Return normalised images, float32 `(count, 3, height, width)`, square if no width is told."""
    return generator.standard_normal((count, 3, height, width or height), dtype=np.float32)


def look_at(student, oracle, settings: dict = BINARY) -> Structure:
    """Return how the network is made, at 128 x 128, or for a network without padding at 188 x 188."""
    try:
        return student.structure(_two_images(oracle, SIZE), settings)
    except CheckFailed as refused:
        try:
            return student.structure(_two_images(oracle, UNPADDED), settings)
        except CheckFailed:
            raise refused from None


@lru_cache(maxsize=8)  # several checks of a task look at the same
def _two_images(oracle, size: int) -> np.ndarray:
    return random_images(oracle.generator("structure"), 2, size)


def check_shape(student, oracle, unpadded: bool = False) -> None:
    """One logit for each pixel, at its place, for one image and for two; different images give different outputs.

    Args:
        unpadded: a network that refuses 128 x 128 may take 188 x 188 instead, and return its middle.
    """
    generator = oracle.generator("shape")
    images = random_images(generator, 1)
    try:
        shape = student.forward(images, BINARY).shape
    except CheckFailed:
        if not unpadded or _takes(student, random_images(generator, 2, UNPADDED)) is None:
            raise
        student.hint("The network has no padding: it takes images of 188 x 188, and returns their middle.")
        return
    _compare_shapes(shape, (1, 1, SIZE, SIZE), images.shape, oracle)
    _check_two(student, oracle, generator)
    seen = student.structure(_two_images(oracle, SIZE), BINARY)  # it takes this size: what refuses it now is the fault
    if seen.rows != SIZE:
        message = f"After an image of another size one of {SIZE} x {SIZE} gives {seen.rows} rows."
        raise CheckFailed(message, oracle.diagnosis("unsteady"))
    check_places(seen, oracle)


def check_places(seen: Structure, oracle) -> None:
    """What comes out at a pixel depends on what lies around it, and on no other image of the batch."""
    if not seen.steady:
        message = "One image, run alone and beside another one, gives two different outputs after eval()."
        raise CheckFailed(message, oracle.diagnosis("unsteady"))
    if seen.nearness < NEAR:
        raise CheckFailed(
            "Two corners of the output depend on the image elsewhere as much as around them: of what tells them apart, "
            f"{max(0.0, seen.nearness):.0%} more lies in their own quarters than in the opposite ones.",
            oracle.diagnosis("places-lost"),
        )


def _check_two(student, oracle, generator: np.random.Generator) -> None:
    """Two images are looked at in another size: that says as much, sooner, where the network takes any size."""
    images = random_images(generator, 2, *OTHER_SIZE)
    logits = _takes(student, images)
    any_size = logits is not None and logits.shape[2:] == OTHER_SIZE
    if logits is not None and logits.shape[2:] == OTHER_SIZE[::-1]:
        message = f"For images of shape {images.shape} expected logits {(2, 1, *OTHER_SIZE)}, got {logits.shape}."
        raise CheckFailed(message, oracle.diagnosis("sides-swapped"))
    if not any_size:
        images = random_images(generator, 2)
        logits = student.forward(images, BINARY)
        _compare_shapes(logits.shape, (2, 1, SIZE, SIZE), images.shape, oracle)
    # One number at every pixel may come from a ReLU or a softmax at the end: that is another check's matter.
    if logits.min() < logits.max() and np.array_equal(logits[0], logits[1]):
        raise CheckFailed("Two different images give one and the same output.", oracle.diagnosis("constant-output"))
    if not any_size:
        student.hint(
            f"Images of {OTHER_SIZE[0]} x {OTHER_SIZE[1]} do not give masks of their own size: upsample by a factor, "
            "or to the size of the encoder's map, and not to a number."
        )


def _takes(student, images: np.ndarray) -> np.ndarray | None:
    """Return the logits if the network takes these images, and returns one map for each, of any size; else nothing."""
    try:
        logits = student.forward(images, BINARY)
    except CheckFailed:
        return None
    return logits if logits.shape[:2] == (len(images), 1) and logits.ndim == 4 else None


def _compare_shapes(got: tuple, wanted: tuple, images: tuple, oracle) -> None:
    if got == wanted:
        return
    message = f"For images of shape {images} expected logits {wanted}, got {got}."
    if got in (wanted[1:], wanted[2:]) or (len(got) < 4 and wanted[0] == 1):
        raise CheckFailed(message, oracle.diagnosis("batch-axis-lost"))
    if len(got) == 4 and got[:2] == wanted[:2] and 2 * got[2] <= wanted[2]:
        raise CheckFailed(message, oracle.diagnosis("level-missing"))
    if len(got) == 4 and got[:2] == wanted[:2] and got[2] == got[3] and got[2] < wanted[2]:
        raise CheckFailed(message, oracle.diagnosis("padding-missing"))
    if len(got) == 4 and got[:2] == wanted[:2] and got[2] != got[3]:
        raise CheckFailed(message, oracle.diagnosis("concatenated-along-height"))
    if len(got) == 4 and got[0] > wanted[0] and got[1:] == wanted[1:]:
        raise CheckFailed(message, oracle.diagnosis("concatenated-along-batch"))
    if len(got) == 4 and got[0] == wanted[0] and got[2:] == wanted[2:]:
        raise CheckFailed(message, oracle.diagnosis("too-many-channels"))
    raise CheckFailed(message)


def check_logits(student, oracle) -> None:
    """The output is a logit, any real number: with larger and with reversed weights at the end it leaves [0, 1]."""
    seen = look_at(student, oracle)
    if seen.lowest == seen.highest:
        softmax = seen.named("softmax")
        slug = "softmax-over-one-channel" if softmax else "constant-output"
        raise CheckFailed(f"The output is {seen.lowest:.3g} at every pixel.", oracle.diagnosis(slug))
    if seen.lowest >= 0 and seen.highest <= 1 and (loss := loss_of_probabilities(student)):
        student.hint(
            f"It returns probabilities, which your `{loss}` expects: together that is right. Where they are rounded "
            "to 0 and 1, only losses of logits stay right."
        )
        return
    refuse_range(seen, oracle)


def refuse_range(seen: Structure, oracle) -> None:
    """Logits may be any numbers: a function at the end that keeps them in a range is one too many."""
    span = f"However large the last layer's weights, the output stays between {seen.lowest:.3g} and {seen.highest:.3g}"
    if seen.lowest >= 0 and seen.highest <= 1:
        raise CheckFailed(f"{span}: these are probabilities.", oracle.diagnosis("ends-in-sigmoid"))
    if seen.lowest >= 0:
        raise CheckFailed("The output is never below 0.", oracle.diagnosis("ends-in-relu"))
    if seen.highest <= 0:
        raise CheckFailed("The output is never above 0.", oracle.diagnosis("ends-in-logarithm"))
    if seen.highest <= 1 and seen.lowest >= -1:
        raise CheckFailed(f"{span}: it is squashed.", oracle.diagnosis("ends-in-tanh"))


def check_gradients(student, oracle) -> None:
    """Every convolution gets a gradient."""
    seen = look_at(student, oracle)
    refuse_strays(seen, oracle)
    if not seen.bends:
        message = "No activation was called: nothing stands between the convolutions."
        raise CheckFailed(message, oracle.diagnosis("no-activation"))
    if not seen.unused and seen.shared:
        message = f"One and the same layer works at several levels: {_names(seen.shared)}."
        raise CheckFailed(message, oracle.diagnosis("layer-shared"))
    if not seen.unused:
        return
    if not seen.idle:
        raise CheckFailed(f"No gradient reaches: {_names(seen.unused)}.", oracle.diagnosis("detached"))
    message = f"Never called: {_names(seen.idle)}."
    if seen.called_twice:
        message += f" Called more than once: {_names(seen.called_twice)}."
        raise CheckFailed(message, oracle.diagnosis("layer-called-twice"))
    raise CheckFailed(message, oracle.diagnosis("layer-unused"))


def refuse_strays(seen: Structure, oracle) -> None:
    """Every convolution that runs is among the network's parameters: else it is neither trained nor saved."""
    if seen.strays:
        raise CheckFailed(
            f"The network runs {seen.strays} convolution(s) that are not among its parameters.",
            oracle.diagnosis("layers-in-a-list"),
        )


def check_levels(student, oracle) -> None:
    """The maps are halved at least three times."""
    seen = look_at(student, oracle)
    if len(seen.heights) < 4:
        raise CheckFailed(
            f"Expected at least three halvings, got maps with {_rows(seen.heights)} rows.",
            oracle.diagnosis("too-few-levels"),
        )


def require_levels(student, oracle) -> None:
    """Whatever else is right: a network without a single level is no encoder-decoder, and earns nothing."""
    if len(look_at(student, oracle).heights) == 1:
        message = "No map is lower than the image: there is neither an encoder nor a decoder."
        raise CheckFailed(message, oracle.diagnosis("too-few-levels"))


def require_skips(student, oracle) -> None:
    """Whatever else is right: a network without a single skip connection is no U-Net, and earns nothing."""
    seen = look_at(student, oracle)
    if seen.lowest < seen.highest:  # where nothing reaches the output, the check of the logits says why
        check_skips(student, oracle, wanted=1)


def require_dilation(student, oracle) -> None:
    """Whatever else is right: a network that dilates nothing, or shrinks its maps, is none of exercise 5."""
    refuse_shrinking(student, oracle)
    calls = look_at(student, oracle).named("conv2d")
    if not any(call["dilation"] > 1 and call["kernel"] > 1 for call in calls):
        raise CheckFailed("No convolution of the network is dilated.", oracle.diagnosis("no-dilation"))


def refuse_shrinking(student, oracle) -> None:
    """The maps keep the image's size, but for rows that a convolution without padding leaves out."""
    seen = look_at(student, oracle)
    if len(seen.heights) > 1:
        raise CheckFailed(
            f"The maps shrink: they have {_rows(seen.heights)} rows.", oracle.diagnosis("resolution-lost")
        )
    enlarged = [call for call in seen.named("interpolate") if call["height_out"] > call["height_in"]]
    if enlarged:
        raise CheckFailed(
            f"The maps shrink: interpolation enlarges them from {enlarged[0]['height_in']} to "
            f"{enlarged[0]['height_out']} rows.",
            oracle.diagnosis("padding-missing"),
        )


def check_skips(student, oracle, wanted: int) -> None:
    """At so many levels the encoder's maps reach the output while everything below them is cut off."""
    seen = look_at(student, oracle)
    if len(seen.skips) < wanted:
        _refuse_skips(seen, oracle)


def check_all_skips(student, oracle, wanted: int) -> None:
    """The encoder's maps do so at every level, of which there are at least so many.

    That of the image's own height may be left out: many U-Nets begin with a strided convolution.
    """
    seen = look_at(student, oracle)
    if len(seen.skips) < wanted or set(seen.heights[1:-1]) - set(seen.skips):
        _refuse_skips(seen, oracle)


def _refuse_skips(seen: Structure, oracle) -> None:
    """Say where there is no skip connection, and why."""
    missing = [height for height in seen.heights[:-1] if height not in seen.skips]
    message = (
        f"The maps have {_rows(seen.heights)} rows. Cut off everything lower, and the encoder's map reaches the output "
        + (f"at {_rows(seen.skips)} rows only, not at {_rows(missing)}." if seen.skips else "at none of these heights.")
    )
    if seen.skips:
        raise CheckFailed(message, oracle.diagnosis("skip-missing"))
    if seen.named("detach"):
        raise CheckFailed(message, oracle.diagnosis("skips-detached"))
    if set(seen.unused) - set(seen.idle):
        raise CheckFailed(message, oracle.diagnosis("detached"))
    raise CheckFailed(message, oracle.diagnosis("concatenation-unused" if seen.named("cat") else "no-skips"))


def _names(layers: list[str]) -> str:
    return ", ".join(f"`{layer}`" for layer in layers[:4]) + (", ..." if len(layers) > 4 else "")


def _rows(heights: list[int]) -> str:
    return ", ".join(str(height) for height in heights) or "no"
