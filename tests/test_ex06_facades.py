"""Exercise 6: facades, the multi-class network and its loss.

6.1: small folders in the layout of the CMP Facade Database are written, and items compared with the files. A label
with a channel axis, or of another integer type, is right everywhere but in the check of the label's form. A facade
without its label may be left out or refused, as long as no image comes with another one's label.
6.2: the loss divides by the sum of the weights of the counted pixels, as its docstring says and torch does.
"""

from functools import lru_cache

import numpy as np
import pytest

from course.grading.compare import Case
from course.grading.outcomes import CheckFailed
from tests import networks
from tests.facade_labels import IGNORE, SIZE, check_classes, check_label_not_mirrored, check_resized_label
from tests.files import CLASSES, Pair, facade_files, facade_pairs
from tests.items import (
    check_different,
    check_flips,
    check_image,
    check_never_mispaired,
    check_paired,
    opened,
    opened_whole,
    pair_of,
    parts_of,
    plane_of,
    read_again,
    refusal,
)

NUMBERS = [1, 2, 3, 4, 5, 8, 10, 11, 14, 15, 25]
NOTHING = 1e-6
TRAIN = {"split": "train"}
IN_CLASSES = {"in_channels": 3, "num_classes": CLASSES}
# Shapes (B, H, W) of labels, and the share of their pixels that is ignored.
LABELS = [((1, 6, 8), 0.0), ((3, 8, 8), 0.3), ((4, 5, 9), 0.1)]


@pytest.mark.task("6.1", points=1)
def test_facade_split(student, oracle):
    """Facades whose number is divisible by 5 are the test set, all others the training set."""
    pairs, files = _folder(oracle, "split")
    for split in ("train", "test"):
        mine = _split(pairs, split)
        items = opened(student, oracle, files, settings={"split": split}, first=len(pairs))
        length = items.length
        numbers = sorted(pair_of(oracle, parts_of(items, index)[0], pairs).number for index in range(len(items.parts)))
        if length != len(mine) or numbers != sorted(pair.number for pair in mine):
            raise CheckFailed(
                f"Of the facades {NUMBERS} the {split} set should hold {[pair.number for pair in mine]}; "
                f"len() is {length}, and the items are {numbers}.",
                _wrong_split(oracle, length, numbers, pairs, split),
            )


@pytest.mark.task("6.1", points=1)
def test_facade_image(student, oracle):
    """The image is float32 (3, H, W) in [0, 1], in the order red, green, blue, and no other's label comes with it."""
    pairs, files = _folder(oracle, "image")
    train = _split(pairs, "train")
    items = opened_whole(student, oracle, files, train, settings=TRAIN)
    for position in range(len(train)):
        image, _ = parts_of(items, position)
        check_image(oracle, image, items.dtypes[position][0], pair_of(oracle, image, train))
    check_different(oracle, items, train)
    check_paired(oracle, items, train)
    for missing, unlabelled in ((["cmp_b0003.png"], [3]), (["cmp_b0002.jpg", "cmp_b0008.png"], [8])):
        left = {path: content for path, content in files.items() if path not in missing}
        check_never_mispaired(oracle, student, left, pairs, unlabelled, settings=TRAIN)


@pytest.mark.task("6.1", points=1)
def test_facade_classes(student, oracle):
    """The label is int64 (H, W): class 1 on disk is 0, class 12 is 11."""
    pairs, files = _folder(oracle, "classes")
    train = _split(pairs, "train")
    items = opened_whole(student, oracle, files, train, settings=TRAIN)
    for position in range(len(train)):
        image, label = parts_of(items, position)
        pair = pair_of(oracle, image, train)
        check_classes(oracle, label, pair)
        dtype = items.dtypes[position][1]
        if label.shape != pair.size or dtype != "int64":
            message = f"The classes are right, but {dtype} of shape {label.shape}: expected int64 {pair.size}."
            raise CheckFailed(message, oracle.diagnosis("label-format"))


@pytest.mark.task("6.1", points=1)
def test_facade_unlabelled(student, oracle):
    """A pixel that nobody labelled, 0 on disk, is 255: the loss and the metrics leave it out."""
    pairs, files = _folder(oracle, "unlabelled")
    train = _split(pairs, "train")
    items = opened_whole(student, oracle, files, train, settings=TRAIN)
    for position in range(len(train)):
        image, label = parts_of(items, position)
        pair = pair_of(oracle, image, train)
        plane = plane_of(label)
        if plane.shape != pair.size:
            raise CheckFailed(f"The label has shape {label.shape}, expected {pair.size}.")
        values = np.unique(plane[pair.label == 0]).tolist()
        if values != [IGNORE]:
            check_label_not_mirrored(oracle, plane, pair)
            slug = "unlabelled-minus-one" if values == [-1] else "unlabelled-as-class"
            is_known = len(values) == 1 and -1 <= values[0] < CLASSES
            diagnosis = oracle.diagnosis(slug) if is_known else None
            raise CheckFailed(f"Unlabelled pixels (0 on disk) are {values[:4]}, expected {IGNORE}.", diagnosis)


