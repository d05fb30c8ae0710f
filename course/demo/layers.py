"""What the tab "Inside a layer" computes: each layer step by step on a small grid, with the numbers that are used.

Everything is written out from the definitions, without torch: the tests compare it with torch.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from course.demo.charts import Grid

Place = tuple[int, int]


@dataclass(frozen=True)
class Frame:
    """One step.

    Attributes:
        grids: the tables to show side by side.
        sum: the arithmetic of this step, with the numbers.
    """

    grids: list[Grid]
    sum: str


@dataclass(frozen=True)
class Knobs:
    """What the sliders say; not every layer has all of them."""

    kernel: int = 2
    stride: int = 2
    padding: int = 0
    dilation: int = 1


@dataclass(frozen=True)
class Layer:
    """A layer that can be shown.

    Attributes:
        knobs: the sliders that mean something here.
        size: of its input.
        begin: the setting in which it is first shown.
        steps: makes its frames.
        formula: its output size, as a formula with the numbers in it.
        lesson: a sentence under it.
    """

    name: str
    knobs: tuple[str, ...]
    size: int
    begin: Knobs
    steps: Callable[[np.ndarray, Knobs], Iterator[Frame]]
    formula: Callable[[int, Knobs], str]
    lesson: str


def numbers(size: int, seed: int = 0, low: int = 0, high: int = 10) -> np.ndarray:
    """Return the input that is shown, int `(size, size)`: no number twice side by side, so that it is clear which."""
    values = np.random.default_rng([7, seed, size]).permutation(size * size) % (high - low) + low
    return values.reshape(size, size)


KERNEL = np.array([[1, 0, 2, 0], [0, 1, 0, 1], [2, 0, 1, 0], [0, 1, 0, 1]])


def kernel_of(size: int) -> np.ndarray:
    """Return the kernel that is shown, int `(size, size)`."""
    return KERNEL[:size, :size]


# Output sizes


def convolved(size: int, knobs: Knobs) -> int:
    """Return the output size of a convolution or a pooling: floor((n + 2p - d(k-1) - 1) / s) + 1."""
    return (size + 2 * knobs.padding - knobs.dilation * (knobs.kernel - 1) - 1) // knobs.stride + 1


def transposed(size: int, knobs: Knobs) -> int:
    """Return the output size of a transposed convolution: (n - 1)s - 2p + k."""
    return (size - 1) * knobs.stride - 2 * knobs.padding + knobs.kernel


def _convolved_text(size: int, knobs: Knobs) -> str:
    p, k, s, d = knobs.padding, knobs.kernel, knobs.stride, knobs.dilation
    return (
        f"out = ⌊(n + 2p − d(k − 1) − 1) / s⌋ + 1 = ⌊({size} + 2·{p} − {d}·{k - 1} − 1) / {s}⌋ + 1 "
        f"= {convolved(size, knobs)}"
    )


def _transposed_text(size: int, knobs: Knobs) -> str:
    p, k, s = knobs.padding, knobs.kernel, knobs.stride
    return f"out = (n − 1)s − 2p + k = {size - 1}·{s} − 2·{p} + {k} = {transposed(size, knobs)}"


def _unpooled_text(size: int, knobs: Knobs) -> str:
    return f"out = n·k = {size}·{knobs.kernel} = {size * knobs.kernel}"


# The layers


def max_pooling(values: np.ndarray, knobs: Knobs) -> Iterator[Frame]:
    """Yield the steps of max pooling, with the places of the maxima."""
    yield from _pooling(values, knobs, average=False)


def average_pooling(values: np.ndarray, knobs: Knobs) -> Iterator[Frame]:
    """Yield the steps of average pooling."""
    yield from _pooling(values, knobs, average=True)


def pooled(values: np.ndarray, kernel: int, stride: int) -> tuple[np.ndarray, dict[Place, Place]]:
    """Return the maxima, and for each output the place in the input that it is from (the first, where several are)."""
    size = (len(values) - kernel) // stride + 1
    out, places = np.zeros((size, size), values.dtype), {}
    for r, c in np.ndindex(size, size):
        window = values[r * stride : r * stride + kernel, c * stride : c * stride + kernel]
        i, j = np.unravel_index(int(window.argmax()), window.shape)
        out[r, c], places[r, c] = window[i, j], (r * stride + int(i), c * stride + int(j))
    return out, places


def _pooling(values: np.ndarray, knobs: Knobs, average: bool) -> Iterator[Frame]:
    k, s = knobs.kernel, knobs.stride
    maxima, places = pooled(values, k, s)
    size = len(maxima)
    out = np.full((size, size), np.nan)
    for r, c in np.ndindex(size, size):
        window = values[r * s : r * s + k, c * s : c * s + k]
        read = _window((r, c), s, k)
        out[r, c] = window.mean() if average else maxima[r, c]
        terms = (" + " if average else ", ").join(str(v) for v in window.ravel())
        sum_ = f"({terms}) / {k * k} = {short(out[r, c])}" if average else f"max({terms}) = {short(out[r, c])}"
        chosen = frozenset() if average else frozenset({places[r, c]})
        yield Frame([_grid("input", values, read, chosen), _grid("output", out, {(r, c)})], sum_)


def max_unpooling(values: np.ndarray, knobs: Knobs) -> Iterator[Frame]:
    """Yield the steps of max unpooling of what max pooling made of `values`: each maximum back to its place."""
    k = knobs.kernel
    maxima, places = pooled(values, k, k)
    out = np.zeros_like(values)
    kept = frozenset(places.values())
    for place, target in places.items():
        out[target] = maxima[place]
        index = target[0] * values.shape[1] + target[1]
        yield Frame(
            [
                _grid("before the pooling", values, frozenset(), kept),
                _grid("pooled", maxima, {place}),
                _grid("unpooled", out, {target}),
            ],
            f"{short(maxima[place])} goes back to index {index} = row {target[0]}, column {target[1]}; the rest is 0",
        )


def average_unpooling(values: np.ndarray, knobs: Knobs) -> Iterator[Frame]:
    """Yield the steps of average unpooling, which is nearest-neighbour upsampling."""
    k, size = knobs.kernel, len(values)
    out = np.full((size * k, size * k), np.nan)
    for r, c in np.ndindex(size, size):
        written = _window((r, c), k, k)
        for place in written:
            out[place] = values[r, c]
        yield Frame(
            [_grid("input", values, {(r, c)}), _grid("output", out, written)],
            f"{values[r, c]} fills {k} × {k} squares",
        )


def convolution(values: np.ndarray, knobs: Knobs) -> Iterator[Frame]:
    """Yield the steps of a convolution, as torch computes it: the kernel is not turned round."""
    k, s, p, d = knobs.kernel, knobs.stride, knobs.padding, knobs.dilation
    weights, padded, size = kernel_of(k), np.pad(values, p), convolved(len(values), knobs)
    border = frozenset(place for place in np.ndindex(padded.shape) if not _inside(place, p, len(values)))
    out = np.full((size, size), np.nan)
    for r, c in np.ndindex(size, size):
        read = [(r * s + i * d, c * s + j * d) for i, j in np.ndindex(k, k)]
        out[r, c] = sum(int(padded[place]) * int(w) for place, w in zip(read, weights.ravel(), strict=True))
        terms = [f"{padded[place]}·{w}" for place, w in zip(read, weights.ravel(), strict=True) if w]
        yield Frame(
            [
                _grid("input" + (", padded with 0" if p else ""), padded, frozenset(read), pale=border),
                _grid("kernel", weights),
                _grid("output", out, {(r, c)}),
            ],
            f"{' + '.join(terms)} = {short(out[r, c])}",
        )


def transposed_convolution(values: np.ndarray, knobs: Knobs) -> Iterator[Frame]:
    """Yield the steps of a transposed convolution: each input scatters the kernel, times itself, into the output."""
    k, s, p = knobs.kernel, knobs.stride, knobs.padding
    weights, size = kernel_of(k), transposed(len(values), knobs)
    out, counts = np.zeros((size, size), int), np.zeros((size, size), int)
    for r, c in np.ndindex(values.shape):
        written = frozenset()
        for i, j in np.ndindex(k, k):
            place = (r * s + i - p, c * s + j - p)
            if min(place) >= 0 and max(place) < size:
                out[place] += values[r, c] * weights[i, j]
                counts[place] += 1
                written |= {place}
        yield Frame(
            [
                _grid("input", values, {(r, c)}),
                _grid("kernel", weights),
                _grid("output", out, written),
                _grid("how often written", counts, written),
            ],
            f"{values[r, c]} × kernel is added from row {r}·{s} − {p} = {r * s - p}, "
            f"column {c}·{s} − {p} = {c * s - p}",
        )


LAYERS = [
    Layer(
        "Max pooling", ("kernel", "stride"), 4, Knobs(2, 2), max_pooling, _convolved_text,
        "The blue square is the one that was kept. Its index is what max unpooling will need.",
    ),
    Layer(
        "Average pooling", ("kernel", "stride"), 4, Knobs(2, 2), average_pooling, _convolved_text,
        "Every square has the same part in the result: nothing is thrown away, and nothing stays sharp.",
    ),
    Layer(
        "Max unpooling", ("kernel",), 4, Knobs(2, 2), max_unpooling, lambda n, k: _unpooled_text(n // k.kernel, k),
        "Each maximum goes back to where it was: borders stay where they were. torch keeps int64 indices, 8 bytes "
        "each; for 2 × 2 two bits would do.",
    ),
    Layer(
        "Average unpooling", ("kernel",), 2, Knobs(2, 2), average_unpooling, _unpooled_text,
        "This is nearest-neighbour upsampling: no index, and a staircase at every border.",
    ),
    Layer(
        "Convolution", ("kernel", "stride", "padding"), 5, Knobs(3, 1, 0), convolution, _convolved_text,
        "torch does not turn the kernel round: mathematicians call that a correlation.",
    ),
    Layer(
        "Dilated convolution", ("kernel", "stride", "padding", "dilation"), 6, Knobs(2, 1, 0, 2), convolution,
        _convolved_text,
        "Dilated, or atrous: zeros between the kernel's weights, the output shrinks. That is not a transposed "
        "convolution, which puts zeros between the inputs, and whose output grows.",
    ),
    Layer(
        "Transposed convolution", ("kernel", "stride", "padding"), 3, Knobs(3, 2, 0), transposed_convolution,
        _transposed_text,
        "Look at how often each square is written: k = 3, s = 2 draws a checkerboard. k = 2 or 4 with s = 2 does not, "
        "away from the border.",
    ),
]  # fmt: skip


def layer(name: str) -> Layer:
    """Return the layer of this name."""
    return next(layer for layer in LAYERS if layer.name == name)


def frames(shown: Layer, knobs: Knobs) -> list[Frame]:
    """Return all steps of a layer; none where the kernel does not fit into the input."""
    if shown.steps is transposed_convolution:
        fits = transposed(shown.size, knobs) > 0
    elif shown.steps is max_unpooling:
        fits = shown.size % knobs.kernel == 0
    else:
        fits = shown.steps is average_unpooling or convolved(shown.size, knobs) > 0
    return list(shown.steps(numbers(shown.size), knobs)) if fits else []


def short(value: float) -> str:
    """Write a number into a square: "" where there is none yet."""
    return "" if np.isnan(value) else f"{float(value):.4g}"


def _grid(title: str, values: np.ndarray, marked=frozenset(), second=frozenset(), pale=frozenset()) -> Grid:
    texts = [[short(value) for value in row] for row in values]
    return Grid(title, texts, frozenset(marked), frozenset(second), frozenset(pale))


def _window(place: Place, stride: int, kernel: int) -> frozenset[Place]:
    r, c = place
    return frozenset((r * stride + i, c * stride + j) for i, j in np.ndindex(kernel, kernel))


def _inside(place: Place, padding: int, size: int) -> bool:
    return all(padding <= x < padding + size for x in place)
