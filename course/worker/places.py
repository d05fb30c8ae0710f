"""What a network says about a pixel: it should come from around this pixel, and from nothing but its image."""

import torch
from torch import Tensor

# Of the standard deviation of the output: rounding, which differs with the size of a batch, stays far below.
ROUNDING = 0.01


def nearness(logits: Tensor, image: Tensor) -> float:
    """Return how much of the influence on two far corners comes from their own quarters of the image.

    Args:
        logits: `(1, K, H, W)`, computed from the image. The corners are those of top right and bottom left, so that an
            image that is transposed, tiled or turned shows.
        image: `(1, C, H, W)`, which requires a gradient.

    Returns:
        the share of a corner's own quarter, of this and the opposite one: 1 where nothing comes from there, 0.5 where
        the network has lost all places. 1 also where nothing influences the corners at all.
    """
    height, width = logits.shape[-2:]
    top, left = height // 16, width // 16
    own, opposite = 0.0, 0.0
    for row, column in ((top, width - 1 - left), (height - 1 - top, left)):
        (gradient,) = torch.autograd.grad(logits[..., row, column].sum(), image, retain_graph=True)
        influence = gradient.abs().sum((0, 1))
        quarters = [half.tensor_split(2, 1) for half in influence.tensor_split(2, 0)]
        below, right = int(2 * row >= height), int(2 * column >= width)
        own += float(quarters[below][right].sum())
        opposite += float(quarters[1 - below][1 - right].sum())
    return own / (own + opposite) if own + opposite > 0 else 1.0


def same(one: Tensor, other: Tensor) -> bool:
    """Whether two outputs for one image are the same, up to rounding."""
    return one.shape == other.shape and bool((one - other).abs().max() <= ROUNDING * one.std() + 1e-6)
