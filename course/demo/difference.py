"""How a known mistake's code differs from right code."""

import ast
import difflib
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from answers.entry import Answer
from course.catalogue import load
from course.grading.bank import answers_to, source_of
from course.paths import ROOT

CONTEXT = 3


@dataclass(frozen=True)
class Changed:
    """A line of the difference: the right code's, the mistake's, both's, or a gap."""

    kind: Literal["minus", "plus", "same", "gap"]
    text: str


def difference(answer: Answer) -> list[Changed]:
    """Return how a mistake's code differs from right code: without docstrings and comments, in one style.

    It is compared with the reference and with every accepted answer, and the one shown that is written most alike:
    there the mistake alone stands out.
    """
    accepted = answers_to(answer.task, answer.symbol, "accepted")
    right = [_reference(answer), *map(_tree, accepted)]
    pairs = [pair for before in right if (pair := _comparable(before, _tree(answer), answer.symbol))]
    return list(_changes(*max(pairs, key=_likeness)))


def _likeness(pair: tuple[list[str], list[str]]) -> float:
    """Return how many words of two texts are the same, wherever they stand."""
    old, new = (Counter(re.findall(r"\w+|\S", "\n".join(lines))) for lines in pair)
    return (old & new).total() / max(1, (old | new).total())


def _tree(answer: Answer) -> ast.stmt:
    return ast.parse(source_of(answer)).body[0]


def _reference(answer: Answer) -> ast.stmt:
    path = ROOT / "solutions" / next(f for f, s in load().task(answer.task).references if s == answer.symbol)
    return next(n for n in ast.parse(path.read_text("utf-8")).body if getattr(n, "name", None) == answer.symbol)


def _comparable(before: ast.stmt, after: ast.stmt, symbol: str) -> tuple[list[str], list[str]] | None:
    """Return the lines to compare; None where the two cannot be compared.

    A mistake that inherits from the reference is compared in the methods that it replaces. Those that it calls, as in
    `torch.sigmoid(super().forward(x))`, stay as they are.
    """
    if type(before) is not type(after):
        return None
    if isinstance(before, ast.ClassDef) and isinstance(after, ast.ClassDef):
        if _inherits(after, symbol):
            replaced = {node.name for node in after.body if isinstance(node, ast.FunctionDef)} - _called(after)
            before.body = [node for node in before.body if getattr(node, "name", None) in replaced]
            after.bases = before.bases = []
        elif _inherits(before, symbol):
            return None  # it shows a part of its code only
    old = _plain(before).splitlines()
    return (old if old[-1].strip() != "pass" else old[:1]), _plain(after).splitlines()


def _inherits(node: ast.ClassDef, symbol: str) -> bool:
    return any(getattr(base, "id", "") == symbol for base in node.bases)


def _called(node: ast.ClassDef) -> set[str]:
    """Return the names of the methods that are called as `super().name(...)`, but for the constructor."""
    calls = (part.func for part in ast.walk(node) if isinstance(part, ast.Call))
    names = {call.attr for call in calls if isinstance(call, ast.Attribute) and ast.unparse(call.value) == "super()"}
    return names - {"__init__"}


def _plain(node: ast.stmt) -> str:
    """Return the source of a class or function without docstrings, comments and annotations."""
    for part in ast.walk(node):
        if isinstance(part, (ast.FunctionDef, ast.ClassDef)):
            if ast.get_docstring(part, clean=False) is not None:
                part.body = part.body[1:]
            part.body = part.body or [ast.Pass()]
            part.decorator_list = []
        if isinstance(part, ast.FunctionDef):
            part.returns = None
            for argument in [*part.args.args, *part.args.kwonlyargs]:
                argument.annotation = None
    return ast.unparse(node)


def _changes(old: list[str], new: list[str]) -> Iterator[Changed]:
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(CONTEXT)):
        if number:
            yield Changed("gap", "⋯")
        for kind, a, b, c, d in group:
            if kind == "equal":
                yield from (Changed("same", line) for line in old[a:b])
            else:
                yield from (Changed("minus", line) for line in old[a:b])
                yield from (Changed("plus", line) for line in new[c:d])
