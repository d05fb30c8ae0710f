"""What a record's evidence looks like on a page: charts and pictures, each with a sentence about it."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from course.data.facades import CLASSES
from course.grading.record import CheckResult, Curve, Evidence
from course.report.bands import reference_band
from course.report.charts import Area, Line, line_chart, strip_chart
from course.report.overlays import Shown, are_binary, shown
from course.training.colours import FACADE_COLOURS, GREEN, SKY, VERMILION

TRAINING = "training"
FEWEST_LOSSES = 3  # a training that soon reached the bar has no curve worth looking at
SAME = 0.03  # two curves that differ by less of their height look the same
LOW = 0.6  # where no IoU is higher, the axis ends here
MASKS_LEGEND = [(GREEN, "right"), (VERMILION, "too much"), (SKY, "missed")]
# 0 is unlabelled.
CLASSES_LEGEND = list(zip(FACADE_COLOURS[1:], CLASSES, strict=True))


@dataclass(frozen=True)
class Chart:
    """A chart, its sentence, and its key: style and meaning of each line."""

    drawing: Markup
    caption: str
    key: list[tuple[str, str]]


@dataclass(frozen=True)
class Gallery:
    """Predictions beside the truth, and the IoU of all of them."""

    items: list[Shown]
    strip: Markup
    caption: str
    legend: list[tuple[str, str]]


def charts_of(task_id: str, checks: Sequence[CheckResult]) -> list[Chart]:
    """Return the charts of a task, each once: its checks often show the same."""
    curves: dict[str, Curve] = {}
    for check in checks:
        for curve in check.evidence.curves if check.evidence else []:
            curves.setdefault(curve.name, curve)
    charts = []
    for name, curve in curves.items():
        charts += _training_charts(task_id, curve) if name == TRAINING else _loss_chart(curve)
    return charts


def gallery_of(checks: Sequence[CheckResult], files: dict[str, bytes]) -> Gallery | None:
    """Return the predictions of a task; None where there are none."""
    evidence = next((check.evidence for check in checks if check.evidence and check.evidence.scores), None)
    if evidence is None:
        return None
    binary = are_binary(evidence.pictures, files)
    items = [item for picture in evidence.pictures if (item := shown(picture, files, binary))]
    legend = [(f"rgb{colour}", name) for colour, name in (MASKS_LEGEND if binary else CLASSES_LEGEND)]
    scores = [score for score in evidence.scores if score is not None]
    strip = strip_chart(f"The IoU of each of {len(scores)} images.", scores)
    return Gallery(items, strip, _gallery_caption(evidence, len(items)), legend)


def _gallery_caption(evidence: Evidence, count: int) -> str:
    every = f"The IoU of each of {len(evidence.scores)} images that the training never saw"
    return f"{every}; {count} of them are shown above, from the worst to the best." if count > 1 else f"{every}."


def _training_charts(task_id: str, curve: Curve) -> list[Chart]:
    """Return the IoU over the steps, beside that of the reference, and the loss."""
    lines, key, area = [], [("line-1", "yours")], None
    band = reference_band(task_id)
    if band:
        area = Area("reference", band.steps, band.low, band.high)
        lines.append(Line("middle of the reference", band.steps, band.middle, "line-2"))
        key += [("line-2", "the reference, middle"), ("band", f"the reference, all of {band.runs} trainings")]
    if bar := next(iter(curve.lines.get("bar", [])), None):
        end = max([*curve.x, *(band.steps if band else [])])
        lines.append(Line("bar", [0, end], [bar, bar], "line-bar"))
        key.append(("line-bar", f"the bar, {bar:g}"))
    lines.append(Line("yours", curve.x, curve.lines["IoU"], "line-1", dots=True))
    title = "IoU on unseen images over the steps of the training"
    highest = max([value for line in lines for value in line.y if value is not None] + (band.high if band else []))
    drawing = line_chart(title, curve.axis, lines, area, (0.0, 1.0 if highest > LOW else LOW), from_zero=True)
    charts = [Chart(drawing, f"{title}. It ends as soon as the bar is reached.", key)]
    if len(curve.x) >= FEWEST_LOSSES:
        loss = [Line("loss", curve.x, curve.lines["loss"], "line-1", dots=True)]
        title = "Training loss, mean over each 20 steps"
        charts.append(Chart(line_chart(title, curve.axis, loss, from_zero=True), f"{title}.", [("line-1", "yours")]))
    return charts


def _loss_chart(curve: Curve) -> list[Chart]:
    """Return the student's loss beside the expected one; nothing where they can hardly be told apart."""
    expected, yours = curve.lines["expected"], curve.lines["yours"]
    pairs = [(want, got) for want, got in zip(expected, yours, strict=True) if want is not None and got is not None]
    height = max((want for want, _ in pairs), default=0.0) - min((want for want, _ in pairs), default=0.0)
    if pairs and len(pairs) == len(expected) and max(abs(want - got) for want, got in pairs) < SAME * height:
        return []
    what = curve.name.removeprefix("loss, ")
    lines = [Line("expected", curve.x, expected, "line-wide"), Line("yours", curve.x, yours, "line-1")]
    drawing = line_chart(f"The loss over the logit of {what}", f"logit of {what}", lines)
    caption = f"The loss of a small image over the logit of {what}. All other logits are right, and stay as they are."
    return [Chart(drawing, caption, [("line-1", "yours"), ("line-wide", "expected")])]
