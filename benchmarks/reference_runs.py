"""Train the reference networks as train.py does by default, and keep the band in which their curves lie.

    uv run python -m benchmarks.reference_runs

It writes `course/training/reference.json`, which train.py's curves are drawn beside. Each training of a network has
another seed: another split, other weights, another order.
"""

import csv
import json
import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from course.paths import DATA, ROOT
from course.training.files import whole
from course.training.parts import MODELS
from course.training.reference import REFERENCE

SEEDS = range(3)


def main() -> None:
    """Train all networks with all seeds, and write the bands."""
    bands = {}
    with tempfile.TemporaryDirectory(prefix="reference-") as folder:
        for model in MODELS:
            runs = [history(model, seed, Path(folder) / f"{model}-{seed}") for seed in SEEDS]
            bands[model] = {name: band([[row[name] for row in run] for run in runs]) for name in ("loss", "val_iou")}
    with whole(REFERENCE) as unfinished:
        unfinished.write_text(json.dumps({"seeds": len(SEEDS), "bands": bands}) + "\n")


def history(model: str, seed: int, out: Path) -> list[dict[str, float]]:
    """Train once; return loss and validation IoU of each epoch."""
    words = [sys.executable, "train.py", "--solutions", "--model", model, "--seed", str(seed), "--out", str(out)]
    words += ["--device", "cpu", "--data", str(DATA / "phc")]  # given, so that it is not compared with an older band
    subprocess.run(words, cwd=ROOT, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
    with (out / "history.csv").open(newline="") as stream:
        return [{name: float(row[name]) for name in ("loss", "val_iou")} for row in csv.DictReader(stream)]


def band(runs: list[list[float]]) -> dict[str, list[float]]:
    """Return the lowest, the middle and the highest of several curves, epoch by epoch."""
    epochs = list(zip(*runs, strict=True))
    ways = {"low": min, "middle": statistics.median, "high": max}
    return {name: [round(way(values), 4) for values in epochs] for name, way in ways.items()}


if __name__ == "__main__":
    main()
