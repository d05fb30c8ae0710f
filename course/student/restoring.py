"""Puts the stub of one symbol back into a student's file, and keeps what stood there."""

import ast
import re
from datetime import datetime
from pathlib import Path

from course.catalogue import Catalogue, Task
from course.errors import CourseError
from course.report.files import write_atomically
from course.student.home import LIBRARY, Home
from course.student.originals import original
from course.student.parsing import parse

BACKUPS = "backups"
IMPORTS = (ast.Import, ast.ImportFrom)


def own_symbols(task: Task, catalogue: Catalogue) -> dict[str, list[str]]:
    """Return the symbols that a student writes in this task and in no earlier one, by file.

    Raises:
        CourseError: there are none.
    """
    own: dict[str, list[str]] = {}
    for file, symbol in task.references:
        if catalogue.task_of(file, symbol) == task:
            own.setdefault(file, []).append(symbol)
    if own:
        return own
    earlier = [catalogue.task_of(file, symbol).id for file, symbol in task.references] or task.needs
    raise CourseError(
        f"Task {task.id} has no code of its own: it uses what you wrote in {', '.join(earlier)}. "
        f"`uv run course reset {earlier[0]}` puts that back."
    )


def reset(task: Task, home: Home, catalogue: Catalogue) -> list[tuple[Path, list[str], Path | None]]:
    """Put back the stubs of the symbols that are written in a task.

    A file that is no Python loses the lines from the symbol to whatever begins next at the margin.

    Returns:
        (file, symbols, backup) for each file that was changed; the backup is None where there was no file.

    Raises:
        CourseError: the task has no code of its own, there is no stub, or a file cannot be written.
    """
    changed = []
    for file, symbols in own_symbols(task, catalogue).items():
        stub = original(file)
        if stub is None:
            raise CourseError(f"There is no stub of {LIBRARY}/{file} in this copy of the course.")
        path = home.lib / file
        now = path.read_text(encoding="utf-8", errors="surrogateescape") if path.is_file() else None
        new = stub if now is None else now
        for symbol in symbols:
            new = with_stub(new, stub, symbol)
        if new == now:
            continue
        backup = None if now is None else _keep(path, now, home)
        try:
            write_atomically(path, new.encode("utf-8", "surrogateescape"))
        except OSError as error:
            raise CourseError(f"{home.shown(path)} cannot be written: {error.strerror}.") from None
        changed.append((path, symbols, backup))
    return changed


def with_stub(source: str, stub: str, symbol: str) -> str:
    """Return a file in which one symbol is as in the stub; imports that the stub needs are added where they lack."""
    wanted = lines_of(stub, symbol)
    begin, end = span(source, symbol) or (None, None)
    lines = source.splitlines(keepends=True)
    if begin is None:
        text = source.rstrip("\n") + "\n\n\n" + wanted
    else:
        text = "".join(lines[:begin]) + wanted + "".join(lines[end:])
    return _with_imports(text, stub)


def lines_of(source: str, symbol: str) -> str:
    """Return the lines of a symbol, with its decorators."""
    begin, end = span(source, symbol)
    return "".join(source.splitlines(keepends=True)[begin:end])


def span(source: str, symbol: str) -> tuple[int, int] | None:
    """Return the first line of a symbol, counted from 0, and the line after its last; None where it is not there."""
    try:
        body = parse(source).body
    except (SyntaxError, ValueError):
        return _span_of_text(source, symbol)
    node = next((node for node in body if getattr(node, "name", None) == symbol), None)
    if node is None:
        return None
    first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
    return first - 1, node.end_lineno


def _span_of_text(source: str, symbol: str) -> tuple[int, int] | None:
    """Find a symbol in a file that is no Python: it ends where something else begins at the margin."""
    lines = source.splitlines()
    head = re.compile(rf"(?:class|def|async def)\s+{re.escape(symbol)}\b")
    begin = next((number for number, line in enumerate(lines) if head.match(line)), None)
    if begin is None:
        return None
    end = next((n for n in range(begin + 1, len(lines)) if re.match(r"(?:class|def|async def|@|if )", lines[n])), None)
    end = len(lines) if end is None else end
    while end > begin + 1 and not lines[end - 1].strip():
        end -= 1
    return begin, end


def _with_imports(source: str, stub: str) -> str:
    """Add the imports of a stub that a file lacks, beside its own."""
    try:
        body = parse(source).body
    except (SyntaxError, ValueError):
        return source
    there = {ast.dump(node) for node in body if isinstance(node, IMPORTS)}
    lacking = [node for node in parse(stub).body if isinstance(node, IMPORTS) and ast.dump(node) not in there]
    if not lacking:
        return source
    lines = source.splitlines(keepends=True)
    there_already = [node for node in body if isinstance(node, IMPORTS)]
    place = there_already[-1].end_lineno if there_already else 0
    if not there_already and ast.get_docstring(ast.Module(body, [])) is not None:
        place = body[0].end_lineno
        lines.insert(place, "\n")
        place += 1
    added = "".join(f"{ast.unparse(node)}\n" for node in lacking)
    return "".join(lines[:place]) + added + "".join(lines[place:])


def _keep(path: Path, text: str, home: Home) -> Path:
    """Write what stands in a file into a backup, and return its path."""
    stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
    backup = home.remembered(f"{BACKUPS}/{path.stem}-{stamp}.py")
    number = 1
    while backup.exists():
        number += 1
        backup = backup.with_name(f"{path.stem}-{stamp}-{number}.py")
    try:
        home.remember(
            "README", "What the course remembers about your work. `course reset` keeps what it replaces here.\n"
        )
        write_atomically(backup, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise CourseError(f"No backup could be written to {backup}: {error.strerror}. Nothing was changed.") from None
    return backup
