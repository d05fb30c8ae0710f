"""What the lecture notebooks share: colours, cells as tensors, a short training, and three kinds of pictures.

Imported from a notebook, which runs in this folder. The reference solutions are used throughout: a lecture shows what
things do, and an exercise asks how they are written.
"""

import course.training  # noqa: F401 - before torch is loaded: see there

# isort: split
import sys
from collections.abc import Callable

import matplotlib.pyplot as plt
import numpy as np
import torch
import torch.nn.functional as F
from matplotlib.axes import Axes
from torch import Tensor, nn

from course.demo import checkpoints, samples
from course.demo.pictures import overlay
from course.paths import ROOT
from course.training import colours
from course.training.checkpoint import Settings
from course.training.items import normalise

if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))  # so that `import solutions` works

BLUE, ORANGE, GREEN, RED, SKY, GREY = (
    colours.as_hex(colour)
    for colour in (colours.BLUE, colours.ORANGE, colours.GREEN, colours.VERMILION, colours.SKY, colours.GREY)
)
# A grid of numbers is drawn in this map's lower half, so that black numbers stay legible on it.
PALE = "Blues"

plt.rcParams.update({"figure.constrained_layout.use": True, "font.size": 11, "axes.titlesize": 12})
torch.set_num_threads(1)


def cells(split: str, size: int = 128, rare: bool = False) -> tuple[Tensor, Tensor]:
    """Return images, float `(N, 3, size, size)` in [0, 1], and masks, float `(N, 1, size, size)` of 0 and 1.

    Args:
        split: "train" or "test".
        size: smaller than 128 for quick trainings.
        rare: made images in which 1 % is foreground, in place of the embedded cells.
    """
    kept = samples.rare(split) if rare else samples.embedded(split)
    images, masks = torch.from_numpy(kept.images), torch.from_numpy(kept.masks)
    images = F.interpolate(images, size=(size, size), mode="bilinear", antialias=True)
    return images, F.interpolate(masks, size=(size, size), mode="nearest")


def standardised(train: Tensor, *others: Tensor) -> tuple[Tensor, ...]:
    """Return images with the mean and the spread of the training images' channels taken out."""
    mean, std = train.mean((0, 2, 3), keepdim=True), train.std((0, 2, 3), keepdim=True)
    return tuple((images - mean) / std for images in (train, *others))


def trained(name: str) -> tuple[nn.Module, Settings]:
    """Return a reference network of `data/checkpoints`, in evaluation mode, and how it was trained."""
    found = next(checkpoint for checkpoint in checkpoints.available() if checkpoint.name == name)
    return checkpoints.load(found), found.settings


@torch.no_grad()
def logits_of(model: nn.Module, images: Tensor, settings: Settings | None = None) -> Tensor:
    """Return the logits for images; with the settings of a checkpoint they are normalised first, as in its training."""
    if settings is not None:
        images = normalise((images * 255).round().to(torch.uint8), settings.mean, settings.std)
    return torch.cat([model(part) for part in images.split(10)])


def iou(logits: Tensor, masks: Tensor) -> float:
    """Return the IoU of the foreground over a set of images: counts added up, divided once."""
    predicted, actual = logits > 0, masks > 0.5
    return ((predicted & actual).sum() / (predicted | actual).sum()).item()


def fit(
    model: nn.Module,
    loss_of: Callable[[Tensor, Tensor], Tensor],
    images: Tensor,
    masks: Tensor,
    steps: int,
    batch: int = 8,
    rate: float = 3e-3,
    look: Callable[[], float] | None = None,
    every: int = 10,
) -> tuple[list[float], list[tuple[int, float]]]:
    """Train a network with Adam on random batches, drawn from seed 0.

    Args:
        look: called before the first step, after each `every` steps; what it returns is kept.

    Returns:
        The loss of each step, and (step, what `look` said) as often as it was asked.
    """
    draw = torch.Generator().manual_seed(0)
    optimiser = torch.optim.Adam(model.parameters(), lr=rate)
    losses, seen = [], [(0, look())] if look else []
    for step in range(1, steps + 1):
        chosen = torch.randint(len(images), (batch,), generator=draw)
        loss = loss_of(model(images[chosen]), masks[chosen])
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        losses.append(loss.item())
        if look and step % every == 0:
            seen.append((step, look()))
    return losses, seen


