"""Bo's encoder-decoder."""

import torch
from torch import nn


def block(inside, outside):
    return nn.Sequential(nn.Conv2d(inside, outside, kernel_size=3, padding=1), nn.ReLU())


class EncDec(nn.Module):
    def __init__(self, in_channels=3, num_classes=1):
        super(EncDec, self).__init__()
        widths = [in_channels, 64, 64, 64]
        self.down = nn.ModuleList([block(width, 64) for width in widths])
        self.middle = block(64, 64)
        self.up = nn.ModuleList([block(64, 64) for _ in range(3)])
        self.last = nn.Conv2d(64, num_classes, kernel_size=3, padding=1)

    def forward(self, x):
        for layer in self.down:
            x = torch.max_pool2d(layer(x), kernel_size=2)
        x = self.middle(x)
        for layer in self.up:
            x = layer(nn.functional.interpolate(x, scale_factor=2.0))
        return self.last(nn.functional.interpolate(x, scale_factor=2.0))
