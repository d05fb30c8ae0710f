"""What the tab "Draw a mask" computes: every loss and metric of a prediction, and the gradient of each loss.

A prediction is a map of logits: what was loaded, with what was painted over it at the chosen confidence.
"""

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache

import numpy as np
import torch

from course.demo import checkpoints, samples
from course.demo.charts import number
from course.demo.sources import Measures, Source, call
from course.errors import CourseError
from course.grading.bank import answers_to
from course.grading.outcomes import CheckFailed, NotAttempted
from course.grading.returned import Evaluation
from course.training.items import normalise

SIZE = samples.SIZE
UNTOUCHED = 2  # a pixel that was not painted


@dataclass(frozen=True)
class Knobs:
    """What the sliders say.

    Attributes:
        confidence: the size of a painted pixel's logit.
        alpha: of the focal loss; 0: none.
        as_probabilities: the losses are given probabilities, although they expect logits.
    """

    gamma: float = 2.0
    alpha: float = 0.0
    smooth: float = 1.0
    confidence: float = 4.0
    as_probabilities: bool = False

    def of(self, names: tuple[str, ...]) -> dict[str, float | None]:
        """Return the settings of a loss by the names of its parameters."""
        known = {"gamma": self.gamma, "alpha": self.alpha or None, "smooth": self.smooth}
        return {name: known[name] for name in names}


@dataclass(frozen=True)
class Loss:
    """A loss of the course, or a known variant of one.

    Attributes:
        variant: the answer bank's name and verdict where it is none of the reference's.
    """

    label: str
    task: str
    symbol: str
    settings: tuple[str, ...] = ()
    variant: tuple[str, str] | None = None
    with_truth: bool = True


LOSSES = [
    Loss("Cross-entropy", "1.2", "BCELoss"),
    Loss("Weighted BCE", "2.4", "WeightedBCELoss"),
    Loss("Dice", "2.1", "DiceLoss", ("smooth",)),
    Loss("Focal", "2.2", "FocalLoss", ("gamma", "alpha")),
    Loss("BCE + variation", "2.3", "BCELoss_TotalVariation"),
    Loss("Off centre", "2.5", "centered_penalty", with_truth=False),
    Loss("Sparsity", "2.5", "sparsity_penalty", with_truth=False),
]
VARIANTS = [
    Loss("Sheet's BCE", "1.2", "BCELoss", variant=("sheet-mean", "accepted")),
    Loss("Sheet's Dice", "2.1", "DiceLoss", variant=("sheet", "accepted")),
    Loss("Sheet's focal", "2.2", "FocalLoss", ("gamma",), variant=("sheet-mean", "accepted")),
    Loss("Dice, no sigmoid", "2.1", "DiceLoss", variant=("sigmoid-forgotten", "mistake")),
]
METRICS = [
    ("Accuracy", "7.1", "pixel_accuracy"),
    ("Sensitivity", "7.1", "sensitivity"),
    ("Specificity", "7.1", "specificity"),
    ("IoU", "7.2", "iou"),
    ("Dice score", "7.2", "dice"),
]
LABELS = [loss.label for loss in LOSSES + VARIANTS]


@dataclass(frozen=True)
class Measured:
    """One loss or metric of a prediction.

    Attributes:
        value: None where the code gives none; `note` then says why.
        gradient: with respect to the logits, `(H, W)`; None where there is none.
        background: the share of the gradient's size that lies on the true background; nan where there is no gradient.
    """

    label: str
    value: float | None
    note: str = ""
    gradient: np.ndarray | None = None
    background: float = float("nan")


def measure(source: Source, logits: np.ndarray, truth: np.ndarray, knobs: Knobs, measures: Measures) -> list[Measured]:
    """Return all losses of a prediction, the course's own and then the variants.

    Args:
        logits: float32 `(H, W)`.
        truth: bool `(H, W)`.
    """
    rows = [_loss(loss, source, logits, truth, knobs, measures) for loss in LOSSES]
    return rows + [_loss(loss, source, logits, truth, knobs, measures) for loss in VARIANTS]


def metrics(source: Source, logits: np.ndarray, truth: np.ndarray, measures: Measures) -> list[Measured]:
    """Return the metrics of the mask that the logits give at 0."""
    masks = {"y_pred": _batch((logits > 0).astype(np.float32)), "y_true": _batch(truth.astype(np.float32))}
    rows = []
    for label, task, symbol in METRICS:
        got, note = _tried(lambda task=task, symbol=symbol: measures(source, task, symbol, {}, False, **masks))
        rows.append(Measured(label, None if got is None else got.number, note))
    return rows


