"""Operations on networks: build one, look at its output, its structure and its receptive field."""

from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor, nn

from course.worker.adapt import construct
from course.worker.evaluate import Answer, to_array
from course.worker.faults import Fault
from course.worker.loading import Library
from course.worker.protocol import Arrays
from course.worker.tracing import CallTrace, Silence


def build(library: Library, request: dict[str, Any]) -> nn.Module:
    """Build the network that a request names, with its weights drawn from the request's seed.

    Request: `file`, `symbol`, `settings`, `seed`, `device`.
    """
    cls = library.symbol(request["file"], request["symbol"])
    torch.manual_seed(request["seed"])
    model, _ = construct(cls, request["settings"])
    if not isinstance(model, nn.Module):
        raise Fault("error", f"`{request['symbol']}` is not a torch.nn.Module.")
    return model.to(request["device"])


def logits_of(output: Any) -> Tensor:
    """Return the tensor of logits; of a tuple or list the first one with four dimensions.

    Raises:
        Fault: there is none.
    """
    if isinstance(output, (tuple, list)):
        output = next((part for part in output if isinstance(part, Tensor) and part.ndim == 4), None)
    if not isinstance(output, Tensor):
        raise Fault("error", f"The network returns {type(output).__name__} instead of a tensor.")
    return output


def forward(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Run a fresh network on `images`. Reply: `parameters` (their number), array `logits`."""
    model = build(library, request).eval()
    with torch.inference_mode():
        logits = logits_of(model(torch.from_numpy(arrays["images"]).to(request["device"])))
    parameters = sum(parameter.numel() for parameter in model.parameters())
    return {"parameters": parameters, "dtype": str(logits.dtype)}, {"logits": to_array(logits)}


def structure(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Say how a network is made, from what it does on `images`.

    Reply:
        calls: the convolutions, poolings, interpolations and squashing functions, in order (`tracing.Call`).
        unused: names of parameters that get no gradient. called_twice: names of layers with parameters that ran
            more than once.
        heights: heights of the feature maps, the largest first.
        skips: those heights at which the encoder's maps reach the output directly, everything lower being silenced.
        bypass: whether the output depends on the input while the maps of the lowest height are silenced.
    """
    model = build(library, request)
    images = torch.from_numpy(arrays["images"]).to(request["device"])
    counts: dict[str, int] = {}
    layers = {
        name: module
        for name, module in model.named_modules()
        if isinstance(module, (nn.Conv2d, nn.ConvTranspose2d, nn.Linear))
    }
    hooks = [
        module.register_forward_hook(lambda *_, name=name: counts.update({name: counts.get(name, 0) + 1}))
        for name, module in layers.items()
    ]
    with CallTrace() as trace:
        logits_of(model(images)).sum().backward()
    for hook in hooks:
        hook.remove()
    unused = [name for name, parameter in model.named_parameters() if _is_zero(parameter.grad)]

    convolutions = [call for call in trace.calls if call.name in ("conv2d", "conv_transpose2d")]
    heights = sorted({call.height_out for call in convolutions}, reverse=True)
    model.eval()
    header = {
        "calls": [asdict(call) for call in trace.calls],
        "unused": unused,
        "called_twice": [name for name, count in counts.items() if count > 1],
        "heights": heights,
        "skips": [height for height in heights[:-1] if _skips_at(model, images, height)],
        "bypass": _bypasses(model, images, heights),
    }
    return header, {}


def receptive_field(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Say which input pixels the output's central pixel depends on. Reply: array `footprint`, uint8 `(H, W)`.

    All weights are made positive and small, and the input is positive, so that no ReLU hides a pixel.
    """
    model = build(library, request).eval().double()
    with torch.no_grad():
        for parameter in model.parameters():
            fan_in = max(1, parameter[0].numel()) if parameter.ndim > 1 else 1
            parameter.copy_((0.5 + torch.rand_like(parameter)) / fan_in)
    images = torch.from_numpy(arrays["images"]).to(request["device"], torch.float64).requires_grad_(True)
    logits = logits_of(model(images))
    height, width = logits.shape[-2:]
    (gradient,) = torch.autograd.grad(logits[..., height // 2, width // 2].sum(), images)
    return {}, {"footprint": to_array((gradient.abs().sum((0, 1)) > 0).to(torch.uint8))}


def _skips_at(model: nn.Module, images: Tensor, height: int) -> bool:
    """Whether an encoder map of this height reaches the output while every lower map is silenced."""
    with Silence(height) as silence:
        logits = logits_of(model(images))
    if not silence.maps or not silence.below or not logits.requires_grad:
        return False
    gradients = torch.autograd.grad(logits.sum(), silence.maps, allow_unused=True)
    return not all(_is_zero(gradient) for gradient in gradients)


def _bypasses(model: nn.Module, images: Tensor, heights: list[int]) -> bool:
    """Whether the output depends on the input while the maps of the lowest height are silenced."""
    images = images.clone().requires_grad_(True)
    with Silence(heights[-1] + 1):
        logits = logits_of(model(images))
    if not logits.requires_grad:
        return False
    (gradient,) = torch.autograd.grad(logits.sum(), images, allow_unused=True)
    return not _is_zero(gradient)


def _is_zero(gradient: Tensor | None) -> bool:
    return gradient is None or not bool(gradient.any())
