"""Single cells under a phase-contrast microscope, made up: sequences of a cell that moves, deforms and divides.

The image is painted from the mask, so there is something to learn, and brightness does not give the mask away,
so that a threshold does not. Frames of one sequence show the same cell: keep them on one side of every split.
"""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

from course.data.canvas import Stream, encode_jpeg, resize_image, resize_label, rng_for, through_jpeg
from course.data.cell_paint import Look, paint
from course.data.cell_shape import Cell, divide, draw_cells, make_cell, make_ruffle
from course.data.folders import watched

JPEG_QUALITY = 92
FRAMES = 6
TRAIN_SEQUENCES = 12
TEST_SEQUENCES = 5

# Six sequences in a row hold every kind in these shares, so that a set of a dozen is never one-sided.
KINDS = ("spread", "granular", "spread", "spindle", "spread", "granular")


def make_sequence(seed: int, frames: int = FRAMES) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return one sequence: images uint8 (H, W, 3) and masks uint8 (H, W) of 0 and 255, before JPEG.

    The size is drawn with the sequence, 128..192 pixels a side. The seeds of this function, of `fresh_pairs`
    and of the embedded sets are of different streams and never give the same cell.
    """
    return Sequence(Stream.FREE_CELLS, seed, 0, KINDS[seed % len(KINDS)]).pairs(frames)


def fresh_pairs(seed: int, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return one frame each of `count` unseen sequences, ready for a model.

    Images float32 (count, 3, size, size) in [0, 1], through JPEG and resized bilinearly; masks float32
    (count, 1, size, size) of 0 and 1, resized by nearest neighbour.
    """
    order = rng_for(Stream.FRESH_CELLS, seed)
    kinds = [KINDS[k % len(KINDS)] for k in order.permutation(max(count, len(KINDS)))[:count]]
    images = np.empty((count, 3, size, size), np.float32)
    masks = np.empty((count, 1, size, size), np.float32)
    for i, kind in enumerate(kinds):
        time = int(order.integers(FRAMES))
        image, mask = Sequence(Stream.FRESH_CELLS, seed, i, kind).frame(time)
        images[i] = resize_image(through_jpeg(image, JPEG_QUALITY), size)
        masks[i, 0] = resize_label(mask, size) > 0
    return images, masks


