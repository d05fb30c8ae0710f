"""The tab "What does the network see?"."""

import html
from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np

from course.demo import checkpoints, look, pictures, seeing, uploads
from course.demo.charts import number
from course.demo.desk import Desk
from course.demo.pictures import data_uri, figure
from course.demo.seeing import Scene
from course.demo.tabs.common import EACH, INSTANT, guarded, message
from course.report.text import harmless_line


def tab(desk: Desk) -> None:
    """Build the tab."""
    names = seeing.names()
    first = "UNet" if "UNet" in names else names[0]
    found = seeing.layers(first)
    with gr.Row():
        scene_name = gr.Dropdown([*seeing.scenes()], value="cell 1", label="Image", min_width=100)
        network = gr.Dropdown(names, value=first, label="Network", min_width=100)
        layer = gr.Dropdown(found, value=found[0], label="Feature maps of", min_width=100)
        upload = gr.UploadButton("Your image", type="filepath", min_width=80, elem_id="upload-image")
        label = gr.UploadButton("Its label", type="filepath", min_width=80, elem_id="upload-label")
    wrong = message()
    with gr.Row():
        with gr.Column(scale=1, min_width=200):
            picker = gr.HTML(
                {}, html_template=look.script("pick.html"), js_on_load=look.script("pick.js"), elem_id="pick"
            )
        with gr.Column(scale=3, min_width=500):
            stage = gr.HTML(elem_id="seen")
    maps = gr.HTML(elem_id="maps")
    scene, place = gr.State(seeing.scenes()["cell 1"]), gr.State((0.5, 0.5))

    def choose(name: str, network_name: str, layer_name: str) -> tuple:
        return new(seeing.scenes()[name], network_name, layer_name)

    def new(chosen: Scene, network_name: str, layer_name: str) -> tuple:
        height, width = chosen.image.shape[:2]
        shown = {"image": data_uri(chosen.image), "width": width, "height": height, "answer": "#seen"}
        return (chosen, (0.5, 0.5), shown, *render(chosen, network_name, layer_name, (0.5, 0.5)))

    def other(chosen: Scene, network_name: str, at: tuple[float, float]) -> tuple:
        own = seeing.layers(network_name)
        return (gr.Dropdown(own, value=own[0]), *render(chosen, network_name, own[0], at))

    def click(event: gr.EventData, *values: Any) -> tuple:
        at = (min(1.0, max(0.0, float(event.x))), min(1.0, max(0.0, float(event.y))))
        return (at, render(*values, at, int(event.pick))[0])

    def take_image(path: str, network_name: str, layer_name: str) -> tuple:
        return new(Scene(_once(path, uploads.read_image)), network_name, layer_name)

    def take_label(path: str, chosen: Scene, network_name: str, layer_name: str, at: tuple[float, float]) -> tuple:
        size = chosen.image.shape[:2]
        read = _once(path, lambda file, name: uploads.read_label(file, size, name))
        labelled = Scene(chosen.image, read)
        return (labelled, *render(labelled, network_name, layer_name, at))

    everything = [scene, place, picker, stage, maps, wrong]
    scene_name.input(guarded(choose, 5), [scene_name, network, layer], everything, **INSTANT)
    network.input(guarded(other, 3), [scene, network, place], [layer, stage, maps, wrong], **INSTANT)
    layer.input(guarded(render, 2), [scene, network, layer, place], [stage, maps, wrong], **INSTANT)
    picker.input(guarded(click, 2), [scene, network, layer], [place, stage, wrong], **EACH)
    upload.upload(guarded(take_image, 5), [upload, network, layer], everything, **INSTANT)
    label.upload(guarded(take_label, 3), [label, scene, network, layer, place], [scene, stage, maps, wrong], **INSTANT)
    desk.on_load(guarded(choose, 5), [scene_name, network, layer], everything)


def _once(path: str, read: Any) -> np.ndarray:
    """Read an uploaded file, and remove it."""
    file = Path(path)
    try:
        return read(file, file.name)
    finally:
        file.unlink(missing_ok=True)


def render(scene: Scene, network: str, layer: str, at: tuple[float, float], pick: int = 0) -> tuple[str, str]:
    """Return the mask, the probabilities and the receptive field, and the feature maps, as HTML."""
    seen = seeing.look(network, scene)
    checkpoint = seeing.network(network)[0]
    binary = checkpoint.settings.num_classes == 1
    tested = checkpoints.recorded().get(network, {}).get("test_iou")
    if binary:
        truth = None if scene.label is None else scene.label > 0
        mask = pictures.overlay(scene.image, seen.classes > 0, truth)
        legend = "mask" if truth is None else "orange: too much, blue: missed"
    else:
        mask, legend = pictures.classes(seen.classes), "likeliest class"
    if seen.score is not None:
        legend += f"<br>{'IoU' if binary else 'mean IoU'} <b>{number(seen.score)}</b>"
        legend += f" (test half: {tested:.3f})" if tested else ""
    what = "probability of the foreground" if binary else "probability of the likeliest class"
    field = seeing.influence(network, scene, *at)
    high, wide = seeing.extent(field)
    size = checkpoint.settings.size
    tiles = [
        figure(mask, legend, "mask"),
        figure(pictures.scaled(seen.sure), f"{what}<br>blue 0 · yellow 1", "probabilities"),
        figure(
            pictures.scaled(np.sqrt(field / field.max()) if field.max() else field),
            f"what the pixel under the cross sees<br><b>{wide} × {high}</b> of {size} × {size} pixels",
            "receptive field",
        ),
    ]
    return f'<div class="stage" data-pick="{pick}"><div class="columns">{"".join(tiles)}</div></div>', _maps(
        seen, layer
    )


def _maps(seen: seeing.Seen, layer: str) -> str:
    features = seen.features.get(layer)
    if features is None:
        return ""
    strongest = np.argsort(-features.reshape(len(features), -1).std(1))[: seeing.MAPS]
    tiles = []
    for k in sorted(strongest):
        plane = features[k]
        most = float(plane.max())
        tiles.append(figure(pictures.scaled(plane / most if most else plane), "", f"channel {k}"))
    c, h, w = features.shape
    title = f"{html.escape(harmless_line(layer))}: {c} maps of {h} × {w}, after ReLU"
    title += f"; the {len(tiles)} that vary most" if c > len(tiles) else ""
    return f'<div class="stage"><h3>{title}</h3><div class="maps">{"".join(tiles)}</div></div>'
