"""An encoder-decoder: the image is squeezed through a narrow middle, and a mask is unfolded from it."""

import torch.nn.functional as F
from torch import Tensor, nn


class EncDec(nn.Module):
    """Four levels of convolution and max-pooling, a bottleneck, four levels of upsampling and convolution.

        level   encoder (after pooling)     decoder (after upsampling)
        0       3 -> 64, H   -> H/2         64 -> K,  H/2  -> H
        1       64 -> 64, H/2 -> H/4        64 -> 64, H/4  -> H/2
        2       64 -> 64, H/4 -> H/8        64 -> 64, H/8  -> H/4
        3       64 -> 64, H/8 -> H/16       64 -> 64, H/16 -> H/8
                      bottleneck: 64 -> 64 at H/16

    Every convolution is 3x3 with padding 1 and followed by a ReLU, except the last one, which gives the logits.
    Every pooling is 2x2; every upsampling is nearest-neighbour, to twice the size (to the size before the pooling,
    where that was odd). With 3 channels in and 1 class out the network has 260,865 parameters.

    Args:
        in_channels: channels of the image.
        num_classes: K, the number of logits for each pixel.
    """

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        raise NotImplementedError("Exercise 1.3: EncDec")

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float `(B, K, H, W)`.

        Args:
            x: images, float `(B, in_channels, H, W)`, H and W at least 16. The size is not fixed: upsample by a
                factor, or to the size of the encoder's map, never to a number written into the code.
        """
        raise NotImplementedError("Exercise 1.3: EncDec")
