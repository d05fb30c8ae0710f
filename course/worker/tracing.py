"""Watches the tensor functions that a network calls, however it is written: modules, `F.` functions or operators."""

from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch.overrides import TorchFunctionMode

NOTED = {
    F.max_pool2d: "max_pool2d",
    F.max_pool2d_with_indices: "max_pool2d",
    torch.max_pool2d: "max_pool2d",
    F.avg_pool2d: "avg_pool2d",
    F.adaptive_avg_pool2d: "avg_pool2d",
    F.adaptive_max_pool2d: "max_pool2d",
    F.interpolate: "interpolate",
    F.upsample: "interpolate",
    torch.conv2d: "conv2d",
    torch.conv_transpose2d: "conv_transpose2d",
    F.unfold: "unfold",
    F.pixel_shuffle: "pixel_shuffle",
    torch.sigmoid: "sigmoid",
    torch.Tensor.sigmoid: "sigmoid",
    F.sigmoid: "sigmoid",
    torch.softmax: "softmax",
    torch.Tensor.softmax: "softmax",
    F.softmax: "softmax",
    torch.cat: "cat",
    torch.Tensor.detach: "detach",
}
# What may bend a map, by the names of the functions: without any of these, convolutions in a row are one convolution.
BENDING = ("relu", "elu", "gelu", "silu", "mish", "swish", "softplus", "softsign", "sigmoid", "tanh", "shrink", "glu")
BENDING += ("clamp", "maximum", "minimum", "where", "abs", "exp", "pow", "softmax", "hardtanh", "threshold")
BENDING_NAMES = {"max", "min", "sin", "cos"}  # too short to be looked for inside of other names
CROPS = {torch.Tensor.__getitem__, torch.narrow, torch.Tensor.narrow, F.pad}
UNFOLD = ("input", "kernel_size", "dilation", "padding", "stride")
# A 3x3 pooling without padding halves 128 rows to 63, and 9 rows to 4; unpadded convolutions shrink much less.
SHRINKS = 0.6


@dataclass
class Call:
    """One call of a function that matters to the structure of a network.

    Attributes:
        name: "conv2d", "max_pool2d", ...
        height_in, height_out: heights of the map that went in and of the one that came out.
        stride, dilation: of a convolution, along the height; 1 elsewhere.
        kernel: height of a convolution's kernel; 0 elsewhere.
    """

    name: str
    height_in: int
    height_out: int
    stride: int = 1
    dilation: int = 1
    kernel: int = 0


class CallTrace(TorchFunctionMode):
    """Records the calls of the functions above, in order.

    Attributes:
        calls: the calls.
        levels: heights to which maps were shrunk, each once, in order.
        weights: the weights of the convolutions.
        bends: whether anything may bend a map, be it an activation, or a map multiplied by another one.
    """

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.levels: list[int] = []
        self.weights: list[torch.Tensor] = []
        self.bends = False

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Call the function, and note what it was."""
        kwargs = kwargs or {}
        out = func(*args, **kwargs)  # runs without this mode: what it calls in its turn is not noted again
        self.bends = self.bends or _may_bend(func, args)
        if func in NOTED:
            self._note(NOTED[func], args, kwargs, out)
        height = shrunk_to(func, args, out[0] if isinstance(out, tuple) and out else out)
        if height and height not in self.levels:
            self.levels.append(height)
        return out

    def _note(self, name: str, args: tuple, kwargs: dict, out: Any) -> None:
        image = args[0] if args else kwargs.get("input", kwargs.get("tensors"))
        image = image[0] if isinstance(image, (tuple, list)) else image
        result = out[0] if isinstance(out, tuple) else out
        if name == "unfold" and is_map(image):
            self.calls.append(_unfolded(image, dict(zip(UNFOLD, args, strict=False)) | kwargs))
            return
        if not is_map(image) or not is_map(result):
            return
        call = Call(name, image.shape[-2], result.shape[-2])
        if name in ("conv2d", "conv_transpose2d"):
            names = ["input", "weight", "bias", "stride", "padding"]
            names += ["dilation", "groups"] if name == "conv2d" else ["output_padding", "groups", "dilation"]
            arguments = dict(zip(names, args, strict=False)) | kwargs
            call.stride = _first(arguments.get("stride", 1))
            call.dilation = _first(arguments.get("dilation", 1))
            call.kernel = arguments["weight"].shape[-2]
            self.weights.append(arguments["weight"])
        self.calls.append(call)


class Levels(TorchFunctionMode):
    """Records the maps of a network level by level, and lets it be cut below any of them, after it has run.

    Where a network is cut, what shrinks its maps to that level passed on its values, but passes back no gradient. What
    still gets a gradient from the output then, reaches it past the cut: through a skip connection.

    Args:
        height: of the images.

    Attributes:
        begins: by height, how many maps there were when a level began.
    """

    def __init__(self, height: int) -> None:
        super().__init__()
        self.begins = {height: 0}
        self._maps: list[torch.Tensor] = []
        self._closed: set[int] = set()

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Call the function; keep its result."""
        out = func(*args, **(kwargs or {}))
        result = out[0] if isinstance(out, tuple) and out else out
        height = shrunk_to(func, args, result)
        if height:
            self.begins.setdefault(height, len(self._maps))
            result = Gate.apply(result, height, self._closed)
            out = (result, *out[1:]) if isinstance(out, tuple) else result
        if is_map(result) and result.requires_grad:
            self._maps.append(result)
        return out

    def between(self, above: int, below: int) -> list[torch.Tensor]:
        """Return the maps from the beginning of one level to that of another, each once."""
        maps = self._maps[self.begins[above] : self.begins[below]]
        return list({id(kept): kept for kept in maps}.values())

    def gradients(self, output: torch.Tensor, sources: list[torch.Tensor], below: int) -> list[torch.Tensor | None]:
        """Return the gradients of an output with respect to maps, or to the images, in the network cut at a level."""
        self._closed.add(below)
        try:
            return list(torch.autograd.grad(output, sources, retain_graph=True, allow_unused=True))
        finally:
            self._closed.remove(below)


