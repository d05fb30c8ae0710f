"""Looks at the labels that a student's data set of facades gave, and says what is wrong with them."""

import numpy as np

from course.grading.outcomes import CheckFailed
from tests.files import CLASSES, Pair, nearest
from tests.items import plane_of, size_of

IGNORE = 255
SIZE = (34, 50)


def classes_of(pair: Pair) -> np.ndarray:
    """Return the label as it should be: 0..11, and 255 where nothing is labelled."""
    return np.where(pair.label == 0, IGNORE, pair.label.astype(int) - 1)


def check_classes(oracle, label: np.ndarray, pair: Pair) -> None:
    """Labelled pixels hold their number less one."""
    plane, name = plane_of(label), f"The label with the number {pair.number}"
    if plane.shape != pair.size:
        slugs = {(3, *pair.size): "label-as-colours", (*pair.size, 3): "label-as-colours"}
        slugs |= {
            pair.size[::-1]: "axes-swapped",
            (CLASSES, *pair.size): "one-hot",
            (CLASSES + 1, *pair.size): "one-hot",
        }
        slug = slugs.get(plane.shape)
        message = f"{name} has shape {label.shape}, expected {pair.size}."
        raise CheckFailed(message, oracle.diagnosis(slug) if slug else None)
    labelled = pair.label > 0
    got, want = plane[labelled].astype(float), pair.label[labelled].astype(float) - 1
    if np.array_equal(got, want):
        return
    check_label_not_mirrored(oracle, plane, pair)
    known = {
        "ids-from-one": want + 1,
        "label-divided-by-255": (want + 1) / 255,
        "label-divided-by-classes": want / (CLASSES - 1),
    }
    slug = next((slug for slug, other in known.items() if np.allclose(got, other, atol=1e-6)), None)
    if np.array_equal(got, np.unique(want, return_inverse=True)[1]):
        slug = "renumbered-per-image"
    wrong = sorted({int(number) for number, value in zip(want + 1, got, strict=True) if value != number - 1})
    if wrong == [CLASSES]:
        slug = "shop-dropped"
    elif slug is None and len(wrong) > 1 and got.max() > CLASSES:
        slug = "label-as-grey"
    raise CheckFailed(
        f"{name}: pixels that are {wrong[:4]} on disk should be {[n - 1 for n in wrong[:4]]}, and are "
        f"{[round(float(got[want == n - 1][0]), 4) for n in wrong[:4]]}.",
        oracle.diagnosis(slug) if slug else None,
    )


def check_label_not_mirrored(oracle, plane: np.ndarray, pair: Pair) -> None:
    """A label is not the mirror image of what it should be."""
    if np.array_equal(plane, classes_of(pair)[:, ::-1]):
        message = f"The label with the number {pair.number} is mirrored, without a transform."
        raise CheckFailed(message, oracle.diagnosis("always-flipped"))


def check_resized_label(oracle, image: np.ndarray, label: np.ndarray, before: np.ndarray, pair: Pair) -> None:
    """Image and label have the new size, and the label has the same values as before, in the right places."""
    if size_of(image) == pair.size:
        message = f"The image has shape {image.shape} after resizing to {SIZE}: no transform was applied."
        raise CheckFailed(message, oracle.diagnosis("transform-ignored"))
    if size_of(label) == pair.size:
        message = f"After resizing to {SIZE} the image has shape {image.shape}, the label still {label.shape}."
        raise CheckFailed(message, oracle.diagnosis("image-only-transform"))
    plane = plane_of(label)
    if plane.shape != SIZE or before.shape != pair.size:
        raise CheckFailed(f"After resizing to {SIZE} the label has shape {label.shape}.")
    # However the student's labels are numbered: each number on disk has become one value, and there are no others.
    value_of = {number: before[pair.label == number][0] for number in np.unique(pair.label)}
    expected = np.vectorize(value_of.get)(nearest(pair.label, SIZE))
    invented = _invented(plane, expected)
    if invented > 0:
        message = f"After resizing {invented:.1%} of the label's pixels have a class that none of their neighbours has."
        raise CheckFailed(message, oracle.diagnosis("bilinear-label"))
    agree = (plane == expected).mean()
    if agree < 0.75:
        raise CheckFailed(f"After resizing only {agree:.0%} of the label's pixels have the class that is there.")


def _invented(plane: np.ndarray, expected: np.ndarray) -> float:
    """Return the share of pixels whose value is that of none of their neighbours."""
    padded = np.pad(expected, 1, mode="edge")
    height, width = plane.shape
    shifts = [padded[y : y + height, x : x + width] for y in range(3) for x in range(3)]
    return float(1 - np.any([plane == shift for shift in shifts], axis=0).mean())
