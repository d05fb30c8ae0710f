"""Frames with many cells, some of them touching, in the naming of the Cell Tracking Challenge.

`01/t000.tif` is a grey frame, `01_GT/SEG/man_seg000.tif` holds a number for every cell (uint16, 0 = background),
`01_GT/TRA/man_track.txt` says in which frames a number occurs (L B E P: label, begin, end, parent). A cell keeps
its number while it lives; the two cells it divides into have new numbers and name it as their parent.
"""

from pathlib import Path

import numpy as np
from PIL import Image
from scipy import ndimage

from course.data.canvas import Stream, resize_image, resize_label, rng_for
from course.data.cell_paint import paint
from course.data.cell_shape import Cell, divide, draw_cells, make_cell, make_ruffle
from course.data.folders import watched
from course.data.single_cells import MAKERS, free_place

SHAPE = (256, 320)
FRAMES = 6
KINDS = ("spread", "granular")


def fresh_frames(seed: int, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return unseen frames, one each of `count` recordings, ready for a model.

    Images float32 (count, 3, size, size) in [0, 1], resized bilinearly; instances int64 (count, size, size),
    0 = background, 1..K without gaps, resized by nearest neighbour.
    """
    images = np.empty((count, 3, size, size), np.float32)
    instances = np.empty((count, size, size), np.int64)
    for i in range(count):
        recording = Recording(Stream.FRESH_FRAMES, seed, i, (256, 256))
        image, ids = recording.frame(i % FRAMES)
        images[i] = resize_image(image, size)
        small = resize_label(ids, size)
        instances[i] = np.unique(small, return_inverse=True)[1].reshape(size, size)
        if small.min() > 0:  # a frame full of cells has no background to be number 0
            instances[i] += 1
    return images, instances


class Recording:
    """A made-up recording of a dozen or two cells."""

    def __init__(self, stream: Stream, seed: int, index: int, shape: tuple[int, int]):
        self.key, self.shape = (stream, seed, index), shape
        rng = rng_for(*self.key, 0)
        self.look = MAKERS[KINDS[index % len(KINDS)]](rng, (160, 160))[1]
        radius = rng.uniform(17.0, 22.0)
        self.cells: list[Cell] = []
        self.divisions: list[float | None] = []
        for _ in range(int(rng.integers(12, 20))):
            centre = free_place(rng, shape, [cell.centre for cell in self.cells], 2.1 * radius)
            size = radius * rng.uniform(0.8, 1.25)
            self.cells.append(make_cell(rng, centre, size, rng.uniform(1.0, 1.9), int(rng.integers(0, 3))))
            self.divisions.append(rng.uniform(1.0, 4.0) if rng.uniform() < 0.15 else None)
        self.ruffle = make_ruffle(rng, shape, 1.2)

    def frame(self, time: int) -> tuple[np.ndarray, np.ndarray]:
        """Return image uint8 (H, W, 3) and instance numbers uint16 (H, W) at `time`."""
        cells, numbers = [], []
        for k, (cell, start) in enumerate(zip(self.cells, self.divisions, strict=True)):
            parts = divide(cell, np.clip(0.7 * (time - start) + 0.5, 0, 2)) if start is not None else [cell]
            cells += parts
            numbers += [k + 1] if len(parts) == 1 else self.daughters(k)
        drawn = draw_cells(cells, self.shape, float(time), self.ruffle)
        image = paint(drawn, cells, self.look, float(time), rng_for(*self.key, 1), rng_for(*self.key, 2, time))
        return image, whole(np.array([0, *numbers], np.uint16)[drawn.ids])

    def daughters(self, k: int) -> list[int]:
        """The numbers of the two cells that cell `k` (counted from 0) divides into."""
        first = len(self.cells) + 2 * k + 1
        return [first, first + 1]

    def tracks(self, frames: list[np.ndarray]) -> list[tuple[int, int, int, int]]:
        """Return (label, begin, end, parent) of every number that occurs in the instance maps."""
        parents = {number: k + 1 for k in range(len(self.cells)) for number in self.daughters(k)}
        seen = [set(np.unique(ids).tolist()) - {0} for ids in frames]
        rows = []
        for label in sorted(set().union(*seen)):
            times = [time for time, present in enumerate(seen) if label in present]
            parent = parents.get(label, 0)
            rows.append((label, times[0], times[-1], parent))
        return rows


def whole(ids: np.ndarray) -> np.ndarray:
    """Keep the largest piece of every instance: what a neighbour cut off is background."""
    out = np.zeros_like(ids)
    for number in np.unique(ids)[1:] if 0 in ids else np.unique(ids):
        pieces, count = ndimage.label(ids == number)
        if count > 1:
            sizes = np.bincount(pieces.ravel())[1:]
            out[pieces == 1 + int(np.argmax(sizes))] = number
        else:
            out[pieces == 1] = number
    return out


def write_frames(folder: Path, seed: int) -> None:
    """Write the embedded recordings 01 and 02 below `folder`."""
    for index, name in enumerate(("01", "02")):
        recording = Recording(Stream.EMBEDDED_FRAMES, seed, index, SHAPE)
        raw, seg, tra = folder / name, folder / f"{name}_GT" / "SEG", folder / f"{name}_GT" / "TRA"
        for path in (raw, seg, tra):
            path.mkdir(parents=True)
        maps = []
        for time in watched(range(FRAMES), f"cells {name}"):
            image, ids = recording.frame(time)
            maps.append(ids)
            save_tiff(image[:, :, 0], raw / f"t{time:03d}.tif")
            save_tiff(ids, seg / f"man_seg{time:03d}.tif")
            save_tiff(ids, tra / f"man_track{time:03d}.tif")
        rows = recording.tracks(maps)
        (tra / "man_track.txt").write_text("".join(f"{a} {b} {c} {d}\n" for a, b, c, d in rows))


def save_tiff(image: np.ndarray, path: Path) -> None:
    """Save uint8 or uint16 (H, W), deflated."""
    Image.fromarray(image).save(path, compression="tiff_adobe_deflate")
