"""What a task asks for: the docstrings with their formulas and shapes, and the sentences of its checks."""

import ast
import inspect
import re
import textwrap
from dataclasses import dataclass
from pathlib import Path

from course.catalogue import Task
from course.paths import ROOT
from course.student.originals import original
from course.student.parsing import parse

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)
ANNOTATED_DEFAULT = re.compile(r"(: [^=,()]+?)=")
SECTION = re.compile(r"^(Args|Returns|Raises|Attributes|Shape|Yields):$")


@dataclass(frozen=True)
class Piece:
    """A class, function or method that a student writes.

    Attributes:
        signature: `class DiceLoss(smooth: float = 1.0)`, `forward(y_pred: Tensor, y_true: Tensor) -> Tensor`.
        docstring: what it says, without its indentation.
    """

    signature: str
    docstring: str


@dataclass(frozen=True)
class Sentence:
    """A check as a student reads it."""

    text: str
    points: float
    bonus: bool


def pieces(task: Task, lib: Path) -> list[tuple[str, list[Piece]]]:
    """Return, for each (file, symbol) of a task, "file" and what is asked there.

    The stub is read, since a student may have changed a docstring; their own file where there is no stub.
    """
    found = []
    for file, symbol in task.references:
        source = original(file)
        if source is None and (lib / file).is_file():
            source = (lib / file).read_text(encoding="utf-8", errors="replace")
        found.append((file, _pieces(source or "", symbol)))
    return found


def _pieces(source: str, symbol: str) -> list[Piece]:
    try:
        body = parse(source).body
    except (SyntaxError, ValueError):
        return []
    node = next((node for node in body if getattr(node, "name", None) == symbol), None)
    if node is None:
        return []
    found = [Piece(_signature(node), _docstring(node))]
    methods = [part for part in getattr(node, "body", []) if isinstance(part, FUNCTION)]
    if isinstance(node, ast.ClassDef):
        found += [Piece(_signature(part), _docstring(part)) for part in methods if part.name != "__init__"]
    return found


def _signature(node: ast.ClassDef | ast.FunctionDef) -> str:
    """Return `DiceLoss(smooth: float = 1.0)` for a class, `forward(y_pred: Tensor) -> Tensor` for a function."""
    function: ast.AST | None = node
    if isinstance(node, ast.ClassDef):
        function = next((part for part in node.body if getattr(part, "name", "") == "__init__"), None)
    if not isinstance(function, FUNCTION):
        return node.name
    arguments = ANNOTATED_DEFAULT.sub(r"\1 = ", ast.unparse(function.args))
    arguments = arguments.removeprefix("self").removeprefix(", ")
    returns = f" -> {ast.unparse(function.returns)}" if function.returns and node is function else ""
    return f"{'class ' if node is not function else ''}{node.name}({arguments}){returns}"


def _docstring(node: ast.ClassDef | ast.FunctionDef) -> str:
    return inspect.cleandoc(ast.get_docstring(node, clean=False) or "")


def sentences(task: Task) -> list[Sentence]:
    """Return the sentences of a task's checks, in order, read from `tests/` without running anything."""
    found = []
    for path in sorted((ROOT / "tests").glob("test_ex*.py")):
        for node in parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef):
                found += [_sentence(node, mark) for mark in node.decorator_list if _is_mark_of(mark, task)]
    return found


def _is_mark_of(mark: ast.expr, task: Task) -> bool:
    if not isinstance(mark, ast.Call) or ast.unparse(mark.func) != "pytest.mark.task":
        return False
    return bool(mark.args) and isinstance(mark.args[0], ast.Constant) and mark.args[0].value == task.id


def _sentence(node: ast.FunctionDef, mark: ast.Call) -> Sentence:
    values = {word.arg: word.value.value for word in mark.keywords if isinstance(word.value, ast.Constant)}
    text = " ".join((ast.get_docstring(node) or node.name).split())
    return Sentence(text, values.get("points", 0), values.get("bonus", False))


def description(task: Task, lib: Path, width: int) -> list[tuple[str, str]]:
    """Return (style, line) for everything that is asked. Styles: "title", "code", "", "dim"."""
    bonus = f", and {task.bonus} bonus points" if task.bonus else ""
    lines = [("title", f"{task.id} {task.title}: {task.points} points{bonus}")]
    for file, parts in pieces(task, lib):
        lines += [("", ""), ("dim", f"lib/{file}")]
        for part in parts:
            lines += [("code", line) for line in textwrap.wrap(part.signature, width, subsequent_indent="    ")]
            lines += [("", f"  {line}".rstrip()) for line in reflowed(part.docstring, width - 2)]
    if task.scripts:
        lines += [("", ""), ("", f"Runs {' and then '.join(task.scripts)} with what you wrote in {_needs(task)}.")]
    lines += [("", ""), ("title", "What is checked")]
    for sentence in sentences(task):
        lines += [("", line) for line in _listed(sentence, width)]
    lines += [("", ""), ("dim", f"To read: {'; '.join(task.sources)}")]
    return lines


def reflowed(docstring: str, width: int) -> list[str]:
    """Return a docstring for another width: prose is wrapped anew, formulas and tables stay as they are."""
    lines: list[str] = []
    section, paragraph, indent = False, [], 0

    def finish() -> None:
        if paragraph:
            hanging = " " * (indent + 4 if section else indent)
            options = {"initial_indent": " " * indent, "subsequent_indent": hanging, "break_on_hyphens": False}
            lines.extend(textwrap.wrap(" ".join(paragraph), width, **options))
        paragraph.clear()

    for line in docstring.splitlines():
        depth = len(line) - len(line.lstrip())
        begins = bool(SECTION.match(line))
        if not line.strip() or begins or (depth and not section):
            finish()
            lines.append(line)
            section = begins or (section and bool(line.strip()))
            continue
        if depth <= indent or not paragraph:
            if section or depth != indent:
                finish()
            indent = depth
        paragraph.append(line.strip())
    finish()
    return lines


def _needs(task: Task) -> str:
    return " and ".join([", ".join(task.needs[:-1]), task.needs[-1]] if len(task.needs) > 1 else task.needs)


def _listed(sentence: Sentence, width: int) -> list[str]:
    points = f"{sentence.points:g}"
    first, rest = f"{points:>3}  ", " " * 5
    return textwrap.wrap(sentence.text, width, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
