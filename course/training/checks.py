"""Does a part of the student's return what its docstring says? Asked where it is first used, answered in a sentence."""

import math

from torch import Tensor, nn

from course.training.pairs import Task
from course.training.parts import PartError
from course.training.scores import IGNORE_INDEX


def check_item(name: str, image: object, target: object, task: Task) -> None:
    """Raise PartError where a data set returns something else than an image and its target."""
    if not (isinstance(image, Tensor) and isinstance(target, Tensor)):
        raise PartError(f"{name}[i] should be two tensors, but is {type(image).__name__}, {type(target).__name__}.")
    size = tuple(image.shape[-2:])
    wanted = (1, *size) if task.binary else size
    if image.shape[:-2] != (3,) or tuple(target.shape) != wanted:
        raise PartError(
            f"{name}[i] has shapes {tuple(image.shape)} and {tuple(target.shape)}: expected (3, H, W) and "
            f"{'(1, H, W)' if task.binary else '(H, W)'}."
        )
    if not image.is_floating_point() or not 0 <= float(image.min()) <= float(image.max()) <= 1:
        raise PartError(
            f"{name}[i] has an image of {image.dtype}, {image.min():g} to {image.max():g}: expected [0, 1]."
        )
    values = target.unique()
    if task.binary and not bool(((values == 0) | (values == 1)).all()):
        raise PartError(
            f"{name}[i] has a mask of {len(values)} different values: expected 0. and 1. only. Was it resized with "
            "interpolation, or not divided by 255? `course check 1.1` tells."
        )
    if not task.binary and bool(((values != IGNORE_INDEX) & ((values < 0) | (values >= task.num_classes))).any()):
        raise PartError(
            f"{name}[i] has classes {int(values.min())}..{int(values.max())}: expected 0..{task.num_classes - 1}, and "
            f"{IGNORE_INDEX} where a pixel is not labelled. `course check 6.1` tells."
        )


def check_logits(model: nn.Module, images: Tensor, logits: object, num_classes: int) -> None:
    """Raise PartError where a model returns something else than logits `(B, K, H, W)`."""
    wanted = (len(images), num_classes, *images.shape[2:])
    got = tuple(logits.shape) if isinstance(logits, Tensor) else f"a {type(logits).__name__}"
    if got != wanted:
        raise PartError(
            f"{type(model).__name__} returns {got} for images {tuple(images.shape)}: expected logits {wanted}, one "
            "for each class and pixel."
        )


def check_loss(loss: object, name: str) -> Tensor:
    """Return the loss; raise PartError where it is no number that can be minimised."""
    if not isinstance(loss, Tensor):
        raise PartError(f"{name} returns a {type(loss).__name__}: expected a tensor, so that it has a gradient.")
    if loss.ndim:
        raise PartError(f"{name} returns {tuple(loss.shape)} numbers: expected one, the mean over the batch.")
    if not loss.requires_grad:
        raise PartError(f"{name} has no gradient: `.item()`, rounding or a threshold inside a loss cuts it off.")
    return loss


def check_finite(loss: float, name: str, epoch: int) -> None:
    """Raise PartError where training has run into nan or infinity: every weight is lost from then on."""
    if not math.isfinite(loss):
        raise PartError(
            f"{name} became {loss} in epoch {epoch}, and with it the network. Is it finite for large logits "
            "(`course check`)? If it is, try a smaller --lr. The best network so far is kept."
        )
