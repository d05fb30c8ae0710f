"""Fixtures of the metrics' selftests."""

import numpy as np
import pytest
import torch

Masks = tuple[torch.Tensor, torch.Tensor]


@pytest.fixture(params=range(8))
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    return np.random.default_rng(request.param)


@pytest.fixture
def masks(rng: np.random.Generator) -> Masks:
    """A batch of predicted and true masks (B, 1, H, W), from rare to common foreground."""
    batch = int(rng.integers(1, 5))
    share = rng.uniform(0.02, 0.9, (batch, 1, 1, 1))
    y_true = rng.random((batch, 1, 17, 23)) < share
    y_pred = y_true ^ (rng.random(y_true.shape) < rng.uniform(0.05, 0.4))
    y_true.flat[0], y_pred.flat[1] = True, True
    return torch.from_numpy(y_pred).float(), torch.from_numpy(y_true).float()
