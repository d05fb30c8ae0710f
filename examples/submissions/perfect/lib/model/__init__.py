"""Networks: images in, one logit for each pixel and class out."""

from .DilatedNetModel import DilatedNet
from .EncDecModel import EncDec
from .UNetModel import UNet, UNet2

__all__ = ["DilatedNet", "EncDec", "UNet", "UNet2"]
