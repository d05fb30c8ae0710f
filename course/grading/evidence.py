"""What a check leaves for whoever reads the feedback: curves, and pictures of predictions beside the truth.

    student.evidence.curve("training", "steps", [20, 40], IoU=[0.31, 0.64])
    student.evidence.pictures(images, predictions, truths, scores)

Evidence decides nothing: a check has the same verdict whatever it leaves, or if it leaves nothing. What is kept twice
under one name replaces the first, so that a check can keep what there is so far, and fail at any time.
"""

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image

from course.grading.record import Curve, Evidence, Picture

MAX_POINTS = 200
MAX_CURVES = 4
MAX_SCORES = 100
# Of the scored images these are shown: the two worst, the one in the middle, and the best.
SHOWN = (0.0, 0.1, 0.5, 1.0)
MAX_SIDE = 256
DIGITS = 6


class Keeper:
    """Keeps what one check leaves, within limits."""

    def __init__(self) -> None:
        self._curves: dict[str, Curve] = {}
        self._scored: tuple[Sequence, Sequence, Sequence, Sequence[float]] | None = None

    def curve(self, name: str, axis: str, x: Sequence[float], **lines: Sequence[float]) -> None:
        """Keep one or several lines over common places.

        Args:
            axis: what the places are, in words.
            lines: for each place a number; what is not finite is a gap.
        """
        if len(x) > MAX_POINTS or any(len(line) != len(x) for line in lines.values()):
            raise ValueError(f"The curve {name} has lines of other lengths than its axis, or more than {MAX_POINTS}.")
        if name in self._curves or len(self._curves) < MAX_CURVES:
            kept = {label: [_number(value) for value in line] for label, line in lines.items()}
            self._curves[name] = Curve(name=name, axis=axis, x=[_number(value) for value in x], lines=kept)

    def pictures(
        self, images: Sequence[np.ndarray], predictions: Sequence[np.ndarray], truths: Sequence, scores: Sequence[float]
    ) -> None:
        """Keep predictions beside their images and the truth; a few of them as pictures, of all the scores.

        Args:
            images: uint8 `(H, W, 3)` each.
            predictions: uint8 `(H, W)` each, 0 and 1, or classes. One of another size than its image is not shown.
            truths: uint8 `(H, W)` each; 255: nothing is known there.
            scores: the IoU of each.
        """
        self._scored = list(images), list(predictions), list(truths), list(scores)[:MAX_SCORES]

    def record(self, folder: str) -> tuple[Evidence | None, dict[str, bytes]]:
        """Return what is kept, for the record, and the pictures' files by name.

        Args:
            folder: where among the files those of this check are.
        """
        evidence, files = Evidence(curves=list(self._curves.values())), {}
        if self._scored:
            images, predictions, truths, scores = self._scored
            evidence.scores = [_number(score) for score in scores]
            for index in chosen(evidence.scores):
                three = images[index], predictions[index], truths[index]
                if not all(_can_be_shown(array, images[index].shape[:2]) for array in three):
                    continue
                names = [f"{folder}/{index + 1}-{kind}" for kind in ("image.jpg", "prediction.png", "truth.png")]
                files |= dict(zip(names, map(_encoded, three, names), strict=True))
                image, prediction, truth = names
                score = evidence.scores[index]
                evidence.pictures.append(Picture(iou=score, image=image, prediction=prediction, truth=truth))
        return (evidence if evidence.curves or evidence.scores else None), files


def chosen(scores: Sequence[float | None]) -> list[int]:
    """Return which images to show, from the worst to the best."""
    order = sorted(range(len(scores)), key=lambda index: (scores[index] or 0.0, index))
    return list(dict.fromkeys(order[round(share * (len(order) - 1))] for share in SHOWN)) if order else []


def _can_be_shown(array: np.ndarray, size: tuple[int, int]) -> bool:
    return array.dtype == np.uint8 and array.shape[:2] == size and 0 < min(size) <= max(size) <= MAX_SIDE


def _encoded(array: np.ndarray, name: str) -> bytes:
    """Return a picture as JPEG, or a map of classes as PNG, by its name."""
    content = io.BytesIO()
    if name.endswith(".jpg"):
        Image.fromarray(array).save(content, "JPEG", quality=88)
    else:
        Image.fromarray(array).save(content, "PNG", optimize=True)
    return content.getvalue()


def _number(value: float) -> float | None:
    """Return a number short enough to read; None for what is not finite."""
    return float(f"{float(value):.{DIGITS}g}") if np.isfinite(value) else None
