"""The tab "Train live"."""

import html
from typing import Any

import gradio as gr

from course.demo import live, samples
from course.demo.charts import Line, curves, number
from course.demo.desk import Desk
from course.demo.live import Plan, Status
from course.demo.pictures import figure, overlay, scaled
from course.demo.tabs.common import INSTANT, code_choice, guarded, message, say

# (name, left, right, data, question, answer)
MATCHES = [
    ("Skips or none", ("EncDec", "Cross-entropy"), ("UNet", "Cross-entropy"), "cells",
     "Both have seen the same images. Which border is sharper, and why?",
     "Without skips every border must pass the bottleneck, 8 by 8 pixels wide: it blurs. The U-Net's decoder sees the "
     "full-resolution map again. Compare the width of the borders, in pixels, above the images."),
    ("BCE or Dice at 1 %", ("UNet", "Cross-entropy"), ("UNet", "Dice"), "1 % foreground",
     "One pixel in a hundred is foreground. Which loss finds it first, and which is surer of its borders?",
     "Cross-entropy first learns that everything is background: its loss falls while its IoU is 0. It does find the "
     "cell later. Dice pays for the missing cell from the first step, and ends with harder borders."),
    ("Learned sampling", ("UNet", "Cross-entropy"), ("UNet2", "Cross-entropy"), "cells",
     "Pooling and upsampling, or strided and transposed convolutions: is learned better?",
     "No rule says so. Look at the curves, then at another seed: the difference between seeds is as large."),
    ("Far sight", ("UNet", "Cross-entropy"), ("DilatedNet", "Cross-entropy"), "cells",
     "DilatedNet never shrinks the image. Has it sharper borders, and what does it cost?",
     "A tenth of the weights, but every one of them works at full resolution: look at the steps per second."),
]  # fmt: skip
PACE = 1.0  # seconds between two looks


def tab(desk: Desk) -> None:
    """Build the tab."""
    with gr.Row():
        matches = [gr.Button(match[0], size="md", min_width=60) for match in MATCHES]
        go = gr.Button("Start / pause", variant="primary", size="md", min_width=60, elem_classes="key-go")
        again = gr.Button("Start anew", size="md", min_width=60)
    told = gr.HTML()
    with gr.Row():
        sources = [code_choice(desk.house)]
        left = gr.Dropdown(list(live.NETWORKS), value="EncDec", label="Left: network", min_width=110)
        left_loss = gr.Dropdown(list(live.LOSSES), value="Cross-entropy", label="Left: loss", min_width=130)
        sources.append(code_choice(desk.house))
        right = gr.Dropdown(list(live.NETWORKS), value="UNet", label="Right: network", min_width=110)
        right_loss = gr.Dropdown(list(live.LOSSES), value="Cross-entropy", label="Right: loss", min_width=130)
        data = gr.Dropdown(live.DATA, value="cells", label="Data", min_width=110)
        seed = gr.Number(0, precision=0, minimum=0, label="Seed", min_width=70)
    wrong = message()
    stage = gr.HTML(elem_id="race")
    timer = gr.Timer(PACE, active=False)
    controls = [sources[0], left, left_loss, sources[1], right, right_loss, data, seed]

    def start(*values: Any) -> tuple[str, gr.Timer]:
        by, net, loss, other_by, other_net, other_loss, data_name, seed_ = values
        house = desk.house.sources
        plans = [
            Plan(house[by], net, loss, data_name, int(seed_ or 0)),
            Plan(house[other_by], other_net, other_loss, data_name, int(seed_ or 0)),
        ]
        desk.race(plans)
        return render(desk.statuses(of_mistake=False)), gr.Timer(PACE, active=True)

    def toggle(*values: Any) -> tuple[str, gr.Timer]:
        statuses = desk.statuses(of_mistake=False)
        if not statuses or all(status.phase in ("ended", "failed") for status in statuses):
            return start(*values)
        paused = any(status.phase == "paused" for status in statuses)
        desk.duel.pause(not paused)
        return render(desk.statuses(of_mistake=False)), gr.Timer(PACE, active=True)

    def match(index: int, by: str, other_by: str) -> tuple:
        _, one, two, data_name, question, answer = MATCHES[index]
        return (*one, *two, data_name, say(question, answer), *start(by, *one, other_by, *two, data_name, 0))

    def look() -> tuple[str, gr.Timer]:
        statuses = desk.statuses(of_mistake=False)
        running = any(status.phase in ("starting", "training") for status in statuses)
        return render(statuses), gr.Timer(PACE, active=running)

    go.click(guarded(toggle, 2), controls, [stage, timer, wrong], **INSTANT)
    again.click(guarded(start, 2), controls, [stage, timer, wrong], **INSTANT)
    for index, button in enumerate(matches):
        button.click(
            guarded(lambda by, other, i=index: match(i, by, other), 8),
            sources,
            [left, left_loss, right, right_loss, data, told, stage, timer, wrong],
            **INSTANT,
        )
    timer.tick(guarded(look, 2), None, [stage, timer, wrong], **INSTANT)
    desk.on_load(guarded(look, 2), [], [stage, timer, wrong])


def render(statuses: list[Status]) -> str:
    """Return both trainings as HTML."""
    if not statuses:
        return (
            '<div class="stage"><p>Choose a match above, or two networks and losses, and start. Each trains in a '
            "process of its own; both see the same images in the same order, and who is ahead waits.</p></div>"
        )
    lines = [Line(name, [(point.step, point.iou) for point in status.points]) for name, status in named(statuses)]
    columns = "".join(_side(index, name, status) for index, (name, status) in enumerate(named(statuses)))
    chart = curves(lines, "steps", "IoU on unseen images")
    return f'<div class="stage race">{columns}{chart}</div>'


def named(statuses: list[Status]) -> list[tuple[str, Status]]:
    """Return each with what tells it from the other."""
    networks, losses = ({getattr(status.plan, name) for status in statuses} for name in ("network", "loss"))
    people = {status.plan.source.name for status in statuses}

    def name(status: Status) -> str:
        words = [status.plan.network] if len(networks) > 1 else []
        words += [status.plan.loss] if len(losses) > 1 else []
        words += [status.plan.source.name] if len(people) > 1 else []
        return ", ".join(words or [status.plan.network])

    return [(name(status), status) for status in statuses]


def _side(index: int, name: str, status: Status) -> str:
    last = status.points[-1] if status.points else None
    facts = [status.phase]
    if last:
        facts = [f"IoU <b>{number(last.iou)}</b>", f"border <b>{last.blur:.1f}</b> px", f"step <b>{last.step}</b>"]
        facts += [f"loss {number(last.loss)}", f"{status.pace:.1f} steps/s", status.phase]
    facts_html = " ".join(f"<span>{fact}</span>" for fact in facts)
    head = f'<h3>{html.escape(name)}</h3><div class="facts" data-steps="{status.steps}">{facts_html}</div>'
    if status.message:
        head += f'<div class="wrong">{html.escape(status.message)}</div>'
    return f'<div class="side{index}">{head}{_pictures(status)}</div>'


def _pictures(status: Status) -> str:
    cells = live.lesson(status.plan.data)[1]
    tiles = []
    for row in range(2):
        for k in range(live.SHOWN):
            image = samples.pixels(cells.images[k])
            if status.soft is None:
                tiles.append(figure(image, "") if row == 0 else "")
            elif row == 0:
                tiles.append(figure(overlay(image, status.soft[k] > 127, cells.masks[k, 0] > 0), ""))
            else:
                tiles.append(figure(scaled(status.soft[k] / 255.0), ""))
    return f'<div class="tiles">{"".join(tiles)}</div>'
