"""Exercise 1.1: the PhC data set.

The checks write small folders in the layout of the data set, open the student's `PhC` on them, and compare the items
with the files. Pictures differ in size, so that it shows which files an item was read from.

What earns the points: any way to read the files. A mask as bool or integer 0 and 1, or without its channel axis, is
right everywhere but in the check of the mask's format. An image without a label may be left out or refused, as long
as no image comes with another one's label. A mask may be resized in any way that leaves it binary and the cell as large
as it was.
"""

from functools import lru_cache

import numpy as np
import pytest

from course.grading.outcomes import CheckFailed
from course.grading.student import Items
from tests.files import Pair, cell_pairs, nearest, phc_files, phc_split, uniform_pairs
from tests.items import (
    check_different,
    check_flips,
    check_image,
    check_length,
    check_never_mispaired,
    check_paired,
    opened,
    opened_whole,
    pair_of,
    parts_of,
    plane_of,
    read_again,
    refusal,
    size_of,
)

# One number is in both halves: a label belongs to its number and its half.
TRAIN, TEST = [0, 1, 2, 3, 5, 8, 12], [4, 6, 8, 20]
SIZE = [32, 48]
# Any number above 0 is foreground, those below one half of 255 too: not in these data, and so no point depends on it.
VALUES = (1, 37, 255)
# How large resized masks are, as a share of what nearest neighbours give. For 60 seeds right ones had 0.96 to 1.02
# (nearest of torchvision, or interpolated and cut at one half), those in which every grey is foreground at least 1.18,
# and those in which none is at most 0.83.
SMALLEST, LARGEST = 0.9, 1.1


@pytest.mark.task("1.1", points=1)
def test_phc_finds_its_files(student, oracle):
    """PhC(train=True) holds the pairs of train/, PhC(train=False) those of test/, under `root` or else $PHC_DATA."""
    pairs, files = _folder(oracle, "files")
    halves = {True: pairs[: len(TRAIN)], False: pairs[len(TRAIN) :]}
    # The environment variable comes first: a student's module may read it when it is imported.
    requests = [{"settings": {"train": False}, "root": "PHC_DATA"}, {"settings": {"train": True}}]
    requests.append({"settings": {"train": False}})
    found = [opened(student, oracle, files, first=len(pairs), **request) for request in requests]
    for request, items in zip(requests, found, strict=True):
        if items.length == len(pairs):
            message = f"{request['settings']} gives {items.length} pairs, those of train/ and test/ together."
            raise CheckFailed(message, oracle.diagnosis("both-splits"))
    given = [_is_of_train(oracle, items, halves) for items in found]
    if given == [True, False, True]:
        message = "train=True gives the pairs of test/, and train=False those of train/."
        raise CheckFailed(message, oracle.diagnosis("train-and-test-swapped"))
    if given[1] == given[2]:
        message = f"train=True and train=False both give the pairs of {'train' if given[1] else 'test'}/."
        raise CheckFailed(message, oracle.diagnosis("train-ignored"))
    for request, items in zip(requests, found, strict=True):
        check_length(oracle, items, halves[request["settings"]["train"]])
    outdone = student.dataset(files, settings={"train": True}, outdone="PHC_DATA")
    if outdone.raised is not None or outdone.length != len(halves[True]):
        message = "With `root` given, and $PHC_DATA naming another folder, it looks into the other one."
        raise CheckFailed(message, oracle.diagnosis("environment-before-root"))


def _is_of_train(oracle, items: Items, halves: dict[bool, list[Pair]]) -> bool:
    """Whether the first item that was read is one of the training set's."""
    pair = pair_of(oracle, parts_of(items, 0)[0], halves[True] + halves[False])
    return any(pair is other for other in halves[True])


@pytest.mark.task("1.1", points=1)
def test_phc_image(student, oracle):
    """The image is float32 (3, H, W) in [0, 1], in the order red, green, blue, as it is in the file."""
    train, files = _training_folder(oracle, "image")
    items = opened_whole(student, oracle, files, train, settings={"train": True})
    for position in range(len(train)):
        image, _ = parts_of(items, position)
        check_image(oracle, image, items.dtypes[position][0], pair_of(oracle, image, train))
    check_different(oracle, items, train)
    _look_at_grey(student, oracle)


