"""Renders pages: everything in one file, nothing fetched, no script, and all text escaped.

What a page may do is said in its content security policy: pictures come as data, the one style sheet is allowed by its
hash. So even markup that got into a page could neither run, nor fetch, nor restyle anything.
"""

import base64
import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from course.report.table import number

TEMPLATES = Path(__file__).with_name("templates")
POLICY = "default-src 'none'; img-src data:; style-src '{style}'; base-uri 'none'; form-action 'none'"


def render(template: str, **values: Any) -> str:
    """Return a page of one of our templates. What the values hold is text, and becomes no markup."""
    style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
    policy = POLICY.format(style="sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode())
    return _environment().get_template(template).render(style=Markup(style), policy=policy, **values)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["code"] = _with_code
    environment.filters["points"] = number
    environment.filters["percent"] = lambda share: f"{100 * share:.0f} %"
    return environment


def _with_code(text: str) -> Markup:
    """Return a text with what stands between backticks as code; everything in it is still only text."""
    parts = text.split("`")
    if len(parts) % 2 == 0:  # a backtick without its other half
        return escape(text)
    marked = (Markup("<code>{}</code>").format(part) if odd % 2 else escape(part) for odd, part in enumerate(parts))
    return Markup("").join(marked)
