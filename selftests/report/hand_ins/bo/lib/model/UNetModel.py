"""Bo's U-Net, as most would write it: one line after the other, with names of the sheet."""

import torch
import torch.nn.functional as F
from torch import nn


class UNet(nn.Module):
    def __init__(self, in_channels=3, num_classes=1):
        super(UNet, self).__init__()
        self.conv1 = nn.Conv2d(in_channels, 32, kernel_size=3, padding=1)
        self.conv2 = nn.Conv2d(32, 64, kernel_size=3, padding=1)
        self.conv3 = nn.Conv2d(64, 128, kernel_size=3, padding=1)
        self.conv4 = nn.Conv2d(128, 128, kernel_size=3, padding=1)
        self.bottom = nn.Conv2d(128, 128, kernel_size=3, padding=1)
        self.upconv4 = nn.Conv2d(256, 128, kernel_size=3, padding=1)
        self.upconv3 = nn.Conv2d(256, 64, kernel_size=3, padding=1)
        self.upconv2 = nn.Conv2d(128, 32, kernel_size=3, padding=1)
        self.upconv1 = nn.Conv2d(64, num_classes, kernel_size=3, padding=1)

    def forward(self, x):
        skip1 = F.relu(self.conv1(x))
        x = F.max_pool2d(skip1, 2)
        skip2 = F.relu(self.conv2(x))
        x = F.max_pool2d(skip2, 2)
        skip3 = F.relu(self.conv3(x))
        x = F.max_pool2d(skip3, 2)
        skip4 = F.relu(self.conv4(x))
        x = F.max_pool2d(skip4, 2)
        x = F.relu(self.bottom(x))
        x = F.interpolate(x, scale_factor=2)
        x = F.relu(self.upconv4(torch.cat((x, skip4), 1)))
        x = F.interpolate(x, scale_factor=2)
        x = F.relu(self.upconv3(torch.cat((x, skip3), 1)))
        x = F.interpolate(x, scale_factor=2)
        x = F.relu(self.upconv2(torch.cat((x, skip2), 1)))
        x = F.interpolate(x, scale_factor=2)
        return self.upconv1(torch.cat((x, skip1), 1))
