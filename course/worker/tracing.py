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
}


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
    """Records the calls of the functions above, in order."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Call the function, and note what it was."""
        kwargs = kwargs or {}
        out = func(*args, **kwargs)  # runs without this mode: what it calls in its turn is not noted again
        if func in NOTED:
            self._note(NOTED[func], args, kwargs, out)
        return out

    def _note(self, name: str, args: tuple, kwargs: dict, out: Any) -> None:
        image = args[0] if args else kwargs.get("input")
        result = out[0] if isinstance(out, tuple) else out
        if not all(isinstance(t, torch.Tensor) and t.ndim == 4 for t in (image, result)):
            return
        call = Call(name, image.shape[-2], result.shape[-2])
        if name in ("conv2d", "conv_transpose2d"):
            names = ["input", "weight", "bias", "stride", "padding"]
            names += ["dilation", "groups"] if name == "conv2d" else ["output_padding", "groups", "dilation"]
            arguments = dict(zip(names, args, strict=False)) | kwargs
            call.stride = _first(arguments.get("stride", 1))
            call.dilation = _first(arguments.get("dilation", 1))
            call.kernel = arguments["weight"].shape[-2]
        self.calls.append(call)


class Silence(TorchFunctionMode):
    """Replaces every feature map that is lower than `height` by zeros, and keeps the maps of exactly that height.

    What a network still draws from its input then, it draws through skip connections of at least that height.

    Args:
        height: maps with fewer rows are silenced.

    Attributes:
        maps: the maps with exactly `height` rows that were made before the first map with fewer rows: those of the
            encoder.
    """

    def __init__(self, height: int) -> None:
        super().__init__()
        self.height = height
        self.maps: list[torch.Tensor] = []
        self.below = False

    def __torch_function__(self, func: Any, types: Any, args: tuple = (), kwargs: dict | None = None) -> Any:
        """Call the function, and silence or keep its result."""
        out = func(*args, **(kwargs or {}))
        if not isinstance(out, torch.Tensor) or out.ndim != 4 or not out.is_floating_point():
            return out
        if out.shape[-2] < self.height:
            self.below = True
            return torch.zeros_like(out)
        if out.shape[-2] == self.height and not self.below and out.requires_grad:
            self.maps.append(out)
        return out


def _first(value: Any) -> int:
    return int(value[0] if isinstance(value, (tuple, list)) else value)
