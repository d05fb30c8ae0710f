"""From arrays to pictures on the page: colour maps that colour-blind eyes can read, overlays, PNG in the page."""

import base64
import io

import numpy as np
from PIL import Image

from course.training.pictures import FACADE_COLOURS, GREEN, SKY, VERMILION

# Okabe and Ito's blue and vermilion, white between them: minus, nothing, plus.
MINUS, PLUS = np.array([0, 90, 181.0]), np.array([213, 94, 0.0])
# Points of matplotlib's cividis, which was made to look alike with and without colour blindness.
CIVIDIS = np.array(
    [[0, 34, 78], [40, 60, 110], [76, 85, 108], [107, 109, 114], [140, 134, 120], [176, 161, 114], [215, 190, 96],
     [254, 232, 56]], dtype=float,
)  # fmt: skip


def data_uri(pixels: np.ndarray) -> str:
    """Return uint8 `(H, W)` or `(H, W, 3)` as a PNG that can stand in the page."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG", compress_level=1)
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()


def scaled(values: np.ndarray) -> np.ndarray:
    """Return numbers 0..1 `(H, W)` as colours, uint8 `(H, W, 3)`: dark blue is 0, yellow is 1; nan is 0."""
    place = np.nan_to_num(np.clip(values, 0, 1)) * (len(CIVIDIS) - 1)
    low = np.minimum(place.astype(int), len(CIVIDIS) - 2)
    share = (place - low)[..., None]
    return ((1 - share) * CIVIDIS[low] + share * CIVIDIS[low + 1]).astype(np.uint8)


def signed(values: np.ndarray, image: np.ndarray, most: float | None = None) -> np.ndarray:
    """Return numbers of both signs `(H, W)` as colours over a paled image: vermilion is plus, blue minus, black none.

    Args:
        image: uint8 `(H, W, 3)`.
        most: the size that has full colour; None: the largest there is.
    """
    finite = np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0)
    most = most or float(np.abs(finite).max()) or 1.0
    # The root makes what is a hundredth of the largest still visible from the last row.
    strength = np.sqrt(np.clip(np.abs(finite) / most, 0, 1))[..., None]
    pale = 175 + 0.3 * image.mean(-1, keepdims=True).repeat(3, -1)
    colour = np.where(finite[..., None] > 0, PLUS, MINUS)
    mixed = ((1 - strength) * pale + strength * colour).clip(0, 255)
    return np.where(np.isfinite(values)[..., None], mixed, 0).astype(np.uint8)


def overlay(image: np.ndarray, mask: np.ndarray, truth: np.ndarray | None = None) -> np.ndarray:
    """Return an image under a mask: green what is right, vermilion what is too much, blue what is missed.

    Args:
        image: uint8 `(H, W, 3)`.
        mask: predicted, bool `(H, W)`.
        truth: bool `(H, W)`; None: not known, the mask is green.
    """
    out = image.astype(float)
    layers = [(mask, GREEN, 0.35)]
    if truth is not None:
        layers = [(mask & truth, GREEN, 0.35), (mask & ~truth, VERMILION, 0.75), (~mask & truth, SKY, 0.75)]
    for where, colour, strength in layers:
        out[where] = (1 - strength) * out[where] + strength * np.array(colour)
    return out.astype(np.uint8)


def classes(labels: np.ndarray) -> np.ndarray:
    """Return a map of the facades' classes 0..11, anything else unlabelled, in their colours: uint8 `(H, W, 3)`."""
    colours = np.zeros((256, 3), np.uint8)
    colours[: len(FACADE_COLOURS) - 1] = FACADE_COLOURS[1:]
    return colours[labels]


# Okabe and Ito's eight colours.
COLOURS = np.array(
    [[230, 159, 0], [86, 180, 233], [0, 158, 115], [240, 228, 66], [0, 114, 178], [213, 94, 0], [204, 121, 167],
     [60, 60, 60]], dtype=float,
)  # fmt: skip


def numbered(image: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return an image uint8 `(H, W, 3)` under a map of numbers `(H, W)`, each in a colour; 0 is left as it is."""
    colours = COLOURS[(labels - 1) % len(COLOURS)]
    return np.where(labels[..., None] > 0, 0.4 * image + 0.6 * colours, image).astype(np.uint8)


def figure(pixels: np.ndarray, caption: str, alt: str = "") -> str:
    """Return a picture with a caption as HTML. The caption is HTML; what comes from others must be escaped in it."""
    return (
        f'<figure><img class="pixels" src="{data_uri(pixels)}" alt="{alt}"><figcaption>{caption}</figcaption></figure>'
    )
