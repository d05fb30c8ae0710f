"""The tab "Draw a mask"."""

import base64
from typing import Any

import gradio as gr
import numpy as np

from course.demo import drawing, look, samples
from course.demo.charts import Bar, bars, number
from course.demo.desk import Desk
from course.demo.drawing import Knobs
from course.demo.pictures import data_uri, figure, signed
from course.demo.tabs.common import EACH, INSTANT, code_choice, guarded, message, say

NAMES = ["source", "scene", "base", "loss", "gamma", "alpha", "smooth", "confidence", "as_probabilities"]


def tab(desk: Desk) -> None:
    """Build the tab."""
    first = drawing.TRAPS[0]
    paint, place = gr.State(drawing.blank()), gr.State(-1)
    with gr.Row():
        traps = [gr.Button(trap.name, size="md", min_width=60, elem_classes="trap") for trap in drawing.TRAPS]
        back = gr.Button("◀", size="md", min_width=20, scale=0, elem_classes="key-back")
        onward = gr.Button("▶", size="md", min_width=20, scale=0, elem_classes="key-next")
    told = gr.HTML()
    with gr.Row():
        with gr.Column(scale=4, min_width=240):
            canvas = gr.HTML(
                {}, html_template=look.script("paint.html"), js_on_load=look.script("paint.js"), elem_id="paint"
            )
            with gr.Row():
                scene = gr.Dropdown(list(drawing.scenes()), value="cell 1", label="Image", min_width=80)
                base = gr.Dropdown(drawing.BASES, value="UNet", label="Prediction", min_width=80)
        with gr.Column(scale=6, min_width=300):
            numbers = gr.HTML(elem_id="numbers")
        with gr.Column(scale=4, min_width=240):
            loss = gr.Dropdown(
                drawing.LABELS, value="Cross-entropy", label="Gradient of", container=False, min_width=90
            )
            gradient = gr.HTML(elem_id="gradient")
    with gr.Row():
        source = code_choice(desk.house)
        gamma = gr.Slider(0, 5, first.knobs.gamma, step=0.5, label="γ (focal)", min_width=90)
        alpha = gr.Slider(0, 1, 0, step=0.05, label="α (0: none)", min_width=90)
        smooth = gr.Slider(0, 100, 1, step=1, label="smooth", min_width=90)
        confidence = gr.Slider(0.5, 100, 4, step=0.5, label="brush: logit", min_width=90)
        doubled = gr.Checkbox(False, label="probabilities for logits", min_width=90)
    wrong = message()

    controls = [source, scene, base, loss, gamma, alpha, smooth, confidence, doubled]
    shown = [numbers, gradient]

    def update(paint: str, *values: Any) -> tuple[str, str]:
        return _shown(desk, dict(zip(NAMES, values, strict=True)), paint)

    def stroke(event: gr.EventData, *values: Any) -> tuple[str, str, str]:
        chosen = dict(zip(NAMES, values, strict=True))
        return (event.paint, *_shown(desk, chosen, event.paint, event.stroke))

    def load(*values: Any) -> tuple[dict, str, str, str]:
        chosen = dict(zip(NAMES, values, strict=True))
        return (_under(chosen), drawing.blank(), *_shown(desk, chosen, drawing.blank()))

    def trap(number: int, source: str) -> tuple:
        index = number % len(drawing.TRAPS)
        chosen = drawing.TRAPS[index]
        knobs = chosen.knobs
        values = [chosen.scene, chosen.base, chosen.loss, knobs.gamma, knobs.alpha, knobs.smooth]
        values += [knobs.confidence, knobs.as_probabilities]
        settings = dict(zip(NAMES, [source, *values], strict=True))
        rows = _measured(desk, settings, drawing.blank())[1]
        text = say(chosen.question, drawing.explain(chosen, rows))
        return (index, *values, _under(settings), drawing.blank(), text, *_shown(desk, settings, drawing.blank()))

    canvas.input(guarded(stroke, 3), controls, [paint, *shown, wrong], **EACH)
    for control in (source, loss, gamma, alpha, smooth, doubled):
        control.input(guarded(update, 2), [paint, *controls], [*shown, wrong], **INSTANT)
    for control in (scene, base, confidence):
        control.input(guarded(load, 4), controls, [canvas, paint, *shown, wrong], **INSTANT)
    after_trap = [place, *controls[1:], canvas, paint, told, *shown, wrong]
    for number_, button in enumerate(traps):
        button.click(guarded(lambda source, n=number_: trap(n, source), 14), [source], after_trap, **INSTANT)
    onward.click(guarded(lambda at, source: trap(at + 1, source), 14), [place, source], after_trap, **INSTANT)
    back.click(guarded(lambda at, source: trap(at - 1, source), 14), [place, source], after_trap, **INSTANT)
    desk.on_load(guarded(load, 4), controls, [canvas, paint, *shown, wrong])


