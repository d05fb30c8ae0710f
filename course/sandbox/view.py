"""What of the machine can be seen behind the wall: the Python environment, the worker's own code, nothing else."""

import os
import sys
from pathlib import Path

import course
from course.sandbox.limits import FONT_LIST, SUBMISSION

SYSTEM = ("/usr", "/lib", "/lib32", "/lib64", "/libx32", "/bin", "/sbin")
# Without the second torch complains that it cannot count the processors.
USEFUL = ("/etc/ld.so.cache", "/sys/devices/system/cpu")
# `course` itself is a package of the project: of it, what runs beside a student's code.
PARTS = ("__init__.py", "errors.py", "paths.py", "worker", "training", "sandbox")
# Owners of processes behind the wall where root grades: far from the numbers that people and services have.
FIRST_UID = 1_900_000_000
FEW_UIDS = 20_000


def read_only() -> list[Path]:
    """Return the files and folders that can be read behind the wall, each at its own place."""
    python = Path(sys.executable).resolve().parents[1]
    paths = [Path(path) for path in SYSTEM if Path(path).is_dir() and not Path(path).is_symlink()]
    for path in (Path(sys.prefix), Path(sys.base_prefix), Path(sys.base_prefix).resolve(), python):
        _add(paths, path)
    package = Path(course.__file__).resolve().parent
    for path in (*(package / part for part in PARTS), *map(Path, USEFUL), *font_list()):
        if path.exists():
            _add(paths, path)
    return paths


def links() -> dict[str, str]:
    """Return the links of the system: /lib -> usr/lib on most machines."""
    return {path: os.readlink(path) for path in SYSTEM if Path(path).is_symlink()}  # noqa: PTH115


def folders() -> list[Path]:
    """Return the folders that must be made for what is mounted, parents first."""
    made = {Path(SUBMISSION), *(parent for path in read_only() for parent in path.parents)}
    return sorted(path for path in made if path != Path("/") and not _covered(path, read_only()))


def environment() -> dict[str, str]:
    """Return all environment variables that there are behind the wall."""
    variables = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "HOME": "/tmp", "USER": "student"}
    for path in font_list():
        variables[FONT_LIST] = str(path)
    return variables


def unprivileged_uid() -> int:
    """Return the user id for processes that root starts: one of its own for each grading process.

    The limit on the number of processes counts those of a user, and does not hold for root at all.
    """
    lines = Path("/proc/self/uid_map").read_text().splitlines()
    mapped = max(int(line.split()[0]) + int(line.split()[2]) for line in lines)
    return FIRST_UID + os.getpid() if mapped > FIRST_UID * 2 else FEW_UIDS + os.getpid() % FEW_UIDS


def _add(paths: list[Path], path: Path) -> None:
    if not _covered(path, paths):
        paths.append(path)


def _covered(path: Path, paths: list[Path]) -> bool:
    return any(path.is_relative_to(other) for other in paths)


def font_list() -> list[Path]:
    """Return matplotlib's newest list of fonts, where it has made one: that takes a second in an empty home folder."""
    if FONT_LIST in os.environ:
        return [Path(os.environ[FONT_LIST])]
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return sorted((cache / "matplotlib").glob("fontlist-*.json"), key=lambda path: path.stat().st_mtime)[-1:]
