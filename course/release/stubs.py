"""Stubs: make `lib/`, which students fill in, from `solutions/`.

What stands between `### BEGIN SOLUTION` and `### END SOLUTION` becomes one `raise NotImplementedError`; everything
else stays: imports, signatures, docstrings. A region that is not exactly a run of statements of one function is
refused, and a finished stub is checked against the solution, so that a slip of the markers cannot publish an answer.
"""

import ast
import io
import re
import tokenize
from dataclasses import dataclass
from pathlib import Path

from course.catalogue import Catalogue
from course.errors import CourseError

BEGIN = "### BEGIN SOLUTION"
END = "### END SOLUTION"
LOOKS_LIKE_A_MARKER = re.compile(r"\b(BEGIN|END)[\s_-]*SOLUTION", re.IGNORECASE)

# Lines of a region that are at least this long must not stand anywhere else in the stub's code.
TELLING_LENGTH = 20

# A student's copy holds none of these, and a stub that imports the answers gives them away.
NOT_FOR_STUDENTS = {"answers", "course", "lib", "selftests", "solutions", "tests"}

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)

README = """\
# lib: the part that you write

Each file here is complete but for the lines that read

    raise NotImplementedError("Exercise 2.1: DiceLoss")

Replace each such line by your own code. The docstring above it says what comes in, what goes out, and by which
formula. `uv run course list` shows which task is in which file. Names and arguments must stay as they are, because
the graders call them; add functions of your own, and import what you like from the installed libraries.

In the course's own repository these files are made from `solutions/` by `uv run course stubs`: change them there.
"""


@dataclass(frozen=True)
class Region:
    """What one pair of markers encloses: the lines between `begin` and `end`, and the statements they hold."""

    begin: int
    end: int
    function: ast.FunctionDef | ast.AsyncFunctionDef
    statements: list[ast.stmt]
    symbol: str
    task_id: str

    @property
    def stand_in(self) -> str:
        """The one line of code that a student finds in place of the region."""
        return f'raise NotImplementedError("Exercise {self.task_id}: {self.symbol}")'


def make_stub(source: str, file: str, catalogue: Catalogue) -> str:
    """Return the stub of one file of solutions.

    Args:
        source: the text of the solution.
        file: its path inside `solutions/`, with forward slashes, as in the catalogue.
        catalogue: says which symbols a student writes, and in which task.

    Raises:
        CourseError: the markers are wrong, a symbol of the catalogue has no region, or the stub would give something
            away. The sentence names file and line.
    """
    tree, regions = solved_regions(source, file, catalogue)
    _refuse_gaps(tree, regions, file, catalogue)
    _refuse_imports(tree, file)
    stub = _replace_lines(source, regions)
    _compare(tree, regions, stub, file)
    _refuse_leftovers(source, regions, stub, file)
    return stub


def solved_regions(source: str, file: str, catalogue: Catalogue) -> tuple[ast.Module, list[Region]]:
    """Return the syntax tree of a file of solutions, and the regions in it that students write.

    Raises:
        CourseError: as `make_stub`, where the markers are wrong.
    """
    tree = _parse(source, file)
    return tree, [_region(tree, begin, end, file, catalogue) for begin, end in _marker_pairs(source, file)]


def make_stubs(solutions: Path, catalogue: Catalogue) -> dict[str, str]:
    """Return the text of every file of `lib/`, keyed by its path inside `lib/` with forward slashes.

    Raises:
        CourseError: there are no solutions, or one of them cannot be made into a stub.
    """
    if not solutions.is_dir():
        raise CourseError(
            f"There is no folder {solutions}: stubs are made where the course is written. A student's copy has them "
            "in lib/ already."
        )
    stubs = {"README.md": README}
    for path in sorted(solutions.rglob("*.py")):
        file = path.relative_to(solutions).as_posix()
        stubs[file] = make_stub(path.read_text(encoding="utf-8"), file, catalogue)
    return stubs


def write(stubs: dict[str, str], lib: Path) -> None:
    """Write every stub to its place under `lib`. Other files there are left alone."""
    for file, text in stubs.items():
        path = lib / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")


def differences(stubs: dict[str, str], lib: Path) -> list[str]:
    """Return one line for every file under `lib` that is not what `write` would leave there; [] where all are."""
    lines = []
    for file, text in stubs.items():
        path = lib / file
        if not path.is_file():
            lines.append(f"{file} is missing")
        elif path.read_text(encoding="utf-8", errors="replace") != text:
            lines.append(f"{file} differs")
    return lines + [f"{file} is not made from the solutions: delete it" for file in strangers(stubs, lib)]


def strangers(stubs: dict[str, str], lib: Path) -> list[str]:
    """Return the files under `lib` that are no stub, as paths inside `lib`."""
    files = (path for path in sorted(lib.rglob("*")) if path.is_file() and "__pycache__" not in path.parts)
    return [file for file in (path.relative_to(lib).as_posix() for path in files) if file not in stubs]