def _measured(desk: Desk, chosen: dict, paint: str) -> tuple[list, list]:
    """Return the losses, and all that was measured."""
    knobs = Knobs(
        chosen["gamma"], chosen["alpha"], chosen["smooth"], chosen["confidence"], bool(chosen["as_probabilities"])
    )
    truth = drawing.scenes()[chosen["scene"]][1]
    loaded = drawing.base(chosen["base"], chosen["scene"], knobs.confidence)
    logits = drawing.combined(loaded, drawing.painted(paint), knobs.confidence)
    source = desk.house.sources[chosen["source"]]
    losses = drawing.measure(source, logits, truth, knobs, desk.measures)
    return losses, losses + drawing.metrics(source, logits, truth, desk.measures)


def _shown(desk: Desk, chosen: dict, paint: str, stroke: int = 0) -> tuple[str, str]:
    """Return the bars and the gradient map as HTML."""
    losses, rows = _measured(desk, chosen, paint)
    own, variants = losses[: len(drawing.LOSSES)], losses[len(drawing.LOSSES) :]
    measured = rows[len(losses) :]

    def as_bars(some: list, kind: str) -> str:
        return bars([Bar(row.label, row.value, row.note, row.label == chosen["loss"], kind) for row in some])

    left = (
        f'<div class="stage" data-stroke="{stroke}"><h3>Losses</h3>{as_bars(own, "loss")}'
        f"<h3>The sheet's forms, and a mistake</h3>{as_bars(variants, 'variant')}"
        f"<h3>Metrics of the mask</h3>{as_bars(measured, 'metric')}</div>"
    )
    return left, _gradient(next(row for row in losses if row.label == chosen["loss"]), chosen["scene"])


def _gradient(row: drawing.Measured, scene: str) -> str:
    image = samples.pixels(drawing.scenes()[scene][0])
    if row.gradient is None:
        return f'<div class="stage"><p>None: {row.note or "the loss gives no number"}.</p></div>'
    finite = np.isfinite(row.gradient)
    caption = "blue: more foreground, orange: less<br>"
    if finite.all():
        most = float(np.abs(row.gradient).max()) * row.gradient.size
        caption += f"largest: {number(most)} / number of pixels<br>"
        caption += f"on the background: <b>{drawing.percent(row.background)}</b> of it"
    else:
        caption += f"black: <b>{drawing.percent(float((~finite).mean()))}</b> of it is not a number.<br>"
        caption += "One such pixel, and every weight is lost."
    return f'<div class="stage">{figure(signed(row.gradient, image), caption, "gradient map")}</div>'


def _under(chosen: dict) -> dict:
    """Return what lies under the brush, for the canvas."""
    image, truth = drawing.scenes()[chosen["scene"]]
    loaded = drawing.base(chosen["base"], chosen["scene"], chosen["confidence"]) > 0
    return {
        "image": data_uri(samples.pixels(image)),
        "loaded": base64.b64encode(loaded.astype(np.uint8).tobytes()).decode(),
        "truth": base64.b64encode(truth.astype(np.uint8).tobytes()).decode(),
        "size": drawing.SIZE,
    }
