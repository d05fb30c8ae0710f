"""Operation `structure`: how a network is made, found out from what it does."""

from contextlib import ExitStack, suppress
from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from course.worker.evaluate import Answer
from course.worker.layers import fill_zeros, has_gradient, is_layer, is_zero
from course.worker.layout import fast_layout
from course.worker.loading import Library
from course.worker.models import build, logits_of, parts_of
from course.worker.places import nearness, same
from course.worker.protocol import Arrays
from course.worker.tracing import CallTrace, Levels, is_map

# Networks that are right have 0.47 and more on 128 x 128; on 64 x 64 some have less.
CLEARLY_NEAR = 0.6


def structure(library: Library, request: dict[str, Any], arrays: Arrays) -> Answer:
    """Say how a network is made, from what it does on `images`.

    Reply:
        calls: the convolutions, poolings, interpolations and squashing functions, in order (`tracing.Call`).
        unused: names of layers that get no gradient. idle: those of them that did not even run.
        called_twice: names of layers that ran more than once.
        strays: how many convolutions ran whose weights are not among the network's parameters.
        heights: of the images, and of each level to which the maps are shrunk by a half or more.
        skips: those heights, but the last, from which maps reach the output past everything lower.
        bends: whether anything may bend a map, as an activation does.
        bypass: whether the image reaches the output past the lowest level.
        shared: names of layers that ran at several of those heights: one set of weights for all of them.
        nearness: how much of what a pixel's output depends on lies near it: see `places.nearness`.
        steady: whether an image's output is the same with and without another one beside it.
        rows: of the logits for whole images, after images of another size.
        lowest, highest: of the output, with the weights as they are and with the last layer's times 1000 and -1000.
    """
    probed = Probed(build(library, request), arrays["images"], request)
    if not probed.learns():
        probed.scale_last(-1.0)  # a ReLU at the end may let nothing through: then it lets the opposite through
        probed.learns()
    heights = [probed.images.shape[-2], *probed.trace.levels]
    skips, bypass = probed.ways_around(heights)
    header = {
        "calls": [asdict(call) for call in probed.trace.calls],
        "unused": probed.unused,
        "idle": [name for name in probed.unused if name not in probed.order],
        "called_twice": sorted({name for name in probed.order if probed.order.count(name) > 1}),
        "strays": probed.strays(),
        "bends": probed.trace.bends,
        "heights": heights,
        "skips": skips,
        "bypass": bypass,
        "shared": probed.shared(),
        "nearness": probed.nearness(),
        "steady": probed.is_steady(),
        "rows": probed.rows,
    }
    header["lowest"], header["highest"] = probed.extremes()
    return header, {}