def _look_at_grey(student, oracle) -> None:
    """Hint at what happens to an image whose file has one channel; those of the data set have three."""
    pairs, files = _grey_folder(oracle)
    try:
        items = opened_whole(student, oracle, files, pairs, settings={"train": True})
        for position in range(len(pairs)):
            image, _ = parts_of(items, position)
            check_image(oracle, image, items.dtypes[position][0], pair_of(oracle, image, pairs))
    except CheckFailed as failed:
        student.hint(
            "Right, but fragile: a file with one channel, a grey image, does not become (3, H, W). "
            f'`convert("RGB")` when it is opened does that. {failed.message}'
        )


@pytest.mark.task("1.1", points=1)
def test_phc_mask(student, oracle):
    """The mask is float32 (1, H, W) of exactly 0 and 1, and is that of its image."""
    _check_masks(student, oracle, (255,))
    try:
        _check_masks(student, oracle, VALUES)
    except CheckFailed as failed:
        student.hint(
            "Right, but fragile: it counts on labels of 0 and 255. Any label above 0 is foreground: compare with 0. "
            f"For labels of {', '.join(map(str, VALUES))} and 0: {failed.message}"
        )
    _look_at_uniform(student, oracle)


def _look_at_uniform(student, oracle) -> None:
    """Hint at what happens to labels that are all background or all foreground; those of the data set are neither."""
    pairs, files = _uniform_folder(oracle)
    try:
        items = opened_whole(student, oracle, files, pairs, settings={"train": True})
        for position in range(len(pairs)):
            image, mask = parts_of(items, position)
            check_mask(oracle, mask, pair_of(oracle, image, pairs))
    except CheckFailed as failed:
        student.hint(f"Right, but fragile: a label that is all background or all foreground. {failed.message}")


def _check_masks(student, oracle, values: tuple[int, ...]) -> None:
    """Masks are right where the labels hold these values and 0."""
    train, files = _training_folder(oracle, "mask", values)
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
    """A transform acts on image and mask alike, anew at every reading: resized masks are binary, flips turn both."""
    train, files = _training_folder(oracle, "transform")
    request = {"settings": {"train": True}, "seed": int(oracle.generator("flips").integers(1 << 30))}
    indices = list(range(len(train)))
    plain = read_again(oracle, student, files, train, **request)
    resized = opened(student, oracle, files, indices=indices, transform={"name": "resize", "size": SIZE}, **request)
    masks, got, want = {}, 0, 0
    for position in indices:
        image, mask = parts_of(plain, position)
        pair = pair_of(oracle, image, train)
        masks[pair.number] = plane_of(mask)
        foreground, expected = _check_resized(oracle, *parts_of(resized, position), masks[pair.number], pair)
        got, want = got + foreground.sum(), want + expected.sum()
    if not SMALLEST * want <= got <= LARGEST * want:
        message = f"After resizing the masks have {got} pixels of foreground, those of nearest neighbours {want}."
        raise CheckFailed(message, oracle.diagnosis("mask-grown" if got > want else "bilinear-mask"))
    flipped = opened(student, oracle, files, indices=indices * 4, transform={"name": "flip"}, **request)
    check_flips(oracle, flipped, train, masks)


@pytest.mark.task("1.1", points=1)
def test_phc_pairs_by_number(student, oracle):
    """Files belong together by their number, also where one is missing and where other files lie beside them."""
    train, files = _training_folder(oracle, "numbers")
    check_paired(oracle, opened_whole(student, oracle, files, train, settings={"train": True}), train)

    strays = {"train/images/Thumbs.db": b"\0", "train/images/notes.txt": b"-", "train/labels/.DS_Store": b"\0"}
    check_paired(oracle, opened_whole(student, oracle, files | strays, train, settings={"train": True}), train)

    def without(*paths: str) -> dict[str, bytes]:
        return {path: content for path, content in files.items() if path not in paths}

    disorders = [
        (without("train/labels/label_00002.png"), [2]),
        (without("train/images/img_00003.jpg"), []),
        (without("train/images/img_00001.jpg", "train/labels/label_00005.png"), [5]),
        (phc_split("train", train, "img_{}.jpg", "label_{}.png"), []),
        (phc_split("train", train, "img_{}.jpg"), []),
    ]
    for disorder, unlabelled in disorders:
        check_never_mispaired(oracle, student, disorder, train, unlabelled, settings={"train": True})


