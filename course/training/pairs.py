"""Find the images and labels of a data set, and say what is wrong with its folder before anything starts."""

import csv
import os
import random
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from course.errors import CourseError
from course.paths import DATA
from course.training.files import show
from course.training.scores import IGNORE_INDEX


@dataclass(frozen=True)
class Task:
    """A kind of segmentation: what it trains on, and what its labels are."""

    name: str
    part: str
    num_classes: int
    loss: str
    variable: str
    embedded: str

    @property
    def binary(self) -> bool:
        """Whether a pixel is foreground or background, with one logit for it."""
        return self.num_classes == 1


TASKS = {
    "cells": Task("cells", "PhC", 1, "BCELoss", "PHC_DATA", "phc"),
    "facade": Task("facade", "Facade", 12, "CrossEntropyLoss", "FACADE_DATA", "facades/base"),
}


@dataclass(frozen=True)
class Pair:
    """An image and its label, which share a number."""

    number: int
    image: Path
    label: Path


def data_folder(task: Task, given: Path | None, home: Path) -> Path:
    """Return the data's folder: as given, else from the environment, else the embedded set."""
    if given is None and os.environ.get(task.variable):
        given = Path(os.environ[task.variable])
    beside = home / "data" / task.embedded
    folder = given or (beside if beside.is_dir() else DATA / task.embedded)
    if not folder.is_dir():
        raise CourseError(f"There is no data folder {show(folder)}. `--data DIR` names another.")
    return folder


def find_pairs(task: Task, folder: Path, split: str) -> list[Pair]:
    """Return the pairs of the "train" or the "test" half, sorted by number; none where there is no such half.

    Raises:
        CourseError: an image without a label or the reverse, a file that is no image, sizes that differ.
    """
    if task.binary:
        images = by_number(folder / split / "images", r"img_(\d+)\.jpg")
        labels = by_number(folder / split / "labels", r"label_(\d+)\.png")
    else:
        images, labels = (
            {number: path for number, path in by_number(folder, rf"cmp_b(\d+)\.{suffix}").items()}
            for suffix in ("jpg", "png")
        )
        half = {number for number in images.keys() | labels.keys() if (number % 5 == 0) == (split == "test")}
        images = {number: path for number, path in images.items() if number in half}
        labels = {number: path for number, path in labels.items() if number in half}
    for number in sorted(images.keys() ^ labels.keys()):
        lonely, lacks = (images[number], "label") if number in images else (labels[number], "image")
        raise CourseError(f"{show(lonely)} has no {lacks} with the same number. Add it, or take the file away.")
    pairs = [Pair(number, images[number], labels[number]) for number in sorted(images)]
    for pair in pairs:
        sizes = [image_size(path) for path in (pair.image, pair.label)]
        if sizes[0] != sizes[1]:
            (w, h), (label_w, label_h) = sizes
            raise CourseError(
                f"{show(pair.image)} is {w}x{h} pixels, its label {show(pair.label)} {label_w}x{label_h}."
            )
    return pairs


def expected(task: Task, folder: Path, split: str) -> str:
    """Return the sentence for a half that is empty."""
    if task.binary:
        return (
            f"0 images found under {show(folder / split)}: expected images/img_00000.jpg, ... and "
            "labels/label_00000.png, ... there. `--data DIR` names another folder."
        )
    return (
        f"0 images found under {show(folder)}: expected cmp_b0001.jpg and cmp_b0001.png, ... there "
        "(test: numbers divisible by 5). `--data DIR` names another folder."
    )


def by_number(folder: Path, pattern: str) -> dict[int, Path]:
    """Return the files of a folder whose whole name matches, keyed by the number in the name."""
    if not folder.is_dir():
        return {}
    found: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        if match := re.fullmatch(pattern, path.name):
            number = int(match.group(1))
            if number in found:
                raise CourseError(f"{show(found[number])} and {path.name} have the same number.")
            found[number] = path
    return found


def sequences_of(task: Task, folder: Path, pairs: list[Pair]) -> list[str]:
    """Return the name of each pair's sequence, from train/sequences.csv; without it each image is its own."""
    table = folder / "train" / "sequences.csv"
    if not task.binary or not table.is_file():
        return [str(pair.number) for pair in pairs]
    with table.open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    try:
        names = {int(row["number"]): row["sequence"] for row in rows}
    except (KeyError, ValueError, TypeError):
        raise CourseError(f"{show(table)} should have the columns number,sequence,frame.") from None
    for pair in pairs:
        if pair.number not in names:
            raise CourseError(f"{show(table)} does not say which sequence {pair.image.name} is of.")
    return [names[pair.number] for pair in pairs]


def split_by_sequence(sequences: list[str], share: float, seed: int) -> tuple[list[int], list[int]]:
    """Choose whole sequences for validation, until they hold `share` of the items or more.

    Frames of one sequence look alike: a network that has trained on one of them has nearly seen the others.

    Returns:
        the positions of the training items and of the validation items, each sorted.
    """
    names = sorted(set(sequences))
    if len(names) < 2:
        raise CourseError(
            f"All {len(sequences)} training images are of one sequence: none can be kept apart for validation."
        )
    random.Random(seed).shuffle(names)
    chosen: set[str] = set()
    for name in names[:-1]:
        if sum(s in chosen for s in sequences) >= share * len(sequences):
            break
        chosen.add(name)
    held = [s in chosen for s in sequences]
    return [i for i, h in enumerate(held) if not h], [i for i, h in enumerate(held) if h]


def image_size(path: Path) -> tuple[int, int]:
    """Return width and height from the file's header."""
    try:
        with Image.open(path) as image:
            return image.size
    except OSError as error:
        raise CourseError(f"{show(path)} cannot be read as an image: {_reason(error)}.") from None


def read_image(path: Path) -> Tensor:
    """Return the image, uint8 `(3, H, W)`. Pixels of more than 8 bits are stretched to 0..255 over the image."""
    try:
        with Image.open(path) as image:
            if getattr(image, "n_frames", 1) > 1:
                raise CourseError(f"{show(path)} holds {image.n_frames} frames: give one file for each.")
            if image.mode[0] in "IF":
                values = np.asarray(image, dtype=np.float64)
                low, high = values.min(), values.max()
                grey = np.rint((values - low) * 255 / max(high - low, 1e-12)).astype(np.uint8)
                pixels = np.repeat(grey[:, :, None], 3, axis=2)
            else:
                pixels = np.array(image.convert("RGB"))
    except OSError as error:
        raise CourseError(f"{show(path)} cannot be read as an image: {_reason(error)}.") from None
    return torch.from_numpy(pixels).permute(2, 0, 1)


def read_label(task: Task, path: Path) -> Tensor:
    """Return the label, uint8 `(H, W)`: cells 0 and 1 (any value above 0), facades 0..11 and 255 (unlabelled)."""
    try:
        with Image.open(path) as image:
            values = np.array(image.convert("L") if task.binary else image)
    except OSError as error:
        raise CourseError(f"{show(path)} cannot be read as an image: {_reason(error)}.") from None
    if task.binary:
        return torch.from_numpy((values > 0).astype(np.uint8))
    if values.ndim != 2 or values.max() > task.num_classes:
        raise CourseError(f"{show(path)} is no map of classes 0..{task.num_classes}: a palette PNG is expected.")
    return torch.from_numpy(np.where(values == 0, IGNORE_INDEX, values - 1).astype(np.uint8))


def _reason(error: OSError) -> str:
    return "it is no image" if "cannot identify" in str(error) else str(error).rstrip(".")
