"""What is recorded of a gradient: not the gradient, but enough to tell whether another one is the same."""

import hashlib
from dataclasses import dataclass
from functools import cache

import numpy as np

SUMS = 16
# Rounding errors of n numbers add up to about the root of n times one of them; this often more is allowed.
MARGIN = 4


@dataclass(frozen=True, eq=False)
class Sketch:
    """A gradient's shape, its largest absolute value, and its sums with random signs.

    Sixteen numbers in place of hundreds: who reads them cannot tell what the gradient of a single pixel is.

    Attributes:
        sums: `SUMS` numbers, the gradient's elements added up with signs that only depend on their count.
    """

    shape: tuple[int, ...]
    largest: float
    sums: np.ndarray

    def is_like(self, got: np.ndarray, tolerance: float) -> bool:
        """Whether a gradient of this shape is the same up to rounding.

        Args:
            tolerance: how far a single element may be off, relative to the largest.
        """
        allowed = MARGIN * tolerance * self.largest * np.sqrt(got.size)
        return bool(np.max(np.abs(sums_of(got) - self.sums)) <= allowed)


def sketch(gradient: np.ndarray) -> Sketch:
    """Return what is recorded of a gradient."""
    return Sketch(gradient.shape, float(np.max(np.abs(gradient))), sums_of(gradient))


def sums_of(array: np.ndarray) -> np.ndarray:
    """Return the sums of an array's elements with random signs, in float64."""
    return _signs(array.size) @ array.ravel().astype(np.float64)


@cache
def _signs(count: int) -> np.ndarray:
    """Return random signs `(SUMS, count)`: the same on every machine, and with every version of NumPy."""
    bits = np.unpackbits(np.frombuffer(hashlib.shake_256(str(count).encode()).digest(-(-SUMS * count // 8)), np.uint8))
    return 2.0 * bits[: SUMS * count].reshape(SUMS, count) - 1.0
