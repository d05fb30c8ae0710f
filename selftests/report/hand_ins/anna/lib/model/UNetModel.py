"""Anna's U-Net."""

import torch
import torch.nn as nn
import torch.nn.functional as F


class UNet(nn.Module):
    def __init__(self, in_channels=3, num_classes=1):
        super().__init__()
        self.enc_conv0 = nn.Conv2d(in_channels, 64, 3, padding=1)
        self.enc_conv1 = nn.Conv2d(64, 64, 3, padding=1)
        self.enc_conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.enc_conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.bottleneck_conv = nn.Conv2d(64, 64, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.up = nn.Upsample(scale_factor=2)
        self.dec_conv0 = nn.Conv2d(128, 64, 3, padding=1)
        self.dec_conv1 = nn.Conv2d(128, 64, 3, padding=1)
        self.dec_conv2 = nn.Conv2d(128, 64, 3, padding=1)
        self.dec_conv3 = nn.Conv2d(128, num_classes, 3, padding=1)

    def forward(self, x):
        e0 = F.relu(self.enc_conv0(x))
        e1 = F.relu(self.enc_conv1(self.pool(e0)))
        e2 = F.relu(self.enc_conv2(self.pool(e1)))
        e3 = F.relu(self.enc_conv3(self.pool(e2)))
        b = F.relu(self.bottleneck_conv(self.pool(e3)))
        d0 = F.relu(self.dec_conv0(torch.cat([self.up(b), e3], dim=1)))
        d1 = F.relu(self.dec_conv1(torch.cat([self.up(d0), e2], dim=1)))
        d2 = F.relu(self.dec_conv2(torch.cat([self.up(d1), e1], dim=1)))
        return self.dec_conv3(torch.cat([self.up(d2), e0], dim=1))
