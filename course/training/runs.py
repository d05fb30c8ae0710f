"""A run's folder: best.safetensors, last.pt, history.csv, curve.png and overlay_*.png."""

import csv
import math
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from course.errors import CourseError
from course.training.checkpoint import Settings, save_best, save_last
from course.training.files import show, whole

FILES = ["best.safetensors", "last.pt", "history.csv", "curve.png", "overlay_*.png"]


class Run:
    """What a training has come to so far, in memory and in its folder. Only the main process writes.

    Args:
        out: the folder. What an earlier run left there is moved to `out/previous` before the first file is written.
        settings: of the run.
        model: the bare network.
        optimiser: the optimiser.
        writes: whether this process is the one that writes.
        stored: what `save` wrote in a run that is gone on with, or nothing.

    Raises:
        CourseError: `out` is a file.

    Attributes:
        epoch, step, loss_sum: where to go on: the epoch and the step in it (from 0), and the sum of its losses so far.
        history: one row for each finished epoch.
    """

    def __init__(
        self,
        out: Path,
        settings: Settings,
        model: nn.Module,
        optimiser: torch.optim.Optimizer,
        writes: bool,
        stored: dict[str, Any],
    ) -> None:
        if out.exists() and not out.is_dir():
            raise CourseError(f"--out {show(out)} is a file: expected a folder, which may not exist yet.")
        self.out, self.settings, self.model, self.optimiser, self.writes = out, settings, model, optimiser, writes
        self.fresh = not stored
        self.epoch = stored.get("epoch", 0)
        self.step = stored.get("step", 0)
        self.loss_sum = stored.get("loss_sum", 0.0)
        self.history = stored.get("history", [])

    def save(self, epoch: int, step: int, loss_sum: float) -> None:
        """Write where to go on."""
        if not self.writes:
            return
        self._start()
        state = {
            "settings": asdict(self.settings),
            "model": self.model.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "epoch": epoch,
            "step": step,
            "loss_sum": loss_sum,
            "history": self.history,
        }
        save_last(self.out / "last.pt", state)

    def end_epoch(self, epoch: int, loss: float, val_iou: float, seconds: float) -> bool:
        """Add an epoch (from 0) to the history, write what belongs to it, and return whether it is the best so far.

        Of equal scores the later is the better. An undefined one (nan) is below every other.
        """
        best = max((_rank(row["val_iou"]) for row in self.history), default=-1.0)
        self.history.append({"epoch": epoch + 1, "loss": loss, "val_iou": val_iou, "seconds": seconds})
        self.step, self.loss_sum = 0, 0.0
        is_best = _rank(val_iou) >= best
        if self.writes:
            self._start()
            if is_best:
                known = None if math.isnan(val_iou) else val_iou
                settings = replace(self.settings, epoch=epoch + 1, val_iou=known)
                save_best(self.out / "best.safetensors", self.model, settings)
            self._write_history()
            self.save(epoch + 1, 0, 0.0)
        return is_best

    def _write_history(self) -> None:
        with whole(self.out / "history.csv") as unfinished, unfinished.open("w", newline="") as stream:
            table = csv.writer(stream)
            table.writerow(["epoch", "loss", "val_iou", "seconds"])
            for row in self.history:
                iou = "" if math.isnan(row["val_iou"]) else f"{row['val_iou']:.6f}"
                table.writerow([row["epoch"], f"{row['loss']:.6f}", iou, f"{row['seconds']:.2f}"])

    def _start(self) -> None:
        old = [path for name in FILES for path in self.out.glob(name)] if self.fresh else []
        self.fresh = False
        if old:
            previous = self.out / "previous"
            previous.mkdir(exist_ok=True)
            for name in FILES:
                for path in previous.glob(name):
                    path.unlink()
            for path in old:
                path.replace(previous / path.name)


def _rank(val_iou: float) -> float:
    return -1.0 if math.isnan(val_iou) else val_iou
