"""What the checks share that train a network: what it learns from, what it is judged on, and how long it may take.

The network learns from the embedded training sets, and is judged on images that were drawn for this run and whose masks
the student's code never sees. Training stops as soon as the bar is reached: only what does not learn takes all steps.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from PIL import Image

from course.data.canvas import resize_image, resize_label
from course.data.facades import fresh_facades
from course.data.single_cells import fresh_pairs
from course.grading.outcomes import CheckFailed, Diagnosis
from course.grading.student import Round
from course.paths import DATA
from course.training.scores import binary_iou, mean_class_iou
from course.worker.protocol import Arrays

SIZE = 128
BATCH_SIZE = 4
LEARNING_RATE = 1e-3
# Steps between two looks at the predictions.
ROUND = 20
CELLS_UNSEEN = 12
FACADES_UNSEEN = 8
CLASSES = 12
IGNORE = 255
# A class of a handful of pixels would otherwise drown the others.
MOST_WEIGHT = 10.0
# Logits that differ by less, everywhere and round after round, come from a network that is dead.
FLAT = 1e-4
DEAD_ROUNDS = 3


@dataclass(frozen=True)
class Lesson:
    """What is asked of a network: to reach an IoU.

    Attributes:
        bar: the IoU, which the reference reaches within `calibrated` steps but for one run in more than a thousand.
        steps: what a student's network may take, so that slower ones get there too.
    """

    bar: float
    calibrated: int
    steps: int


# Where the bars are from: docs/grading.md, and benchmarks/calibrate.py. The IoU of the cells in 3.2, 4.2 and 5.2, the
# mean IoU over the classes of the facades in 6.3.
LESSONS = {
    "3.2": Lesson(bar=0.6, calibrated=60, steps=180),
    "4.2": Lesson(bar=0.6, calibrated=60, steps=180),
    "5.2": Lesson(bar=0.55, calibrated=120, steps=240),
    "6.3": Lesson(bar=0.2, calibrated=120, steps=240),
}


@cache
def cells() -> tuple[np.ndarray, np.ndarray]:
    """Return the embedded training cells: images `(N, 3, S, S)` in [0, 1], masks `(N, 1, S, S)` of 0 and 1."""
    folder = DATA / "phc" / "train"
    images, masks = [], []
    for path in sorted((folder / "images").glob("img_*.jpg")):
        label = folder / "labels" / path.name.replace("img", "label").replace(".jpg", ".png")
        images.append(resize_image(np.asarray(Image.open(path).convert("RGB")), SIZE))
        masks.append(resize_label(np.asarray(Image.open(label)), SIZE)[None] > 0)
    return np.stack(images), np.stack(masks).astype(np.float32)


@cache
def facades() -> tuple[np.ndarray, np.ndarray]:
    """Return the embedded training facades: images `(N, 3, S, S)` in [0, 1], classes `(N, S, S)`, 255 = unlabelled."""
    images, labels = [], []
    for path in sorted((DATA / "facades" / "base").glob("cmp_b*.jpg")):
        if int(path.stem.removeprefix("cmp_b")) % 5 == 0:
            continue
        label = resize_label(np.asarray(Image.open(path.with_suffix(".png"))), SIZE).astype(np.int64)
        images.append(resize_image(np.asarray(Image.open(path).convert("RGB")), SIZE))
        labels.append(np.where(label == 0, IGNORE, label - 1))
    return np.stack(images), np.stack(labels)


def normaliser(images: np.ndarray) -> Callable[[np.ndarray], np.ndarray]:
    """Return what takes the mean and the spread of these images out of any images.

    On raw [0, 1] images a right encoder-decoder ends at IoU 0 with every third seed.
    """
    mean = images.mean((0, 2, 3), keepdims=True, dtype=np.float64)
    std = images.std((0, 2, 3), keepdims=True, dtype=np.float64)
    return lambda others: ((others - mean) / std).astype(np.float32)


@lru_cache(maxsize=4)
def unseen_of(task: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the unseen images `(N, 3, S, S)` in [0, 1] of a run, and the hidden truth about them."""
    return fresh_facades(seed, FACADES_UNSEEN, SIZE) if task == "6.3" else fresh_pairs(seed, CELLS_UNSEEN, SIZE)


