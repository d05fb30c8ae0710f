"""Asks the worker's operations about networks that are defined in a test, without a worker."""

from typing import Any

import numpy as np
import torch
from torch import nn

from course.worker import models, structure

REQUEST = {"file": "", "symbol": "", "settings": {"in_channels": 3, "num_classes": 1}, "seed": 0, "device": "cpu"}


class Made:
    """Stands for a student's library: it holds one network."""

    def __init__(self, network: type[nn.Module]) -> None:
        self.network = network

    def symbol(self, file: str, name: str) -> type[nn.Module]:
        return self.network


def images(size: int, count: int = 2) -> np.ndarray:
    generator = torch.Generator().manual_seed(5)
    return torch.randn(count, 3, size, size, generator=generator).numpy()


def structure_of(network: type[nn.Module], size: int = 64) -> dict[str, Any]:
    return structure.structure(Made(network), REQUEST, {"images": images(size)})[0]


def field_of(network: type[nn.Module], size: int = 96) -> np.ndarray:
    flat = np.full((1, 3, size, size), 0.5, np.float32)
    return models.receptive_field(Made(network), REQUEST, {"images": flat})[1]["footprint"].astype(bool)
