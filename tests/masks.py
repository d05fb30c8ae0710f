"""Masks and batches of classes for the checks of the metrics: drawn afresh, and some that are known by heart."""

import numpy as np

from course.grading.compare import Case

CLASSES, IGNORE = 4, 255


def random_masks(generator: np.random.Generator) -> list[Case]:
    """Return one image and batches whose images differ much, with both classes in each image and in each prediction.

    The last one is large: half precision, and integers of one byte, cannot count its pixels.
    Of each image the four counts differ from each other, so that no two of them can be swapped unnoticed.
    """
    cases = []
    for batch, height, width in ((1, 12, 15), (4, 10, 14), (3, 24, 18), (2, 112, 96)):
        share = generator.uniform(0.15, 0.85, (batch, 1, 1, 1))
        y_true = generator.random((batch, 1, height, width)) < share
        missed, invented = generator.uniform(0.1, 0.2, share.shape), generator.uniform(0.3, 0.45, share.shape)
        draw = generator.random(y_true.shape)
        y_pred = np.where(y_true, draw > missed, draw < invented)
        for mask in (y_true, y_pred):
            mask[:, :, 0, 0], mask[:, :, -1, -1] = True, False
        cases.append(Case({"y_pred": y_pred.astype(np.float32), "y_true": y_true.astype(np.float32)}))
    return cases


def case_of(y_pred: np.ndarray, y_true: np.ndarray) -> Case:
    """Return one image, from masks (H, W) of any type."""
    return Case({"y_pred": y_pred[None, None].astype(np.float32), "y_true": y_true[None, None].astype(np.float32)})


def opposite() -> Case:
    """Return an image in which every pixel is wrong."""
    y_true = np.arange(64).reshape(8, 8) % 3 == 0
    return case_of(~y_true, y_true)


def perfect() -> Case:
    """Return an image in which every pixel is right."""
    y_true = np.arange(64).reshape(8, 8) % 5 < 2
    return case_of(y_true, y_true)


def empty() -> Case:
    """Return two empty masks."""
    return case_of(np.zeros((8, 8)), np.zeros((8, 8)))


def without_axes(case: Case) -> Case:
    """Return the first image of a case as masks (H, W)."""
    return Case({name: array[0, 0] for name, array in case.inputs.items()})


def of_one_class(label: int) -> Case:
    """Return an image whose true pixels are all of one class, half of them predicted as such."""
    return case_of(np.arange(64).reshape(8, 8) % 2, np.full((8, 8), label))


def circles() -> Case:
    """Return two discs of radius 20 on 100 x 100 pixels, one shifted by 5 along both axes: 1257 pixels each."""
    y, x = np.mgrid[:100, :100]
    first, second = ((y - centre) ** 2 + (x - centre) ** 2 <= 20**2 for centre in (50, 55))
    return case_of(second, first)


def fifteen_and_fourteen() -> Case:
    """Return a prediction of 15 pixels and a truth of 14 that share 12, on 8 x 8."""
    y_pred, y_true = np.zeros((8, 8)), np.zeros((8, 8))
    y_pred.flat[10:25] = 1
    y_true.flat[13:27] = 1
    return case_of(y_pred, y_true)


def random_batches(
    generator: np.random.Generator, ignored: float = 0.0, absent: int | None = None, ignore: int = IGNORE
) -> list[dict]:
    """Return batches of different sizes and difficulty; every class but the absent one occurs in every batch."""
    present = [number for number in range(CLASSES) if number != absent]
    batches = []
    for size, share_right in ((1, 0.9), (4, 0.3), (2, 0.6)):
        weights = generator.dirichlet(np.full(len(present), 2.0))
        y_true = generator.choice(present, (size, 9, 11), p=weights)
        guess = generator.choice(present, y_true.shape, p=weights[::-1])
        y_pred = np.where(generator.random(y_true.shape) < share_right, y_true, guess)
        for number, column in zip(present, range(len(present)), strict=True):
            y_true[0, 0, column] = y_pred[0, 0, column] = number
        y_true[:, 1:][generator.random(y_true[:, 1:].shape) < ignored] = ignore
        batches.append({"y_pred": y_pred.astype(np.int64), "y_true": y_true.astype(np.int64)})
    return batches
