"""Exercise 5: the dilated network, and whether it learns.

The receptive field is measured: all pixels of the image on which the central pixel of the output depends.
"""

import numpy as np
import pytest

from course.grading.outcomes import CheckFailed
from tests.learning import check_learns
from tests.networks import check_gradients, check_logits, check_shape, look_at, refuse_shrinking, require_dilation

# What four 3x3 convolutions with dilations 1, 2, 3, 4 see: 1 + 2 * (1 + 2 + 3 + 4).
LEAST_FIELD = 21
# So many pixels it must see on every side: maps that are cropped on one side only lie beside their image.
ASIDE = 5
# Dilations 2, 2, 2 look at 29 % of the pixels of their field.
LEAST_DENSITY = 0.9


@pytest.mark.task("5.1", points=1)
def test_dilated_shape(student, oracle):
    """Images (B, 3, 128, 128) give one number for each pixel, (B, 1, 128, 128), for any batch size."""
    check_shape(student, oracle)
    require_dilation(student, oracle)


@pytest.mark.task("5.1", points=1)
def test_dilated_logits(student, oracle):
    """The numbers are logits, not probabilities: nothing after the last convolution keeps them in a range."""
    check_logits(student, oracle)
    require_dilation(student, oracle)


@pytest.mark.task("5.1", points=1)
def test_dilated_gradients(student, oracle):
    """Every layer takes part: each convolution gets a gradient."""
    check_gradients(student, oracle)
    require_dilation(student, oracle)


@pytest.mark.task("5.1", points=1)
def test_dilated_resolution(student, oracle):
    """The resolution is kept throughout: no pooling, no stride."""
    refuse_shrinking(student, oracle)


@pytest.mark.task("5.1", points=2)
def test_dilated_growth(student, oracle):
    """The dilation grows from layer to layer."""
    seen = look_at(student, oracle)
    dilations = [call["dilation"] for call in seen.named("conv2d") if call["kernel"] > 1]
    if len(set(dilations) - {1}) < 2:
        slug = "no-dilation" if set(dilations) <= {1} else "dilation-does-not-grow"
        raise CheckFailed(
            f"Expected dilations that grow, as 1, 2, 4, 8; got {', '.join(map(str, dilations)) or 'none'}.",
            oracle.diagnosis(slug),
        )


@pytest.mark.task("5.1", points=1)
def test_dilated_receptive_field(student, oracle):
    """The receptive field is at least 21 pixels wide, around its pixel, at full resolution."""
    refuse_shrinking(student, oracle)
    footprint = student.receptive_field(128)
    rows, columns = _box(footprint).shape
    if min(rows, columns) < LEAST_FIELD:
        raise CheckFailed(
            f"Expected a receptive field of at least {LEAST_FIELD} x {LEAST_FIELD} pixels, got {rows} x {columns}.",
            oracle.diagnosis("field-too-small"),
        )
    sides = [np.nonzero(footprint.any(axis))[0] for axis in (1, 0)]
    if any(seen[0] > 64 - ASIDE or seen[-1] < 64 + ASIDE for seen in sides):
        message = f"The receptive field lies beside its pixel: on one side it sees not even {ASIDE} pixels."
        raise CheckFailed(message, oracle.diagnosis("field-beside-its-pixel"))


@pytest.mark.task("5.1", points=1)
def test_dilated_density(student, oracle):
    """The receptive field has no holes: the dilations do not skip pixels (gridding)."""
    refuse_shrinking(student, oracle)
    box = _box(student.receptive_field(128))
    density = box.mean() if box.size else 0.0
    if density < LEAST_DENSITY:
        raise CheckFailed(
            f"Of the {box.shape[0]} x {box.shape[1]} pixels of its receptive field the network sees {density:.0%}.",
            oracle.diagnosis("gridding"),
        )


@pytest.mark.task("5.2", points=4)
def test_dilated_learns(student, oracle):
    """Trained on the embedded cells, the dilated network finds cells that it has never seen."""
    require_dilation(student, oracle)
    check_learns(student, oracle)


def _box(footprint: np.ndarray) -> np.ndarray:
    """Return the smallest part of a footprint that holds all of it."""
    rows, columns = np.nonzero(footprint.any(1))[0], np.nonzero(footprint.any(0))[0]
    return footprint[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] if len(rows) else footprint[:0, :0]