class Small(nn.Module):
    """A U-Net of three levels with few channels: small enough to train in a lecture.

    Args:
        channels: of every map.
        skips: the levels whose skip connection is there; 0 is full resolution.
    """

    def __init__(self, channels: int = 12, skips: tuple[int, ...] = (0, 1, 2)) -> None:
        super().__init__()
        self.skips = skips
        self.encoder = nn.ModuleList(nn.Conv2d(c, channels, 3, padding=1) for c in (3, channels, channels))
        self.middle = nn.Conv2d(channels, channels, 3, padding=1)
        widths = [channels * (2 if level in skips else 1) for level in range(3)]
        self.decoder = nn.ModuleList(nn.Conv2d(width, channels, 3, padding=1) for width in widths)
        self.last = nn.Conv2d(channels, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits `(B, 1, H, W)`."""
        maps = []
        for conv in self.encoder:
            maps.append(F.relu(conv(x)))
            x = F.max_pool2d(maps[-1], 2)
        x = F.relu(self.middle(x))
        for level in (2, 1, 0):
            x = F.interpolate(x, size=maps[level].shape[2:])
            x = torch.cat([x, maps[level]], 1) if level in self.skips else x
            x = F.relu(self.decoder[level](x))
        return self.last(x)


def show(axis: Axes, picture: Tensor | np.ndarray, title: str = "", **options: object) -> None:
    """Show a picture without ticks: colour `(3, H, W)` or one channel `(H, W)`."""
    picture = np.asarray(picture)
    axis.imshow(picture.transpose(1, 2, 0) if picture.ndim == 3 else picture, **{"cmap": "gray"} | options)
    axis.set(title=title, xticks=[], yticks=[])


def compare(axis: Axes, image: Tensor, predicted: Tensor, actual: Tensor, title: str = "") -> None:
    """Show an image `(3, H, W)` under a prediction: green right, vermilion too much, sky blue missed."""
    mask, truth = (np.asarray(m).reshape(image.shape[1:]) > 0.5 for m in (predicted, actual))
    axis.imshow(overlay(samples.pixels(image.numpy()), mask, truth))
    axis.set(title=title, xticks=[], yticks=[])


def numbers(axis: Axes, grid: Tensor | np.ndarray, title: str = "", marked: object = None, fmt: str = "{:g}") -> None:
    """Draw a grid of numbers `(H, W)`: squares, shaded by their value, framed where `marked` is true."""
    grid = np.asarray(grid, dtype=float)
    size = max(np.abs(grid).max(), 1e-9)
    axis.imshow(np.abs(grid), cmap=PALE, vmin=0, vmax=2 * size)
    for (row, column), value in np.ndenumerate(grid):
        axis.text(column, row, fmt.format(value), ha="center", va="center", color="0.65" if value == 0 else "black")
    for row, column in np.argwhere(np.zeros_like(grid) if marked is None else np.asarray(marked)):
        frame = plt.Rectangle((column - 0.46, row - 0.46), 0.92, 0.92, fill=False, edgecolor=RED, linewidth=2.5)
        frame.set_zorder(3)  # above the white lines between the squares
        axis.add_patch(frame)
    axis.set_xticks(np.arange(-0.5, grid.shape[1]), [])
    axis.set_yticks(np.arange(-0.5, grid.shape[0]), [])
    axis.grid(color="white", linewidth=1.5)
    axis.tick_params(length=0)
    axis.set_title(title)
