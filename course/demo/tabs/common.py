"""What all tabs share: errors become sentences, and whose code is run."""

import functools
import html
import sys
import traceback
from collections.abc import Callable
from typing import Any

import gradio as gr

from course.demo.sources import House
from course.errors import CourseError
from course.grading.outcomes import CheckFailed, NotAttempted
from course.report.text import harmless

SENTENCES = (CourseError, CheckFailed, NotAttempted)


def sentence(text: str) -> str:
    """Return a sentence about something that went wrong, as HTML."""
    return f'<div class="wrong" role="alert">{html.escape(harmless(text))}</div>'


def in_words(error: Exception) -> str:
    """Return what an exception is on the page. What is not written for readers also goes to the terminal, whole."""
    if isinstance(error, SENTENCES):
        return sentence(str(error))
    traceback.print_exception(error, file=sys.stderr)
    return sentence(
        f"This did not work, and it is the demo's own fault: {type(error).__name__}: {error}. "
        "The other tabs go on; the terminal has the details."
    )


def guarded(work: Callable, count: int) -> Callable:
    """Return `work` with one more output, the tab's message: empty, or a sentence about what went wrong.

    Args:
        count: how many outputs `work` has.
    """

    @functools.wraps(work)
    def run(*arguments: Any) -> Any:
        try:
            results = work(*arguments)
        except Exception as error:
            return (*[gr.skip() for _ in range(count)], in_words(error))
        return (*(results if count > 1 else [results]), "")

    return run


def message() -> gr.HTML:
    """Return the place of a tab's message."""
    return gr.HTML("", elem_classes="message")


def code_choice(house: House) -> gr.Dropdown:
    """Return the choice of whose code is run; not shown where there is only the reference."""
    return gr.Dropdown(
        house.names, value=house.names[0], label="Whose code", visible=len(house.names) > 1, min_width=120
    )


def say(question: str, answer: str) -> str:
    """Return a question, and under it an answer that is opened by a click or a key: HTML in, HTML out."""
    return f'<details class="say answer"><summary>{question}</summary><p>{answer}</p></details>'


# How the page answers: at once, without a spinner over what is being looked at; the last of several clicks counts.
INSTANT = {"queue": False, "show_progress": "hidden", "trigger_mode": "always_last", "api_visibility": "private"}
# For what a canvas tells: its script sends one message at a time (look/keys.js).
EACH = INSTANT | {"trigger_mode": "multiple"}
