"""Looks at the machine: what the course needs of it, what there is, and what to do where something is missing."""

import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from course.errors import CourseError
from course.paths import DATA
from course.student.home import Home

GIB = 1024**3
NEED_DISK = 1 * GIB  # checkpoints, pictures
NEED_MEMORY = 2 * GIB  # two processes with PyTorch, and a training
COLUMNS, ROWS = 80, 24
IMPORT_TIME = 180.0
# Run apart: a library that is broken may end the whole process.
PROBE = """
import json, time
start = time.time()
import torch
seconds = time.time() - start
import torchvision
from torchvision.transforms import v2
torch.nn.functional.conv2d(torch.ones(1, 1, 8, 8), torch.ones(1, 1, 3, 3)).sum().item()
torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
devices = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available()}
names = [torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())] if devices["cuda"] else []
print(json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__, "seconds": seconds,
                  "devices": [name for name, there in devices.items() if there], "names": names,
                  "threads": torch.get_num_threads()}))
"""

GOOD, WORTH_KNOWING, WRONG = "good", "note", "wrong"


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at.

    Attributes:
        state: "good", "note" (works, but worth knowing) or "wrong" (something will not work).
        what: what was looked at, in a word.
        text: what there is.
        advice: what to do, "" where nothing is to be done.
    """

    state: str
    what: str
    text: str
    advice: str = ""


def examine(home: Home) -> Iterator[Finding]:
    """Look at everything, and yield each finding as soon as it is there."""
    looks: list[Callable[[], Finding | list[Finding]]] = [
        python,
        libraries,
        lambda: data(home),
        lambda: disk(home.folder),
        memory,
        lambda: writable(home),
        walls,
        terminal,
    ]
    for look in looks:
        try:
            found = look()
        except Exception as error:  # a library that is half installed can fail in any way
            found = Finding(WRONG, "libraries", f"{type(error).__name__}: {error}", "Run `uv sync --reinstall`.")
        yield from found if isinstance(found, list) else [found]


def python() -> Finding:
    """Look at Python: its version, and whether it is the one of the project's environment."""
    text = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    if not (3, 11) <= sys.version_info[:2] < (3, 14):
        advice = "Install Python 3.11, 3.12 or 3.13, then run `uv sync --python 3.12`."
        return Finding(WRONG, "Python", text, advice)
    if sys.prefix == sys.base_prefix and "CONDA_PREFIX" not in os.environ:
        advice = "This is not the environment of the course. Begin commands with `uv run`, or activate .venv."
        return Finding(WORTH_KNOWING, "Python", f"{text}, {sys.prefix}", advice)
    return Finding(GOOD, "Python", text)


def libraries() -> list[Finding]:
    """Look at PyTorch and torchvision, in a process of their own: they import, fit together, and find a device."""
    import json

    lacking = missing_packages()
    found = [Finding(WRONG, "libraries", f"not installed: {', '.join(lacking)}", "Run `uv sync`.")] if lacking else []
    try:
        run = subprocess.run(
            [sys.executable, "-c", PROBE], capture_output=True, text=True, timeout=IMPORT_TIME, stdin=subprocess.DEVNULL
        )
        told = json.loads(run.stdout.strip().splitlines()[-1])
    except subprocess.TimeoutExpired:
        advice = "Is the environment on a slow network disk? Put the project on a local one, and run `uv sync` there."
        return [*found, Finding(WRONG, "PyTorch", f"import took more than {IMPORT_TIME:.0f} seconds", advice)]
    except (IndexError, ValueError, OSError):
        said = (run.stderr.strip().splitlines() or [f"it ended with exit code {run.returncode}"])[-1][:200]
        return [*found, Finding(WRONG, "PyTorch", said, _advice_for(said))]
    pair = f"{told['torch']} with torchvision {told['torchvision']}, imported in {told['seconds']:.1f} s"
    slow = "The first import after an installation takes longest." if told["seconds"] > 15 else ""
    found.append(Finding(WORTH_KNOWING if slow else GOOD, "PyTorch", pair, slow))
    return [*found, _device(told)]


def _advice_for(said: str) -> str:
    if "torchvision::nms" in said or "undefined symbol" in said:
        return "torch and torchvision are not of one release: `uv sync --reinstall-package torch,torchvision`."
    if "DLL load failed" in said:
        return "Install the Microsoft Visual C++ Redistributable (x64), then start the terminal again."
    if "No module named" in said:
        return "Run `uv sync` in the folder of the course, and begin commands with `uv run`."
    return "Run `uv sync --reinstall`. If it stays, show these lines to the people who teach the course."


