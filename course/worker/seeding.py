"""Seeds the random numbers of a worker."""

import random

import numpy as np
import torch


def seed_all(seed: int) -> None:
    """Seed Python's, numpy's and torch's random numbers."""
    random.seed(seed)
    np.random.seed(seed)
    seed_torch(seed)


def seed_torch(seed: int, device: str = "cpu") -> None:
    """Seed torch's random numbers, those of a device too if it is used, or was.

    `torch.manual_seed` alone writes down for each kind of device that was never used who called it, in case that it
    will be: half a millisecond, as long as many a check takes.
    """
    if device == "cpu" and not torch.cuda.is_initialized():
        torch.default_generator.manual_seed(seed)
    else:
        torch.manual_seed(seed)
