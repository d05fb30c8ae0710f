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
        self.enc_conv0 = nn.Conv2d(in_channels, 64, 3, padding=1)
        self.enc_conv1 = nn.Conv2d(64, 64, 3, padding=1)
        self.enc_conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.enc_conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.bottleneck_conv = nn.Conv2d(64, 64, 3, padding=1)
        self.dec_conv3 = nn.Conv2d(128, 64, 3, padding=1)
        self.dec_conv2 = nn.Conv2d(128, 64, 3, padding=1)
        self.dec_conv1 = nn.Conv2d(128, 64, 3, padding=1)
        self.dec_conv0 = nn.Conv2d(128, num_classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits, float `(B, K, H, W)`.

        Args:
            x: images, float `(B, in_channels, H, W)`, H and W at least 16.
        """
        e0 = ....
        e1 = F.relu(self.enc_conv1(F.max_pool2d(e0, 2)))
        e2 = F.relu(self.enc_conv2(F.max_pool2d(e1, 2)))
        e3 = F.relu(self.enc_conv3(F.max_pool2d(e2, 2)))

        b = F.relu(self.bottleneck_conv(F.max_pool2d(e3, 2)))

        d3 = F.relu(self.dec_conv3(torch.cat([F.interpolate(b, size=e3.shape[2:]), e3], dim=1)))
        d2 = F.relu(self.dec_conv2(torch.cat([F.interpolate(d3, size=e2.shape[2:]), e2], dim=1)))
        d1 = F.relu(self.dec_conv1(torch.cat([F.interpolate(d2, size=e1.shape[2:]), e1], dim=1)))
        return self.dec_conv0(torch.cat([F.interpolate(d1, size=e0.shape[2:]), e0], dim=1))


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
