"""Networks without padding, which return only the middle of an image.

Ronneberger et al. extend the image by its mirrored border, so that the output covers it; so do we, where a network is
trained on images of a fixed size.
"""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

# A network that loses a constant number of rows loses as many from an image that is so much larger.
LARGER = 32


def margin_of(output_of: Callable[[Tensor], Tensor], images: Tensor) -> int:
    """Return by how many pixels images must be extended on each side, so that a network's output covers them.

    0 for a network with padding, and for one that is not mended by any margin.

    Args:
        output_of: returns the network's output for images.
        images: float `(B, C, H, W)`; one is enough.
    """
    size = images.shape[-1]
    for margin in range(0, size, 2):
        height = _height(output_of, images, margin)
        if height is None or height < size:
            continue
        grown = _height(output_of, images, margin + LARGER // 2) if 0 < margin < size - LARGER // 2 else None
        return margin if grown == height + LARGER else 0
    return 0


def mirrored(images: Tensor, margin: int) -> Tensor:
    """Extend images by their mirrored border."""
    return F.pad(images, (margin,) * 4, mode="reflect") if margin else images


def middle(maps: Tensor, size: int) -> Tensor:
    """Return the middle of maps that are larger than `size` x `size`."""
    top, left = (maps.shape[-2] - size) // 2, (maps.shape[-1] - size) // 2
    return maps[..., top : top + size, left : left + size]


def _height(output_of: Callable[[Tensor], Tensor], images: Tensor, margin: int) -> int | None:
    """Return the height of the output for extended images; None where the network refuses them."""
    try:
        with torch.no_grad():
            return output_of(mirrored(images, margin)).shape[-2]
    except (RuntimeError, ValueError):
        return None
