"""Charts as SVG: sharp at any size, and in the page's own colours, light and dark (`look/style.css`)."""

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """A bar: a label, a number (or a sentence in its place), and whether it is the chosen one."""

    label: str
    value: float | None
    note: str = ""
    chosen: bool = False
    kind: str = "loss"


def number(value: float) -> str:
    """Write a number as the back row needs it: three digits, and words for what is none."""
    if math.isnan(value):
        return "undefined"
    if math.isinf(value):
        return "infinite" if value > 0 else "−infinite"
    if value != 0 and abs(value) < 1e-3:
        return f"{value:.0e}".replace("e-0", "e−").replace("e-", "e−")
    return f"{value:.3f}" if abs(value) < 100 else f"{value:,.0f}"


def bars(rows: Sequence[Bar], full: float = 1.0) -> str:
    """Return horizontal bars as HTML. A bar of `full` fills the width; a longer one too, with an arrow at its end."""
    lines = []
    for row in rows:
        label = html.escape(row.label)
        if row.value is None:
            lines.append(f'<div class="bar"><span class="name">{label}</span><em>{html.escape(row.note)}</em></div>')
            continue
        share = 0.0 if math.isnan(row.value) else min(max(row.value / full, 0.0), 1.0)
        over = " over" if row.value > full else ""
        chosen = " chosen" if row.chosen else ""
        note = f" <small>{html.escape(row.note)}</small>" if row.note else ""
        lines.append(
            f'<div class="bar {row.kind}{over}{chosen}"><span class="name">{label}{note}</span><span class="track">'
            f'<span class="fill" style="width:{100 * share:.1f}%"></span></span>'
            f'<span class="number">{number(row.value)}</span></div>'
        )
    return f'<div class="bars">{"".join(lines)}</div>'


@dataclass(frozen=True)
class Line:
    """A line of a chart: its points from left to right."""

    label: str
    points: Sequence[tuple[float, float]]


def curves(lines: Sequence[Line], x_label: str, y_label: str, top: float = 1.0) -> str:
    """Return lines over a common axis as SVG, the first solid, the second dashed: not told apart by colour alone."""
    width, height, left, bottom, right, above = 440, 340, 58, 54, 16, 14
    most = max((x for line in lines for x, _ in line.points), default=0) or 10
    inner_w, inner_h = width - left - right, height - above - bottom

    def place(x: float, y: float) -> tuple[float, float]:
        y = 0.0 if math.isnan(y) else min(max(y / top, 0), 1)
        return left + x / most * inner_w, above + (1 - y) * inner_h

    parts = []
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = above + (1 - share) * inner_h
        parts.append(f'<line class="grid" x1="{left}" x2="{left + inner_w}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 6:.1f}" text-anchor="end">{share * top:g}</text>')
    for x in (0, most / 2, most):
        parts.append(f'<text x="{place(x, 0)[0]:.1f}" y="{height - 30}" text-anchor="middle">{x:.0f}</text>')
    parts.append(
        f'<text x="{left + inner_w}" y="{height}" text-anchor="end" class="axis">{html.escape(x_label)}</text>'
    )
    parts.append(f'<text x="{left}" y="{height}" class="axis">{html.escape(y_label)}</text>')
    ends = []
    for index, line in enumerate(lines):
        if not line.points:
            continue
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in line.points))
        parts.append(f'<polyline class="line line{index}" points="{path}"/>')
        ends.append((place(*line.points[-1])[1], index, line.label))
    for place_, (_, index, label) in enumerate(
        sorted(ends, key=lambda end: end[1])
    ):  # a legend, where lines rarely are
        y = above + inner_h - 14 - 24 * (len(ends) - 1 - place_)
        parts.append(f'<line class="line line{index}" x1="{left + 150}" x2="{left + 194}" y1="{y - 6}" y2="{y - 6}"/>')
        parts.append(f'<text class="label line{index}" x="{left + 202}" y="{y}">{html.escape(label)}</text>')
    return f'<svg class="chart" viewBox="0 0 {width} {height + 6}" role="img">{"".join(parts)}</svg>'


@dataclass(frozen=True)
class Grid:
    """Numbers in squares.

    Attributes:
        values: rows of texts; "" is an empty square.
        marked: squares in the first colour (what is being read or written), as (row, column).
        second: squares in the second colour.
        pale: squares that stand for nothing: the padding, or what is not computed yet.
    """

    title: str
    values: Sequence[Sequence[str]]
    marked: frozenset[tuple[int, int]] = frozenset()
    second: frozenset[tuple[int, int]] = frozenset()
    pale: frozenset[tuple[int, int]] = frozenset()


def grids(tables: Sequence[Grid]) -> str:
    """Return grids side by side as HTML, all squares of one size: as large as the window allows."""
    columns = sum(max((len(row) for row in table.values), default=0) for table in tables)
    rows = max(len(table.values) for table in tables)
    side = f"min({90 / (columns + len(tables)):.2f}vw, {54 / rows:.2f}vh, 5rem)"
    return f'<div class="tables" style="--side:{side}">{"".join(grid(table) for table in tables)}</div>'


def grid(drawn: Grid) -> str:
    """Return a grid as SVG in a figure; a square's side is the style's `--side`."""
    side = 50
    rows, columns = len(drawn.values), max((len(row) for row in drawn.values), default=0)
    parts = []
    for r, row in enumerate(drawn.values):
        for c, text in enumerate(row):
            names = [name for name in ("marked", "second", "pale") if (r, c) in getattr(drawn, name)]
            size = 22 if len(text) <= 3 else 66 // len(text)
            parts.append(
                f'<rect class="{" ".join(["square", *names])}" x="{c * side + 1}" y="{r * side + 1}" '
                f'width="{side - 2}" height="{side - 2}"/>'
                f'<text class="{" ".join(names)}" x="{c * side + side / 2}" y="{r * side + side / 2 + size / 3:.1f}" '
                f'font-size="{size}" text-anchor="middle">{html.escape(text)}</text>'
            )
    return (
        f'<figure class="grid"><figcaption>{html.escape(drawn.title)}</figcaption>'
        f'<svg viewBox="0 0 {columns * side} {rows * side}" style="width:calc({columns} * var(--side))" role="img">'
        f"{''.join(parts)}</svg></figure>"
    )
