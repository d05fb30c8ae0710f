"""The tab "Zoo"."""

import html

import gradio as gr
import numpy as np

from course.demo import look, pictures, seeing, zoo, zoo_run
from course.demo.charts import Bar, bars
from course.demo.desk import Desk
from course.demo.pictures import data_uri, figure
from course.demo.tabs.common import EACH, INSTANT, guarded, in_words, message
from course.errors import CourseError


def tab(desk: Desk) -> None:
    """Build the tab."""
    names = zoo.titles()
    with gr.Row():
        which = gr.Dropdown(names, value=names[0], label="Network", scale=3, min_width=150)
        image = gr.Dropdown(list(seeing.scenes()), value="facade 5", label="Image", scale=2, min_width=100)
        back = gr.Button("◀", min_width=30, elem_classes="key-back")
        onward = gr.Button("▶", min_width=30, elem_classes="key-next")
        run = gr.Button("Run", variant="primary", min_width=60, elem_classes="key-go")
    wrong = message()
    with gr.Row():
        with gr.Column(scale=3, min_width=300):
            made_of = gr.HTML(elem_id="anatomy")
        with gr.Column(scale=2, min_width=220):
            picker = gr.HTML(
                {}, html_template=look.script("pick.html"), js_on_load=look.script("pick.js"), elem_id="zoo-pick"
            )
            shown = gr.HTML(elem_id="zoo-shown")
    place, at = gr.State((0.5, 0.5)), gr.HTML(elem_id="zoo-at")

    def choose(name: str) -> tuple[str, str]:
        return anatomy(name), ready(desk, name)

    def step(by: int, name: str) -> tuple:
        other = names[(names.index(name) + by) % len(names)]
        return (other, *choose(other))

    def picture(name: str) -> dict:
        pixels = seeing.scenes()[name].image
        return {"image": data_uri(pixels), "width": pixels.shape[1], "height": pixels.shape[0], "answer": "#zoo-at"}

    def begin(name: str, image_name: str) -> tuple:
        return (*choose(name), picture(image_name))

    def go(name: str, image_name: str, point: tuple[float, float]) -> str:
        path = zoo.weights_of(name, desk.weights)
        pixels = seeing.scenes()[image_name].image
        return ran(zoo_run.run(name, path, pixels, *point), pixels)

    which.input(guarded(choose, 2), [which], [made_of, shown, wrong], **INSTANT)
    onward.click(guarded(lambda n: step(1, n), 3), [which], [which, made_of, shown, wrong], **INSTANT)
    back.click(guarded(lambda n: step(-1, n), 3), [which], [which, made_of, shown, wrong], **INSTANT)
    image.input(guarded(picture, 1), [image], [picker, wrong], **INSTANT)
    picker.input(guarded(_place, 2), [], [place, at, wrong], **EACH)
    run.click(guarded(go, 1), [which, image, place], [shown, wrong], **(INSTANT | {"show_progress": "minimal"}))
    desk.on_load(guarded(begin, 3), [which, image], [made_of, shown, picker, wrong])


def _place(event: gr.EventData) -> tuple[tuple[float, float], str]:
    return (float(event.x), float(event.y)), f'<span data-pick="{int(event.pick)}"></span>'


def anatomy(name: str) -> str:
    """Return a network's parts as HTML; a sentence where it cannot be built here."""
    chosen = zoo.animal(name)
    head = f"<h3>{html.escape(name)} <small>{chosen.package}</small></h3>"
    try:
        found = zoo.anatomy(name)
    except CourseError as error:
        return f'<div class="stage">{head}{in_words(error)}<p>{html.escape(chosen.learn)}</p></div>'
    rows = "".join(
        f"<tr><td>{html.escape(part.name)}</td><td>{html.escape(part.kind)}</td>"
        f'<td class="number">{part.parameters:,}</td></tr>'
        for part in found.parts
    )
    largest = sorted(found.parts, key=lambda part: -part.parameters)[:6]
    shares = bars([Bar(part.name.split(".")[-1], part.parameters / found.parameters) for part in largest])
    return (
        f'<div class="stage">{head}<p class="sum" data-parameters="{found.parameters}">'
        f"<b>{found.parameters:,}</b> parameters</p><p>{html.escape(chosen.learn)}</p><table class='plain'>"
        f"<tr><th>part</th><th>class</th><th class='number'>parameters</th></tr>{rows}</table>"
        f"<h3>Share of the parameters</h3>{shares}</div>"
    )


def ready(desk: Desk, name: str) -> str:
    """Return whether it can be run here, in a sentence."""
    try:
        path = zoo.weights_of(name, desk.weights)
    except CourseError as error:
        return f'<div class="stage"><p>{html.escape(str(error))}</p></div>'
    return (
        f'<div class="stage"><p>Weights found: {html.escape(path.name)}. Click the image to place the prompt.</p></div>'
    )


def ran(shown: zoo_run.Shown, image: np.ndarray) -> str:
    """Return what a network made of an image as HTML."""
    names = "".join(
        f"<tr><td>{number}</td><td>{html.escape(text)}</td><td class='number'>{figure_:.2f}</td></tr>"
        for number, text, figure_ in shown.names
    )
    return (
        f'<div class="stage" data-ran="1">{figure(pictures.numbered(image, shown.labels), "")}'
        f"<table class='plain'>{names or '<tr><td>It found nothing that it is sure of.</td></tr>'}</table></div>"
    )