def _parse(source: str, file: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise CourseError(f"{file}, line {error.lineno}: {error.msg}. A solution must be valid Python.") from None


def _marker_pairs(source: str, file: str) -> list[tuple[int, int]]:
    """Return the line numbers of each BEGIN and its END.

    Markers are found as the comments that Python sees, so that one inside a string is no marker; any other line that
    only looks like one is an error, because it was certainly meant to hide something.
    """
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = {token.start[0]: token.string for token in tokens if token.type == tokenize.COMMENT}
    pairs: list[tuple[int, int]] = []
    begin = None
    for number, line in enumerate(source.split("\n"), start=1):
        if not LOOKS_LIKE_A_MARKER.search(line):
            continue
        marker = line.strip()
        if marker not in (BEGIN, END) or comments.get(number) != marker:
            raise CourseError(
                f"{file}, line {number}: `{marker}` looks like a marker and is none. A marker is a comment on a line "
                f"of its own: `{BEGIN}` or `{END}`."
            )
        if marker == BEGIN and begin is not None:
            raise CourseError(f"{file}, line {number}: the region that began on line {begin} has not ended yet.")
        if marker == END and begin is None:
            raise CourseError(f"{file}, line {number}: a region ends here that never began.")
        if marker == END:
            pairs.append((begin, number))
        begin = number if marker == BEGIN else None
    if begin is not None:
        raise CourseError(f"{file}, line {begin}: the region that begins here never ends.")
    return pairs


def _region(tree: ast.Module, begin: int, end: int, file: str, catalogue: Catalogue) -> Region:
    """Find the statements between two markers, and whose they are."""
    around: list[ast.stmt] = []
    inside: set[ast.stmt] = set()
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.stmt)):
        first, last = _first_line(node), node.end_lineno
        if begin < first and last < end:
            inside.add(node)
        elif first < begin < last:
            around.append(node)
        elif first < end < last:
            raise CourseError(f"{file}, line {first}: the region of lines {begin} to {end} cuts this statement in two.")
    function = max(around, key=_first_line, default=None)
    if not isinstance(function, FUNCTION):
        raise CourseError(
            f"{file}, line {begin}: a region holds whole statements of a function's body, and no other block's."
        )
    statements = [node for node in function.body if node in inside]
    if not statements:
        raise CourseError(f"{file}, line {begin}: the region holds no statement, so there is nothing to write.")
    if len(inside) != sum(isinstance(node, ast.stmt) for statement in statements for node in ast.walk(statement)):
        raise CourseError(f"{file}, line {end}: the region of line {begin} ends outside its function {function.name}.")
    if statements[0] is function.body[0] and ast.get_docstring(function) is not None:
        raise CourseError(f"{file}, line {begin}: the region takes the docstring along, which students need.")
    symbol = getattr(min(around, key=_first_line), "name", "the module's own code")
    task = catalogue.task_of(file, symbol)
    if task is None:
        raise CourseError(
            f"{file}, line {begin}: a region in {symbol}, which no task of course.toml asks for. Add {symbol} to the "
            "symbols of its task, or remove the markers."
        )
    return Region(begin, end, function, statements, symbol, task.id)


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", []))])


def _refuse_gaps(tree: ast.Module, regions: list[Region], file: str, catalogue: Catalogue) -> None:
    """Check that everything that students write has a region: each symbol, and in a class each of its methods."""
    for node in tree.body:
        symbol = getattr(node, "name", "")
        if catalogue.task_of(file, symbol) is None:
            continue
        body = node.body if isinstance(node, ast.ClassDef) else []
        written = [part for part in body if isinstance(part, FUNCTION) and part.name != "__init__"]
        for part in [node, *written]:
            if not any(part.lineno < region.begin < part.end_lineno for region in regions):
                name = symbol if part is node else f"{symbol}.{part.name}"
                raise CourseError(
                    f"{file}, line {part.lineno}: students write {name}, but it has no region to remove. Put what "
                    f"they write between `{BEGIN}` and `{END}`. (A method that is given to them goes into a base class "
                    "outside the catalogue.)"
                )


def _refuse_imports(tree: ast.Module, file: str) -> None:
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [node.module]
        for name in names:
            if name.split(".")[0] in NOT_FOR_STUDENTS:
                raise CourseError(
                    f"{file}, line {node.lineno}: it imports {name}, which a student does not have. Import within "
                    "lib/ and solutions/ is relative, as in `from .losses import DiceLoss`."
                )


def _replace_lines(source: str, regions: list[Region]) -> str:
    lines = source.split("\n")
    for region in reversed(regions):
        code = lines[region.statements[0].lineno - 1]
        indentation = code[: len(code) - len(code.lstrip())]
        lines[region.begin - 1 : region.end] = [indentation + region.stand_in]
    return "\n".join(lines)


def _compare(tree: ast.Module, regions: list[Region], stub: str, file: str) -> None:
    """Check that stub and solution differ in the regions and nowhere else. Changes `tree`.

    The stub was cut by lines; here the same cut is made in the syntax tree, and both must come to the same.
    """
    for region in regions:
        body = region.function.body
        start = body.index(region.statements[0])
        body[start : start + len(region.statements)] = ast.parse(region.stand_in).body
    if ast.dump(tree) != ast.dump(_parse(stub, f"the stub of {file}")):
        raise CourseError(f"{file}: its stub differs from it outside the regions too. Look for odd line breaks.")


def _refuse_leftovers(source: str, regions: list[Region], stub: str, file: str) -> None:
    """Check that no line of a region also stands in the stub's code or comments."""
    docstrings = {
        number
        for node in ast.walk(ast.parse(stub))
        if isinstance(node, (ast.Module, ast.ClassDef, *FUNCTION)) and ast.get_docstring(node) is not None
        for number in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    left = [line for number, line in enumerate(stub.split("\n"), start=1) if number not in docstrings]
    lines = source.split("\n")
    for region in regions:
        for number in range(region.begin + 1, region.end):
            code = lines[number - 1].strip()
            # `for pixel in image:` gives nothing away.
            telling = len(code) >= TELLING_LENGTH and not code.endswith(":")
            if telling and any(code in line for line in left):
                raise CourseError(
                    f"{file}, line {number}: the region's line `{code}` also stands outside every region, where "
                    "students read it. Move one of the two."
                )
