"""Looks at what a student's data set gave, and says what is wrong with it. Shared by the checks of 1.1 and 6.1."""

import re
from typing import Any

import numpy as np

from course.grading.outcomes import CheckFailed
from course.grading.student import Items, Student
from tests.files import Pair

# Two decoders of one JPEG may round differently.
SAME_PIXEL = 1.5 / 255


def opened(student: Student, oracle: Any, files: dict[str, bytes], **request: Any) -> Items:
    """Open the data set on files that are in order, and read items."""
    items = student.dataset(files, **request)
    if items.raised is not None:
        raise CheckFailed(
            f"The data set did not open on a folder that is in order. {items.where}",
            oracle.diagnosis("path-hard-coded") if _looks_elsewhere(items) else None,
        )
    if items.length == 0:
        where = "is given as `root`" if request.get("root", "argument") == "argument" else f"${request['root']} names"
        raise CheckFailed(f"0 pairs were found in the folder that {where}.", oracle.diagnosis("finds-nothing"))
    return items


def _looks_elsewhere(items: Items) -> bool:
    """Whether the error with which a data set did not open names files, and none of them in the folder given."""
    named = re.findall(r"'([^']*[/\\\\][^']*)'", items.raised)
    return bool(named) and not any(items.folder in path for path in named)


def opened_whole(student: Student, oracle: Any, files: dict[str, bytes], pairs: list[Pair], **request: Any) -> Items:
    """Open the data set on files that are in order, compare its length, and read all items."""
    length = opened(student, oracle, files, indices=[], **request).length
    if length != len(pairs):
        diagnosis = oracle.diagnosis("length-off-by-one") if abs(length - len(pairs)) == 1 else None
        raise CheckFailed(f"{len(pairs)} pairs lie in the folder, len() says {length}.", diagnosis)
    return opened(student, oracle, files, indices=list(range(length)), **request)


def parts_of(items: Items, position: int) -> tuple[np.ndarray, np.ndarray]:
    """Return image and label of an item that was read."""
    parts, kinds = items.parts[position], items.kinds[position]
    if len(kinds) != 2 or len(parts) != 2:
        raise CheckFailed(f"An item is an image and its label, two tensors; got {', '.join(kinds)}.")
    return parts[0], parts[1]


def size_of(array: np.ndarray) -> tuple[int, ...]:
    """Return height and width of an image or label, wherever its channels are."""
    shape = array.shape
    if len(shape) == 3 and shape[2] <= 4:
        return shape[:2]
    return shape[-2:]


def pair_of(oracle: Any, image: np.ndarray, pairs: list[Pair]) -> Pair:
    """Return the pair that an image was read from: all pictures of a folder differ in size."""
    size = size_of(image)
    for pair in pairs:
        if size in (pair.size, pair.size[::-1]):
            return pair
    raise CheckFailed(
        f"The image has shape {image.shape}, but no image in the folder has this height and width: without a "
        "transform it stays as it is on disk.",
        oracle.diagnosis("resized-always") if len(size) == 2 and size[0] == size[1] else None,
    )


def check_different(oracle: Any, items: Items, pairs: list[Pair]) -> None:
    """Every pair must be there once."""
    numbers = [pair_of(oracle, parts_of(items, position)[0], pairs).number for position in range(len(items.parts))]
    if len(set(numbers)) == 1 < len(numbers):
        raise CheckFailed("Every index gives the same image.", oracle.diagnosis("same-item-always"))
    if sorted(numbers) != sorted(pair.number for pair in pairs):
        raise CheckFailed(f"The indices give the images {numbers}: each image of the folder once was expected.")


