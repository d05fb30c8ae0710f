"""Which files of `lib/` a task depends on: its own, those of the tasks that it needs, and what they import."""

import ast
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from course.catalogue import Catalogue, Task
from course.student.home import LIBRARY, Home
from course.student.parsing import parse

# For files that are no Python at the moment: an import may also stand in a function.
IMPORT = re.compile(r"^\s*(?:from\s+([.\w]+)\s+import\s+([\w,\s]+)|import\s+([.\w]+))", re.MULTILINE)


def files_of(task: Task, catalogue: Catalogue, home: Home) -> set[Path]:
    """Return the files on which the verdict on a task depends, whether they exist or not."""
    found: set[Path] = set()
    waiting = [home.lib / file for file, _ in task.references]
    waiting += [home.lib / file for need in task.needs for file, _ in catalogue.task(need).references]
    waiting += [home.folder / script for script in task.scripts]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found.add(path)
            waiting += [imported for imported in _imported(path, home) if imported not in found]
    return found


def touched_by(paths: Iterable[Path], catalogue: Catalogue, home: Home) -> list[Task]:
    """Return the tasks whose verdict may change when these files do, in order."""
    changed = set(paths)
    return [task for task in catalogue.tasks if changed & files_of(task, catalogue, home)]


def fingerprint(task: Task, catalogue: Catalogue, home: Home) -> str:
    """Return a hash of what a task depends on in the student's folder."""
    digest = hashlib.sha256()
    for path in sorted(files_of(task, catalogue, home)):
        content = path.read_bytes() if path.is_file() else b"-"
        digest.update(home.shown(path).encode() + b"\0" + hashlib.sha256(content).digest())
    return digest.hexdigest()[:16]


def _imported(path: Path, home: Home) -> list[Path]:
    """Return the files of `lib/` that a file imports."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = []
    for folder, module, names in _imports(text):
        base = path
        for _ in range(folder):
            base = base.parent
        starts = [base] if folder else [home.folder, home.lib]  # `lib.losses` and `losses` both occur
        for start in starts:
            parts = [part for part in module.split(".") if part]
            targets = [start.joinpath(*parts), *(start.joinpath(*parts, name) for name in names)]
            found += [target.with_suffix(".py") for target in targets if target.with_suffix(".py").is_file()]
            found += [target / "__init__.py" for target in targets if (target / "__init__.py").is_file()]
    return [target for target in found if target.is_relative_to(home.folder / LIBRARY)]


def _imports(text: str) -> list[tuple[int, str, list[str]]]:
    """Return for each import statement how many folders it goes up, the module, and the names taken from it."""
    try:
        tree = parse(text)
    except (SyntaxError, ValueError):
        return [_matched(match) for match in IMPORT.finditer(text)]
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            found.append((node.level, node.module or "", [alias.name for alias in node.names]))
        elif isinstance(node, ast.Import):
            found += [(0, alias.name, []) for alias in node.names]
    return found


def _matched(match: re.Match[str]) -> tuple[int, str, list[str]]:
    module = match[1] or match[3]
    up = len(module) - len(module.lstrip("."))
    return up, module.lstrip("."), [name.strip() for name in (match[2] or "").split(",")]