@pytest.mark.task("1.1", points=1)
def test_phc_refuses_what_it_cannot_read(student, oracle):
    """A folder without pairs is an error that says what was expected where, not a data set of length 0."""
    train, files = _training_folder(oracle, "refusal")
    opened_whole(student, oracle, files, train, settings={"train": True})
    names = ["images", "img_", "labels", "PHC_DATA"]
    empty = {f"{split}/{room}/": b"" for split in ("train", "test") for room in ("images", "labels")}
    refusal(oracle, student, empty, "A folder with empty images/ and labels/", names, settings={"train": True})
    elsewhere = {path.removeprefix("train/"): content for path, content in files.items()}
    what = "A folder without train/"
    refusal(oracle, student, elsewhere, what, [*names, "train"], settings={"train": True})


@lru_cache(maxsize=16)  # the same for all submissions that are graded with one seed
def _folder(oracle, name: str, values: tuple[int, ...] = (255,)) -> tuple[list[Pair], dict[str, bytes]]:
    """Return the pairs of a data set, those of the training set first, and its files."""
    pairs = cell_pairs(oracle.generator(name), TRAIN + TEST, values)
    return pairs, phc_files(pairs[: len(TRAIN)], pairs[len(TRAIN) :])


def _training_folder(oracle, name: str, values: tuple[int, ...] = (255,)) -> tuple[list[Pair], dict[str, bytes]]:
    """Return the pairs of a training set, and the files of a whole data set."""
    pairs, files = _folder(oracle, name, values)
    return pairs[: len(TRAIN)], files


@lru_cache(maxsize=16)
def _grey_folder(oracle) -> tuple[list[Pair], dict[str, bytes]]:
    """Return pairs whose images have one channel in their files, and these files."""
    pairs = cell_pairs(oracle.generator("grey"), TRAIN[:2], grey=True)
    return pairs, phc_split("train", pairs)


@lru_cache(maxsize=16)
def _uniform_folder(oracle) -> tuple[list[Pair], dict[str, bytes]]:
    """Return pairs whose labels are all 0 and all 255, and these files."""
    pairs = uniform_pairs(oracle.generator("uniform"), TRAIN[:2])
    return pairs, phc_split("train", pairs)


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
    if np.array_equal(plane, want[:, ::-1]):
        raise CheckFailed(f"{name} is mirrored, without a transform.", oracle.diagnosis("always-flipped"))
    values, label = np.unique(plane), pair.label.astype(float)
    known = {
        "mask-not-scaled": label,
        "mask-divided-twice": label / 255**2,
        "mask-inverted": 1 - want,
    }
    slug = next((slug for slug, other in known.items() if np.allclose(plane, other, atol=1e-6)), None)
    if not plane.any():
        slug = "mask-empty"
    raise CheckFailed(
        f"{name} holds {shown(values)}, and {plane.mean():.3f} on average; expected 0 and 1, {want.mean():.3f} on "
        "average.",
        oracle.diagnosis(slug) if slug else None,
    )


def _check_resized(
    oracle, image: np.ndarray, mask: np.ndarray, before: np.ndarray, pair: Pair
) -> tuple[np.ndarray, np.ndarray]:
    """Image and mask have the new size, and the mask still holds two values, in the right places.

    Args:
        before: the mask (H, W) that the same data set gives without a transform, right or wrong.

    Returns:
        the foreground, and what it is for nearest neighbours.
    """
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
    if plane.shape != tuple(SIZE) or before.shape != pair.size:
        raise CheckFailed(f"After resizing to {tuple(SIZE)} the mask has shape {mask.shape}.")
    values = np.unique(plane)
    if len(values) > 2:
        raise CheckFailed(
            f"After resizing the mask holds {shown(values)}: it is no longer binary.",
            oracle.diagnosis("bilinear-mask"),
        )
    want = nearest((before > before.min()).astype(np.uint8), SIZE) > 0
    got = plane > values.min()
    overlap = (got & want).sum() / max(1, (got | want).sum())
    if overlap < 0.7 and want.any():  # at least 0.82 where it is right
        raise CheckFailed(f"After resizing the mask is not where it was before: their overlap is {overlap:.2f}.")
    return got, want


def shown(values: np.ndarray) -> str:
    """Return a few values for a message."""
    if len(values) > 4:
        return f"{len(values)} values from {values[0]:.3f} to {values[-1]:.3f}"
    return " and ".join(f"{value:.4g}" for value in values)
