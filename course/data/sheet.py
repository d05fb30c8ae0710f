"""The contact sheets of docs/data.md: rows of images with their labels."""

from pathlib import Path

import numpy as np
from PIL import Image

from course.data.facades import COLOURS
from course.data.folders import beside
from course.errors import CourseError

GAP = 4


def draw_sheets(data: Path, out: Path) -> list[Path]:
    """Draw the contact sheets of the sets below `data` into the folder `out`; returns their paths.

    Raises CourseError where one of the sets is missing or `out` cannot be written.
    """
    missing = [name for name in ("phc", "facades", "cells") if not (data / name).is_dir()]
    if missing:
        raise CourseError(f"Contact sheets show the embedded sets, but {data} has no {' and no '.join(missing)}.")
    sheets = {
        "data_phc.jpg": phc_sheet(data / "phc"),
        "data_facades.jpg": facade_sheet(data / "facades" / "base"),
        "data_cells.jpg": cell_sheet(data / "cells"),
    }
    with beside(out) as part:
        out.mkdir(exist_ok=True)
        for name, sheet in sheets.items():
            Image.fromarray(sheet).save(part / name, quality=85)
            (part / name).replace(out / name)
    return [out / name for name in sheets]


def phc_sheet(folder: Path) -> np.ndarray:
    """Four sequences of train in all their frames, and the fourth frame of every sequence of test."""
    rows = [_strip([folder / "train" / _pair(6 * row + k) for k in range(6)]) for row in (0, 1, 3, 8)]
    rows.append(_strip([folder / "test" / _pair(6 * k + 3) for k in range(5)]))
    return _stack(rows)


def _pair(number: int) -> Path:
    return Path("images") / f"img_{number:05d}.jpg"


def _strip(images: list[Path], side: int = 128) -> np.ndarray:
    """Images in a row, their outlines below each."""
    cells = []
    for path in images:
        label = path.parents[1] / "labels" / f"label_{path.stem.removeprefix('img_')}.png"
        cells.append(np.vstack([_tile(path, side), _tile(label, side)]))
    return _row(cells)


def facade_sheet(base: Path) -> np.ndarray:
    """Twelve facades, each beside its label."""
    palette = np.array(COLOURS, np.uint8)
    cells = []
    for number in range(1, 13):
        label = palette[np.asarray(Image.open(base / f"cmp_b{number:04d}.png"))]
        coloured = np.asarray(Image.fromarray(label).resize((128, 128), Image.Resampling.NEAREST))
        cells.append(np.hstack([_tile(base / f"cmp_b{number:04d}.jpg", 128), coloured]))
    return _stack([_row(cells[k : k + 4]) for k in range(0, 12, 4)])


def cell_sheet(folder: Path) -> np.ndarray:
    """First and last frame of both recordings, each beside its instances."""
    palette = np.random.default_rng(0).integers(60, 256, (256, 3), dtype=np.uint8)
    palette[0] = 0
    rows = []
    for name in ("01", "02"):
        cells = []
        for time in (0, 5):
            grey = np.asarray(Image.open(folder / name / f"t{time:03d}.tif"))
            ids = np.asarray(Image.open(folder / f"{name}_GT" / "SEG" / f"man_seg{time:03d}.tif"))
            cells.append(np.hstack([np.repeat(grey[:, :, None], 3, axis=2), palette[ids % 256]]))
        rows.append(_row(cells))
    return _stack(rows)


def _tile(path: Path, side: int) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB").resize((side, side)))


def _row(cells: list[np.ndarray]) -> np.ndarray:
    gap = np.full((cells[0].shape[0], GAP, 3), 255, np.uint8)
    return np.hstack([part for cell in cells for part in (cell, gap)][:-1])


def _stack(rows: list[np.ndarray]) -> np.ndarray:
    width = max(row.shape[1] for row in rows)
    padded = [np.pad(row, ((0, GAP), (0, width - row.shape[1]), (0, 0)), constant_values=255) for row in rows]
    return np.vstack(padded)
