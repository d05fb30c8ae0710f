"""The band in which the reference's trainings lie: what a run of train.py can be compared with."""

import json
from dataclasses import dataclass
from pathlib import Path

from course.training.checkpoint import Settings

# Made by benchmarks/reference_runs.py; without it there is no band.
REFERENCE = Path(__file__).with_name("reference.json")
# It was trained with train.py's defaults.
DEFAULTS = {"loss": "BCELoss", "size": 128, "batch_size": 6, "lr": 1e-3}


@dataclass(frozen=True)
class Band:
    """One figure of several runs, epoch by epoch: the lowest, the middle and the highest."""

    low: list[float]
    middle: list[float]
    high: list[float]
    runs: int


def reference_band(settings: Settings, embedded: bool, what: str) -> Band | None:
    """Return the reference's band for a run; None where the run's options or data are others.

    Args:
        embedded: the run learns from the embedded data.
        what: "loss" or "val_iou".
    """
    same = all(getattr(settings, name) == value for name, value in DEFAULTS.items())
    if not embedded or not same or not REFERENCE.is_file():
        return None
    kept = json.loads(REFERENCE.read_text())
    bands = kept["bands"].get(settings.model) if settings.task == "cells" else None
    return Band(**bands[what], runs=kept["seeds"]) if bands else None
