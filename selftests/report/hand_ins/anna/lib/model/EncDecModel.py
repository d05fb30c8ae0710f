"""Anna's encoder-decoder."""

import torch.nn as nn
import torch.nn.functional as F


class EncDec(nn.Module):
    def __init__(self, in_channels=3, num_classes=1):
        super().__init__()
        # encoder
        self.enc_conv0 = nn.Conv2d(in_channels, 64, 3, padding=1)
        self.pool0 = nn.MaxPool2d(2)
        self.enc_conv1 = nn.Conv2d(64, 64, 3, padding=1)
        self.pool1 = nn.MaxPool2d(2)
        self.enc_conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.pool2 = nn.MaxPool2d(2)
        self.enc_conv3 = nn.Conv2d(64, 64, 3, padding=1)
        self.pool3 = nn.MaxPool2d(2)
        self.bottleneck_conv = nn.Conv2d(64, 64, 3, padding=1)
        # decoder
        self.up = nn.Upsample(scale_factor=2)
        self.dec_conv0 = nn.Conv2d(64, 64, 3, padding=1)
        self.dec_conv1 = nn.Conv2d(64, 64, 3, padding=1)
        self.dec_conv2 = nn.Conv2d(64, 64, 3, padding=1)
        self.dec_conv3 = nn.Conv2d(64, num_classes, 3, padding=1)

    def forward(self, x):
        e0 = self.pool0(F.relu(self.enc_conv0(x)))
        e1 = self.pool1(F.relu(self.enc_conv1(e0)))
        e2 = self.pool2(F.relu(self.enc_conv2(e1)))
        e3 = self.pool3(F.relu(self.enc_conv3(e2)))
        b = F.relu(self.bottleneck_conv(e3))
        d0 = F.relu(self.dec_conv0(self.up(b)))
        d1 = F.relu(self.dec_conv1(self.up(d0)))
        d2 = F.relu(self.dec_conv2(self.up(d1)))
        return self.dec_conv3(self.up(d2))
