"""The order in which a network's maps lie in memory: it decides how fast a CPU is."""

from contextlib import suppress
from typing import Any

import torch
from torch import Tensor, nn


def fast_layout(model: nn.Module, *tries: Tensor) -> torch.memory_format:
    """Return in which memory layout a network runs fastest: a CPU takes half the time with the channels last.

    A network that calls `view` on its maps does not run so. And torch 2.15 corrupts memory in the gradient of strided
    1x1 convolutions of few channels.

    Args:
        model: in evaluation mode. Its weights lie in memory as it was tried, afterwards.
        tries: images that it may take, `(B, C, H, W)`; one that it takes is enough.
    """
    if any(_may_be_strided_pointwise(module) for module in model.modules()):
        return torch.contiguous_format
    model.to(memory_format=torch.channels_last)
    for images in tries:
        with suppress(Exception), torch.no_grad():
            model(images.to(memory_format=torch.channels_last))
            return torch.channels_last
    return torch.contiguous_format


def fast_output(model: nn.Module, images: Tensor) -> Any:
    """Return a network's output, without gradients, with the channels last where it takes them so.

    Not in torch's inference mode: what a network keeps from there, say a table of positions, breaks its next training.

    Args:
        model: in evaluation mode. Its weights lie in memory as it ran, afterwards.
        images: `(B, C, H, W)`.
    """
    with torch.no_grad():
        try:
            return model.to(memory_format=torch.channels_last)(images.to(memory_format=torch.channels_last))
        except Exception:
            return model.to(memory_format=torch.contiguous_format)(images)


def _may_be_strided_pointwise(module: nn.Module) -> bool:
    """Whether a module has 1x1 kernels which move, or may move, by more than one pixel."""
    pointwise = any(weight.ndim == 4 and weight.shape[2:] == (1, 1) for weight in module.parameters(recurse=False))
    return pointwise and not (isinstance(module, nn.Conv2d) and module.stride == (1, 1))