class Gate(torch.autograd.Function):
    """Passes on a map, and back its gradient while the gate of this height is not closed."""

    @staticmethod
    def forward(ctx: Any, result: torch.Tensor, height: int, closed: set[int]) -> torch.Tensor:
        """Return a copy, which the network may change in place."""
        ctx.height, ctx.closed = height, closed
        ctx.set_materialize_grads(False)
        return result.clone()

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor | None) -> tuple[torch.Tensor | None, None, None]:
        """Return the gradient, or none."""
        return (None if ctx.height in ctx.closed else gradient), None, None


def _unfolded(image: torch.Tensor, arguments: dict) -> Call:
    """Return the convolution for which neighbourhoods were gathered, to be multiplied with its kernel."""
    kernel, dilation, padding, stride = (
        _first(arguments.get(name, usual)) for name, usual in zip(UNFOLD[1:], (1, 1, 0, 1), strict=True)
    )
    height = image.shape[-2]
    below = (height + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1
    return Call("conv2d", height, below, stride, dilation, kernel)


def _may_bend(func: Any, args: tuple) -> bool:
    """Whether a call may be that of an activation, or of a gate."""
    name = getattr(func, "__name__", "")
    if name in ("mul", "__mul__", "__rmul__", "bmm", "matmul", "einsum"):
        return all(isinstance(part, torch.Tensor) for part in args[:2])
    return name in BENDING_NAMES or any(word in name for word in BENDING)


def is_map(value: Any) -> bool:
    """Whether a value is a batch of feature maps."""
    return isinstance(value, torch.Tensor) and value.ndim == 4 and value.is_floating_point()


def shrunk_to(func: Any, args: tuple, result: Any) -> int:
    """Return the height to which a call shrank a map, by a half or more; 0 where it did nothing of the kind.

    Cropping is not shrinking, but taking every other row is. Neither is the mean over all pixels: it is a factor for
    each channel, not a map. A map may also be pooled by hand, as blocks `(B, C, H / 2, 2, W / 2, 2)`.
    """
    if not args or not isinstance(args[0], torch.Tensor) or not is_map(result):
        return 0
    source, after = args[0], result.shape[-2]
    if source.ndim > 4 and source.shape[:2] == result.shape[:2]:
        return after if source.numel() >= 4 * result.numel() else 0
    if not is_map(source) or (func in CROPS and not _takes_every_other(func, args)):
        return 0
    before = source.shape[-2]
    return after if after <= SHRINKS * before and (after > 1 or before <= 4) else 0


def _takes_every_other(func: Any, args: tuple) -> bool:
    """Whether a call takes rows with a step between them."""
    index = args[1] if func is torch.Tensor.__getitem__ else ()
    return any(isinstance(part, slice) and (part.step or 1) > 1 for part in (index if isinstance(index, tuple) else ()))


def _first(value: Any) -> int:
    return int(value[0] if isinstance(value, (tuple, list)) else value)
