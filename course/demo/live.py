"""What the tab "Train live" computes: two trainings side by side, each in a process of its own with one torch thread.

The page only ever asks how far they are: it never waits for a step.
"""

import threading
import time
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
import torch
from scipy.ndimage import distance_transform_edt

from course.catalogue import load
from course.demo import samples
from course.demo.drawing import LOSSES as ALL_LOSSES
from course.demo.drawing import Loss
from course.demo.sources import Lane, Source
from course.errors import CourseError
from course.grading.outcomes import CheckFailed, NotAttempted
from course.training.device import bf16_is_faster
from course.training.scores import binary_iou

NETWORKS = {"EncDec": "1.3", "UNet": "3.1", "UNet2": "4.1", "DilatedNet": "5.1"}
LOSSES = {loss.label: loss for loss in ALL_LOSSES if loss.with_truth}
DATA = ["cells", "1 % foreground"]
BATCH_SIZE = 4
LEARNING_RATE = 1e-3
POLL = 0.02
MOST_STEPS = 2000  # what was forgotten behind another tab must end by itself
SHORT_ROUND, LONG_ROUND = 5, 10  # steps between two looks, at the beginning and later
LATER = 50
SHOWN = 3
UNSURE = (0.1, 0.9)
NEAR = 10  # pixels from the true border: what is unsure further away is no blurred border, but a hole


@dataclass(frozen=True)
class Plan:
    """What is trained, on what."""

    source: Source
    network: str
    loss: str
    data: str
    seed: int
    settings: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """What tells it from the other one."""
        return f"{self.network}, {self.loss}"


@dataclass(frozen=True)
class Point:
    """How far a training is after some steps.

    Attributes:
        loss: mean since the point before.
        iou: on the unseen images.
        blur: how many pixels wide their borders are: see `blur`.
    """

    step: int
    loss: float
    iou: float
    blur: float


@dataclass(frozen=True)
class Status:
    """What the page shows of a training.

    Attributes:
        phase: "starting", "training", "paused", "ended" or "failed".
        soft: probabilities of the images that are shown, uint8 `(SHOWN, H, W)`; None before the first round.
        seconds: of training, pauses not counted.
        message: a sentence where it failed.
    """

    plan: Plan
    phase: str
    points: tuple[Point, ...]
    soft: np.ndarray | None
    seconds: float
    message: str

    @property
    def steps(self) -> int:
        """Steps done."""
        return self.points[-1].step if self.points else 0

    @property
    def pace(self) -> float:
        """Steps per second."""
        return self.steps / self.seconds if self.seconds else 0.0


@cache
def fast_format() -> bool:
    """Whether this machine computes faster in bfloat16."""
    return bf16_is_faster(torch.device("cpu"))


@cache
def lesson(data: str) -> tuple[samples.Cells, samples.Cells]:
    """Return what is learnt from and what is judged on; of the latter the first `SHOWN` are shown."""
    if data == "cells":
        test = samples.embedded("test")
        chosen = [0, 6, 18, *range(1, len(test), 4)]
        return samples.embedded("train"), samples.Cells(test.images[chosen], test.masks[chosen])
    if data != DATA[1]:
        raise CourseError(f"There is no data called {data}: there is {' and '.join(DATA)}.")
    return samples.rare("train"), samples.rare("test")


def arrays_of(data: str) -> dict[str, np.ndarray]:
    """Return the arrays of `course.worker.fitting.Fit`: the training images' mean and spread are taken out."""
    train, test = lesson(data)
    mean = train.images.mean((0, 2, 3), keepdims=True, dtype=np.float64)
    std = train.images.std((0, 2, 3), keepdims=True, dtype=np.float64)
    images, unseen = (((cells.images - mean) / std).astype(np.float32) for cells in (train, test))
    return {"images": images, "targets": train.masks, "unseen": unseen}


def request_of(plan: Plan) -> dict[str, Any]:
    """Return the request that begins a training, but for the network's file and name."""
    loss: Loss = LOSSES[plan.loss]
    file = next(file for file, symbol in load().task(loss.task).references if symbol == loss.symbol)
    return {
        "settings": {"in_channels": 3, "num_classes": 1},
        "seed": plan.seed,
        "batch_size": BATCH_SIZE,
        "learning_rate": LEARNING_RATE,
        "loss": {"file": file, "symbol": loss.symbol, "settings": dict(plan.settings)},
        "autocast": fast_format(),
        "soft": True,
    }


