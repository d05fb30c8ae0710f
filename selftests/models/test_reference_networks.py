"""The reference networks against figures that are known without them: parameter counts, sizes, receptive fields."""

import pytest
import torch
from torch import nn

from selftests.models.probing import field_of
from solutions.model.DilatedNetModel import DilatedNet
from solutions.model.EncDecModel import EncDec
from solutions.model.UNetModel import UNet, UNet2

NETWORKS = [EncDec, UNet, UNet2, DilatedNet]


def convolution(before: int, after: int, kernel: int = 3) -> int:
    """Parameters of a convolution with a bias."""
    return before * after * kernel**2 + after


@pytest.mark.parametrize(
    ("network", "literal", "sum_of_layers"),
    [
        (EncDec, 260_865, convolution(3, 64) + 7 * convolution(64, 64) + convolution(64, 1)),
        (UNet, 372_033, convolution(3, 64) + 4 * convolution(64, 64) + 3 * convolution(128, 64) + convolution(128, 1)),
    ],
)
def test_parameter_counts(network: type[nn.Module], literal: int, sum_of_layers: int) -> None:
    assert sum(parameter.numel() for parameter in network().parameters()) == literal == sum_of_layers


@pytest.mark.parametrize("size", [(16, 16), (33, 50), (97, 64), (130, 75)], ids=str)
@pytest.mark.parametrize("network", NETWORKS)
def test_any_size_comes_out_as_it_went_in(network: type[nn.Module], size: tuple[int, int]) -> None:
    with torch.inference_mode():
        assert network()(torch.rand(2, 3, *size)).shape == (2, 1, *size)


@pytest.mark.parametrize("network", NETWORKS)
def test_channels_and_classes_can_be_chosen(network: type[nn.Module]) -> None:
    with torch.inference_mode():
        assert network(in_channels=1, num_classes=12)(torch.rand(1, 1, 32, 32)).shape == (1, 12, 32, 32)


@pytest.mark.parametrize("network", NETWORKS)
def test_a_gradient_reaches_every_parameter(network: type[nn.Module]) -> None:
    model = network()
    model(torch.rand(2, 3, 32, 32)).square().sum().backward()
    assert all(parameter.grad is not None and parameter.grad.any() for parameter in model.parameters())


def test_the_receptive_field_is_that_of_the_formula() -> None:
    field = field_of(DilatedNet)
    width = 1 + 2 * sum((1, 2, 4, 8, 16))
    assert field.sum() == width**2
    assert field.any(0).sum() == field.any(1).sum() == width
