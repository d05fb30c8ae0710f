"""The layers of a network that have weights to be learned, and whether they get a gradient."""

import torch
from torch import Tensor, nn

LAYERS = (nn.Conv2d, nn.ConvTranspose2d, nn.Linear)


def is_layer(module: nn.Module) -> bool:
    """Whether a module is a convolution or a linear layer, of torch's or of the student's own, with kernels."""
    own = not list(module.children()) and any(w.ndim == 4 and len(w) > 1 for w in module.parameters(recurse=False))
    return isinstance(module, LAYERS) or own


def fill_zeros(model: nn.Module) -> None:
    """Draw the weights that begin as zeros: what they are multiplied with gets no gradient before the first step.

    Scales of residual branches, and last layers, often begin so, and learn all the same.
    """
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.numel() and is_zero(parameter):
                parameter.copy_(0.1 * torch.randn(parameter.shape, generator=generator))


def has_gradient(layer: nn.Module) -> bool:
    """Whether the weights of a layer get a gradient; its bias alone is not enough."""
    weights = [weight for weight in layer.parameters() if weight.ndim > 1]
    return any(not is_zero(weight.grad) for weight in weights)


def is_zero(gradient: Tensor | None) -> bool:
    """Whether there is no gradient, or one of zeros."""
    return gradient is None or not bool(gradient.any())