def check_image(oracle: Any, image: np.ndarray, dtype: str, pair: Pair) -> None:
    """An image is float32 (3, H, W) in [0, 1], in RGB, and what is in the file."""
    want = pair.image.transpose(2, 0, 1) / 255
    name = f"The image with the number {pair.number}"
    if image.shape != want.shape:
        slug = {want.shape[1:] + (3,): "channels-last", (1, *want.shape[1:]): "grey-image"}.get(image.shape)
        raise CheckFailed(
            f"{name} has shape {image.shape}, expected {want.shape}.", oracle.diagnosis(slug) if slug else None
        )
    image = image.astype(float)
    known = {
        "image-not-scaled": want * 255,
        "image-divided-twice": want / 255,
        "bgr": want[::-1],
        "image-from-minus-one": 2 * want - 1,
    }
    if not close(image, want):
        slug = next((slug for slug, other in known.items() if close(image, other, SAME_PIXEL * other.max())), None)
        raise CheckFailed(
            f"{name} should go from {want.min():.3f} to {want.max():.3f} as in the file, and goes from "
            f"{image.min():.3f} to {image.max():.3f}{'' if slug else ', or has other pixels'}.",
            oracle.diagnosis(slug) if slug else None,
        )
    if dtype != "float32":
        raise CheckFailed(f"{name} is {dtype}, expected float32: the network's weights are float32.")


def check_paired(oracle: Any, items: Items, pairs: list[Pair]) -> None:
    """An image and its label come from files of the same number."""
    for position in range(len(items.parts)):
        image, label = parts_of(items, position)
        pair = pair_of(oracle, image, pairs)
        other = next((p for p in pairs if size_of(label) == p.size and p.number != pair.number), None)
        if other:
            message = f"The image with the number {pair.number} came with the label of number {other.number}."
            raise CheckFailed(message, oracle.diagnosis("paired-by-order"))


def check_flips(oracle: Any, items: Items, pairs: list[Pair], label_of: Any) -> None:
    """A random flip acts on image and label alike.

    Args:
        label_of: turns a label as it came, and its pair, into what it must equal: two arrays of one shape.
    """
    flips = []
    for position in range(len(items.parts)):
        image, label = parts_of(items, position)
        pair = pair_of(oracle, image, pairs)
        brightness = image.mean(axis=image.shape.index(3) if 3 in image.shape else 0)
        got, want = label_of(label, pair)
        flips.append((_is_flipped(brightness, pair.image.mean(axis=-1)), _is_flipped(got, want)))
    images, labels = {image for image, _ in flips}, {label for _, label in flips}
    if images == labels == {False}:
        slug, message = "transform-ignored", "A transform that flips at random flipped none of the images."
    elif labels == {False}:
        slug, message = "image-only-transform", "A transform that flips at random flipped images, and no label."
    elif any(image != label for image, label in flips):
        slug, message = "unpaired-transform", "A random flip turned an image and not its label, or the other way round."
    else:
        return
    raise CheckFailed(message, oracle.diagnosis(slug))


def _is_flipped(got: np.ndarray, want: np.ndarray) -> bool:
    """Whether an array is nearer to the mirror image of what is in the file than to what is in the file."""
    got = got.astype(float)
    if got.shape != want.shape:
        raise CheckFailed(f"After a horizontal flip something has shape {got.shape}, expected {want.shape}.")
    got, want = _standardised(got), _standardised(want)
    return bool(np.abs(got - want[:, ::-1]).mean() < np.abs(got - want).mean())


def _standardised(array: np.ndarray) -> np.ndarray:
    """Return an array with mean 0 and deviation 1, so that no scale matters."""
    return (array - array.mean()) / (array.std() + 1e-9)


def close(got: np.ndarray, want: np.ndarray, tolerance: float = SAME_PIXEL) -> bool:
    """Whether two arrays of one shape agree."""
    return got.shape == want.shape and bool(np.max(np.abs(got - want)) <= tolerance)


def refusal(
    oracle: Any, student: Student, files: dict[str, bytes], what: str, names: list[str], **request: Any
) -> None:
    """Open the data set on a folder that it must refuse, in words that say which folder, or what was expected."""
    items = student.dataset(files, indices=[], **request)
    if items.raised is None:
        diagnosis = oracle.diagnosis("empty-folder-accepted") if items.length == 0 else None
        raise CheckFailed(f"{what} was accepted without an error: len() is {items.length}.", diagnosis)
    if not any(name in items.raised for name in (items.folder, *names)):
        raise CheckFailed(f"{what} was refused, but the error does not say what was expected where: {items.raised}")