def _device(told: dict) -> Finding:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = f"{told['threads']} thread{'s' if told['threads'] > 1 else ''} on {cores} core{'s' if cores > 1 else ''}"
    if told["devices"]:
        names = f" ({', '.join(told['names'])})" if told["names"] else ""
        return Finding(GOOD, "device", f"{told['devices'][0]}{names}, and the processor with {threads}")
    advice = ""
    if told["threads"] < cores:
        advice = f"OMP_NUM_THREADS or your job keeps PyTorch to {threads}: more threads train faster."
    elif shutil.which("nvidia-smi"):
        advice = (
            "There is an NVIDIA driver, but this PyTorch does not see it: is its CUDA version too new for the driver?"
        )
    return Finding(WORTH_KNOWING if advice else GOOD, "device", f"the processor, {threads}", advice)


def missing_packages() -> list[str]:
    """Return the packages that the course depends on and that are not installed."""
    lacking = []
    for requirement in requires("segmentation-course") or []:
        name, _, marker = requirement.partition(";")
        if "extra ==" in marker or ("sys_platform" in marker and f'"{sys.platform}"' not in marker.replace("'", '"')):
            continue
        name = re.split(r"[<>=~!\[ ]", name.strip(), maxsplit=1)[0]
        try:
            version(name)
        except PackageNotFoundError:
            lacking.append(name)
    return lacking


def data(home: Home) -> list[Finding]:
    """Look at the embedded data, and at the folders that environment variables name."""
    from course.data.manifest import verify

    try:
        problems = verify(DATA)
    except (CourseError, OSError) as error:
        problems = [str(error)]
    advice = "Restore the folder data/ from the course's archive, or run `uv run course data make`."
    text = (
        f"{len(problems)} files differ from the manifest, first: {problems[0]}"
        if problems
        else "data/ is as it was made"
    )
    found = [Finding(WRONG if problems else GOOD, "data", text, advice if problems else "")]
    for variable in ("PHC_DATA", "FACADE_DATA"):
        folder = os.environ.get(variable)
        if folder:
            there = Path(folder).is_dir()
            state = GOOD if there else WRONG
            advice = "" if there else f"Correct it, or `unset {variable}` to use the embedded data."
            found.append(
                Finding(state, "data", f"{variable} = {folder}{'' if there else ', which is no folder'}", advice)
            )
    return found


def disk(folder: Path) -> Finding:
    """Look at the room on the disk."""
    free = shutil.disk_usage(folder).free
    advice = (
        "Runs and pictures need about 1 GB: delete old folders in runs/, or move the project."
        if free < NEED_DISK
        else ""
    )
    return Finding(WRONG if advice else GOOD, "disk", f"{free / GIB:.1f} GB free", advice)


def memory() -> Finding:
    """Look at the free memory, also where a container or a job has less than the machine."""
    free = free_memory()
    advice = (
        "Checks need about 2 GB: close other programs, or ask for more memory in the job." if free < NEED_MEMORY else ""
    )
    return Finding(WORTH_KNOWING if advice else GOOD, "memory", f"{free / GIB:.1f} GB free", advice)


def free_memory() -> int:
    """Return how many bytes can still be used, also where a container or a job was given less than the machine has."""
    import psutil

    free = psutil.virtual_memory().available
    folder = Path("/sys/fs/cgroup")
    for most, used in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            free = min(free, int((folder / most).read_text()) - int((folder / used).read_text()))
        except (OSError, ValueError):  # not there, or "max"
            continue
    return free


def writable(home: Home) -> Finding:
    """Look whether the student's folder can be written to."""
    home.remember("doctor", "written\n")
    if home.recall("doctor") == "written\n":
        return Finding(GOOD, "folder", str(home.folder))
    advice = "Nothing can be remembered there, and no stub put back: copy the project to a folder of yours."
    return Finding(WRONG, "folder", f"{home.folder} cannot be written to", advice)


def walls() -> Finding:
    """Look for a sandbox. Students need none: only who grades others' code does."""
    if os.name != "posix":
        advice = "Checks start processes in a way that Windows has not: work in WSL (docs/students.md says how)."
        return Finding(WRONG, "checks", "this is Windows itself", advice)
    from course.sandbox.interface import choose

    try:
        return Finding(GOOD, "sandbox", f"{choose('auto').name} (only for grading code of others)")
    except CourseError:
        return Finding(GOOD, "sandbox", "none works here; none is needed for your own code")


def terminal() -> Finding:
    """Look at the terminal: its size, and whether it can print the signs."""
    if not sys.stdout.isatty():
        return Finding(GOOD, "terminal", "none: `course check` works, `course watch` needs one")
    columns, rows = shutil.get_terminal_size()
    text = f"{columns} x {rows}, {sys.stdout.encoding}"
    if columns < COLUMNS or rows < ROWS:
        return Finding(WORTH_KNOWING, "terminal", text, f"Make it at least {COLUMNS} x {ROWS} for `course watch`.")
    if "utf" not in (sys.stdout.encoding or "").lower():
        return Finding(WORTH_KNOWING, "terminal", text, "Set PYTHONUTF8=1 to see ✓ and ✗ in place of + and x.")
    return Finding(GOOD, "terminal", text)
