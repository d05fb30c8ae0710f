"""Small folders of images for the checks of the data sets, as contents by path.

All pictures of a folder differ in size, so that an item tells which files it was read from, and every picture is
lopsided, so that it shows when it was turned, mirrored, or put beside the wrong label.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PIL import Image

CLASSES = 12


@dataclass
class Pair:
    """A picture and its label, as they are in the files.

    Attributes:
        number: the number in the files' names.
        image: uint8 `(H, W, 3)`, after JPEG.
        label: uint8 `(H, W)`: 0 and what is above it, or class numbers.
        jpeg: content of the image's file.
        png: content of the label's file.
    """

    number: int
    image: np.ndarray
    label: np.ndarray
    jpeg: bytes
    png: bytes

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.label.shape


def cell_pairs(
    generator: np.random.Generator, numbers: Sequence[int], values: Sequence[int] = (255,), grey: bool = False
) -> list[Pair]:
    """Return pictures of one bright cell each.

    Args:
        values: what the labels hold where the cell is, from its left to its right; elsewhere they are 0.
        grey: whether the images' files have one channel in place of three.
    """
    pairs = []
    for position, number in enumerate(numbers):
        cell = _cell(generator, *_size(position))
        columns = np.flatnonzero(cell.any(axis=0))
        strips = np.zeros_like(cell)
        for value, strip in zip(values, np.array_split(columns, len(values)), strict=True):
            strips[:, strip] = value
        pairs.append(_pair(generator, number, cell, strips * cell, grey=grey))
    return pairs


def uniform_pairs(generator: np.random.Generator, numbers: Sequence[int]) -> list[Pair]:
    """Return pictures of cells whose labels, one after the other, are all 0 and all 255."""
    pairs = []
    for position, number in enumerate(numbers):
        cell = _cell(generator, *_size(position))
        pairs.append(_pair(generator, number, cell, np.full_like(cell, 255 * (position % 2))))
    return pairs


def facade_pairs(generator: np.random.Generator, numbers: Sequence[int]) -> list[Pair]:
    """Return pictures of blocks with palette labels: all of 1..12, and 0 for unlabelled; in every other no 3 and 7."""
    pairs = []
    for position, number in enumerate(numbers):
        height, width = _size(position)
        ids = generator.permutation(CLASSES + 1).astype(np.uint8)
        if position % 2:
            ids[np.isin(ids, (3, 7))] = 2
        rows = np.arange(height) * 3 // height
        columns = np.arange(width) * 5 // width
        label = ids[np.minimum(rows[:, None] * 5 + columns[None, :], CLASSES)]
        pairs.append(_pair(generator, number, label, label, palette=True))
    return pairs


def phc_files(train: list[Pair], test: list[Pair]) -> dict[str, bytes]:
    """Return the layout of the PhC data set. Images and labels are written in different orders."""
    return phc_split("train", train) | phc_split("test", test)


def phc_split(
    split: str,
    pairs: list[Pair],
    image_name: str = "img_{:05d}.jpg",
    label_name: str = "label_{:05d}.png",
) -> dict[str, bytes]:
    """Return the files of one half of the PhC data set."""
    images = {f"{split}/images/{image_name.format(pair.number)}": pair.jpeg for pair in pairs}
    labels = {f"{split}/labels/{label_name.format(pair.number)}": pair.png for pair in pairs[::2] + pairs[1::2]}
    return images | labels


def facade_files(pairs: list[Pair]) -> dict[str, bytes]:
    """Return the layout of the CMP Facade Database, with the annotation and the list of names that lie beside it."""
    files = {"label_names.txt": b"1 background\n2 facade\n"}
    for pair in pairs:
        stem = f"cmp_b{pair.number:04d}"
        files |= {f"{stem}.jpg": pair.jpeg, f"{stem}.png": pair.png, f"{stem}.xml": b"<object></object>\n"}
    return files


def nearest(label: np.ndarray, size: Sequence[int]) -> np.ndarray:
    """Return a label `(H, W)` resized without mixing its values."""
    height, width = size
    return np.asarray(Image.fromarray(label).resize((width, height), Image.Resampling.NEAREST))


def _size(position: int) -> tuple[int, int]:
    """Return height and width of the n-th picture of a folder: no two share one of them."""
    return 40 + 3 * position, 96 - 2 * position


def _cell(generator: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Return an ellipse with a square corner, left of the middle, uint8 0 and 1."""
    y, x = np.mgrid[:height, :width]
    centre_y, centre_x = height * generator.uniform(0.4, 0.6), width * generator.uniform(0.28, 0.34)
    radius_y, radius_x = height * generator.uniform(0.2, 0.3), width * generator.uniform(0.15, 0.2)
    ellipse = ((y - centre_y) / radius_y) ** 2 + ((x - centre_x) / radius_x) ** 2 < 1
    corner = (y > centre_y) & (y < centre_y + radius_y) & (x > centre_x) & (x < centre_x + radius_x)
    return (ellipse | corner).astype(np.uint8)


def _pair(
    generator: np.random.Generator,
    number: int,
    pattern: np.ndarray,
    label: np.ndarray,
    palette: bool = False,
    grey: bool = False,
) -> Pair:
    jpeg = _jpeg(_picture(generator, pattern), "L" if grey else "RGB")
    return Pair(number, np.asarray(Image.open(io.BytesIO(jpeg)).convert("RGB")), label, jpeg, _png(label, palette))


def _picture(generator: np.random.Generator, pattern: np.ndarray) -> np.ndarray:
    """Return a coloured picture, uint8 `(H, W, 3)`: shades of reddish grey, another one for each value of a pattern."""
    height, width = pattern.shape
    y, x = np.mgrid[:height, :width]
    shade = 90 + 40 * x / width + 20 * y / height + 70 * pattern / max(1, pattern.max())
    colour = np.array([1.0, 0.7, 0.35]) * generator.uniform(0.9, 1.1)
    return (shade[..., None] * colour + generator.normal(0, 2, (height, width, 1))).clip(0, 255).astype(np.uint8)


def _jpeg(pixels: np.ndarray, mode: str) -> bytes:
    content = io.BytesIO()
    Image.fromarray(pixels).convert(mode).save(content, "JPEG", quality=95, subsampling=0)
    return content.getvalue()


def _png(pixels: np.ndarray, palette: bool) -> bytes:
    content = io.BytesIO()
    image = Image.fromarray(pixels)
    if palette:
        image.putpalette([channel for index in range(CLASSES + 1) for channel in (20 * index, 255 - 20 * index, 128)])
    image.save(content, "PNG")
    return content.getvalue()
