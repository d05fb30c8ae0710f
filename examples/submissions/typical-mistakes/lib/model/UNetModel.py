"""U-Nets: an encoder-decoder whose decoder also sees what the encoder saw before each pooling."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class UNet(nn.Module):
    """EncDec."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        channels = [in_channels] + 8 * [64] + [num_classes]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip(channels, channels[1:], strict=False))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in self.convs[:4]:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.convs[4](x))
        for conv in self.convs[5:8]:
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.convs[8](F.interpolate(x, scale_factor=2))


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
        self.enc_conv0 = nn.Conv2d(in_channels, 64, 3, padding=1)
        self.enc_conv1 = nn.Conv2d(64, 64, 3, padding=1)
        self.enc_conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.enc_conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.down0 = nn.Conv2d(64, 64, 2, stride=2)
        self.down1 = nn.Conv2d(64, 64, 2, stride=2)
        self.down2 = nn.Conv2d(64, 64, 2, stride=2)
        self.down3 = nn.Conv2d(64, 64, 2, stride=2)
        self.bottleneck_conv = nn.Conv2d(64, 64, 3, padding=1)
        self.up3 = nn.ConvTranspose2d(64, 64, 2, stride=2)
        self.up2 = nn.ConvTranspose2d(64, 64, 2, stride=2)
        self.up1 = nn.ConvTranspose2d(64, 64, 2, stride=2)
        self.up0 = nn.ConvTranspose2d(64, 64, 2, stride=2)
        self.dec_conv3 = nn.Conv2d(128, 64, 3, padding=1)
        self.dec_conv2 = nn.Conv2d(128, 64, 3, padding=1)
        self.dec_conv1 = nn.Conv2d(128, 64, 3, padding=1)
        self.dec_conv0 = nn.Conv2d(128, num_classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float `(B, K, H, W)`.

        Args:
            x: images, float `(B, in_channels, H, W)`, H and W at least 16.
        """
        e0 = F.relu(self.enc_conv0(x))
        e1 = F.relu(self.enc_conv1(self.down0(e0)))
        e2 = F.relu(self.enc_conv2(self.down1(e1)))
        e3 = F.relu(self.enc_conv3(self.down2(e2)))

        b = F.relu(self.bottleneck_conv(self.down3(e3)))

        # output_size tells 33 from 32, which both shrink to 16.
        d3 = F.relu(self.dec_conv3(torch.cat([self.up3(b, output_size=e3.shape[2:]), e3], dim=1)))
        d2 = F.relu(self.dec_conv2(torch.cat([self.up2(d3, output_size=e2.shape[2:]), e2], dim=1)))
        d1 = F.relu(self.dec_conv1(torch.cat([self.up1(d2, output_size=e1.shape[2:]), e1], dim=1)))
        return self.dec_conv0(torch.cat([self.up0(d1, output_size=e0.shape[2:]), e0], dim=1))
