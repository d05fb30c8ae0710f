"""Reads Python without running it, one file at a time."""

import ast
import threading

_one_at_a_time = threading.Lock()


def parse(source: str | bytes) -> ast.Module:
    """Return the syntax tree of a source.

    Python 3.11 counts the depth of a tree in one place for all threads, and raises SystemError where two of them parse
    at the same time (gh-106905).

    Raises:
        SyntaxError: it is no Python.
        ValueError: it holds a null byte.
    """
    with _one_at_a_time:
        return ast.parse(source)
