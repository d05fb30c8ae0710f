"""The pictures that the demo has with it: the embedded cells, and made ones in which hardly anything is foreground."""

from dataclasses import dataclass
from functools import cache

import numpy as np
from PIL import Image

from course.data.canvas import resize_image, resize_label
from course.data.cell_paint import paint
from course.data.cell_shape import draw_cells, make_cell, make_ruffle
from course.data.single_cells import MAKERS
from course.paths import DATA

SIZE = 128
RARE_TRAIN, RARE_TEST = 48, 12
RARE_RADIUS = (6.0, 8.0)  # pixels: 0.7 to 1.2 % of the image
SHOWN = (0, 6, 12, 18, 24)  # a frame of each sequence of the test half


@dataclass(frozen=True)
class Cells:
    """Images float32 `(N, 3, S, S)` in [0, 1], masks float32 `(N, 1, S, S)` of 0 and 1."""

    images: np.ndarray
    masks: np.ndarray

    def __len__(self) -> int:
        return len(self.images)


@cache
def embedded(split: str) -> Cells:
    """Return the embedded cells of "train" or "test" at 128 x 128, in the order of their numbers."""
    folder = DATA / "phc" / split
    images, masks = [], []
    for path in sorted((folder / "images").glob("img_*.jpg")):
        label = folder / "labels" / path.name.replace("img", "label").replace(".jpg", ".png")
        images.append(resize_image(np.asarray(Image.open(path).convert("RGB")), SIZE))
        masks.append(resize_label(np.asarray(Image.open(label)), SIZE)[None] > 0)
    return Cells(np.stack(images), np.stack(masks).astype(np.float32))


@cache
def rare(split: str) -> Cells:
    """Return made images with one small cell each, about 1 % of the pixels; "train" and "test" share none."""
    start, count = (0, RARE_TRAIN) if split == "train" else (RARE_TRAIN, RARE_TEST)
    pairs = [_small_cell(np.random.default_rng([14, number])) for number in range(start, start + count)]
    return Cells(np.stack([image for image, _ in pairs]), np.stack([mask for _, mask in pairs]))


@cache
def empty() -> tuple[np.ndarray, np.ndarray]:
    """Return an image without any cell, float32 `(3, S, S)`, and its mask, `(1, S, S)`, all 0."""
    return _small_cell(np.random.default_rng([14, 10_000]), away=True)


def _small_cell(rng: np.random.Generator, away: bool = False) -> tuple[np.ndarray, np.ndarray]:
    shape = (SIZE, SIZE)
    look = MAKERS["spread"](rng, (160, 160))[1]
    centre = np.array(shape) * (-2.0 if away else 1) * rng.uniform(0.2, 0.8, 2)
    cells = [make_cell(rng, centre, rng.uniform(*RARE_RADIUS), rng.uniform(1.0, 1.5), 1)]
    drawn = draw_cells(cells, shape, 0.0, make_ruffle(rng, shape, 0.3))
    image = paint(drawn, cells, look, 0.0, rng, rng)
    return resize_image(image, SIZE), (drawn.ids > 0).astype(np.float32)[None]


def pixels(image: np.ndarray) -> np.ndarray:
    """Return an image float `(3, H, W)` in [0, 1] as uint8 `(H, W, 3)`."""
    return (image.transpose(1, 2, 0) * 255).round().clip(0, 255).astype(np.uint8)