@pytest.mark.task("6.1", points=1)
def test_facade_transform(student, oracle):
    """A transform acts on image and label alike, anew at every reading: resizing makes no classes, flips turn both."""
    pairs, files = _folder(oracle, "transform")
    train = _split(pairs, "train")
    indices = list(range(len(train)))
    request = {"settings": TRAIN, "seed": int(oracle.generator("flips").integers(1 << 30))}
    plain = read_again(oracle, student, files, train, **request)
    resized = opened(student, oracle, files, indices=indices, transform={"name": "resize", "size": SIZE}, **request)
    labels = {}
    for position in indices:
        image, label = parts_of(plain, position)
        pair = pair_of(oracle, image, train)
        labels[pair.number] = plane_of(label)
        check_resized_label(oracle, *parts_of(resized, position), labels[pair.number], pair)
    flipped = opened(student, oracle, files, indices=indices * 4, transform={"name": "flip"}, **request)
    check_flips(oracle, flipped, train, labels)


@pytest.mark.task("6.1", points=1)
def test_facade_refuses_what_it_does_not_know(student, oracle):
    """A split other than "train" and "test" is an error, and so is a folder without facades."""
    pairs, files = _folder(oracle, "refusal")
    opened_whole(student, oracle, files, _split(pairs, "train"), settings=TRAIN)
    items = student.dataset(files, settings={"split": "validation"})
    if items.raised is None:
        message = f'split="validation" was accepted without an error: len() is {items.length}.'
        raise CheckFailed(message, oracle.diagnosis("any-split"))
    names = ["cmp_b", ".jpg", "FACADE_DATA"]
    refusal(oracle, student, {"label_names.txt": b"-"}, "A folder without facades", names, settings=TRAIN)


@pytest.mark.task("6.2", points=1)
def test_unet_classes(student, oracle):
    """UNet(num_classes=12) gives 12 logits for each pixel, at its place, (B, 12, H, W)."""
    logits = _logits_of_two(student, oracle)
    if np.allclose(logits.sum(1), 1, atol=1e-4):
        message = f"The {CLASSES} outputs of every pixel add up to 1: expected logits, which can be any numbers."
        raise CheckFailed(message, oracle.diagnosis("ends-in-softmax"))
    seen = networks.look_at(student, oracle, IN_CLASSES)
    if seen.highest > 0:  # logarithms of the softmax are never above it, and lose nothing in the softmax of the loss
        networks.refuse_range(seen, oracle)
    networks.refuse_strays(seen, oracle)
    networks.check_places(seen, oracle)


def _logits_of_two(student, oracle) -> np.ndarray:
    """Return the logits of two images, of a size that the network takes; the smallest says as much, sooner."""
    generator, square = oracle.generator("images"), (networks.SIZE, networks.SIZE)
    try:
        return _in_classes(student, oracle, generator, networks.OTHER_SIZE)
    except CheckFailed:
        pass
    try:
        return _in_classes(student, oracle, generator, square)
    except CheckFailed as refused:
        try:
            return _in_classes(student, oracle, generator, (networks.UNPADDED, networks.UNPADDED), padded=False)
        except CheckFailed:
            raise refused from None


def _in_classes(
    student, oracle, generator: np.random.Generator, size: tuple[int, int], padded: bool = True
) -> np.ndarray:
    """Return the logits of two images, one number for each pixel and class.

    Args:
        padded: all of the image is asked for; else its middle may come.
    """
    images = generator.random((2, 3, *size), dtype=np.float32)
    try:
        logits = student.forward(images, settings=IN_CLASSES)
    except CheckFailed as failed:
        diagnosis = oracle.diagnosis("ends-in-argmax") if "returns int64" in failed.message else None
        raise CheckFailed(failed.message, diagnosis) from None
    wanted = (2, CLASSES, *size)
    if logits.ndim != 4 or logits.shape[: 4 if padded else 2] != wanted[: 4 if padded else 2]:
        known = {(2, 1, *size): "classes-ignored", (2, CLASSES + 1, *size): "class-for-background-added"}
        slug = known.get(logits.shape)
        message = f"Two images of {size[0]}x{size[1]} give {logits.shape}, expected {wanted}."
        raise CheckFailed(message, oracle.diagnosis(slug) if slug else None)
    return logits


