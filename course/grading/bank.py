"""Reads the answer bank, and turns its entries into submissions."""

import ast
import importlib
import inspect
import shutil
import textwrap
from collections.abc import Callable
from functools import cache
from pathlib import Path

from answers.entry import Answer
from course.catalogue import Catalogue
from course.paths import ROOT


@cache
def load_bank() -> tuple[Answer, ...]:
    """Return all entries of `answers/`, in the order of the files."""
    answers = []
    for path in sorted((ROOT / "answers").rglob("*.py")):
        module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
        found = [value.answer for value in vars(module).values() if isinstance(vars_of(value).get("answer"), Answer)]
        answers += [answer for answer in found if answer.make.__module__ == module.__name__]
    return tuple(answers)


def vars_of(value: object) -> dict:
    """Return an object's own attributes; an entry that inherits from another one must not inherit its name."""
    return getattr(value, "__dict__", {})


def answers_to(task_id: str, symbol: str, verdict: str) -> list[Answer]:
    """Return the entries for a task's symbol with a verdict."""
    return [a for a in load_bank() if (a.task, a.symbol, a.verdict) == (task_id, symbol, verdict)]


def submit(answer: Answer, folder: Path, catalogue: Catalogue) -> Path:
    """Write a submission: the reference solutions with one symbol replaced by a known answer. Return its folder."""
    shutil.copytree(ROOT / "solutions", folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    file = next(file for file, symbol in catalogue.task(answer.task).references if symbol == answer.symbol)
    path = folder / "lib" / file
    path.write_text(with_answer(path.read_text(), answer), encoding="utf-8")
    return folder


def with_answer(source: str, answer: Answer) -> str:
    """Return a solution's file in which an answer stands in the place of its symbol.

    An answer that inherits from the symbol is put behind it instead, under the same name.
    """
    text = source_of(answer)
    lines = source.splitlines(keepends=True)
    node = next(n for n in ast.parse(source).body if getattr(n, "name", None) == answer.symbol)
    replacement = ast.parse(text).body[0]
    bases = {base.id for base in getattr(replacement, "bases", []) if isinstance(base, ast.Name)}
    start = node.end_lineno if answer.symbol in bases else node.lineno - 1
    return (
        "".join(lines[:start]) + ("\n\n" if answer.symbol in bases else "") + text + "".join(lines[node.end_lineno :])
    )


@cache  # Python reads and parses a whole file to find a class in it
def _text_of(make: Callable) -> str:
    return textwrap.dedent(inspect.getsource(make))


def source_of(answer: Answer) -> str:
    """Return the source of an answer, without its mark, under the name of its symbol."""
    text = _text_of(answer.make)
    node = ast.parse(text).body[0]
    body = text.splitlines(keepends=True)[node.lineno - 1 :]
    body[0] = body[0].replace(node.name, answer.symbol, 1)
    return "".join(body)
