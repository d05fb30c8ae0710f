"""Looks at what a student's data set gave, and says what is wrong with it. Shared by the checks of 1.1 and 6.1."""

import re
from collections.abc import Collection
from typing import Any

import numpy as np

from course.grading.outcomes import CheckFailed
from course.grading.student import Items, Student
from tests.files import Pair

# Two decoders of one JPEG may round differently.
SAME_PIXEL = 1.5 / 255
# A path in the text of an error: in quotes, or without them one from the root of a disk, two names long at least. What
# looks like a shorter one may be two words with a stroke between them.
PATH = re.compile(r"""'([^']*[/\\][^']*)'|(?<![^\s("=:`])((?:[A-Za-z]:[/\\]|/)[\w.~-]+[/\\][^\s'"`]*)""")


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
    return items.folder not in items.raised and PATH.search(items.raised) is not None


def opened_whole(student: Student, oracle: Any, files: dict[str, bytes], pairs: list[Pair], **request: Any) -> Items:
    """Open the data set on files that are in order, compare its length, and read all items."""
    items = opened(student, oracle, files, first=len(pairs), **request)
    check_length(oracle, items, pairs)
    return items


def check_length(oracle: Any, items: Items, pairs: list[Pair]) -> None:
    """A data set has one item for each pair."""
    if items.length != len(pairs):
        diagnosis = oracle.diagnosis("length-off-by-one") if abs(items.length - len(pairs)) == 1 else None
        raise CheckFailed(f"{len(pairs)} pairs lie in the folder, len() says {items.length}.", diagnosis)


def parts_of(items: Items, position: int) -> tuple[np.ndarray, np.ndarray]:
    """Return image and label of an item that was read."""
    parts, kinds = items.parts[position], items.kinds[position]
    if len(kinds) != 2 or len(parts) != 2:
        raise CheckFailed(f"An item is an image and its label, two tensors; got {', '.join(kinds)}.")
    return parts[0], parts[1]


def plane_of(label: np.ndarray) -> np.ndarray:
    """Return a label as (H, W), with or without its channel axis."""
    return label[0] if label.ndim == 3 and label.shape[0] == 1 else label


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
        channels, height, width = want.shape
        slugs = {(height, width, channels): "channels-last", (1, height, width): "grey-image"}
        slug = (slugs | {(channels, width, height): "axes-swapped"}).get(image.shape)
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
    if close(image, want[:, :, ::-1]) and not close(image, want):
        raise CheckFailed(f"{name} is mirrored, without a transform.", oracle.diagnosis("always-flipped"))
    if not close(image, want):
        slug = next((slug for slug, other in known.items() if close(image, other, SAME_PIXEL * other.max())), None)
        if slug is None and _is_standardised(image, want):
            slug = "image-standardised"
        expected, got = (f"from {pixels.min():.3f} to {pixels.max():.3f}" for pixels in (want, image))
        message = f"{name} should go {expected} as in the file, and goes {got}."
        if expected == got:
            message = f"{name} goes {got} as in the file, but its pixels are others."
        raise CheckFailed(message, oracle.diagnosis(slug) if slug else None)
    if dtype != "float32":
        raise CheckFailed(f"{name} is {dtype}, expected float32: the network's weights are float32.")


def _is_standardised(image: np.ndarray, want: np.ndarray) -> bool:
    """Whether each channel is what is in the file but for an offset and a positive factor, say ImageNet's."""
    return all(
        close(_standardised(got), _standardised(channel), SAME_PIXEL / channel.std())
        for got, channel in zip(image, want, strict=True)
    )


def check_paired(oracle: Any, items: Items, pairs: list[Pair]) -> None:
    """An image and its label come from files of the same number."""
    for position in range(len(items.parts)):
        image, label = parts_of(items, position)
        pair = pair_of(oracle, image, pairs)
        other = next((p for p in pairs if size_of(label) == p.size and p.number != pair.number), None)
        if other:
            message = f"The image with the number {pair.number} came with the label of number {other.number}."
            raise CheckFailed(message, oracle.diagnosis("paired-by-order"))


