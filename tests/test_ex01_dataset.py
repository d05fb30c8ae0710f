"""Exercise 1.1: the PhC data set.

The checks write small folders in the layout of the data set, open the student's `PhC` on them, and compare the items
with the files. Pictures differ in size, so that it shows which files an item was read from.

What earns the points: any way to read the files. A mask as bool or integer 0 and 1, or without its channel axis, is
right everywhere but in the check of the mask's format. An image without a label may be left out or refused, as long
as no image comes with another one's label.
"""

from functools import lru_cache

import numpy as np
import pytest

from course.grading.outcomes import CheckFailed
from course.grading.student import Items
from tests.files import Pair, cell_pairs, nearest, phc_files, phc_split
from tests.items import (
    check_different,
    check_flips,
    check_image,
    check_paired,
    opened,
    opened_whole,
    pair_of,
    parts_of,
    refusal,
    size_of,
)

TRAIN, TEST = [0, 1, 2, 3, 5, 8, 12], [4, 6, 7, 20]
SIZE = [32, 48]


@pytest.mark.task("1.1", points=1)
def test_phc_finds_its_files(student, oracle):
    """PhC(train=True) holds the pairs of train/, PhC(train=False) those of test/, under `root` or else $PHC_DATA."""
    pairs = cell_pairs(oracle.generator("files"), TRAIN + TEST)
    halves = {True: pairs[: len(TRAIN)], False: pairs[len(TRAIN) :]}
    files = phc_files(halves[True], halves[False])
    # The environment variable comes first: a student's module may read it when it is imported.
    requests = [{"settings": {"train": False}, "root": "PHC_DATA"}, {"settings": {"train": True}}]
    requests.append({"settings": {"train": False}})
    for request in requests:
        length = opened(student, oracle, files, indices=[], **request).length
        if length == len(pairs):
            message = f"{request['settings']} gives {length} pairs, those of train/ and test/ together."
            raise CheckFailed(message, oracle.diagnosis("both-splits"))
    given = [
        _is_of_train(oracle, opened(student, oracle, files, indices=[0], **request), halves) for request in requests
    ]
    if given == [True, False, True]:
        message = "train=True gives the pairs of test/, and train=False those of train/."
        raise CheckFailed(message, oracle.diagnosis("train-and-test-swapped"))
    if given[1] == given[2]:
        message = f"train=True and train=False both give the pairs of {'train' if given[1] else 'test'}/."
        raise CheckFailed(message, oracle.diagnosis("train-ignored"))
    for request in requests:
        opened_whole(student, oracle, files, halves[request["settings"]["train"]], **request)


def _is_of_train(oracle, items: Items, halves: dict[bool, list[Pair]]) -> bool:
    """Whether the first item that was read is one of the training set's."""
    pair = pair_of(oracle, parts_of(items, 0)[0], halves[True] + halves[False])
    return any(pair is other for other in halves[True])


@pytest.mark.task("1.1", points=1)
def test_phc_image(student, oracle):
    """The image is float32 (3, H, W) in [0, 1], in the order red, green, blue, as it is in the file."""
    train, files = _folder(oracle, "image")
    items = opened_whole(student, oracle, files, train, settings={"train": True})
    for position in range(len(train)):
        image, _ = parts_of(items, position)
        check_image(oracle, image, items.dtypes[position][0], pair_of(oracle, image, train))
    check_different(oracle, items, train)


@pytest.mark.task("1.1", points=1)
def test_phc_mask(student, oracle):
    """The mask is float32 (1, H, W) of exactly 0 and 1, and is that of its image."""
    train, files = _folder(oracle, "mask")
    items = opened_whole(student, oracle, files, train, settings={"train": True})
    check_different(oracle, items, train)
    check_paired(oracle, items, train)
    for position in range(len(train)):
        image, mask = parts_of(items, position)
        pair = pair_of(oracle, image, train)
        check_mask(oracle, mask, pair)
        dtype = items.dtypes[position][1]
        if mask.shape != (1, *pair.size) or not dtype.startswith("float"):
            message = f"The mask is right, but {dtype} of shape {mask.shape}: expected float32 {(1, *pair.size)}."
            raise CheckFailed(message, oracle.diagnosis("mask-format"))


@pytest.mark.task("1.1", points=1)
def test_phc_transform(student, oracle):
    """One transform acts on image and mask alike: a mask is still binary after resizing, flips turn both."""
    train, files = _folder(oracle, "transform")
    request = {"settings": {"train": True}, "seed": int(oracle.generator("flips").integers(1 << 30))}
    plain = opened(student, oracle, files, indices=list(range(len(train))), **request)
    resized = opened(
        student, oracle, files, indices=list(range(len(train))), transform={"name": "resize", "size": SIZE}, **request
    )
    for position in range(len(train)):
        pair = pair_of(oracle, parts_of(plain, position)[0], train)
        _check_resized(oracle, *parts_of(resized, position), pair)
    indices = list(range(len(train))) * 4
    flipped = opened(student, oracle, files, indices=indices, transform={"name": "flip"}, **request)
    check_flips(oracle, flipped, train, lambda mask, pair: (plane_of(mask), pair.label))


