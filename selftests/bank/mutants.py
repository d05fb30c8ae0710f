"""Mutants of the reference solutions: each differs from its solution in one place, as text that can be handed in.

Why none of the libraries: cosmic-ray and mutmut change operators, numbers and names of arguments, but neither drops a
term, nor a call around its argument, nor swaps layers or arguments of a network, which is what students get wrong; and
both want to run the tests themselves. What is needed here is a file's text with one change, and that is not much code.

Only what students write is changed: the lines between the marks of the solutions, and none of their error messages.
"""

import ast
import shutil
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from course.catalogue import Catalogue
from course.paths import ROOT

SOLUTIONS = ROOT / "solutions"
BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
OPERATORS = {
    ast.Add: "-",
    ast.Sub: "+",
    ast.Mult: "/",
    ast.Div: "*",
    ast.Pow: "*",
    ast.FloorDiv: "/",
    ast.Mod: "//",
    ast.BitAnd: "|",
    ast.BitOr: "&",
    ast.BitXor: "&",
}
COMPARISONS = {
    ast.Gt: (">=", "<"),
    ast.GtE: (">", "<="),
    ast.Lt: ("<=", ">"),
    ast.LtE: ("<", ">="),
    ast.Eq: ("!=",),
    ast.NotEq: ("==",),
    ast.In: ("not in",),
    ast.NotIn: ("in",),
    ast.Is: ("is not",),
    ast.IsNot: ("is",),
}
# Functions that are taken for one another.
NAMES = {
    "mean": "sum",
    "sum": "mean",
    "sigmoid": "tanh",
    "max_pool2d": "avg_pool2d",
    "relu": "sigmoid",
    "logsigmoid": "sigmoid",
    "all": "any",
    "any": "all",
}
# Numbers up to this one are also made smaller by 1.
SMALL = 4


@dataclass(frozen=True)
class Mutant:
    """One change of one solution.

    Attributes:
        file: path inside `solutions/`.
        symbol: what stands at the top level of the file: a class or a function.
        function: the function in which the change is, "UNet.forward".
        line: the solution's line, without indentation.
        before, after: what was changed, and into what.
        number: which one, where the same change can be made several times in a line.
        source: the whole file, changed.
    """

    file: str
    symbol: str
    function: str
    line: str
    before: str
    after: str
    number: int
    source: str

    @property
    def key(self) -> str:
        """What tells this mutant from others, also after other lines have changed."""
        again = f" ({self.number})" if self.number > 1 else ""
        return f"{self.file} {self.function}: {self.line} | {self.before} -> {self.after}{again}"


@dataclass(frozen=True)
class Change:
    """A part of a source, and what to write in its place."""

    node: ast.AST
    start: int
    end: int
    text: str


def mutants_of(catalogue: Catalogue) -> list[Mutant]:
    """Return all mutants of all solutions, file by file."""
    files = sorted({file for task in catalogue.tasks for file, _ in task.references})
    return [mutant for file in files for mutant in mutants_of_file(file)]


def mutants_of_file(file: str) -> list[Mutant]:
    """Return the mutants of one solution, each of them once."""
    source = (SOLUTIONS / file).read_text(encoding="utf-8")
    offsets = Offsets(source)
    seen, mutants = {_code(source)}, []
    counts: Counter[str] = Counter()
    written = _written_by_students(source)
    for symbol, function, name in functions_of(ast.parse(source)):
        for change in changes_in(function, offsets):
            if change.node.lineno not in written:
                continue
            changed = source[: change.start] + change.text + source[change.end :]
            code = _code(changed)
            if code is None or code in seen:
                continue
            seen.add(code)
            line = source.splitlines()[change.node.lineno - 1].strip()
            made = Mutant(file, symbol, name, line, source[change.start : change.end], change.text, 1, changed)
            counts[made.key] += 1
            mutants.append(replace(made, number=counts[made.key]))
    return mutants


def sample(mutants: list[Mutant], every: int) -> list[Mutant]:
    """Return one of so many mutants, always the same ones."""
    return [mutant for mutant in mutants if zlib.crc32(mutant.key.encode()) % every == 0]


def _written_by_students(source: str) -> set[int]:
    """Return the numbers of the lines between the marks."""
    lines, inside = set(), False
    for number, line in enumerate(source.splitlines(), 1):
        inside = (inside or BEGIN in line) and END not in line
        if inside:
            lines.add(number)
    return lines


def functions_of(tree: ast.Module) -> Iterator[tuple[str, ast.FunctionDef, str]]:
    """Yield each function: the top-level symbol that it belongs to, itself, and its full name."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node.name, node, node.name
        elif isinstance(node, ast.ClassDef):
            for method in node.body:
                if isinstance(method, ast.FunctionDef):
                    yield node.name, method, f"{node.name}.{method.name}"


class Offsets:
    """Where the nodes of a source stand in its text, whatever characters it holds."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.lines = source.splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))

    def of(self, line: int, column: int) -> int:
        """Return the position of a line, from 1, and a column in bytes."""
        return self.starts[line - 1] + len(self.lines[line - 1].encode()[:column].decode())

    def span(self, node: ast.AST) -> tuple[int, int]:
        """Return where a node begins and ends."""
        return self.of(node.lineno, node.col_offset), self.of(node.end_lineno, node.end_col_offset)

    def text(self, node: ast.AST) -> str:
        """Return a node's text."""
        start, end = self.span(node)
        return self.source[start:end]


