"""Predictions against labels: which belong together, and their scores by the metrics of `lib/` or `solutions/`."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from course.errors import CourseError
from course.training.files import show
from course.training.pairs import Task, read_label
from course.training.parts import PartError

MASK_SUFFIXES = {".png", ".tif", ".tiff"}
LISTED = 5


@dataclass(frozen=True)
class Match:
    """A prediction and its label, which share a number."""

    number: int
    prediction: Path
    label: Path


@dataclass
class Scores:
    """The metrics of each image and of the whole set: lists of the same columns, nan where undefined."""

    columns: list[str]
    images: dict[str, list[float]] = field(default_factory=dict)
    whole_set: list[float] = field(default_factory=list)
    classes: list[float] = field(default_factory=list)

    def mean_and_undefined(self) -> tuple[list[float], list[int]]:
        """Return each column's mean over the images where it is defined, and how many it is not defined for."""
        table = torch.tensor(list(self.images.values()), dtype=torch.float64)
        return table.nanmean(0).tolist(), table.isnan().sum(0).tolist()


def masks_by_number(folder: Path) -> dict[int, Path]:
    """Return the masks of a folder (png, tif), keyed by the last number in their names.

    Raises:
        CourseError: no folder, or two masks of the same number.
    """
    if not folder.is_dir():
        raise CourseError(f"There is no folder {show(folder)}.")
    found: dict[int, Path] = {}
    for path in sorted(folder.iterdir()):
        numbers = re.findall(r"\d+", path.stem)
        if path.suffix.lower() not in MASK_SUFFIXES or not numbers or path.name.startswith("."):
            continue
        number = int(numbers[-1])
        if number in found:
            raise CourseError(f"{show(found[number])} and {path.name} have the same number, {number}.")
        found[number] = path
    return found


def match(task: Task, predictions: Path, labels: Path) -> tuple[list[Match], list[str]]:
    """Return the pairs, and remarks on what was left out.

    A folder of facades that holds both halves is measured on its test half, numbers divisible by 5.

    Raises:
        CourseError: no labels, no predictions, labels without a prediction (names them), sizes that differ.
    """
    predicted, true = masks_by_number(predictions), masks_by_number(labels)
    remarks = []
    if not true:
        raise CourseError(f"0 labels found in {show(labels)}: expected label_00000.png, ... or cmp_b0001.png, ... .")
    if not predicted:
        raise CourseError(
            f"0 predictions found in {show(predictions)}: expected img_00000.png, ... (predict.py writes them)."
        )
    test = {number for number in true if number % 5 == 0}
    if not task.binary and 0 < len(test) < len(true):
        remarks.append(f"{len(test)} of {len(true)} facades are measured: the test set, numbers divisible by 5.")
        true = {number: true[number] for number in test}
        predicted = {number: path for number, path in predicted.items() if number % 5 == 0}
    missing = [true[number].name for number in sorted(true) if number not in predicted]
    if missing:
        raise CourseError(
            f"{len(missing)} of {len(true)} labels have no prediction in {show(predictions)}: {_some(missing)}."
        )
    extra = [predicted[number].name for number in sorted(predicted) if number not in true]
    if extra:
        remarks.append(f"{len(extra)} predictions have no label and are not measured: {_some(extra)}.")
    return [Match(number, predicted[number], true[number]) for number in sorted(true)], remarks


def read_pair(task: Task, pair: Match) -> tuple[Tensor, Tensor]:
    """Return prediction and label `(H, W)`: cells as bool, facades as int64 classes (255 = ignored in the label).

    Raises:
        CourseError: the sizes differ, a mask with grey levels, an unlabelled pixel in a prediction.
    """
    predicted, true = read_label(task, pair.prediction), read_label(task, pair.label)
    if predicted.shape != true.shape:
        (h, w), (label_h, label_w) = predicted.shape, true.shape
        raise CourseError(
            f"{show(pair.prediction)} is {w}x{h} pixels, its label {show(pair.label)} {label_w}x{label_h}."
        )
    if task.binary:
        with Image.open(pair.prediction) as image:
            levels = len(np.unique(np.array(image.convert("L"))))
        if levels > 2:
            raise CourseError(
                f"{show(pair.prediction)} holds {levels} grey levels: a mask has two, 0 and 255. Was it resized with "
                "interpolation, or saved as probabilities?"
            )
        return predicted.bool(), true.bool()
    if bool((predicted == 255).any()):
        raise CourseError(f"{show(pair.prediction)} has pixels of class 0: a prediction holds 1..{task.num_classes}.")
    return predicted.long(), true.long()


def measure(task: Task, pairs: list[Match], metrics: ModuleType) -> Scores:
    """Compute the metrics of each image, and over the set: counts added up, then divided once."""
    return _measure_cells(task, pairs, metrics) if task.binary else _measure_classes(task, pairs, metrics)


def _measure_cells(task: Task, pairs: list[Match], metrics: ModuleType) -> Scores:
    functions = {
        "accuracy": metrics.pixel_accuracy,
        "sensitivity": metrics.sensitivity,
        "specificity": metrics.specificity,
        "IoU": metrics.iou,
        "Dice": metrics.dice,
    }
    scores = Scores(list(functions))
    all_predicted, all_true = [], []
    for pair in pairs:
        predicted, true = read_pair(task, pair)
        scores.images[pair.prediction.name] = [_number(f(predicted, true), name) for name, f in functions.items()]
        all_predicted.append(predicted.flatten())
        all_true.append(true.flatten())
    # The metrics add up over all pixels they are given: all pixels of the set, whatever the images' sizes.
    together = torch.cat(all_predicted), torch.cat(all_true)
    scores.whole_set = [_number(f(*together), name) for name, f in functions.items()]
    return scores


def _measure_classes(task: Task, pairs: list[Match], metrics: ModuleType) -> Scores:
    scores = Scores(["accuracy", "mean IoU"])
    over_set = metrics.ConfusionMatrix(task.num_classes)
    for pair in pairs:
        predicted, true = read_pair(task, pair)
        one = metrics.ConfusionMatrix(task.num_classes)
        for matrix in (one, over_set):
            matrix.update(predicted[None], true[None])
        scores.images[pair.prediction.name] = [
            _number(one.pixel_accuracy(), "pixel_accuracy"),
            _number(one.mean_iou(), "mean_iou"),
        ]
    scores.whole_set = [_number(over_set.pixel_accuracy(), "pixel_accuracy"), _number(over_set.mean_iou(), "mean_iou")]
    scores.classes = [_number(value, "iou") for value in over_set.iou()]
    return scores


def _some(names: list[str]) -> str:
    return ", ".join(names[:LISTED]) + (f", and {len(names) - LISTED} more" if len(names) > LISTED else "")


def _number(value: object, name: str) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, RuntimeError):
        raise PartError(f"The metric {name} should return one number, but returns {value!r}.") from None