@pytest.mark.task("1.1", points=1)
def test_phc_pairs_by_number(student, oracle):
    """Files belong together by their number, also where one is missing and where other files lie beside them."""
    train, files = _folder(oracle, "numbers")
    check_paired(oracle, opened_whole(student, oracle, files, train, settings={"train": True}), train)

    strays = {"train/images/Thumbs.db": b"\0", "train/images/notes.txt": b"-", "train/labels/.DS_Store": b"\0"}
    check_paired(oracle, opened_whole(student, oracle, files | strays, train, settings={"train": True}), train)

    def without(*paths: str) -> dict[str, bytes]:
        return {path: content for path, content in files.items() if path not in paths}

    _check_never_mispaired(student, oracle, without("train/labels/label_00002.png"), train)
    _check_never_mispaired(student, oracle, without("train/images/img_00003.jpg"), train)
    both = without("train/images/img_00001.jpg", "train/labels/label_00005.png")
    _check_never_mispaired(student, oracle, both, train)
    unpadded = phc_split("train", train, "img_{}.jpg", "label_{}.png")
    _check_never_mispaired(student, oracle, unpadded, train)
    _check_never_mispaired(student, oracle, phc_split("train", train, "img_{}.jpg"), train)


@pytest.mark.task("1.1", points=1)
def test_phc_refuses_what_it_cannot_read(student, oracle):
    """A folder without pairs is an error that says what was expected where, not a data set of length 0."""
    train, files = _folder(oracle, "refusal")
    opened_whole(student, oracle, files, train, settings={"train": True})
    names = ["images", "img_", "labels", "PHC_DATA"]
    empty = {f"{split}/{room}/": b"" for split in ("train", "test") for room in ("images", "labels")}
    refusal(oracle, student, empty, "A folder with empty images/ and labels/", names, settings={"train": True})
    elsewhere = {path.removeprefix("train/"): content for path, content in files.items()}
    what = "A folder without train/"
    refusal(oracle, student, elsewhere, what, [*names, "train"], settings={"train": True})


@lru_cache(maxsize=16)  # the same for all submissions that are graded with one seed
def _folder(oracle, name: str) -> tuple[list[Pair], dict[str, bytes]]:
    """Return the pairs of a training set, and the files of a whole data set."""
    pairs = cell_pairs(oracle.generator(name), TRAIN + TEST)
    return pairs[: len(TRAIN)], phc_files(pairs[: len(TRAIN)], pairs[len(TRAIN) :])


def plane_of(mask: np.ndarray) -> np.ndarray:
    """Return a mask as (H, W), with or without its channel axis."""
    return mask[0] if mask.ndim == 3 and mask.shape[0] == 1 else mask


def check_mask(oracle, mask: np.ndarray, pair: Pair) -> None:
    """A mask is 0 and 1, and what is in the file."""
    name = f"The mask with the number {pair.number}"
    plane, want = plane_of(mask).astype(float), (pair.label > 0).astype(float)
    if plane.shape != want.shape:
        slugs = {(3, *want.shape): "mask-three-channels", (*want.shape, 1): "channels-last"}
        slug = slugs.get(plane.shape)
        message = f"{name} has shape {mask.shape}, expected {(1, *want.shape)}."
        raise CheckFailed(message, oracle.diagnosis(slug) if slug else None)
    if np.array_equal(plane, want):
        return
    values = np.unique(plane)
    known = {"mask-not-scaled": 255 * want, "mask-divided-twice": want / 255, "mask-inverted": 1 - want}
    slug = next((slug for slug, other in known.items() if np.allclose(plane, other, atol=1e-6)), None)
    if not plane.any():
        slug = "mask-empty"
    raise CheckFailed(
        f"{name} holds {shown(values)}, and {plane.mean():.3f} on average; expected 0 and 1, {want.mean():.3f} on "
        "average.",
        oracle.diagnosis(slug) if slug else None,
    )


def _check_resized(oracle, image: np.ndarray, mask: np.ndarray, pair: Pair) -> None:
    """Image and mask have the new size, and the mask still holds two values, in the right places."""
    if size_of(image) == pair.size:
        raise CheckFailed(
            f"The image has shape {image.shape} after resizing to {tuple(SIZE)}: the transform was not applied.",
            oracle.diagnosis("transform-ignored"),
        )
    if size_of(mask) == pair.size:
        raise CheckFailed(
            f"After resizing to {tuple(SIZE)} the image has shape {image.shape}, the mask still {mask.shape}.",
            oracle.diagnosis("image-only-transform"),
        )
    plane = plane_of(mask).astype(float)
    if plane.shape != tuple(SIZE):
        raise CheckFailed(f"After resizing to {tuple(SIZE)} the mask has shape {mask.shape}.")
    values = np.unique(plane)
    if len(values) > 2:
        raise CheckFailed(
            f"After resizing the mask holds {shown(values)}: it is no longer binary.",
            oracle.diagnosis("bilinear-mask"),
        )
    want = nearest(pair.label, SIZE) > 0
    got = plane > values.min()
    overlap = (got & want).sum() / (got | want).sum()
    if overlap < 0.75:
        raise CheckFailed(f"After resizing the mask is not where the cell is: their overlap is {overlap:.2f}.")


def _check_never_mispaired(student, oracle, files: dict[str, bytes], pairs: list[Pair]) -> None:
    """Read all items of a folder that is not in order: refused or left out is right, silently wrong is not."""
    items = student.dataset(files, settings={"train": True}, indices=[])
    if items.raised is not None:
        return
    try:
        items = opened(
            student, oracle, files, settings={"train": True}, indices=list(range(min(items.length, len(pairs))))
        )
    except CheckFailed:
        return  # refused when the item is read
    check_paired(oracle, items, pairs)


def shown(values: np.ndarray) -> str:
    """Return a few values for a message."""
    if len(values) > 4:
        return f"{len(values)} values from {values[0]:.3f} to {values[-1]:.3f}"
    return " and ".join(f"{value:.4g}" for value in values)
