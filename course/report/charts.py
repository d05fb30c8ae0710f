"""Charts as SVG, made by us: no script, no file, no colour that the page's style does not set.

Every chart is a picture with a text alternative. Its lines have classes, `line-1`, `line-2`, ... and `band`, which the
style sheet colours for light and dark.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT = 340, 200
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 12, 34
TICKS = 5

Values = Sequence[float | None]


@dataclass(frozen=True)
class Line:
    """A line over places `x`; None is a gap. With `dots`, each value is marked: few values are no line."""

    label: str
    x: Sequence[float]
    y: Values
    style: str
    dots: bool = False


@dataclass(frozen=True)
class Area:
    """What lies between two lines."""

    label: str
    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


def line_chart(
    title: str,
    x_label: str,
    lines: Sequence[Line],
    area: Area | None = None,
    y_range: tuple[float, float] | None = None,
    from_zero: bool = False,
) -> Markup:
    """Return a chart of lines, and perhaps an area behind them.

    Args:
        y_range: of the vertical axis; None: what the values need.
        from_zero: let the horizontal axis begin at 0.
    """
    xs = [place for line in lines for place in line.x] + (list(area.x) if area else [])
    ys = [value for line in lines for value in line.y if value is not None]
    ys += [*area.low, *area.high] if area else []
    x_axis = _Axis(0.0 if from_zero else min(xs), max(xs), LEFT, WIDTH - RIGHT)
    low, high = y_range or _round_range(min(ys, default=0.0), max(ys, default=1.0))
    y_axis = _Axis(low, high, HEIGHT - BOTTOM, TOP)
    parts = [_grid(x_axis, y_axis, x_label)]
    if area:
        there = [(x_axis(x), y_axis(y)) for x, y in zip(area.x, area.high, strict=True)]
        back = [(x_axis(x), y_axis(y)) for x, y in zip(area.x, area.low, strict=True)]
        parts.append(Markup('<polygon class="band" points="{}"/>').format(_points(there + back[::-1])))
    parts += [_drawn(line, x_axis, y_axis) for line in lines]
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, HEIGHT, title, Markup("").join(parts)
    )


@dataclass(frozen=True)
class _Axis:
    """Turns values into places of the drawing."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        span = self.high - self.low or 1.0
        share = min(1.0, max(0.0, (value - self.low) / span))
        return round(self.start + share * (self.end - self.start), 1)


def _drawn(line: Line, x_axis: _Axis, y_axis: _Axis) -> Markup:
    pieces, piece = [], []
    for x, y in zip(line.x, line.y, strict=True):
        if y is None:
            pieces, piece = [*pieces, piece], []
        else:
            piece.append((x_axis(x), y_axis(y)))
    drawn = [
        Markup('<polyline class="line {}" points="{}"/>').format(line.style, _points(piece))
        for piece in [*pieces, piece]
        if piece
    ]
    if line.dots:
        places = [place for piece in [*pieces, piece] for place in piece]
        drawn += [Markup('<circle class="dot {}" cx="{}" cy="{}" r="3.5"/>').format(line.style, *p) for p in places]
    return Markup("").join(drawn)


def _grid(x_axis: _Axis, y_axis: _Axis, x_label: str) -> Markup:
    parts = []
    for value in _ticks(y_axis.low, y_axis.high):
        y = y_axis(value)
        parts.append(Markup('<line class="grid" x1="{}" x2="{}" y1="{}" y2="{}"/>').format(LEFT, WIDTH - RIGHT, y, y))
        parts.append(_text(LEFT - 6, y + 3.5, _short(value), "end"))
    parts += [_text(x_axis(value), HEIGHT - BOTTOM + 15, _short(value)) for value in _ticks(x_axis.low, x_axis.high)]
    parts.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 4, x_label))
    return Markup("").join(parts)


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers within a range."""
    step = _step(low, high)
    return [step * number for number in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def _step(low: float, high: float) -> float:
    """Return a round distance, such that a handful of ticks fit."""
    wanted = max(high - low, 1e-9) / TICKS
    power = 10.0 ** math.floor(math.log10(wanted))
    return power * next(factor for factor in (1, 2, 2.5, 5, 10) if factor * power >= wanted * (1 - 1e-9))


def _round_range(low: float, high: float) -> tuple[float, float]:
    """Return a range that begins and ends at ticks, and is not empty."""
    if high - low < 1e-9:
        low, high = low - 0.5, high + 0.5
    step = _step(low, high)
    return step * math.floor(low / step + 1e-9), step * math.ceil(high / step - 1e-9)


def _short(value: float) -> str:
    return f"{value:.6g}" if value else "0"


def _points(places: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in places)


def meter(share: float, label: str, width: int = 120) -> Markup:
    """Return a bar that is filled to a share between 0 and 1."""
    filled = round(width * min(1.0, max(0.0, share)), 1)
    return Markup(
        '<svg class="meter" viewBox="0 0 {} 8" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="meter-all" width="{}" height="8"/><rect class="meter-part" width="{}" height="8"/>'
        "</svg>"
    ).format(width, label, width, filled)


def strip_chart(title: str, values: Sequence[float]) -> Markup:
    """Return values between 0 and 1 as dots on a line."""
    axis = _Axis(0.0, 1.0, 10, WIDTH - 10)
    parts = [Markup('<line class="grid" x1="10" x2="{}" y1="14" y2="14"/>').format(WIDTH - 10)]
    parts += [_text(axis(value), 38, _short(value)) for value in (0, 0.2, 0.4, 0.6, 0.8, 1)]
    parts += [Markup('<circle class="dot line-1" cx="{}" cy="14" r="5"/>').format(axis(value)) for value in values]
    return Markup('<svg class="strip" viewBox="0 0 {} 44" role="img" aria-label="{}">{}</svg>').format(
        WIDTH, title, Markup("").join(parts)
    )


def histogram(title: str, values: Sequence[float], maximum: float, bins: int = 10) -> Markup:
    """Return how many values lie in each tenth of the range; what is above the maximum is in the last."""
    width, height, bottom = 240, 124, 100
    counts = [0] * bins
    for value in values:
        counts[min(bins - 1, max(0, int(bins * value / maximum)))] += 1
    wide = width / bins
    parts = [Markup('<line class="grid" x1="0" x2="{}" y1="{}" y2="{}"/>').format(width, bottom, bottom)]
    for number, count in enumerate(counts):
        if count:
            tall = round((bottom - 20) * count / max(counts), 1)
            place, middle = number * wide, (number + 0.5) * wide
            bar = Markup('<rect class="bar" x="{}" y="{}" width="{}" height="{}" rx="1.5"/>')
            parts.append(bar.format(place + 1.5, bottom - tall, wide - 3, tall))
            parts.append(_text(middle, bottom - tall - 4, count))
    for share, anchor in ((0, "start"), (0.5, "middle"), (1, "end")):
        parts.append(_text(share * width, bottom + 17, _short(share * maximum), anchor))
    return Markup('<svg class="chart histogram" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        width, height, title, Markup("").join(parts)
    )


def _text(x: float, y: float, text: object, anchor: str = "middle") -> Markup:
    return Markup('<text class="tick" x="{}" y="{}" text-anchor="{}">{}</text>').format(round(x, 1), y, anchor, text)
