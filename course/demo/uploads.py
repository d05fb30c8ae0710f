"""Files that somebody chose in the browser: checked for size and kind before anything is decoded."""

import warnings
from pathlib import Path

import numpy as np
from PIL import Image, UnidentifiedImageError

from course.errors import CourseError
from course.report.text import harmless_line

KINDS = {"JPEG": "JPEG", "PNG": "PNG", "TIFF": "TIFF", "BMP": "BMP", "WEBP": "WebP"}
MOST_BYTES = 20 * 1024 * 1024
MOST_PIXELS = 40_000_000
TOO_MANY = f"at most {MOST_PIXELS // 10**6} million are read."
LEAST_SIDE = 32
LONGEST_SIDE = 1024  # larger images are made smaller: a projector shows no more


def read_image(path: Path, name: str = "") -> np.ndarray:
    """Return an image as uint8 `(H, W, 3)`, no side longer than `LONGEST_SIDE`.

    Args:
        name: what it was called where it came from.

    Raises:
        CourseError: too large, too small, no image, or of a kind that is not read.
    """
    image = _open(path, name)
    return np.asarray(_small(image.convert("RGB"), Image.Resampling.BILINEAR))


def read_label(path: Path, size: tuple[int, int], name: str = "") -> np.ndarray:
    """Return a label as uint8 `(H, W)`, the values as they are in the file.

    Args:
        size: height and width of its image.

    Raises:
        CourseError: as for an image; or its shape is not that of the image, or it is in colour.
    """
    image = _open(path, name)
    if image.mode not in ("1", "L", "P", "I", "I;16"):
        raise CourseError(f"{_shown(path, name)} is in colour: a label is a grey or palette image, one number a pixel.")
    image = _small(image, Image.Resampling.NEAREST)
    if (image.height, image.width) != size:
        raise CourseError(
            f"{_shown(path, name)} is {image.width} x {image.height} pixels, its image {size[1]} x {size[0]}: a label "
            "has the size of its image."
        )
    values = np.asarray(image)
    return np.minimum(values.astype(np.int64), 255).astype(np.uint8)


def _open(path: Path, name: str) -> Image.Image:
    shown = _shown(path, name)
    bytes_ = path.stat().st_size
    if bytes_ > MOST_BYTES:
        raise CourseError(
            f"{shown} has {bytes_ / 2**20:.0f} MB: at most {MOST_BYTES // 2**20} MB are read. Make it smaller first."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(path, formats=list(KINDS)) as image:
                width, height = image.size
                if width * height > MOST_PIXELS:
                    raise CourseError(f"{shown} is {width} x {height} pixels: {TOO_MANY}")
                if min(width, height) < LEAST_SIDE:
                    raise CourseError(
                        f"{shown} is {width} x {height} pixels: at least {LEAST_SIDE} each way are needed."
                    )
                image.load()
                return image.copy()
    except UnidentifiedImageError:
        kinds = ", ".join(KINDS.values())
        raise CourseError(f"{shown} is no image that is read here: it must be one of {kinds}.") from None
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise CourseError(f"{shown} has too many pixels: {TOO_MANY}") from None
    except (OSError, SyntaxError, ValueError, EOFError) as error:  # what PIL raises depends on what is broken
        raise CourseError(f"{shown} is damaged: {error}.") from None


def _small(image: Image.Image, how: Image.Resampling) -> Image.Image:
    share = LONGEST_SIDE / max(image.size)
    if share >= 1:
        return image
    return image.resize((max(1, round(image.width * share)), max(1, round(image.height * share))), how)


def _shown(path: Path, name: str) -> str:
    return harmless_line(name or path.name, 60)
