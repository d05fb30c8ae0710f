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
        self.conv1 = nn.Conv2d(in_channels, 32, 3, padding=1, dilation=1)
        self.conv2 = nn.Conv2d(32, 32, 3, padding=2, dilation=2)
        self.conv4 = nn.Conv2d(32, 32, 3, padding=4, dilation=4)
        self.conv8 = nn.Conv2d(32, 32, 3, padding=8, dilation=8)
        self.conv16 = nn.Conv2d(32, 32, 3, padding=16, dilation=16)
        self.classifier = nn.Conv2d(32, num_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float `(B, K, H, W)`.

        Args:
            x: images, float `(B, in_channels, H, W)`, of any size.
        """
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        x = F.relu(self.conv4(x))
        x = F.relu(self.conv8(x))
        x = F.relu(self.conv16(x))
        return self.classifier(x)
