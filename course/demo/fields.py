"""Receptive fields: how far a pixel of the output sees, and how densely."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Step:
    """A layer as far as it widens the field: kernel, stride, dilation."""

    name: str
    kernel: int
    stride: int = 1
    dilation: int = 1


@dataclass(frozen=True)
class Field:
    """What an output pixel sees after some layers.

    Attributes:
        paths: on how many ways each input pixel reaches it, along one axis, from the first that can to the last.
        sum: how the width came about, with the numbers.
    """

    paths: np.ndarray
    sum: str

    @property
    def width(self) -> int:
        """How many pixels across."""
        return len(self.paths)

    @property
    def seen(self) -> float:
        """The share of the square's pixels that have any part in the output."""
        return float((self.paths > 0).mean() ** 2)

    @property
    def picture(self) -> np.ndarray:
        """Return the share of each pixel, 0..1, the square root so that little is still seen, `(width, width)`."""
        square = np.outer(self.paths, self.paths).astype(float)
        return np.sqrt(square / square.max())


def _dilated(*rates: int) -> list[Step]:
    return [Step(f"3×3, dilation {rate}", 3, 1, rate) for rate in rates]


def _pooled(levels: int) -> list[Step]:
    steps = []
    for _ in range(levels):
        steps += [Step("3×3", 3), Step("pooling 2×2", 2, 2)]
    return [*steps, Step("3×3", 3)]


NETWORKS = {
    "four plain 3×3": _dilated(1, 1, 1, 1),
    "dilation 1, 2, 4, 8": _dilated(1, 2, 4, 8),
    "DilatedNet: 1, 2, 4, 8, 16": _dilated(1, 2, 4, 8, 16),
    "dilation 2, 2, 2": _dilated(2, 2, 2),
    "encoder: 3×3 and pooling": _pooled(4),
}


def fields(steps: list[Step]) -> list[Field]:
    """Return the field after each layer. A stride makes every later step as much longer."""
    paths, jump, found = np.ones(1, dtype=np.int64), 1, []
    terms = ["1"]
    for step in steps:
        taps = np.zeros((step.kernel - 1) * step.dilation * jump + 1, dtype=np.int64)
        taps[:: step.dilation * jump] = 1
        paths = np.convolve(paths, taps)
        terms.append(f"{step.kernel - 1}·{step.dilation}" + (f"·{jump}" if jump > 1 else ""))
        found.append(Field(paths, f"1 + Σ (k − 1)·d·(strides before) = {' + '.join(terms)} = {len(paths)}"))
        jump *= step.stride
    return found
