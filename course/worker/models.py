"""Operations on networks: build one, look at its output and at its receptive field."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.parameter import is_lazy

from course.worker.adapt import construct
from course.worker.evaluate import Answer, to_array
from course.worker.faults import Fault
from course.worker.layout import fast_layout, fast_output
from course.worker.loading import Library
from course.worker.protocol import Arrays
from course.worker.seeding import seed_torch
from course.worker.tracing import is_map

LAZY_SIZE = 128


def build(library: Library, request: dict[str, Any]) -> nn.Module:
    """Build the network that a request names, with its weights drawn from the request's seed.

    Request: `file`, `symbol`, `settings`, `seed`, `device`.
    """
    cls = library.symbol(request["file"], request["symbol"])
    seed_torch(request["seed"], request["device"])
    model, _ = construct(cls, request["settings"])
    if not isinstance(model, nn.Module):
        raise Fault("error", f"`{request['symbol']}` is not a torch.nn.Module.")
    model = model.to(request["device"])
    if any(map(is_lazy, model.parameters())):
        images = torch.zeros(2, request["settings"].get("in_channels", 3), LAZY_SIZE, LAZY_SIZE)
        with torch.no_grad():  # such layers find out the number of their channels when they first run
            model(images.to(request["device"]))
    return model


def logits_of(output: Any, settings: Mapping[str, Any]) -> Tensor:
    """Return the tensor of logits; of a tuple, list or dictionary the first one with four dimensions.

    Where one class was asked for and two channels came, background and foreground, the logit of the foreground is
    their difference: the sigmoid of the difference is the softmax over the two.

    Raises:
        Fault: there is none.
    """
    if parts := parts_of(output):
        output = next((part for part in parts if is_map(part)), None)
    if not isinstance(output, Tensor):
        raise Fault("error", f"The network returns {type(output).__name__} instead of a tensor.")
    if is_map(output) and output.shape[1] == 2 and settings.get("num_classes") == 1:
        return output[:, 1:] - output[:, :1]
    return output


def parts_of(output: Any) -> list[Any]:
    """Return the parts of an output that is a tuple, a list or a dictionary; nothing where it has none."""
    if isinstance(output, Mapping):
        return list(output.values())
    return list(output) if isinstance(output, (tuple, list)) else []


def forward(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Run a fresh network on `images`. Reply: array `logits`."""
    model = build(library, request).eval()
    images = torch.from_numpy(arrays["images"]).to(request["device"])
    logits = logits_of(fast_output(model, images), request["settings"])
    return {}, {"logits": to_array(logits)}


def receptive_field(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Say which input pixels the output's central pixel depends on. Reply: array `footprint`, uint8 `(H, W)`.

    All weights are made positive and small, and the input is positive, so that no ReLU hides a pixel.
    """
    model = build(library, request).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            fan_in = max(1, parameter[0].numel()) if parameter.ndim > 1 else 1
            parameter.copy_((0.5 + torch.rand_like(parameter)) / fan_in)
    images = torch.from_numpy(arrays["images"]).to(request["device"])
    layout = fast_layout(model, images[..., ::2, ::2], images)
    model = model.to(memory_format=layout)
    images = images.to(memory_format=layout).requires_grad_(True)
    logits = logits_of(model(images), request["settings"])
    height, width = logits.shape[-2:]
    (gradient,) = torch.autograd.grad(logits[..., height // 2, width // 2].sum(), images)
    return {}, {"footprint": to_array((gradient.abs().sum((0, 1)) > 0).to(torch.uint8))}
