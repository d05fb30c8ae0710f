"""Predictions beside the truth, as pictures for a page: from the files of a record's evidence."""

import base64
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

from course.grading.record import Picture
from course.training.colours import FACADE_COLOURS, GREEN, SKY, VERMILION

UNKNOWN = 255
PALE = 0.35


@dataclass(frozen=True)
class Shown:
    """One prediction for a page: three pictures as data URIs, and what they are."""

    iou: float | None
    image: str
    prediction: str
    truth: str


def are_binary(pictures: Sequence[Picture], files: dict[str, bytes]) -> bool:
    """Whether all true maps are masks of 0 and 1, and not maps of classes."""
    truths = [_decoded(files, picture.truth) for picture in pictures]
    return all(truth.max() <= 1 for truth in truths if truth is not None)


def shown(picture: Picture, files: dict[str, bytes], binary: bool) -> Shown | None:
    """Return the pictures of one prediction; None where a file is missing or broken.

    Args:
        binary: masks of 0 and 1: right, too much and missed pixels get their colours. Else classes get theirs.
    """
    image, predicted, true = (_decoded(files, n) for n in (picture.image, picture.prediction, picture.truth))
    if image is None or predicted is None or true is None:
        return None
    if not image.shape[:2] == predicted.shape == true.shape:
        return None
    if binary:
        maps = [_compared(image, predicted > 0, true > 0), _painted(image, [(true > 0, GREEN, PALE)])]
    else:
        maps = [_classes(predicted), _classes(true)]
    kind = "jpeg" if binary else "png"  # a few flat colours need less as PNG
    return Shown(picture.iou, _as_uri(files[picture.image], "jpeg"), *(_as_uri(_encoded(m, kind), kind) for m in maps))


def _compared(image: np.ndarray, predicted: np.ndarray, true: np.ndarray) -> np.ndarray:
    """Return an image under its mask: right, too much and missed pixels each in their colour."""
    layers = ((predicted & true, GREEN, PALE), (predicted & ~true, VERMILION, 0.8), (~predicted & true, SKY, 0.8))
    return _painted(image, layers)


def _painted(image: np.ndarray, layers: Iterable[tuple[np.ndarray, tuple[int, ...], float]]) -> np.ndarray:
    over = image.astype(np.float32)
    for where, colour, strength in layers:
        over[where] = (1 - strength) * over[where] + strength * np.array(colour)
    return over.round().astype(np.uint8)


def _classes(labels: np.ndarray) -> np.ndarray:
    """Return classes 0..11 in the facades' colours, and what is not labelled in black."""
    colours = np.zeros((UNKNOWN + 1, 3), np.uint8)
    colours[: len(FACADE_COLOURS) - 1] = FACADE_COLOURS[1:]
    return colours[labels]


def _decoded(files: dict[str, bytes], name: str) -> np.ndarray | None:
    """Return a picture as an array; None where it is missing or broken."""
    try:
        return np.asarray(Image.open(io.BytesIO(files[name])))
    except (KeyError, OSError):  # what Pillow cannot read is an OSError too
        return None


def _encoded(array: np.ndarray, kind: str) -> bytes:
    content = io.BytesIO()
    Image.fromarray(array).save(content, kind, quality=88, optimize=True)
    return content.getvalue()


def _as_uri(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
