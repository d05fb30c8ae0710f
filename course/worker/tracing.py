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
CROPS = {torch.Tensor.__getitem__, torch.narrow, torch.Tensor.narrow, F.pad}
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


class Cut(TorchFunctionMode):
    """Cuts a network between two of its levels: what shrinks maps to `below` rows passes on values, but no gradient.

    What still gets a gradient from the output then, reaches it past the cut: through a skip connection.

    Args:
        above: height of the maps that are kept, at most: that of the level over the cut.
        below: height of the level under the cut.

    Attributes:
        maps: the maps between the shrinking to `above` rows (the start, where nothing is as high) and the cut.
    """

    def __init__(self, above: int, below: int) -> None:
        super().__init__()
        self.above = above
        self.below = below
        self.maps: list[torch.Tensor] = []
        self.reached = False
        self.passed = False

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Call the function; cut off its result, or keep it."""
        out = func(*args, **(kwargs or {}))
        result = out[0] if isinstance(out, tuple) and out else out
        height = shrunk_to(func, args, result)
        if height == self.below:
            self.passed = True
            return (result.detach(), *out[1:]) if isinstance(out, tuple) else result.detach()
        self.reached = self.reached or height == self.above
        if is_map(result) and result.requires_grad and self.reached and not self.passed:
            self.maps.append(result)
        return out


def _may_bend(func: Any, args: tuple) -> bool:
    """Whether a call may be that of an activation, or of a gate."""
    name = getattr(func, "__name__", "")
    if name in ("mul", "__mul__", "__rmul__", "bmm", "matmul", "einsum"):
        return all(isinstance(part, torch.Tensor) for part in args[:2])
    return any(word in name for word in BENDING)


def is_map(value: Any) -> bool:
    """Whether a value is a batch of feature maps."""
    return isinstance(value, torch.Tensor) and value.ndim == 4 and value.is_floating_point()


def shrunk_to(func: Any, args: tuple, result: Any) -> int:
    """Return the height to which a call shrank a map, by a half or more; 0 where it did nothing of the kind.

    Cropping is not shrinking, and neither is the mean over all pixels: it is a factor for each channel, not a map.
    """
    if func in CROPS or not args or not is_map(args[0]) or not is_map(result):
        return 0
    before, after = args[0].shape[-2], result.shape[-2]
    return after if after <= SHRINKS * before and (after > 1 or before <= 4) else 0


def _first(value: Any) -> int:
    return int(value[0] if isinstance(value, (tuple, list)) else value)
