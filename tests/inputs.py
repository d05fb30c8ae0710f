"""Inputs of the checks: drawn afresh from the seed, and chosen to keep right and wrong answers apart."""

import numpy as np

from course.grading.compare import Case


def binary_batch(generator: np.random.Generator, shape: tuple[int, ...], foreground: float) -> dict[str, np.ndarray]:
    """Return `y_pred`, logits between -5 and 5, and `y_true`, a binary mask, both float32 of one shape.

    The logits lean towards the mask, so that easy and hard pixels occur in both classes.
    """
    y_true = (generator.random(shape) < foreground).astype(np.float32)
    y_true.flat[0], y_true.flat[-1] = 1.0, 0.0
    logits = generator.normal(0.0, 2.0, shape) + 1.5 * (2 * y_true - 1)
    return {"y_pred": logits.clip(-5, 5).astype(np.float32), "y_true": y_true}


def binary_cases(generator: np.random.Generator, **settings: float) -> list[Case]:
    """Return one image, several images, images that are not square, and images with little foreground."""
    shapes = [((1, 1, 12, 12), 0.5), ((5, 1, 8, 8), 0.4), ((3, 1, 10, 16), 0.3), ((2, 1, 24, 20), 0.03)]
    return [Case(binary_batch(generator, shape, foreground), dict(settings)) for shape, foreground in shapes]


def one_edge(size: int = 6) -> Case:
    """Return one image whose left half is confidently background and whose right half is foreground."""
    y_true = np.zeros((1, 1, size, size), np.float32)
    y_true[..., size // 2 :] = 1.0
    return Case({"y_pred": 8 * y_true - 4, "y_true": y_true})


def one_pixel(logit: float, target: float) -> Case:
    """Return one image of one pixel."""
    shape = (1, 1, 1, 1)
    return Case({"y_pred": np.full(shape, logit, np.float32), "y_true": np.full(shape, target, np.float32)})
