"""A network that sees far without ever shrinking the image: dilated convolutions."""

import torch.nn.functional as F
from torch import Tensor, nn


class DilatedNet(nn.Module):
    """3x3 convolutions with dilation 1, 2, 4, 8 and 16 at full resolution, then a 1x1 convolution for the logits.

    A 3x3 convolution with dilation d widens the receptive field by 2 * d pixels, so that this network sees
    1 + 2 * (1 + 2 + 4 + 8 + 16) = 63 pixels across: wider than a cell's features. A padding of d keeps the size.
    Starting at 1 and doubling leaves no holes in the field; 2, 2, 2 would only ever look at every other pixel.
    Each dilated convolution has 32 channels out and is followed by a ReLU.

    Args:
        in_channels: channels of the image.
        num_classes: K, the number of logits for each pixel.

    Source: Yu and Koltun, Multi-Scale Context Aggregation by Dilated Convolutions, 2016.
    """

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        raise NotImplementedError("Exercise 5.1: DilatedNet")

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float `(B, K, H, W)`.

        Args:
            x: images, float `(B, in_channels, H, W)`, of any size.
        """
        raise NotImplementedError("Exercise 5.1: DilatedNet")
