"""What the tab "What does the network see?" computes: masks, probabilities, feature maps and receptive fields."""

from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor, nn

from course.demo import checkpoints
from course.demo.checkpoints import Checkpoint
from course.errors import CourseError
from course.paths import DATA
from course.training.items import normalise, resize_to
from course.training.scores import IGNORE_INDEX, binary_iou, mean_class_iou

CELLS = (0, 6, 12, 18, 24)
FACADES = (5, 10, 20)
MAPS = 28  # feature maps that are shown


@dataclass(frozen=True)
class Scene:
    """An image, and its label where it is known.

    Attributes:
        image: uint8 `(H, W, 3)`.
        label: uint8 `(H, W)` as it is on disk: 0 and 255, or classes 1..12 and 0; None: not known.
    """

    image: np.ndarray
    label: np.ndarray | None = None


@dataclass(frozen=True)
class Seen:
    """What a network makes of an image.

    Attributes:
        classes: int64 `(H, W)` of the image's own size: 0 and 1, or classes 0..K-1.
        sure: the probability of the foreground, or of the likeliest class, `(H, W)` in [0, 1].
        features: what each convolution gave, `(C, h, w)`, after a ReLU; by the layer's name, in the order of running.
        score: IoU of the foreground, or mean IoU over the classes; None: no label.
    """

    classes: np.ndarray
    sure: np.ndarray
    score: float | None
    features: dict[str, np.ndarray] = field(default_factory=dict)


@cache
def scenes() -> dict[str, Scene]:
    """Return the images that the demo has with it, by name: of test halves only."""
    found = {}
    for number, index in enumerate(CELLS, 1):
        folder = DATA / "phc" / "test"
        files = f"images/img_{index:05d}.jpg", f"labels/label_{index:05d}.png"
        found[f"cell {number}"] = _scene(folder / files[0], folder / files[1])
    for number in FACADES:
        path = DATA / "facades" / "base" / f"cmp_b{number:04d}.jpg"
        found[f"facade {number}"] = _scene(path, path.with_suffix(".png"))
    return found


def _scene(image: Path, label: Path) -> Scene:
    return Scene(np.asarray(Image.open(image).convert("RGB")), np.asarray(Image.open(label)))


@cache
def network(name: str) -> tuple[Checkpoint, nn.Module]:
    """Return a trained network, loaded once.

    Raises:
        CourseError: there is no checkpoint of this name.
    """
    for checkpoint in checkpoints.available():
        if checkpoint.name == name:
            with torch.inference_mode(False):  # whoever asks first may be in it, and gradients are wanted later
                return checkpoint, checkpoints.load(checkpoint)
    raise CourseError(f"There is no trained {name} in {checkpoints.FOLDER}: `python -m course.demo.checkpoints make`.")


def names() -> list[str]:
    """Return the names of the trained networks."""
    return [checkpoint.name for checkpoint in checkpoints.available()]


def layers(name: str) -> list[str]:
    """Return the names of a network's convolutions, in the order in which they run."""
    checkpoint, model = network(name)
    size = checkpoint.settings.size
    return list(_with_features(model, torch.zeros(1, 3, size, size))[1])


@torch.inference_mode()
def look(name: str, scene: Scene) -> Seen:
    """Show an image to a network: at the size it was trained at, the logits brought back to the image's own size."""
    checkpoint, model = network(name)
    logits, features = _with_features(model, _input(checkpoint, scene.image))
    logits = F.interpolate(logits, size=scene.image.shape[:2], mode="bilinear", align_corners=False)[0]
    if len(logits) == 1:
        classes, sure = (logits[0] > 0).long(), logits[0].sigmoid()
    else:
        classes, sure = logits.argmax(0), logits.softmax(0).amax(0)
    return Seen(classes.numpy(), sure.numpy(), _score(classes.numpy(), scene.label, len(logits)), features)


def influence(name: str, scene: Scene, x: float, y: float) -> np.ndarray:
    """Return how much each pixel of the network's input moves the logit at one place, `(S, S)`, never negative.

    Args:
        x, y: the place, from 0 (left, top) to 1.
    """
    checkpoint, model = network(name)
    images = _input(checkpoint, scene.image).requires_grad_(True)
    logits = model(images)
    size = logits.shape[-1]
    column, row = (min(size - 1, max(0, int(place * size))) for place in (x, y))
    (gradient,) = torch.autograd.grad(logits[0, :, row, column].amax(), images)
    return gradient[0].abs().sum(0).numpy()


def extent(pixels: np.ndarray) -> tuple[int, int]:
    """Return height and width of the smallest box that holds everything above 0."""
    rows, columns = np.flatnonzero(pixels.any(1)), np.flatnonzero(pixels.any(0))
    return (int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1) if len(rows) else (0, 0)


def _input(checkpoint: Checkpoint, image: np.ndarray) -> Tensor:
    settings = checkpoint.settings
    resized = resize_to(settings.size)(torch.from_numpy(image.transpose(2, 0, 1).copy()))
    return normalise(resized[None], settings.mean, settings.std)


def _with_features(model: nn.Module, images: Tensor) -> tuple[Tensor, dict[str, np.ndarray]]:
    features: dict[str, np.ndarray] = {}
    hooks = [
        module.register_forward_hook(
            lambda _module, _inputs, out, name=name: features.update({name: out[0].relu().detach().numpy()})
        )
        for name, module in model.named_modules()
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d))
    ]
    try:
        return model(images), features
    finally:
        for hook in hooks:
            hook.remove()


def _score(classes: np.ndarray, label: np.ndarray | None, count: int) -> float | None:
    if label is None:
        return None
    if count == 1:
        return binary_iou([classes], [label.astype(np.int64)])
    if label.max() > count:
        raise CourseError(f"The label has a value of {label.max()}: the facades' classes are 1 to {count}, 0 is none.")
    truth = np.where(label == 0, IGNORE_INDEX, label.astype(np.int64) - 1)
    return mean_class_iou([classes], [truth], count)
