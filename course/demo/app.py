"""The page as a whole, and its server: on this machine alone, without any request to another."""

import os

# Read when gradio is loaded: it would otherwise ask for its newest version, and count its users.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"

# isort: split
import signal
import threading
from collections.abc import Callable
from pathlib import Path

import gradio as gr

from course.demo import look
from course.demo.desk import Desk
from course.demo.sources import House
from course.demo.tabs import animals, breaks, draw, layer, see, train
from course.demo.tabs.common import INSTANT, in_words
from course.errors import CourseError

HOST = "127.0.0.1"
TITLE = "Segmentation course: demo"
MAX_UPLOAD = "1gb"  # what is larger never arrives; what arrives is checked by the tab

TABS: list[tuple[str, Callable[[Desk], None]]] = [
    ("1 Draw a mask", draw.tab),
    ("2 Train live", train.tab),
    ("3 Inside a layer", layer.tab),
    ("4 What does it see?", see.tab),
    ("5 Break it live", breaks.tab),
    ("6 Zoo", animals.tab),
]


def build(desk: Desk) -> gr.Blocks:
    """Return the page. A tab that cannot be built holds a sentence instead."""
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True) as page:
        with gr.Tabs():
            for name, tab in TABS:
                with gr.Tab(name, render_children=True):
                    try:
                        tab(desk)
                    except Exception as error:
                        gr.HTML(in_words(error))
        for work, inputs, outputs in desk.loads:
            page.load(work, inputs, outputs, **INSTANT)
    return page


def launch(desk: Desk, port: int | None = None, browser: bool = False) -> tuple[gr.Blocks, str]:
    """Serve the page; return it and its address. It goes on in threads of its own until it is closed."""
    page = build(desk)
    _, address, _ = page.launch(
        server_name=HOST,
        server_port=port,
        inbrowser=browser,
        share=False,
        quiet=True,
        prevent_thread_lock=True,
        show_error=True,
        footer_links=[],
        ssr_mode=False,
        pwa=False,
        enable_monitoring=False,
        max_file_size=MAX_UPLOAD,
        theme=look.theme(),
        css=look.css(),
        head=look.head(),
    )
    return page, address


def serve(
    students: Path | None,
    weights: Path | None,
    port: int | None,
    browser: bool,
    sandbox: str,
    tell: Callable[[str], None],
) -> None:
    """Serve the page until Ctrl-C or a SIGTERM, then end everything that was started.

    Args:
        students: see `House`.
        weights: see `Desk`.
        tell: is told where the page is.

    Raises:
        CourseError: the port is taken; or what `House` raises.
    """
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    desk = Desk(House(students, sandbox), weights)
    page = None
    try:
        page, address = launch(desk, port, browser)
        others = len(desk.house.names) - 1
        tell(f"The demo is at {address}" + (f", with the code of {others} submissions" if others else ""))
        tell("Press ? there for the keys, and Ctrl-C here to end it.")
        desk.warm()
        threading.Event().wait()
    except KeyboardInterrupt:
        tell("Ending ...")
    except OSError as error:
        raise CourseError(f"The page cannot be served on port {port}: {error}. Choose another with --port.") from None
    finally:
        if page is not None:
            page.close(verbose=False)
        desk.close()