def _loss(
    loss: Loss, source: Source, logits: np.ndarray, truth: np.ndarray, knobs: Knobs, measures: Measures
) -> Measured:
    given = 1 / (1 + np.exp(-logits.astype(np.float64))) if knobs.as_probabilities else logits
    inputs = {"y_pred": _batch(given.astype(np.float32))}
    if loss.with_truth:
        inputs["y_true"] = _batch(truth.astype(np.float32))
    settings = knobs.of(loss.settings)

    def run() -> Evaluation:
        if loss.variant is None:
            return measures(source, loss.task, loss.symbol, settings, True, **inputs)
        return call(_variant(loss), settings, inputs, True)

    got, note = _tried(run)
    if got is None:
        return Measured(loss.label, None, note)
    if got.gradient is None:
        return Measured(loss.label, got.number, "no gradient")
    gradient = got.gradient.reshape(logits.shape).astype(np.float64)
    if knobs.as_probabilities:
        gradient = gradient * given * (1 - given)  # of the logits that the probabilities were made from
    size = np.abs(gradient)
    total = size.sum()
    share = float(size[~truth].sum() / total) if np.isfinite(total) and total > 0 else float("nan")
    return Measured(loss.label, got.number, "", gradient, share)


def _tried(run: Callable[[], Evaluation]) -> tuple[Evaluation | None, str]:
    """Return what came of it and "", or None and what a student reads."""
    try:
        got = run()
        got.number  # noqa: B018 - raises where there is none
    except (CheckFailed, NotAttempted) as failure:
        return None, str(failure)
    return got, ""


@cache
def _variant(loss: Loss) -> Callable:
    name, verdict = loss.variant
    return next(answer.make for answer in answers_to(loss.task, loss.symbol, verdict) if answer.name == name)


