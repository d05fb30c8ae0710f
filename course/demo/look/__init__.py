"""How the page looks: one theme, one style sheet, the keys, and the canvases. Nothing of it comes from elsewhere."""

from pathlib import Path

import gradio as gr

HERE = Path(__file__).resolve().parent
FONTS = ["system-ui", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif"]
MONO = ["ui-monospace", "DejaVu Sans Mono", "Consolas", "monospace"]


def script(name: str) -> str:
    """Return one of the scripts."""
    return (HERE / name).read_text("utf-8")


def theme() -> gr.themes.Base:
    """Return the theme: fonts of this machine (a list of names, so that none is fetched), large, blue."""
    made = gr.themes.Base(
        primary_hue=gr.themes.colors.blue,
        neutral_hue=gr.themes.colors.gray,
        font=FONTS,
        font_mono=MONO,
        text_size=gr.themes.sizes.text_lg,
        spacing_size=gr.themes.sizes.spacing_sm,
        radius_size=gr.themes.sizes.radius_md,
    )
    return made.set(
        body_background_fill="#ffffff",
        body_background_fill_dark="#0d1117",
        button_primary_background_fill="#0060a0",
        button_primary_background_fill_dark="#1f6feb",
        button_primary_text_color="#ffffff",
    )


def head() -> str:
    """Return what stands in the page's head: the keys, and an empty icon so that none is asked for."""
    return f'<link rel="icon" href="data:,"><script>{script("keys.js")}</script>'


def css() -> str:
    """Return the style sheet."""
    return (HERE / "style.css").read_text("utf-8")
