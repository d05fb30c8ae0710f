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
        self.enc_conv0 = nn.Conv2d(in_channels, 64, 3, padding=1)
        self.enc_conv1 = nn.Conv2d(64, 64, 3, padding=1)
        self.enc_conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.enc_conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.bottleneck_conv = nn.Conv2d(64, 64, 3, padding=1)
        self.dec_conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.dec_conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.dec_conv1 = nn.Conv2d(64, 64, 3, padding=1)
        self.dec_conv0 = nn.Conv2d(64, num_classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float `(B, K, H, W)`.

        Args:
            x: images, float `(B, in_channels, H, W)`, H and W at least 16. The size is not fixed: upsample by a
                factor, or to the size of the encoder's map, never to a number written into the code.
        """
        e0 = F.relu(self.enc_conv0(x))
        e1 = F.relu(self.enc_conv1(F.max_pool2d(e0, 2)))
        e2 = F.relu(self.enc_conv2(F.max_pool2d(e1, 2)))
        e3 = F.relu(self.enc_conv3(F.max_pool2d(e2, 2)))

        b = F.relu(self.bottleneck_conv(F.max_pool2d(e3, 2)))

        d3 = F.relu(self.dec_conv3(F.interpolate(b, size=e3.shape[2:])))
        d2 = F.relu(self.dec_conv2(F.interpolate(d3, size=e2.shape[2:])))
        d1 = F.relu(self.dec_conv1(F.interpolate(d2, size=e1.shape[2:])))
        return self.dec_conv0(F.interpolate(d1, size=e0.shape[2:]))