def _batch(plane: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(plane[None, None])


# What lies under the brush: an image, its truth, and a prediction to begin with.


@cache
def scenes() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Return the images to draw on, float32 `(3, H, W)`, and their masks, bool `(H, W)`, by name."""
    cells, small = samples.embedded("test"), samples.rare("test")
    share = small.masks.mean((1, 2, 3))
    closest = int(np.abs(share - 0.01).argmin())
    found = {f"cell {n + 1}": (cells.images[k], cells.masks[k, 0] > 0) for n, k in enumerate(samples.SHOWN)}
    found["1 % cell"] = (small.images[closest], small.masks[closest, 0] > 0)
    image, mask = samples.empty()
    found["no cell at all"] = (image, mask[0] > 0)
    return found


HALF_LEARNT = "background learnt, cell not"
PLAIN = ["nothing", "the truth", "everything", "the truth, inverted", HALF_LEARNT]
BASES = [*PLAIN, "EncDec", "UNet", "UNet2", "DilatedNet"]


def base(name: str, scene: str, confidence: float) -> np.ndarray:
    """Return the logits of a prediction to begin with, float32 `(H, W)`.

    Raises:
        CourseError: a network was asked for that is not among the checkpoints.
    """
    image, truth = scenes()[scene]
    sign = np.where(truth, 1.0, -1.0)
    plain = {"nothing": -np.ones_like(sign), "everything": np.ones_like(sign), "the truth": sign}
    plain["the truth, inverted"] = -sign
    if name in plain:
        return (confidence * plain[name]).astype(np.float32)
    if name == HALF_LEARNT:
        return np.where(truth, 0.0, -4.0).astype(np.float32)
    return _predicted(name, scene)


@cache
def _predicted(name: str, scene: str) -> np.ndarray:
    checkpoint = next((found for found in checkpoints.available() if found.name == name), None)
    if checkpoint is None:
        raise CourseError(
            f"There is no trained {name} in {checkpoints.FOLDER}: `python -m course.demo.checkpoints make`."
        )
    settings = checkpoint.settings
    image = torch.from_numpy((scenes()[scene][0] * 255).round().astype(np.uint8))
    with torch.inference_mode():
        logits = checkpoints.load(checkpoint)(normalise(image[None], settings.mean, settings.std))
    return logits[0, 0].float().numpy()


def painted(text: str) -> np.ndarray:
    """Read what the canvas sends: base64 of a byte for each pixel, 0 background, 1 foreground, 2 not painted.

    Raises:
        CourseError: it is something else.
    """
    try:
        paint = np.frombuffer(base64.b64decode(text, validate=True), np.uint8)
    except (binascii.Error, TypeError, ValueError):
        paint = np.zeros(0, np.uint8)
    if paint.size != SIZE * SIZE or paint.max() > UNTOUCHED:
        raise CourseError("The page sent something that is no painted mask: reload it.")
    return paint.reshape(SIZE, SIZE)


def blank() -> str:
    """Return what the canvas sends before anything is painted."""
    return base64.b64encode(bytes([UNTOUCHED]) * SIZE * SIZE).decode()


def combined(loaded: np.ndarray, paint: np.ndarray, confidence: float) -> np.ndarray:
    """Return the logits of the prediction: what was painted, and what was loaded elsewhere."""
    return np.where(paint == UNTOUCHED, loaded, np.where(paint == 1, confidence, -confidence)).astype(np.float32)


# The traps of the course's documents, each in one click.


@dataclass(frozen=True)
class Trap:
    """A situation in which a number misleads.

    Attributes:
        question: to ask the hall before anything is said.
        answer: what is seen, with `{label}` for the measured value and `{label:b}` for the background's share, in per
            cent: no number is written here that was not computed.
    """

    name: str
    scene: str
    base: str
    loss: str
    question: str
    answer: str
    knobs: Knobs = field(default_factory=Knobs)


TRAPS = [
    Trap(
        "Nothing at 1 %", "1 % cell", "nothing", "Sheet's Dice",
        "One pixel in a hundred is foreground, and nothing is predicted. Which numbers notice?",
        "Accuracy is {Accuracy} and the sheet's Dice loss {Sheet's Dice}: both are content. With sums per image the "
        "Dice loss is {Dice}. The sheet takes means, so its +1 weighs as much as an image full of foreground.",
        Knobs(confidence=8.0),
    ),
    Trap(
        "Easy background", "1 % cell", HALF_LEARNT, "Sheet's focal",
        "The background is learnt, the cell is not. Where does each loss push?",
        "On the background lie {Cross-entropy:b} of the gradient of the cross-entropy, {Sheet's focal:b} of the "
        "sheet's one-sided focal loss, {Focal:b} of the two-sided one. The factor belongs to both classes.",
    ),
    Trap(
        "Sigmoid twice", "cell 1", "the truth", "Dice",
        "The prediction is perfect, but the losses are given probabilities. What is the Dice loss now?",
        "Dice is {Dice}, though IoU is {IoU}: the sigmoid was applied twice, and no pixel is below 0.5. The Dice "
        "without a sigmoid is right here, {Dice, no sigmoid}: it belongs to networks that end in one.",
        Knobs(confidence=8.0, as_probabilities=True),
    ),
    Trap(
        "No sigmoid", "cell 1", "UNet", "Dice, no sigmoid",
        "A trained U-Net, and a Dice loss that takes its logits as they are. Can you tell from the number?",
        "IoU is {IoU}, the Dice loss {Dice}, and without the sigmoid {Dice, no sigmoid}. It may leave [0, 1]; the "
        "larger the logits, the further.",
    ),
    Trap(
        "The empty mask", "no cell at all", "nothing", "Dice",
        "No cell, and none is predicted. What are IoU and Dice?",
        "IoU is {IoU} and the Dice score {Dice score}: 0 / 0. The Dice loss is {Dice}, and what it is is up to smooth: "
        "move smooth to both its ends, then paint a few pixels.",
        Knobs(confidence=10.0),
    ),
    Trap(
        "Surely wrong", "cell 1", "the truth, inverted", "Sheet's BCE",
        "Every logit is 100, on the wrong side. Which loss still has a gradient?",
        "The sheet's rearranged cross-entropy is {Sheet's BCE}: exp(100) overflows. The stable form is "
        "{Cross-entropy}, and its gradient pulls every pixel back.",
        Knobs(confidence=100.0),
    ),
]  # fmt: skip


def explain(trap: Trap, rows: list[Measured]) -> str:
    """Return a trap's answer with what was measured in it, as HTML."""
    text = trap.answer
    for row in rows:
        value = "nothing" if row.value is None else number(row.value)
        text = text.replace(f"{{{row.label}}}", f"<b>{value}</b>")
        text = text.replace(f"{{{row.label}:b}}", f"<b>{percent(row.background)}</b>")
    return text


def percent(share: float) -> str:
    """Write a share: 12 %, 0.3 %."""
    if np.isnan(share):
        return "nothing"
    return f"{100 * share:.0f} %" if share >= 0.1 else f"{100 * share:.2g} %"