@pytest.mark.task("6.2", points=1)
def test_cross_entropy(student, oracle):
    """Value and gradient are those of a softmax cross-entropy in which pixels labelled 255 do not count."""
    cases = _cases(oracle.generator("loss"))
    oracle.judge(student, cases, symbol="CrossEntropyLoss", gradient=True)
    other = [Case(case.inputs, {"ignore_index": CLASSES - 1}) for case in cases[:1]]
    if "ignore_index" in student.evaluate_each(other, symbol="CrossEntropyLoss")[0].dropped:
        return
    try:
        oracle.judge(student, other, symbol="CrossEntropyLoss", gradient=True)
    except CheckFailed as failed:
        raise CheckFailed(failed.message, oracle.diagnosis("ignore-index-hard-coded")) from None


@pytest.mark.task("6.2", points=1)
def test_cross_entropy_weights(student, oracle):
    """With class_weights it is the weighted mean: divided by the sum of the weights of the counted pixels."""
    generator = oracle.generator("weights")
    cases = _cases(generator, class_weights=generator.uniform(0.2, 3.0, CLASSES).round(2).tolist())
    oracle.judge(student, cases, symbol="CrossEntropyLoss", gradient=True)


@pytest.mark.task("6.2", points=1)
def test_cross_entropy_all_ignored(student, oracle):
    """A batch in which no pixel is labelled gives the loss 0, whose gradient is 0 too."""
    oracle.judge(student, _cases(oracle.generator("loss")), symbol="CrossEntropyLoss")
    inputs = _labelled(oracle.generator("ignored"), (2, 8, 10), 0.0)
    inputs["y_true"][:] = IGNORE
    got = student.evaluate(symbol="CrossEntropyLoss", gradient=True, **inputs)
    if not np.isfinite(got.number):
        message = f"The loss of a batch in which every label is {IGNORE} is {got.number}."
        raise CheckFailed(message, oracle.diagnosis("nan-when-all-ignored"))
    if abs(got.number) > NOTHING:
        raise CheckFailed(f"The loss of a batch in which every label is {IGNORE} is {got.number:.4g}, expected 0.")
    if got.gradient is None or not np.all(np.abs(got.gradient) <= NOTHING):
        kind = "missing: backward() would raise" if got.gradient is None else "nan, or not 0"
        message = f"The loss of a batch in which every label is {IGNORE} is 0, its gradient is {kind}."
        slug = "zero-without-gradient" if got.gradient is None else "nan-in-the-gradient"
        raise CheckFailed(message, oracle.diagnosis(slug))


@lru_cache(maxsize=16)  # the same for all submissions that are graded with one seed
def _folder(oracle, name: str) -> tuple[list[Pair], dict[str, bytes]]:
    pairs = facade_pairs(oracle.generator(name), NUMBERS)
    return pairs, facade_files(pairs)


def _split(pairs: list[Pair], split: str) -> list[Pair]:
    return [pair for pair in pairs if (pair.number % 5 == 0) == (split == "test")]


def _wrong_split(oracle, length: int, numbers: list[int], pairs: list[Pair], split: str):
    """Name what a split that holds other facades is."""
    mine, everything = _split(pairs, split), sorted(pair.number for pair in pairs)
    others = sorted(set(everything) - {pair.number for pair in mine})
    slug = None
    if numbers == everything:
        slug = "split-ignored"
    elif numbers == others:
        slug = "splits-swapped"
    elif abs(length - len(mine)) == 1 and set(numbers) <= {pair.number for pair in mine}:
        slug = "length-off-by-one"
    elif len(numbers) > 1 and len(set(numbers)) == 1:
        slug = "same-item-always"
    elif len(set(numbers)) == length:
        slug = "split-by-position"
    return oracle.diagnosis(slug) if slug else None


def _labelled(generator: np.random.Generator, shape: tuple[int, int, int], ignored: float) -> dict[str, np.ndarray]:
    """Return logits (B, 12, H, W) and classes (B, H, W), a share of them ignored."""
    batch, height, width = shape
    y_true = generator.integers(0, CLASSES, shape)
    y_true[generator.random(shape) < ignored] = IGNORE
    y_pred = generator.normal(0, 2, (batch, CLASSES, height, width)).astype(np.float32)
    return {"y_pred": y_pred, "y_true": y_true}


def _cases(generator: np.random.Generator, **settings) -> list[Case]:
    """Return one image and several, with and without ignored pixels; the images of a batch differ in their share."""
    cases = [Case(_labelled(generator, shape, share), dict(settings)) for shape, share in LABELS]
    cases[-1].inputs["y_true"][0, :, :3] = IGNORE
    return cases
