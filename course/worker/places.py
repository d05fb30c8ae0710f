"""What a network says about a pixel: it should come from around this pixel, and from nothing but its image."""

import torch
from torch import Tensor

# Of the standard deviation of the output: rounding, which differs with the size of a batch, stays far below.
ROUNDING = 0.01


def nearness(logits: Tensor, image: Tensor) -> float:
    """Return how much of what tells two far corners of the output apart lies in their own quarters of the image.

    What both depend on alike, as on the mean of a map that is normalised, says nothing about places, and cancels.

    Args:
        logits: `(1, K, H, W)`, computed from the image. The corners are those of top right and bottom left, so that
            maps that are transposed, turned, mirrored or tiled show.
        image: `(1, C, H, W)`, which requires a gradient.

    Returns:
        1 where all of it lies there, 0 where there is as much elsewhere, -1 where all lies in the opposite quarters. 1
        also where a corner depends on nothing.
    """
    top, right = logits.shape[-2] // 16 - 1, logits.shape[-1] - logits.shape[-1] // 16
    influences = []
    for row, column in ((top, right), (logits.shape[-2] - 1 - top, logits.shape[-1] - 1 - right)):
        (gradient,) = torch.autograd.grad(logits[..., row, column].sum(), image, retain_graph=True)
        influence = gradient.abs().sum((0, 1))
        influences.append(influence / influence.sum())
    difference = influences[0] - influences[1]
    total = float(difference.abs().sum())
    quarters = [half.tensor_split(2, 1) for half in difference.tensor_split(2, 0)]
    return float(quarters[0][1].sum() - quarters[1][0].sum()) / total if total > 0 else 1.0


def same(one: Tensor, other: Tensor) -> bool:
    """Whether two outputs for one image are the same, up to rounding."""
    return one.shape == other.shape and bool((one - other).abs().max() <= ROUNDING * one.std() + 1e-6)
