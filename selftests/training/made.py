"""Tiny made data, and how a program is started."""

import os
import sys
from pathlib import Path

import numpy as np
from PIL import Image

from course.paths import ROOT

SIZE = 48


def make_cells(root: Path, train: int = 10, test: int = 3, sequences: bool = True) -> Path:
    """Bright discs on a dark ground; two frames a sequence; the test images are not square."""
    rng = np.random.default_rng(0)
    for split, count in (("train", train), ("test", test)):
        (root / split / "images").mkdir(parents=True)
        (root / split / "labels").mkdir()
        height, width = (SIZE, SIZE) if split == "train" else (SIZE, SIZE + 17)
        rows, columns = np.mgrid[:height, :width]
        for number in range(count):
            centre, radius = rng.uniform(0.3, 0.7, 2), rng.uniform(0.2, 0.3) * SIZE
            mask = np.hypot(rows - centre[0] * height, columns - centre[1] * width) < radius
            pixels = (70 + 110 * mask + rng.normal(0, 8, mask.shape)).clip(0, 255).astype(np.uint8)
            image = Image.fromarray(np.stack([pixels] * 3, axis=-1))
            image.save(root / split / "images" / f"img_{number:05}.jpg")
            Image.fromarray(mask.astype(np.uint8) * 255).save(root / split / "labels" / f"label_{number:05}.png")
        if sequences:
            lines = [f"{number},s{number // 2},{number % 2}" for number in range(count)]
            (root / split / "sequences.csv").write_text("\n".join(["number,sequence,frame", *lines]) + "\n")
    return root


def make_facades(root: Path, count: int = 10) -> Path:
    """A wall (2), windows (3) and an unlabelled border (0), in the layout of the CMP Facade Database."""
    rng = np.random.default_rng(0)
    root.mkdir(parents=True)
    for number in range(1, count + 1):
        classes = np.zeros((SIZE, SIZE + 9), np.uint8)
        classes[2:-2, 2:-2] = 2
        for _ in range(4):
            row, column = rng.integers(4, SIZE - 14, 2)
            classes[row : row + 10, column : column + 8] = 3
        colours = np.array([[0, 0, 0], [60, 60, 60], [180, 120, 90], [40, 60, 120]])[classes]
        pixels = (colours + rng.normal(0, 6, colours.shape)).clip(0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(root / f"cmp_b{number:04}.jpg")
        label = Image.fromarray(classes)
        label.putpalette([value for i in range(13) for value in (i * 20, 0, 0)])
        label.save(root / f"cmp_b{number:04}.png")
    return root


def command(program: str, *arguments: object, home: Path = ROOT) -> list[str]:
    return [sys.executable, str(home / program), *map(str, arguments)]


def environment() -> dict[str, str]:
    return {**os.environ, "OMP_NUM_THREADS": "1"}
