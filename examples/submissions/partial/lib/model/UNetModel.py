"""U-Nets: an encoder-decoder whose decoder also sees what the encoder saw before each pooling."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class UNet(nn.Module):
    """The encoder-decoder of exercise 1.3 with a skip connection at each of its four levels.

    Before each decoder convolution the upsampled map is concatenated (`torch.cat`, along the channels) with the
    encoder's map of the same size, taken after the ReLU and before the pooling: the map of full resolution is
    skipped too. So every decoder convolution has 64 + 64 channels in. With 3 channels in and 1 class out the
    network has 372,033 parameters.

    Args:
        in_channels: channels of the image.
        num_classes: K, the number of logits for each pixel.

    Source: Ronneberger et al., U-Net, 2015 (there with two unpadded convolutions a level).
    """

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        raise NotImplementedError("Exercise 3.1: UNet")

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float `(B, K, H, W)`.

        Args:
            x: images, float `(B, in_channels, H, W)`, H and W at least 16.
        """
        raise NotImplementedError("Exercise 3.1: UNet")


class UNet2(nn.Module):
    """The U-Net of exercise 3.1 with learned sampling: no pooling, and no interpolation.

    Each max-pooling becomes a convolution with stride 2, each upsampling a transposed convolution with stride 2.
    With a 2x2 kernel the outputs of neighbouring inputs do not overlap, in either direction. (A transposed 3x3
    kernel with stride 2 overlaps on every other pixel, which draws a checkerboard.)

    Args:
        in_channels: channels of the image.
        num_classes: K, the number of logits for each pixel.
    """

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        raise NotImplementedError("Exercise 4.1: UNet2")

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float `(B, K, H, W)`.

        Args:
            x: images, float `(B, in_channels, H, W)`, H and W at least 16.
        """
        raise NotImplementedError("Exercise 4.1: UNet2")