class Training:
    """One training, which runs in a thread that waits for a worker.

    Args:
        lane: where it runs.
        most_steps: it ends by itself then.
        rivals: trainings to keep step with, itself among them: who is ahead waits, so that what is seen side by side
            has seen equally many images.
    """

    def __init__(self, plan: Plan, lane: Lane, most_steps: int, rivals: list["Training"]) -> None:
        self.plan, self._lane, self._most, self._rivals = plan, lane, most_steps, rivals
        self.step = 0
        self._points: list[Point] = []
        self._soft: np.ndarray | None = None
        self._seconds, self._message, self._phase = 0.0, "", "starting"
        self._go, self._stopped = threading.Event(), threading.Event()
        self._go.set()
        self._thread = threading.Thread(target=self._run, daemon=True, name=f"train {plan.label}")
        self._thread.start()

    @property
    def over(self) -> bool:
        """Whether it has ended, whatever the reason."""
        return self._phase in ("ended", "failed")

    def status(self) -> Status:
        """Return how far it is."""
        phase = "paused" if self._phase == "training" and not self._go.is_set() else self._phase
        return Status(self.plan, phase, tuple(self._points), self._soft, self._seconds, self._message)

    def pause(self, paused: bool) -> None:
        """Rest after this round, or go on."""
        if paused:
            self._go.clear()
        else:
            self._go.set()

    def stop(self) -> None:
        """End after this round."""
        self._stopped.set()
        self._go.set()

    def join(self, timeout: float | None = None) -> bool:
        """Wait until it has ended; return whether it has."""
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            with self._lane.lock:
                self._train()
            self._phase = "ended"
        except (CheckFailed, NotAttempted, CourseError) as error:
            self._phase, self._message = "failed", str(error)
        except Exception as error:
            traceback.print_exc()
            self._phase, self._message = "failed", f"The training broke off: {type(error).__name__}: {error}"

    def _may_go_on(self) -> bool:
        """Wait while it is paused, or ahead of a rival; return False where it was stopped."""
        while not self._stopped.is_set():
            if not self._go.wait(POLL):
                continue
            if all(rival.over or rival.step >= self.step for rival in self._rivals):
                return True
            self._stopped.wait(POLL)
        return False

    def _train(self) -> None:
        arrays = arrays_of(self.plan.data)
        truth = lesson(self.plan.data)[1].masks
        caller = self._lane.student(self.plan.source, load().task(NETWORKS[self.plan.network]))
        try:
            caller.begin(arrays, **request_of(self.plan))
            self._phase = "training"
            while self.step < self._most and self._may_go_on():
                count = min(SHORT_ROUND if self.step < LATER else LONG_ROUND, self._most - self.step)
                start = time.perf_counter()
                loss, soft = caller.go_on(count, truth.shape)
                self._seconds += time.perf_counter() - start
                self._soft = soft[:SHOWN, 0]
                point = Point(self.step + count, loss, binary_iou(soft > 127, truth > 0), blur(soft, truth))
                self._points.append(point)
                self.step = point.step
        finally:
            caller.close()


def blur(soft: np.ndarray, truth: np.ndarray) -> float:
    """Return how many pixels wide the predicted borders are: unsure pixels near the true border, by its length.

    Args:
        soft: probabilities, uint8 `(N, 1, H, W)`.
        truth: masks of 0 and 1, of the same shape.
    """
    unsure, length = 0, 0
    for share, mask in zip(soft[:, 0] / 255.0, truth[:, 0] > 0, strict=True):
        inside, outside = distance_transform_edt(mask), distance_transform_edt(~mask)
        unsure += int(((share > UNSURE[0]) & (share < UNSURE[1]) & (inside + outside <= NEAR)).sum())
        length += int((inside == 1).sum())
    return unsure / length if length else float("nan")


class Duel:
    """The two trainings of the page. One pair at a time: a new one ends the old."""

    def __init__(self) -> None:
        self._lanes = (Lane(), Lane())
        self._running: list[Training] = []
        self._lock = threading.Lock()

    def start(self, plans: list[Plan], most_steps: int = MOST_STEPS) -> None:
        """End what runs, and begin anew."""
        with self._lock:
            for training in self._running:
                training.stop()
            self._running = []
            for plan, lane in zip(plans, self._lanes, strict=False):
                self._running.append(Training(plan, lane, most_steps, self._running))

    def warm(self) -> None:
        """Start what trusted trainings are forked from: seconds that nobody waits for then."""
        fast_format()
        for lane in self._lanes:
            lane.warm()

    def pause(self, paused: bool) -> None:
        """Let both rest, or go on."""
        for training in self._running:
            training.pause(paused)

    def stop(self) -> None:
        """End both."""
        for training in self._running:
            training.stop()

    def status(self) -> list[Status]:
        """Return how far each is; nothing before the first start."""
        return [training.status() for training in self._running]

    @property
    def busy(self) -> bool:
        """Whether anything trains, or is about to."""
        return any(status.phase in ("starting", "training") for status in self.status())

    def close(self) -> None:
        """End both, and the processes they ran in."""
        self.stop()
        for training in self._running:
            training.join(5)
        for lane in self._lanes:
            lane.close()
