"""The tab "Inside a layer"."""

from typing import Any

import gradio as gr
import numpy as np

from course.demo import fields, layers
from course.demo.charts import grids
from course.demo.desk import Desk
from course.demo.layers import LAYERS, Knobs, Layer
from course.demo.pictures import figure, scaled
from course.demo.tabs.common import INSTANT, guarded, message

FIELD = "Receptive field"
PACE = 0.8  # seconds a step


def tab(desk: Desk) -> None:
    """Build the tab."""
    first = LAYERS[0]
    names = [layer.name for layer in LAYERS] + [FIELD]
    which = gr.Radio(names, value=first.name, show_label=False, container=False, elem_id="which-layer")
    with gr.Row():
        network = gr.Dropdown(list(fields.NETWORKS), value="dilation 1, 2, 4, 8", label="Layers", visible=False)
        kernel = gr.Slider(1, 4, first.begin.kernel, step=1, label="kernel k", min_width=100)
        stride = gr.Slider(1, 4, first.begin.stride, step=1, label="stride s", min_width=100)
        padding = gr.Slider(0, 2, 0, step=1, label="padding p", min_width=100, visible=False)
        dilation = gr.Slider(1, 3, 1, step=1, label="dilation d", min_width=100, visible=False)
        back = gr.Button("◀ back", min_width=60, elem_classes="key-back")
        play = gr.Button("Play / pause", variant="primary", min_width=60, elem_classes="key-go")
        onward = gr.Button("next ▶", min_width=60, elem_classes="key-next")
    stage = gr.HTML(elem_id="layer")
    wrong = message()
    step, timer = gr.State(0), gr.Timer(PACE, active=False)
    playing = gr.State(False)
    sliders = [kernel, stride, padding, dilation]
    controls = [which, network, *sliders]

    def show(at: int, *values: Any) -> tuple[int, str]:
        return render(at, *values)

    def choose(name: str, chosen: str) -> tuple:
        layer = None if name == FIELD else layers.layer(name)
        begin = Knobs() if layer is None else layer.begin
        shown = () if layer is None else layer.knobs
        updates = [
            gr.Slider(value=getattr(begin, knob), visible=knob in shown)
            for knob in ("kernel", "stride", "padding", "dilation")
        ]
        values = (begin.kernel, begin.stride, begin.padding, begin.dilation)
        return (gr.Dropdown(visible=layer is None), *updates, *render(0, name, chosen, *values))

    def toggle(now: bool) -> tuple[bool, gr.Timer]:
        return not now, gr.Timer(PACE, active=not now)

    which.input(guarded(choose, 7), [which, network], [network, *sliders, step, stage, wrong], **INSTANT)
    for control in [network, *sliders]:
        control.input(guarded(lambda *v: show(0, *v), 2), controls, [step, stage, wrong], **INSTANT)
    onward.click(guarded(lambda at, *v: show(at + 1, *v), 2), [step, *controls], [step, stage, wrong], **INSTANT)
    back.click(guarded(lambda at, *v: show(at - 1, *v), 2), [step, *controls], [step, stage, wrong], **INSTANT)
    timer.tick(guarded(lambda at, *v: show(at + 1, *v), 2), [step, *controls], [step, stage, wrong], **INSTANT)
    play.click(guarded(toggle, 2), [playing], [playing, timer, wrong], **INSTANT)
    desk.on_load(guarded(lambda *v: show(0, *v), 2), controls, [step, stage, wrong])


def render(at: int, name: str, network: str, kernel: int, stride: int, padding: int, dilation: int) -> tuple[int, str]:
    """Return the step that is shown, and its HTML. After the last comes the first again."""
    if name == FIELD:
        return _field(at, network)
    layer = layers.layer(name)
    asked = Knobs(int(kernel), int(stride), int(padding), int(dilation))
    knobs = Knobs(**{k: getattr(asked, k) if k in layer.knobs else getattr(layer.begin, k) for k in vars(asked)})
    if name in ("Max unpooling", "Average unpooling"):
        knobs = Knobs(knobs.kernel, knobs.kernel)
    frames = layers.frames(layer, knobs)
    if not frames:
        return 0, f'<div class="stage"><p class="sum">{_refusal(layer, knobs)}</p></div>'
    at %= len(frames)
    return at, (
        f'<div class="stage layer" data-step="{at}"><p class="sum">{frames[at].sum}</p>'
        f"{grids(frames[at].grids)}"
        f'<p class="formula">{layer.formula(layer.size, knobs)}</p><p>{layer.lesson}</p>'
        f"<small>step {at + 1} of {len(frames)}</small></div>"
    )


def _refusal(layer: Layer, knobs: Knobs) -> str:
    if layer.steps is layers.max_unpooling:
        return f"{layer.size} is not divisible by {knobs.kernel}: choose another kernel."
    return f"This kernel does not fit into {layer.size} × {layer.size}: {layer.formula(layer.size, knobs)}."


def _field(at: int, network: str) -> tuple[int, str]:
    steps = fields.NETWORKS[network]
    found = fields.fields(steps)
    at %= len(found)
    widest = found[-1].width
    names = "".join(
        f"<tr><td>{'▶' if k == at else ''}</td><td>{step.name}</td><td class='number'>"
        f"{f'{field.width} × {field.width}' if k <= at else ''}</td>"
        f"<td class='number'>{f'{100 * field.seen:.0f} %' if k <= at else ''}</td></tr>"
        for k, (step, field) in enumerate(zip(steps, found, strict=True))
    )
    field = found[at]
    picture = figure(
        scaled(_framed(field, widest)), f"{field.width} × {field.width} pixels, {100 * field.seen:.0f} % of them seen"
    )
    return at, (
        f'<div class="stage layer" data-step="{at}"><p class="formula">{field.sum}</p><div class="columns field">'
        f"<div>{picture}</div><table class='plain'><tr><th></th><th>layer</th><th class='number'>receptive field</th>"
        f"<th class='number'>seen</th></tr>{names}</table></div>"
        "<p>Bright: many ways lead from this pixel to the one in the middle. Black inside the square: holes that are "
        "never looked at, as with dilation 2, 2, 2.</p>"
        f"<small>step {at + 1} of {len(found)}</small></div>"
    )


def _framed(field: fields.Field, widest: int) -> np.ndarray:
    """Return the field's picture in the middle of a square as wide as the last one."""
    width = max(widest, 15)
    before = (width - field.width) // 2
    return np.pad(field.picture, (before, width - field.width - before))
