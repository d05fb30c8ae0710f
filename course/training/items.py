"""The data set in memory: decoded once, normalised and flipped by the batch."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from rich.console import Console
from torch import Tensor
from torch.utils.data import Dataset
from torchvision.transforms import v2

from course.training.checks import check_item
from course.training.pairs import Pair, Task, read_image, read_label
from course.training.parts import PartError
from course.training.progress import watched
from course.training.scores import IGNORE_INDEX


@dataclass
class Items:
    """Images uint8 `(N, 3, S, S)`; targets uint8 `(N, 1, S, S)` with 0 and 1, or classes `(N, S, S)`, 255 = ignored.

    Bytes, not floats: a thousand pairs of 128x128 take 65 MB, and decoding them again each epoch would take longer
    than the network's step.
    """

    images: Tensor
    targets: Tensor

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: list[int] | slice | Tensor) -> "Items":
        return Items(self.images[index], self.targets[index])

    def to(self, device: torch.device) -> "Items":
        """Return the items on a device."""
        return Items(self.images.to(device), self.targets.to(device))


def load(dataset: Dataset, pairs: list[Pair], task: Task, console: Console) -> Items:
    """Decode the whole data set, a square of its transform's size for each pair, and check what it returns.

    Raises:
        CourseError: a file cannot be decoded (names it).
        PartError: the data set returns something else than its docstring says.
    """
    name = type(dataset).__name__
    if len(dataset) != len(pairs):
        raise PartError(f"{name} holds {len(dataset)} pairs, but there are {len(pairs)} in the folder.")
    images, targets = [], []
    for index, pair in enumerate(watched(pairs, "Reading images", console)):
        try:
            image, target = dataset[index]
        except Exception:
            read_image(pair.image)  # where the file is to blame, this says so
            read_label(task, pair.label)
            raise
        check_item(name, image, target, task)
        images.append((image * 255).round().to(torch.uint8))
        targets.append(target.to(torch.uint8))
    return Items(torch.stack(images), torch.stack(targets))


def resize_to(size: int) -> v2.Transform:
    """Return the joint transform of image and mask: the mask is resized by nearest neighbour, because it is a Mask."""
    return v2.Resize((size, size), antialias=True)


def mean_and_std(images: Tensor) -> tuple[list[float], list[float]]:
    """Return each channel's mean and standard deviation, of uint8 images `(N, 3, S, S)` taken as [0, 1]."""
    sums, squares = torch.zeros(3, dtype=torch.float64), torch.zeros(3, dtype=torch.float64)
    for image in images:
        values = image.double() / 255
        sums += values.sum((1, 2))
        squares += (values**2).sum((1, 2))
    count = images[:, 0].numel()
    mean = sums / count
    std = (squares / count - mean**2).clamp(min=1e-6).sqrt()
    return mean.tolist(), std.tolist()


def normalise(images: Tensor, mean: list[float], std: list[float]) -> Tensor:
    """Return uint8 images `(B, 3, H, W)` as float32 with the training images' mean and spread taken out.

    Not a nicety: on raw [0, 1] inputs a correct encoder-decoder ends at IoU 0 with every third seed or so.
    """
    shift, scale = (torch.tensor(v, device=images.device).reshape(1, 3, 1, 1) for v in (mean, std))
    return (images.float() / 255 - shift) / scale


def class_weights(targets: Tensor, num_classes: int, cap: float = 10.0) -> Tensor:
    """Return the inverse of each class's frequency, float32 `(K,)`, 1 for a class of average frequency.

    Capped: a class of a handful of pixels would otherwise drown the others.
    """
    counts = torch.bincount(targets[targets != IGNORE_INDEX].long().flatten(), minlength=num_classes).double()
    return (counts.sum() / (num_classes * counts.clamp(min=1))).clamp(max=cap).float()


def batches(count: int, size: int, seed: int, epoch: int) -> Iterator[Tensor]:
    """Yield the batches of an epoch, indices in an order that depends on nothing but the seed and the epoch."""
    order = torch.randperm(count, generator=torch.Generator().manual_seed(seed * 1_000_003 + epoch))
    yield from order.split(size)


def share(batch: Tensor, process: int, processes: int) -> Tensor:
    """Return one process's part of a batch; all parts have the same length, so that their gradients' mean is exact.

    Where the batch does not divide, its first items are taken twice.
    """
    missing = -len(batch) % processes
    return torch.cat([batch, batch.repeat(missing // len(batch) + 1)[:missing]])[process::processes]


def draw_flips(count: int, upside_down: bool) -> Tensor:
    """Draw for each item whether it is mirrored left to right, and upside down: bool `(N, 2)`.

    Cells have no upper side; houses have.
    """
    return (torch.rand(count, 2) < 0.5) & torch.tensor([True, upside_down])


def flip(items: Items, flips: Tensor) -> Items:
    """Mirror images and targets alike, each item as `flips`, bool `(B, 2)`, says."""
    images, targets = items.images, items.targets
    for chosen, axis in zip(flips.to(images.device).unbind(1), (-1, -2), strict=True):
        images = torch.where(chosen[:, None, None, None], images.flip(axis), images)
        targets = torch.where(chosen.reshape(-1, *[1] * (targets.ndim - 1)), targets.flip(axis), targets)
    return Items(images, targets)
