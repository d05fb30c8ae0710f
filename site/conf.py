"""Sphinx for the site. `course site` lays the pages out in a folder of its own, and calls it there."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "Image segmentation"
copyright = "the course's maintainers"  # noqa: A001 - Sphinx's name
html_title = project
language = "en"

extensions = ["myst_nb", "formulas"]
nitpicky = True  # a link to nothing is a warning, and `course site` takes warnings for errors
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3

# Notebooks are run by `course site --execute`, one way for all; and none of them has widgets, whose scripts would
# come from other hosts.
nb_execution_mode = "off"
nb_ipywidgets_js = {}
nb_merge_streams = True

html_theme = "furo"
html_math_renderer = "drawn"
html_static_path = ["static"]
html_css_files = ["course.css"]
html_favicon = "static/favicon.svg"
html_show_search_summary = False  # it would fetch the pages found, which a browser refuses for files
html_show_sphinx = False
html_copy_source = False
html_theme_options = {"navigation_with_keys": True}
# Okabe and Ito's blue and sky, as in all figures of the course.
_LIGHT, _DARK = {"color-brand-primary": "#0072B2"}, {"color-brand-primary": "#56B4E9"}
for _colours in (_LIGHT, _DARK):
    _colours["color-brand-content"] = _colours["color-brand-primary"]
    _colours["color-brand-visited"] = _colours["color-brand-primary"]
html_theme_options |= {"light_css_variables": _LIGHT, "dark_css_variables": _DARK}
pygments_style, pygments_dark_style = "friendly", "github-dark"