def lesson_of(task: str, seed: int) -> tuple[Arrays, np.ndarray, Callable, dict[str, int]]:
    """Return the arrays of `student.fit`, the hidden truth about its unseen images, the score, and the settings."""
    unseen, hidden = unseen_of(task, seed)
    if task != "6.3":
        images, targets = cells()
        score, settings, extra = binary_iou, {"in_channels": 3, "num_classes": 1}, {}
    else:
        images, targets = facades()
        score, settings = _facades_score, {"in_channels": 3, "num_classes": CLASSES}
        counts = np.bincount(targets[targets != IGNORE], minlength=CLASSES)
        weights = np.minimum(counts.sum() / (CLASSES * np.maximum(counts, 1)), MOST_WEIGHT)
        extra = {"class_weights": weights.astype(np.float32)}
    normalise = normaliser(images)
    arrays = {"images": normalise(images), "targets": targets, "unseen": normalise(unseen), **extra}
    return arrays, hidden, score, settings


def _facades_score(predictions: np.ndarray, hidden: np.ndarray) -> float:
    return mean_class_iou(predictions, hidden, CLASSES)


def check_learns(student, oracle) -> None:
    """Train until the bar is reached; fail when it is not, or cannot be."""
    wanted = LESSONS[oracle.task.id]
    arrays, hidden, score, settings = lesson_of(oracle.task.id, oracle.seed)
    rounds, scores = [], []
    for trained in student.fit(
        arrays,
        settings=settings,
        rounds=[ROUND] * (wanted.steps // ROUND),
        seed=oracle.training_seed,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
    ):
        rounds.append(trained)
        if not np.isfinite(trained.loss):
            raise CheckFailed(f"After {len(rounds) * ROUND} steps the loss is {trained.loss}.")
        if trained.predictions.shape != hidden.shape:
            raise CheckFailed(f"Expected predictions {hidden.shape}, got {trained.predictions.shape}.")
        scores.append(score(trained.predictions, hidden))
        _keep_evidence(student, oracle, rounds, scores, score)
        if scores[-1] >= wanted.bar:
            if trained.probabilities:
                student.hint("The network returns probabilities, not logits, and was trained as such.")
            return
        if len(rounds) >= DEAD_ROUNDS and all(past.highest - past.lowest < FLAT for past in rounds[-DEAD_ROUNDS:]):
            break
    message = (
        f"IoU {max(0.0, *scores):.3f} on unseen images after {len(rounds) * ROUND} steps; the bar is {wanted.bar}."
    )
    raise CheckFailed(f"{message} {_tendency(rounds[-1])}".strip(), _diagnose(rounds[-1], oracle))


def _keep_evidence(student, oracle, rounds: list[Round], scores: list[float], score: Callable) -> None:
    """Keep for the feedback how the training went so far, and its last predictions beside the truth."""
    steps = [ROUND * (number + 1) for number in range(len(rounds))]
    losses, bars = [trained.loss for trained in rounds], [LESSONS[oracle.task.id].bar] * len(rounds)
    student.evidence.curve("training", "steps", steps, IoU=scores, loss=losses, bar=bars)
    unseen, hidden = unseen_of(oracle.task.id, oracle.seed)
    images = (255 * unseen.transpose(0, 2, 3, 1)).round().astype(np.uint8)
    predicted, true = (maps.reshape(-1, SIZE, SIZE).astype(np.uint8) for maps in (rounds[-1].predictions, hidden))
    each = [score(got[None], want[None]) for got, want in zip(rounds[-1].predictions, hidden, strict=True)]
    student.evidence.pictures(images, predicted, true, each)


def _tendency(last: Round) -> str:
    if last.highest - last.lowest < FLAT:
        return f"The output is {last.highest:.3g} at every pixel of every image."
    lowest, highest = int(last.predictions.min()), int(last.predictions.max())
    if lowest == highest:
        binary = last.predictions.ndim == 4
        return (
            f"Every pixel is predicted to be {('background', 'foreground')[lowest] if binary else f'class {lowest}'}."
        )
    return f"The loss is {last.loss:.3f}."


def _diagnose(last: Round, oracle) -> Diagnosis | None:
    if last.highest - last.lowest < FLAT:
        return oracle.diagnosis("constant-output")
    if last.lowest >= 0:
        return oracle.diagnosis("ends-in-relu")
    return None
