"""Right networks that begin, or are written, in an unusual way: the worker says of them what it says of others."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from selftests.models.probing import structure_of
from solutions.model.UNetModel import UNet


class BeginsAtZero(UNet):
    """The last layer is zero at first, as in many networks that begin by predicting nothing."""

    def __init__(self) -> None:
        super().__init__(3, 1)
        last = [module for module in self.modules() if isinstance(module, nn.Conv2d)][-1]
        nn.init.zeros_(last.weight)
        nn.init.zeros_(last.bias)


class Residual(nn.Module):
    """A branch whose scale is zero at first (ReZero, and torchvision's last batch norm of a residual block)."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.branch, self.last = (nn.Conv2d(a, b, 3, padding=1) for a, b in [(3, 4), (4, 4), (4, 1)])
        self.scale = nn.Parameter(torch.zeros(1))

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.first(x))
        return self.last(x + self.scale * F.relu(self.branch(x)))


class DeeplySupervised(nn.Module):
    """Returns logits, and beside them those of a second head, for a second loss; the second head runs last."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.head, self.second = (nn.Conv2d(a, b, 3, padding=1) for a, b in [(3, 4), (4, 1), (4, 1)])

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        x = F.relu(self.first(x))
        return self.head(x), torch.tanh(self.second(x))


class InADictionary(DeeplySupervised):
    """The same as torchvision's networks return it."""

    def forward(self, x: Tensor) -> dict[str, Tensor]:
        logits, second = super().forward(x)
        return {"out": logits, "aux": second}


class PooledByHand(nn.Module):
    """Maxima of two by two pixels: of slices first, of blocks then; and a ReLU without its name."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.last = (nn.Conv2d(a, b, 3, padding=1) for a, b in [(3, 4), (4, 4), (8, 1)])

    def forward(self, x: Tensor) -> Tensor:
        kept = torch.max(self.first(x), torch.zeros(()))
        x = torch.maximum(
            torch.maximum(kept[..., ::2, ::2], kept[..., 1::2, ::2]),
            torch.maximum(kept[..., ::2, 1::2], kept[..., 1::2, 1::2]),
        )
        x = torch.max(self.second(x), torch.zeros(()))
        x = x.reshape(*x.shape[:2], x.shape[2] // 2, 2, x.shape[3] // 2, 2).amax((3, 5))
        return self.last(torch.cat([kept, F.interpolate(x, scale_factor=4)], 1))


class Lazy(nn.Module):
    """Its layers find out the number of their channels when they first run."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.LazyConv2d(4, 3, padding=1), nn.ReLU(), nn.LazyConv2d(1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


def test_layers_that_begin_as_zeros_hide_nothing() -> None:
    seen = structure_of(BeginsAtZero)
    assert (seen["unused"], seen["skips"]) == ([], [64, 32, 16, 8])
    assert seen["lowest"] < -1 < 1 < seen["highest"]
    assert structure_of(Residual)["unused"] == []


def test_a_second_head_is_no_layer_without_a_gradient_and_squashes_no_logits() -> None:
    for network in (DeeplySupervised, InADictionary):
        seen = structure_of(network)
        assert seen["unused"] == []
        assert seen["lowest"] < -2 < 2 < seen["highest"]


def test_pooling_and_activations_written_by_hand_are_recognised() -> None:
    seen = structure_of(PooledByHand)
    assert (seen["heights"], seen["skips"], seen["bends"]) == ([64, 32, 16], [64], True)


def test_lazy_layers_are_made_before_they_are_looked_at() -> None:
    assert structure_of(Lazy)["unused"] == []