def changes_in(function: ast.FunctionDef, offsets: Offsets) -> Iterator[Change]:
    """Yield all changes of a function's body."""
    attributes = _layers(function)
    for node in _code_of(function):
        for text, inner in changes_of(node, offsets, attributes):
            start, end = offsets.span(inner or node)
            yield Change(node, start, end, text)


def _code_of(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """Yield the nodes of a function that do something: no type hint, no error."""
    waiting = [*reversed(function.body)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, (ast.Raise, ast.JoinedStr, ast.FunctionDef)):
            continue
        yield node
        children = [child for child in ast.iter_child_nodes(node) if not isinstance(child, (ast.expr_context, ast.arg))]
        if isinstance(node, ast.AnnAssign):
            children.remove(node.annotation)
        waiting += reversed(children)


def changes_of(node: ast.AST, offsets: Offsets, layers: list[str]) -> Iterator[tuple[str, ast.AST | None]]:
    """Yield what to write in the place of a node, or of the part of it that is given with it."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            yield _joined(offsets, left, OPERATORS.get(type(op)), right)
            yield offsets.text(left), None
            yield offsets.text(right), None
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            for other in COMPARISONS[type(op)]:
                yield _joined(offsets, left, other, right)
        case ast.BoolOp(op=op, values=values):
            word = " or " if isinstance(op, ast.And) else " and "
            yield word.join(offsets.text(value) for value in values), None
            for value in values:
                yield offsets.text(value), None
        case ast.UnaryOp(operand=operand):
            yield offsets.text(operand), None
        case ast.Constant(value=bool() as value):
            yield str(not value), None
        case ast.Constant(value=int() | float() as value):
            yield from ((str(other), None) for other in _other_numbers(value))
        case ast.If(test=test):
            yield from (("True", test), ("False", test))
        case ast.IfExp(body=body, orelse=orelse):
            yield from ((offsets.text(body), None), (offsets.text(orelse), None))
        case ast.Call():
            yield from _changes_of_call(node, offsets)
        case ast.Attribute(attr=name):
            yield from ((offsets.text(node)[: -len(name)] + other, None) for other in _other_names(name, layers))
        case ast.Name(id=name) if name[-1].isdigit():
            yield from ((other, None) for other in _neighbours(name))
        case ast.AugAssign() | ast.Expr():
            yield "pass", None


def _joined(offsets: Offsets, left: ast.AST, operator: str | None, right: ast.AST) -> tuple[str, None]:
    """Return two operands with another operator; brackets and spaces between them stay as they are."""
    start, end = offsets.span(left)[1], offsets.span(right)[0]
    between = offsets.source[start:end]
    old = between.strip(" ()\n")
    between = between.replace(old, operator or old, 1)
    return offsets.text(left) + between + offsets.text(right), None


def _other_numbers(value: float) -> list[float]:
    if isinstance(value, float):
        return [value + 1, value / 2] if value else [1.0]
    return [value + 1, value - 1] if abs(value) <= SMALL else [value + 1]


def _changes_of_call(call: ast.Call, offsets: Offsets) -> Iterator[tuple[str, ast.AST | None]]:
    """Yield a call without itself, with its arguments swapped, with one of its named arguments missing."""
    if isinstance(call.func, ast.Attribute) and not _is_module(call.func.value):
        yield offsets.text(call.func.value), None
    if call.args:
        yield offsets.text(call.args[0]), None
    for first, second in zip(call.args, call.args[1:], strict=False):
        start, end = offsets.span(first)[0], offsets.span(second)[1]
        between = offsets.source[offsets.span(first)[1] : offsets.span(second)[0]]
        yield _within(call, offsets, start, end, offsets.text(second) + between + offsets.text(first))
    arguments = [*call.args, *(keyword.value for keyword in call.keywords)]
    for keyword in call.keywords:
        position = arguments.index(keyword.value)
        start = offsets.span(arguments[position - 1])[1] if position else offsets.span(keyword)[0]
        yield _within(call, offsets, start, offsets.span(keyword)[1], "")


def _within(call: ast.Call, offsets: Offsets, start: int, end: int, text: str) -> tuple[str, None]:
    """Return a call in which one part is another one."""
    first, last = offsets.span(call)
    return offsets.source[first:start] + text + offsets.source[end:last], None


def _is_module(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id in ("torch", "F", "nn", "os", "tvf", "re", "self")


def _layers(function: ast.FunctionDef) -> list[str]:
    """Return the names of the layers that a function uses, in order."""
    found = [
        node.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    ]
    return list(dict.fromkeys(name for name in found if name[-1].isdigit()))


def _other_names(name: str, layers: list[str]) -> list[str]:
    others = [NAMES[name]] if name in NAMES else []
    return others + [other for other in _neighbours(name) if other in layers]


def _neighbours(name: str) -> list[str]:
    """Return "e2" and "e0" for "e1"."""
    if not name[-1].isdigit():
        return []
    number = int(name[-1])
    return [f"{name[:-1]}{other}" for other in (number + 1, number - 1) if other >= 0]


def _code(source: str) -> str | None:
    """Return what a source says, however it is written; None where it is no Python."""
    try:
        return ast.dump(ast.parse(source))
    except SyntaxError:
        return None


def write(mutant: Mutant, folder: Path) -> Path:
    """Write a submission: the solutions with one file mutated. Return its folder."""
    shutil.copytree(SOLUTIONS, folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "lib" / mutant.file).write_text(mutant.source, encoding="utf-8")
    return folder
