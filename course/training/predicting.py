"""From images of any size to masks of the same size, with a trained network."""

import torch
import torch.nn.functional as F
from rich.console import Console
from torch import Tensor, nn

from course.training.checkpoint import Settings, task_of
from course.training.checks import check_logits
from course.training.items import normalise, resize_to
from course.training.pairs import Pair, read_image, read_label
from course.training.progress import watched
from course.training.scores import count_pairs, score


@torch.no_grad()
def classify(model: nn.Module, images: Tensor, settings: Settings) -> Tensor:
    """Segment images that have the network's size already.

    Args:
        model: the network, which is put into evaluation mode.
        images: uint8 `(N, 3, S, S)`, on the network's device.
        settings: of the run.

    Returns:
        The class of each pixel, of cells 0 or 1: int64 `(N, S, S)`.
    """
    model.eval()
    classes = [torch.zeros(0, *images.shape[2:], dtype=torch.int64, device=images.device)]
    for part in images.split(32):
        logits = model(normalise(part, settings.mean, settings.std))
        classes.append((logits[:, 0] > 0).long() if settings.num_classes == 1 else logits.argmax(1))
    return torch.cat(classes)


@torch.no_grad()
def segment(model: nn.Module, images: list[Tensor], settings: Settings, device: torch.device) -> list[Tensor]:
    """Segment images of any sizes.

    The network sees them at the size it was trained at; its logits are brought back to each image's own size before
    the threshold, so that borders are as fine as the image and not as coarse as the network's input.

    Args:
        model: the network, in evaluation mode.
        images: uint8 `(3, H, W)` each.
        settings: of the checkpoint.
        device: where the network is.

    Returns:
        For each image a uint8 `(H, W)` on the CPU: 0 and 1, or classes 0..K-1.
    """
    resize = resize_to(settings.size)
    x = normalise(torch.stack([resize(image) for image in images]).to(device), settings.mean, settings.std)
    logits = model(x)
    check_logits(model, x, logits, settings.num_classes)
    masks = []
    for image, z in zip(images, logits.float(), strict=True):
        z = F.interpolate(z[None], size=image.shape[1:], mode="bilinear", align_corners=False)[0]
        mask = z[0] > 0 if settings.num_classes == 1 else z.argmax(0)
        masks.append(mask.to(torch.uint8).cpu())
    return masks


def score_pairs(
    model: nn.Module, pairs: list[Pair], settings: Settings, device: torch.device, console: Console
) -> float:
    """Return the score (see scores.py) over a set of images, each at its own size; nan where it is undefined."""
    task = task_of(settings)
    classes = max(2, task.num_classes)
    counts = torch.zeros(classes, classes, dtype=torch.int64)
    for pair in watched(pairs, "Testing", console):
        (mask,) = segment(model, [read_image(pair.image)], settings, device)
        counts += count_pairs(mask, read_label(task, pair.label), classes)
    return score(counts)
