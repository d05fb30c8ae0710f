"""Figures of the course, all in one style: how a training went, what a loss does, what a network looks like."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from course.training.colours import BLUE, GREEN, GREY, ORANGE, VERMILION, as_hex
from course.training.files import whole

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from course.training.reference import Band

STYLE = {
    "figure.constrained_layout.use": True,
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 12,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
}
YOURS, OTHERS, BAR, BAND = (as_hex(colour) for colour in (BLUE, VERMILION, GREEN, GREY))
KINDS = {"conv2d": YOURS, "conv_transpose2d": as_hex(ORANGE), "max_pool2d": OTHERS, "avg_pool2d": OTHERS}
KINDS |= {"interpolate": BAR, "cat": BAND}
NAMES = {"conv2d": "convolution", "conv_transpose2d": "transposed convolution", "max_pool2d": "pooling"}
NAMES |= {"avg_pool2d": "pooling", "interpolate": "interpolation", "cat": "concatenation"}


@contextmanager
def figure(path: Path, rows: int = 1, columns: int = 1, size: tuple[float, float] = (7, 4)) -> Iterator[Any]:
    """Yield axes in the course's style; write them to a PNG when the block ends, whole or not at all."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        drawn: Figure = Figure(figsize=size)
        FigureCanvasAgg(drawn)
        yield drawn.subplots(rows, columns)
        with whole(path) as unfinished:
            drawn.savefig(unfinished, dpi=120, format="png")


def training_curves(path: Path, history: Sequence[Mapping[str, float]], bands: Mapping[str, "Band | None"]) -> None:
    """Draw loss and validation IoU over the epochs, before the band of the reference where there is one.

    Args:
        history: rows with `epoch`, `loss` and `val_iou`.
        bands: by the names of these columns.
    """
    epochs = [row["epoch"] for row in history]
    labels = {"loss": "training loss", "val_iou": "validation IoU"}
    with figure(path, columns=2, size=(9, 3.6)) as both:
        for axes, (name, label) in zip(both, labels.items(), strict=True):
            if band := bands.get(name):
                places = range(1, len(band.low) + 1)
                axes.fill_between(places, band.low, band.high, color=BAND, alpha=0.35, lw=0)
                axes.plot(places, band.middle, color=BAND, lw=1.5, label=f"the reference, {band.runs} seeds")
            axes.plot(epochs, [row[name] for row in history], color=YOURS, lw=2, marker=".", label="this run")
            axes.set(xlabel="epoch", title=label, ylim=(0, 1 if name == "val_iou" else None))
            axes.legend(loc="lower right" if name == "val_iou" else "upper right")


def steps_to_the_bar(path: Path, curve: Any, band: Any, title: str) -> None:
    """Draw the IoU on unseen images over the steps of a check's training.

    Args:
        curve: with places `x` and the lines `IoU` and `bar`: see `course.grading.record.Curve`.
        band: of the reference, with `steps`, `low`, `middle`, `high` and `runs`; None: there is none.
    """
    with figure(path) as axes:
        if band:
            axes.fill_between(band.steps, band.low, band.high, color=BAND, alpha=0.35, lw=0)
            axes.plot(band.steps, band.middle, color=BAND, lw=1.5, label=f"the reference, {band.runs} trainings")
        axes.axhline(curve.lines["bar"][0], color=BAR, ls="--", lw=1.5, label=f"the bar, {curve.lines['bar'][0]:g}")
        axes.plot(curve.x, _gaps(curve.lines["IoU"]), color=YOURS, lw=2, marker="o", label="yours")
        axes.set(xlabel="steps", ylabel="IoU on unseen images", title=title, ylim=(0, 1), xlim=(0, None))
        axes.legend(loc="lower right")


def loss_over_logit(path: Path, curve: Any, title: str) -> None:
    """Draw a loss as a function of one logit, and what was expected.

    Args:
        curve: with places `x` and the lines `yours` and `expected`.
    """
    with figure(path) as axes:
        axes.plot(curve.x, _gaps(curve.lines["expected"]), color=BAND, lw=6, alpha=0.6, label="expected")
        axes.plot(curve.x, _gaps(curve.lines["yours"]), color=YOURS, lw=2, label="yours")
        axes.set(xlabel=curve.axis, ylabel="loss", title=title)
        axes.legend()


def receptive_field(path: Path, footprint: np.ndarray, title: str) -> None:
    """Draw which pixels of an image the output's central pixel depends on.

    Args:
        footprint: bool `(H, W)`.
    """
    rows, columns = np.nonzero(footprint.any(1))[0], np.nonzero(footprint.any(0))[0]
    with figure(path, size=(5, 5)) as axes:
        axes.imshow(footprint, cmap="Blues", vmin=0, vmax=1.4, interpolation="nearest")
        axes.plot(footprint.shape[1] // 2, footprint.shape[0] // 2, "s", color=OTHERS, ms=5)
        seen = f"{rows[-1] - rows[0] + 1} x {columns[-1] - columns[0] + 1} pixels" if len(rows) else "no pixel"
        inside = footprint[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].mean() if len(rows) else 0.0
        axes.set(title=f"{title}: {seen}, {inside:.0%} of them used", xlabel="column", ylabel="row")
        axes.grid(False)


def map_sizes(path: Path, calls: Sequence[Mapping[str, Any]], skips: Sequence[int], title: str) -> None:
    """Draw the rows of the feature maps from layer to layer, and the heights at which a skip reaches the output.

    Args:
        calls: the layers in order, each with `name`, `height_in` and `height_out`.
        skips: heights of maps.
    """
    drawn = [call for call in calls if call["name"] in KINDS]
    with figure(path, size=(9, 4)) as axes:
        for place, call in enumerate(drawn):
            height = call["height_out"]
            axes.bar(place, height, bottom=-height / 2, width=0.8, color=KINDS[call["name"]])
            axes.text(place, height / 2 + 2, str(height), ha="center", fontsize=8)
        for height in skips:
            _arrow(axes, drawn, height)
        _key(axes, {call["name"] for call in drawn})
        highest = max((call["height_out"] for call in drawn), default=1)
        axes.set(title=f"{title}: rows of the maps, layer by layer", yticks=[], xticks=[])
        axes.set_ylim(-0.55 * highest, 0.95 * highest)
        axes.grid(False)
        axes.spines[["left", "bottom"]].set_visible(False)


def _arrow(axes: "Axes", calls: Sequence[Mapping[str, Any]], height: int) -> None:
    """Draw a skip: from the last map of a height on the way down to the first on the way up."""
    at = [place for place, call in enumerate(calls) if call["height_out"] == height]
    gap = next((i for i, (before, after) in enumerate(zip(at, at[1:], strict=False)) if after > before + 1), None)
    if gap is not None:
        style = {"arrowstyle": "->", "color": BAND, "lw": 1.5, "connectionstyle": "arc3,rad=-0.25"}
        axes.annotate("", (at[gap + 1], height / 2 + 8), (at[gap], height / 2 + 8), arrowprops=style)


def _key(axes: "Axes", used: set[str]) -> None:
    from matplotlib.patches import Patch

    entries = {NAMES[name]: colour for name, colour in KINDS.items() if name in used}
    handles = [Patch(color=colour, label=name) for name, colour in entries.items()]
    axes.legend(handles=handles, loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=len(handles))


def _gaps(values: Sequence[float | None]) -> list[float]:
    return [np.nan if value is None else value for value in values]