class Probed:
    """A network under examination.

    Attributes:
        layout: in which it runs.
        one_image, quarter: the first of the images, and a quarter of it.
        order: names of the convolutions and linear layers, in the order in which they ran.
        ran_at: by name, the heights of the maps that each of them gave.
        mixes: whether a linear layer got more than a pixel's channels: a bottleneck may be fully connected.
        trace: what was called when it ran last.
        unused: names of those layers that got no gradient.
        feeding: names of those that got one from the logits.
        rows: of the logits when it was watched last.
    """

    def __init__(self, model: nn.Module, images: np.ndarray, request: dict[str, Any]) -> None:
        self.images = torch.from_numpy(images).to(request["device"])
        one_image = self.images[:1]  # enough where the images of a batch do not depend on one another
        half = self.images.shape[-1] // 2  # where a network takes images of any size, a part of one tells as much
        quarter = one_image[..., :half, :half]
        self.layout = fast_layout(model.eval(), quarter, one_image)
        self.images = self.images.to(memory_format=self.layout)
        self.one_image = self.images[:1]
        self.quarter = quarter.contiguous(memory_format=self.layout)
        self.model = model.to(memory_format=self.layout)
        self.settings = request["settings"]
        self.order: list[str] = []
        self.ran_at: dict[str, set[int]] = {}
        self.mixes = False
        self.rows = 0
        self.layers = {name: module for name, module in model.named_modules() if is_layer(module)}
        fill_zeros(self.model)
        self.unused = list(self.layers)
        self.feeding: list[str] = []

    def learns(self) -> bool:
        """Run the network forward and backward, as in training; return whether any layer gets a gradient of the logits.

        A quarter of an image is enough where every layer gets one. What gets none may do so by chance, as a branch that
        is dropped at random; and a batch normalisation of 1 x 1 maps refuses a single image.
        """
        try:
            self._step(self.quarter)
            enough = not self.unused
        except Exception:
            enough = False
        if not enough:
            self._step(self.images)
            if self.unused:
                dropped = set(self.unused)
                self._step(self.images, training=False)
                self.unused = [name for name in self.unused if name in dropped]
        else:
            with torch.no_grad():
                self._watched(self.one_image)
        return bool(self.feeding)

    def _step(self, images: Tensor, training: bool = True) -> None:
        """Run the network forward and backward, and note which layers get no gradient."""
        self.model.train(training)
        self.model.zero_grad(set_to_none=True)
        logits, *others = self._watched(images)
        self._backward(logits)
        self.feeding = [name for name, layer in self.layers.items() if has_gradient(layer)]
        for other in others:
            self._backward(other)
        self.unused = [
            name
            for name, layer in self.layers.items()
            if not has_gradient(layer)
            # The classifier of a borrowed encoder, say torchvision's, is left over and does no harm.
            and not (isinstance(layer, nn.Linear) and name not in self.order)
            and not self._is_other_head(name, layer, logits)
        ]

    def _is_other_head(self, name: str, layer: nn.Module, logits: Tensor) -> bool:
        """Whether a layer is one more head beside the one that gave the logits: for losses at several heights, say."""
        is_last = self.order[-1:] == [name]
        return bool(self.feeding) and not is_last and getattr(layer, "out_channels", 0) == logits.shape[1]

    def _backward(self, output: Tensor) -> None:
        if output.requires_grad:
            self._mix(output).backward(retain_graph=True)

    def _watched(self, images: Tensor) -> list[Tensor]:
        """Run the network, and note which layers and functions it calls.

        Returns:
            the logits, and whatever other maps it returns beside them, for losses at several heights, say.
        """
        self.order, self.ran_at = [], {}
        with ExitStack() as hooks:
            for name, layer in self.layers.items():
                hook = layer.register_forward_hook(lambda layer, _, result, name=name: self._note(name, layer, result))
                hooks.callback(hook.remove)
            with CallTrace() as self.trace:
                output = self.model(images)
        logits = logits_of(output, self.settings)
        self.rows = logits.shape[-2] if is_map(logits) else 0
        return [logits, *(part for part in parts_of(output) if is_map(part) and part is not logits)]

    def _note(self, name: str, layer: nn.Module, result: Any) -> None:
        self.order.append(name)
        self.mixes = self.mixes or (isinstance(layer, nn.Linear) and result.ndim == 2)
        if is_map(result):
            self.ran_at.setdefault(name, set()).add(result.shape[-2])

    def shared(self) -> list[str]:
        """Return the names of convolutions that ran at several levels; 1 x 1 and strided ones may."""
        several = [name for name, heights in self.ran_at.items() if max(heights) >= 2 * min(heights)]
        layers = {name: self.layers[name] for name in several if isinstance(self.layers[name], nn.Conv2d)}
        return sorted(name for name, layer in layers.items() if layer.kernel_size != (1, 1) and layer.stride == (1, 1))

    def strays(self) -> int:
        """Return how many weights ran that the network does not know as its own: of layers in a plain list, say."""
        own = {id(parameter) for parameter in self.model.parameters()}
        return len({id(w) for w in self.trace.weights if isinstance(w, nn.Parameter)} - own)

    def ways_around(self, heights: list[int]) -> tuple[list[int], bool]:
        """Find the ways to the output past the lower levels.

        A quarter of the image is looked at first, in a quarter of the time, if the network makes the same levels of it.
        Where that does not show all ways that there could be, the whole image decides.

        Returns:
            the heights of the levels, but the last, whose maps have such a way, and whether the image has one.
        """
        if len(heights) == 1:
            return [], False
        with suppress(Exception):
            skips = self._skips(self.quarter, [height // 2 for height in heights])
            if len(skips) == len(heights) - 1:
                return [2 * height for height in skips], True
        skips = self._skips(self.one_image, heights)
        return skips, bool(skips) or self._bypasses(heights[-1])

    def _skips(self, image: Tensor, heights: list[int]) -> list[int]:
        """Return the heights of the levels, but the last, whose maps reach the output past the next level."""
        levels, output = self._run_recorded(image)
        return [above for above, below in pairwise(heights) if _passes(levels, output, above, below)]

    def _run_recorded(self, image: Tensor) -> tuple[Levels, Tensor]:
        self.model.eval()
        with Levels(image.shape[-2]) as levels:
            logits = self._run(image)
        return levels, self._mix(logits)

    def _bypasses(self, lowest: int) -> bool:
        """Whether the image itself reaches the output past the lowest level."""
        image = self.one_image.clone().requires_grad_(True)
        levels, output = self._run_recorded(image)
        if lowest not in levels.begins or not output.requires_grad:
            return False
        return not is_zero(*levels.gradients(output, [image], lowest))

    def nearness(self) -> float:
        """Return `places.nearness`; 1 where the output has not the image's size, or a layer mixes all places."""
        self.model.eval()
        near = 1.0
        for part in (self.quarter, self.one_image):
            image = part.clone().requires_grad_(True)
            with suppress(Exception):
                logits = self._run(image)
                if logits.shape[-2:] == image.shape[-2:] and logits.requires_grad:
                    near = nearness(logits, image)
                    if near > CLEARLY_NEAR:
                        break
        return 1.0 if self.mixes else near

    @torch.no_grad()
    def is_steady(self) -> bool:
        """Whether the second image's output is the same alone and with the first one beside it, and does not change."""
        self.model.eval()
        half = self.images.shape[-1] // 2
        for images in (self.images[..., :half, :half], self.images):
            with suppress(Exception):
                together, alone = self._run(images)[1:], self._run(images[1:])
                return same(together, alone) and same(alone, self._run(images[1:]))
        return True

    def extremes(self) -> tuple[float, float]:
        """Return the lowest and the highest output, with the last layer's weights as they are, and times +-1000."""
        self.model.eval()
        values = []
        for factor in (1.0, 1000.0, -1.0):
            self.scale_last(factor)
            values += self._range()
        return min(values), max(values)

    def _range(self) -> tuple[float, float]:
        """Return the lowest and the highest output, of a quarter of the image if it is not one number everywhere."""
        with torch.no_grad():
            with suppress(Exception):
                low, high = self._run(self.quarter).aminmax()
                if low < high:
                    return float(low), float(high)
            logits = self._run(self.one_image)
            return float(logits.min()), float(logits.max())

    def scale_last(self, factor: float) -> None:
        """Multiply weight and bias of the last layer that has a part in the output."""
        last = next((name for name in reversed(self.order) if name in self.feeding), None)
        last = last or (self.order[-1] if self.order else None)
        parameters = self.layers[last].parameters() if last else self.model.parameters()
        with torch.no_grad():
            for parameter in parameters:
                parameter.mul_(factor)

    def _run(self, images: Tensor) -> Tensor:
        return logits_of(self.model(images), self.settings)

    @staticmethod
    def _mix(logits: Tensor) -> Tensor:
        """Return a sum with a different weight for each pixel: the plain sum of a softmax is constant."""
        weights = torch.linspace(0.5, 1.5, logits.numel(), device=logits.device, dtype=logits.dtype)
        return (logits.flatten() * weights).sum()


def _passes(levels: Levels, output: Tensor, above: int, below: int) -> bool:
    """Whether maps between two levels reach the output past the lower one."""
    if above not in levels.begins or below not in levels.begins or not output.requires_grad:
        return False
    maps = levels.between(above, below)
    return bool(maps) and not all(map(is_zero, levels.gradients(output, maps, below)))
