"""The band in which the reference's trainings lie, from the runs that the bars of the checks were calibrated with."""

import json
import statistics
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from course.paths import ROOT

CALIBRATION = ROOT / "benchmarks" / "calibration.jsonl"
STEPS_PER_ROUND = 20
FEWEST = 5


@dataclass(frozen=True)
class Band:
    """The IoU of the reference over the steps: the lowest, the middle and the highest of several runs."""

    steps: list[int]
    low: list[float]
    middle: list[float]
    high: list[float]
    runs: int


@cache
def reference_band(task_id: str, path: Path = CALIBRATION) -> Band | None:
    """Return the band of a task; None where the reference was not trained often enough, or for one look only."""
    if not path.is_file():
        return None
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    runs = [line["iou"] for line in lines if line["task"] == task_id]
    rounds = list(zip(*runs, strict=False))
    if len(runs) < FEWEST or len(rounds) < 2:
        return None
    return Band(
        steps=[STEPS_PER_ROUND * (number + 1) for number in range(len(rounds))],
        low=[min(values) for values in rounds],
        middle=[statistics.median(values) for values in rounds],
        high=[max(values) for values in rounds],
        runs=len(runs),
    )