def check_never_mispaired(
    oracle: Any,
    student: Student,
    files: dict[str, bytes],
    pairs: list[Pair],
    unlabelled: Collection[int] = (),
    **request: Any,
) -> None:
    """Read all items of a folder that is not in order: refused or left out is right, silently wrong is not.

    Args:
        unlabelled: numbers of the images whose labels are missing.
    """
    try:
        items = opened(student, oracle, files, first=len(pairs), **request)
    except CheckFailed:
        return
    check_paired(oracle, items, pairs)
    for position in range(len(items.parts)):
        number = pair_of(oracle, parts_of(items, position)[0], pairs).number
        if number in unlabelled:
            message = f"The image with the number {number} has no label in the folder, and comes with one."
            raise CheckFailed(message, oracle.diagnosis("label-invented"))


def read_again(oracle: Any, student: Student, files: dict[str, bytes], pairs: list[Pair], **request: Any) -> Items:
    """Read each item without a transform. It must be as it is on disk, not mirrored, and the same when read again.

    Returns:
        one item for each pair.
    """
    indices = list(range(len(pairs)))
    once = opened(student, oracle, files, indices=indices, **request)
    # In a request of its own: a tensor that is given out twice, and changed meanwhile, is the same in both places.
    twice = opened(student, oracle, files, indices=indices * 2, **request)
    readings = {}
    for items in (once, twice):
        for position in range(len(items.parts)):
            image, label = parts_of(items, position)
            pair = pair_of(oracle, image, pairs)
            _check_not_mirrored(oracle, image, pair)
            readings.setdefault(pair.number, []).append({"image": image, "label": label})
    for number, (first, *others) in readings.items():
        for name in ("image", "label"):
            if not all(np.array_equal(first[name], other[name], equal_nan=True) for other in others):
                message = f"Without a transform the {name} with the number {number} is another when it is read again."
                raise CheckFailed(message, oracle.diagnosis("changed-in-place"))
    return once


def _check_not_mirrored(oracle: Any, image: np.ndarray, pair: Pair) -> None:
    """An image is not nearer to the mirror image of what is in its file."""
    brightness = _brightness(image)
    if brightness.shape == pair.size and _is_flipped(brightness, pair.image.mean(axis=-1)):
        message = f"The image with the number {pair.number} is mirrored, without a transform."
        raise CheckFailed(message, oracle.diagnosis("always-flipped"))


def check_flips(oracle: Any, items: Items, pairs: list[Pair], plain: dict[int, np.ndarray]) -> None:
    """A random flip acts on image and label alike, and is drawn anew whenever an item is read.

    Args:
        items: several readings of each pair.
        plain: for each number the label (H, W) that the same data set gives without a transform, right or wrong.
    """
    flips, flips_of = [], {}
    for position in range(len(items.parts)):
        image, label = parts_of(items, position)
        pair = pair_of(oracle, image, pairs)
        if pair.number not in plain:
            raise CheckFailed(f"The image with the number {pair.number} was not there without a transform.")
        flipped, want = _is_flipped(_brightness(image), pair.image.mean(axis=-1)), plain[pair.number]
        has_sides = not np.array_equal(want, want[:, ::-1])
        flips.append((flipped, _is_flipped(plane_of(label), want) if has_sides else flipped))
        flips_of.setdefault(pair.number, set()).add(flipped)
    images, labels = {image for image, _ in flips}, {label for _, label in flips}
    if images == labels == {False}:
        slug, message = "transform-ignored", "A transform that flips at random flipped none of the images."
    elif labels == {False}:
        slug, message = "image-only-transform", "A transform that flips at random flipped images, and no label."
    elif any(image != label for image, label in flips):
        slug, message = "unpaired-transform", "A random flip turned an image and not its label, or the other way round."
    elif all(len(drawn) == 1 for drawn in flips_of.values()):
        slug, message = "transform-cached", "A random flip is not drawn anew: an image is turned always, or never."
    else:
        return
    raise CheckFailed(message, oracle.diagnosis(slug))


def _brightness(image: np.ndarray) -> np.ndarray:
    """Return an image without its channels, wherever these are."""
    return image.mean(axis=image.shape.index(3) if 3 in image.shape else 0)


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
    items = student.dataset(files, **request)
    if items.raised is None:
        diagnosis = oracle.diagnosis("empty-folder-accepted") if items.length == 0 else None
        raise CheckFailed(f"{what} was accepted without an error: len() is {items.length}.", diagnosis)
    if not any(name in items.raised for name in (items.folder, *names)):
        raise CheckFailed(f"{what} was refused, but the error does not say what was expected where: {items.raised}")
