"""Formulas as SVG, drawn while the site is built: no script, no font and no other host is needed to read them."""

from html import escape
from xml.etree import ElementTree

import ziamath
from docutils import nodes
from latex2mathml.converter import convert
from sphinx.application import Sphinx
from sphinx.util import logging
from sphinx.writers.html5 import HTML5Translator

SIZE = 16  # of the drawing; on the page it follows the text around it
LOG = logging.getLogger(__name__)

ziamath.config.svg2 = False  # glyphs as plain paths: shared ones would need names that are unique on a page


def draw(latex: str, inline: bool) -> str:
    """Return a formula as `<svg>`, sized in em, on the line of the text, in the text's colour.

    Raises:
        ValueError: a command that is not known, which would be drawn as it is written, or braces without partners.
    """
    plain = latex.replace(r"\{", "").replace(r"\}", "")
    if plain.count("{") != plain.count("}"):
        raise ValueError("a brace has no partner")
    unknown = [text for text in ElementTree.fromstring(convert(latex)).itertext() if "\\" in text]
    if unknown:
        raise ValueError(f"not known: {', '.join(unknown)}")
    drawing = ziamath.Latex(latex, size=SIZE, inline=inline, color="currentColor")
    svg = drawing.svgxml()
    width, height = (float(svg.get(name)) for name in ("width", "height"))
    top = float(svg.get("viewBox").split()[1])
    svg.set("width", f"{width / SIZE:.3f}em")
    svg.set("height", f"{height / SIZE:.3f}em")
    svg.set("style", f"vertical-align:{-(top + height) / SIZE:.3f}em")
    svg.set("role", "img")
    svg.set("aria-label", latex)
    return ElementTree.tostring(svg, encoding="unicode")


def visit_inline(page: HTML5Translator, node: nodes.math) -> None:
    """Write an inline formula."""
    page.body.append(f'<span class="formula">{_drawn(node, inline=True)}</span>')
    raise nodes.SkipNode


def visit_display(page: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, which scrolls where it is wider than the page."""
    page.body.append(f'<div class="formula">{_drawn(node, inline=False)}</div>')
    raise nodes.SkipNode


def _drawn(node: nodes.Element, inline: bool) -> str:
    latex = " ".join(node.astext().split())
    try:
        return draw(latex, inline)
    except Exception as error:  # a formula that cannot be drawn is an error of the build, with its place
        LOG.warning("this formula cannot be drawn (%s): %s", error, latex, location=node)
        return f"<code>{escape(latex)}</code>"


def setup(app: Sphinx) -> dict[str, bool]:
    """Make these the formulas of HTML pages."""
    app.add_html_math_renderer("drawn", (visit_inline, None), (visit_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