class Sequence:
    """One made-up recording: its cells, their look, and any frame of it."""

    def __init__(self, stream: Stream, seed: int, index: int, kind: str):
        self.key = (stream, seed, index)
        rng = rng_for(*self.key, 0)
        height = int(rng.integers(128, 193))
        width = int(np.clip(height * rng.uniform(0.8, 1.25), 128, 192))
        self.shape = (height, width)
        self.cells, self.look = MAKERS[kind](rng, self.shape)
        # About every third sequence divides, at this time.
        self.division = rng.uniform(0.0, 4.0) if rng.uniform() < 0.35 else None
        self.ruffle = make_ruffle(rng, self.shape, rng.uniform(1.0, 2.6) * min(1.0, self.cells[0].radius / 30) ** 2)

    def frame(self, time: int) -> tuple[np.ndarray, np.ndarray]:
        """Return image uint8 (H, W, 3) and mask uint8 (H, W) of 0 and 255 at `time`."""
        cells = list(self.cells)
        if self.division is not None:
            cells = divide(cells[0], np.clip(0.7 * (time - self.division) + 0.5, 0, 2)) + cells[1:]
        drawn = draw_cells(cells, self.shape, float(time), self.ruffle)
        image = paint(drawn, cells, self.look, float(time), rng_for(*self.key, 1), rng_for(*self.key, 2, time))
        return image, np.where(drawn.ids > 0, 255, 0).astype(np.uint8)

    def pairs(self, frames: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return the first `frames` frames."""
        return [self.frame(time) for time in range(frames)]


def _middle(rng: np.random.Generator, shape: tuple[int, int], spread: float) -> np.ndarray:
    return np.array(shape) * (0.5 + rng.uniform(-spread, spread, 2))


def _around(rng: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """A place on the border of the crop, where a neighbour is cut off."""
    angle = rng.uniform(0, 2 * np.pi)
    return np.array(shape) * (0.5 + 0.62 * np.array([np.sin(angle), np.cos(angle)]))


def _spread(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[list[Cell], Look]:
    """One large flat cell with lamellipodia and a bright halo, now and then a neighbour at the border."""
    radius = min(shape) * rng.uniform(0.22, 0.32)
    cells = [make_cell(rng, _middle(rng, shape, 0.08), radius, rng.uniform(1.0, 1.8), int(rng.integers(2, 5)))]
    for _ in range(int(rng.integers(0, 3))):
        cells.append(make_cell(rng, _around(rng, shape), 0.8 * radius, rng.uniform(1.0, 1.8), 2))
    offset = rng.uniform(-0.06, 0.07)
    look = Look(
        offset=offset, dome=rng.uniform(-0.05, 0.05), mottle=rng.uniform(0.040, 0.060),
        mottle_scale=rng.uniform(5.0, 11.0), granules=rng.uniform(0.14, 0.22),
        granule_density=rng.uniform(0.03, 0.06), halo=rng.uniform(0.12, 0.26), halo_width=rng.uniform(2.5, 6.0),
        rim=rng.uniform(0.07, 0.15), relief=0.0, nucleus=rng.uniform(-0.05, 0.05),
        background=rng.uniform(0.45, 0.50), gradient=rng.uniform(0.03, 0.07), cloud=rng.uniform(0.008, 0.02),
        debris=int(rng.integers(3, 10)), noise=rng.uniform(0.006, 0.013), blur=rng.uniform(0.6, 1.0), light=0.0,
    )  # fmt: skip
    return cells, look


def _granular(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[list[Cell], Look]:
    """A cell among its neighbours, as bright as the dish: only texture and the outline tell it apart."""
    radius = min(shape) * rng.uniform(0.26, 0.40)
    cells = [make_cell(rng, _middle(rng, shape, 0.05), radius, rng.uniform(1.0, 1.5), int(rng.integers(0, 3)))]
    for _ in range(int(rng.integers(2, 5))):
        cells.append(make_cell(rng, _around(rng, shape), radius, rng.uniform(1.0, 1.6), 1))
    look = Look(
        offset=rng.uniform(-0.02, 0.01), dome=0.0, mottle=rng.uniform(0.018, 0.030),
        mottle_scale=rng.uniform(3.0, 6.0), granules=rng.uniform(0.13, 0.22),
        granule_density=rng.uniform(0.025, 0.06), halo=rng.uniform(0.07, 0.14), halo_width=rng.uniform(1.5, 3.0),
        rim=rng.uniform(0.04, 0.12), relief=rng.uniform(0.2, 0.5), nucleus=rng.uniform(-0.04, 0.04),
        background=rng.uniform(0.45, 0.50), gradient=rng.uniform(0.005, 0.02), cloud=rng.uniform(0.005, 0.012),
        debris=int(rng.integers(0, 4)), noise=rng.uniform(0.006, 0.012), blur=rng.uniform(0.5, 0.8),
        light=rng.uniform(0, 2 * np.pi),
    )  # fmt: skip
    return cells, look


def free_place(rng: np.random.Generator, shape: tuple[int, int], taken: list[np.ndarray], apart: float) -> np.ndarray:
    """A place about `apart` pixels from the taken ones, or the best of a few."""
    places = [np.array(shape) * rng.uniform(0.06, 0.94, 2) for _ in range(8)]
    room = [min((float(np.hypot(*(place - other))) for other in taken), default=apart) for place in places]
    return next((place for place, free in zip(places, room, strict=True) if free >= apart), places[np.argmax(room)])


def _spindle(rng: np.random.Generator, shape: tuple[int, int]) -> tuple[list[Cell], Look]:
    """Small bright spindles, several in a crop, on uneven light."""
    radius = rng.uniform(10.0, 14.5)
    cells = []
    for _ in range(int(rng.integers(5, 10))):
        centre = free_place(rng, shape, [cell.centre for cell in cells], 2.2 * radius)
        cell = make_cell(rng, centre, radius * rng.uniform(0.8, 1.2), rng.uniform(1.4, 3.2), 0)
        for side in (0.0, np.pi):
            cell.lobes += make_cell(rng, centre, radius, 1.0, 1).lobes
            cell.lobes[-1].angle, cell.lobes[-1].width = side, rng.uniform(0.15, 0.3)
        cells.append(cell)
    look = Look(
        offset=rng.uniform(0.06, 0.12), dome=rng.uniform(0.12, 0.28), mottle=rng.uniform(0.025, 0.040),
        mottle_scale=6.0, granules=0.14, granule_density=0.05, halo=rng.uniform(0.05, 0.10),
        halo_width=rng.uniform(2.0, 4.0), rim=rng.uniform(0.05, 0.10), relief=0.0, nucleus=0.0,
        background=rng.uniform(0.45, 0.51), gradient=rng.uniform(0.03, 0.08), cloud=rng.uniform(0.008, 0.02),
        debris=int(rng.integers(2, 7)), noise=rng.uniform(0.006, 0.012), blur=rng.uniform(0.7, 1.1), light=0.0,
    )  # fmt: skip
    return cells, look


MAKERS = {"spread": _spread, "granular": _granular, "spindle": _spindle}


def write_phc(folder: Path, seed: int) -> None:
    """Write the embedded set below `folder`: {train,test}/{images,labels} and sequences.csv."""
    index = 0
    for split, sequences in (("train", TRAIN_SEQUENCES), ("test", TEST_SEQUENCES)):
        images, labels = folder / split / "images", folder / split / "labels"
        images.mkdir(parents=True)
        labels.mkdir()
        rows = []
        for sequence in watched(range(sequences), f"phc {split}"):
            made = Sequence(Stream.EMBEDDED_CELLS, seed, index, KINDS[index % len(KINDS)])
            for frame, (image, mask) in enumerate(made.pairs(FRAMES)):
                number = f"{sequence * FRAMES + frame:05d}"
                (images / f"img_{number}.jpg").write_bytes(encode_jpeg(image, JPEG_QUALITY))
                Image.fromarray(mask).save(labels / f"label_{number}.png", optimize=True)
                rows.append((number, f"{split}{index:02d}", frame))
            index += 1
        write_sequences(folder / split / "sequences.csv", rows)


def write_sequences(path: Path, rows: list[tuple[str, str, int]]) -> None:
    """Write which sequence and frame each pair, by its five-digit number, is from."""
    with path.open("w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("number", "sequence", "frame"))
        writer.writerows(rows)
