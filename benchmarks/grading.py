"""How long grading takes, and how much memory, for all tasks that do not train.

    uv run python -m benchmarks.grading speed                 one submission, graded in different ways side by side
    uv run python -m benchmarks.grading class --count 200     a whole class through `course grade`
    uv run python -m benchmarks.grading class --count 1000 --tasks 2 --jobs 2 --dask     the same on two Dask workers

`speed` compares the zygote (torch is imported once, every check runs in a fork) with two ways that need none: a fresh
`course grade` for each submission, and plain pytest that imports the student's code into its own process, as most
graders do. All of them take turns, so that a busy machine is busy for all. Memory is read from Linux's /proc.
"""

import argparse
import itertools
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np

from course.catalogue import load
from course.grading.bank import load_bank, submit
from course.grading.batch import grade_all
from course.grading.launch import Zygote, shared_zygote
from course.grading.run import Settings, grade
from course.grading.student import Student
from course.paths import ROOT
from course.submission.find import Submission

COURSE = [sys.executable, "-c", "from course.cli.main import main; main()", "grade"]
PYTEST = [sys.executable, "-m", "pytest", str(ROOT / "tests"), "-q", "-o", "addopts=", "--import-mode", "importlib"]
PYTEST += ["-p", "course.grading.plugin", "-p", "no:cacheprovider", "--in-process"]
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "200"}
UNTRAINED = ",".join(task.id for task in load().tasks if task.references and not task.needs)
MIB = 1024
KINDS = ["good", "mistake", "hostile", "mistake", "stub", "mistake", "good", "mistake", "broken", "mistake"]
STAGES = (0.1, 0.5, 0.9)  # of a class: when memory is looked at

BROKEN = ["def DiceLoss(:\n", "import tensorflow\n", "raise RuntimeError('not ready')\n", "\udcff\udcfe", "1 / 0\n"]
# Behind a losses.py of which nothing is filled in: every point for it is forged.
HOSTILE = [
    "import os\nos._exit(0)\n",
    "import sys\nsys.exit(0)\n",
    "import numpy, torch\ntorch.allclose = numpy.allclose = numpy.array_equal = lambda *a, **k: True\n",
    "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\n",
    "import os, time\nfor _ in range(50):\n    os.fork() or time.sleep(60)\n",
    "print('x' * 100_000_000)\n",
    "hog = bytearray(20 << 30)\n",
    "import socket\nsocket.create_connection(('192.0.2.1', 80), 2)\n",
    "from solutions.losses import *\n",
    "def centered_penalty(*_):\n    while True:\n        pass\n",
]


def main() -> None:
    """Measure one of the two."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["speed", "class"])
    parser.add_argument("--tasks", default=UNTRAINED, help="default: all that do not train")
    parser.add_argument("--sandbox", default="bubblewrap", help="default: bubblewrap; speed also takes none")
    parser.add_argument("--repeat", type=int, default=5, help="speed: rounds, of which the median is taken; default: 5")
    parser.add_argument("--count", type=int, default=200, help="class: submissions; default: 200")
    parser.add_argument("--jobs", type=int, default=2, help="class: submissions side by side; default: 2")
    parser.add_argument("--dask", action="store_true", help="class: as many workers of a Dask cluster of this machine")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        if args.what == "speed":
            speed(Path(folder), args.tasks, args.sandbox, args.repeat)
        else:
            how = ["--local-cluster" if args.dask else "--jobs", str(args.jobs)]
            whole_class(Path(folder), args.tasks, args.sandbox, args.count, how)


def speed(folder: Path, tasks: str, sandbox: str, repeat: int) -> None:
    """Print the seconds for a submission in all ways, as table, and the memory of zygote and worker."""
    shutil.copytree(ROOT / "solutions", folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    submission = Submission("solutions", folder)
    chosen = tuple(tasks.split(","))
    with ExitStack() as stack:
        zygotes = {name: stack.enter_context(shared_zygote(name)) for name in (sandbox, "none")}
        ways: dict[tuple[str, int], Callable[[], float]] = {
            (f"zygote, {name}", 1): timed(lambda name=name: grade(submission, Settings(tasks=chosen, sandbox=name)))
            for name in zygotes
        }
        ways[f"course grade afresh, {sandbox}", 1] = commands(fresh(folder, tasks, sandbox), 1)
        ways["course grade afresh, none", 1] = commands(fresh(folder, tasks, "none"), 1)
        pytest = [*PYTEST, "--submission", str(folder), "--tasks", tasks]
        ways |= {("pytest in one process", jobs): commands(pytest, jobs) for jobs in (1, 2)}
        for name in zygotes:
            ways[f"zygote, {name}", 1]()  # the first one imports the graders
        seconds: dict[tuple[str, int], list[float]] = defaultdict(list)
        for number, (way, measure) in itertools.product(range(repeat), ways.items()):
            seconds[way].append(measure())
            print(f"{number + 1}/{repeat}", *way, f"{seconds[way][-1]:.2f}", file=sys.stderr, flush=True)
        memory = {name: memory_of(zygote, folder) for name, zygote in zygotes.items()}
    for name in zygotes:
        seconds[f"zygote, {name}", 2] = side_by_side(submission, Settings(tasks=chosen, sandbox=name), 2, repeat)
    show_speed(seconds)
    print("\n| memory in MiB | resident | proportional share | own |\n|---|---|---|---|")
    for name, rows in memory.items():
        for process, sizes in rows.items():
            print(f"| {process}, {name} | {' | '.join(sizes)} |")


def fresh(folder: Path, tasks: str, sandbox: str) -> list[str]:
    """Return the command that grades one submission in a process started for it."""
    words = [*COURSE, str(folder), "--out", str(folder.parent / f"{folder.name}-out"), "--tasks", tasks]
    return [*words, "--jobs", "1", "--sandbox", sandbox]


def timed(action: Callable[[], object]) -> Callable[[], float]:
    """Return a function that takes the time of an action."""

    def measure() -> float:
        start = time.monotonic()
        action()
        return time.monotonic() - start

    return measure


def commands(words: list[str], jobs: int) -> Callable[[], float]:
    """Return a function that runs a command so many times at once, and returns the seconds for each."""

    def run() -> None:
        options = {"cwd": ROOT, "env": ENVIRONMENT, "stdout": subprocess.PIPE, "text": True}
        for process in [subprocess.Popen(words, **options) for _ in range(jobs)]:
            output, _ = process.communicate()
            if process.returncode:
                raise RuntimeError(f"{' '.join(words)} failed:\n{output}")

    measure = timed(run)
    return lambda: measure() / jobs


def side_by_side(submission: Submission, settings: Settings, jobs: int, repeat: int) -> list[float]:
    """Return seconds for each submission when some are graded at once, by the clock, after the first of each process.

    Between a result and the one `jobs` later, all processes have graded one.
    """
    copies = [Submission(f"copy {number}", submission.path) for number in range(jobs * 2 + repeat)]
    times = [time.monotonic() for _ in grade_all(copies, settings, lambda points: None, jobs)][jobs:]
    return [(later - earlier) / jobs for earlier, later in zip(times, times[jobs:], strict=False)]


def show_speed(seconds: dict[tuple[str, int], list[float]]) -> None:
    """Print the table, with the time of plain pytest over each."""
    print("| graded by | at once | s per submission, median | lowest, highest | submissions of pytest's |")
    print("|---|---|---|---|---|")
    for (way, jobs), values in sorted(seconds.items(), key=lambda item: (item[0][1], item[0][0])):
        median, plain = statistics.median(values), statistics.median(seconds["pytest in one process", jobs])
        print(f"| {way} | {jobs} | {median:.2f} | {min(values):.2f}, {max(values):.2f} | {plain / median:.1f} times |")


def memory_of(zygote: Zygote, folder: Path) -> dict[str, list[str]]:
    """Return memory in MiB of this process, of a zygote, and of a worker that has run a network."""
    before = set(descendants(os.getpid()))
    worker = zygote.spawn(folder)
    student = Student(worker, load().task("1.3"), "cpu")
    student.forward(np.zeros((1, 3, 128, 128), np.float32), {"in_channels": 3, "num_classes": 1})
    new = [process for process in descendants(os.getpid()) if process not in before]
    line = new[-1:]
    while (above := parent_of(line[-1])) != os.getpid():
        line.append(above)
    oldest = [process for process in line if is_zygote(command_of(process))][-1]
    processes = {"grading process": os.getpid(), "zygote": oldest, "worker": new[-1]}
    found = {name: sizes_of(process) for name, process in processes.items()}
    worker.close()
    return found


def sizes_of(process: int) -> list[str]:
    """Return what a process holds: resident, its proportional share of it, and what is its own; "-": not readable."""
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return ["-"] * 3
    sizes = {line.split(":")[0]: int(line.split()[1]) for line in lines}
    own = sizes["Private_Clean"] + sizes["Private_Dirty"]
    return [f"{size / MIB:.0f}" for size in (sizes["Rss"], sizes["Pss"], own)]


def parent_of(process: int) -> int:
    """Return the number of the process that has started a process."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def descendants(process: int) -> list[int]:
    """Return all processes that a process has started, parents first."""
    found = []
    for path in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            children = [int(child) for child in path.read_text().split()]
        except OSError:
            continue  # it has just ended
        for child in children:
            found += [child, *descendants(child)]
    return found


def whole_class(folder: Path, tasks: str, sandbox: str, count: int, how: list[str]) -> None:
    """Write a class, grade it, and print time, memory and what became of each kind of submission.

    Args:
        how: options of `course grade` that say what grades side by side.
    """
    write_class(folder / "class", tasks, count)
    words = [*COURSE, str(folder / "class"), "--out", str(folder / "out"), "--tasks", tasks]
    words += [*how, "--sandbox", sandbox]
    start, stages, memory = time.monotonic(), list(STAGES), {}
    with subprocess.Popen(words, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.DEVNULL) as process:
        while process.poll() is None:
            time.sleep(0.2)
            done = len(list((folder / "out").glob("*/results.json")))
            if stages and done >= stages[0] * count:
                memory[done] = graders(process.pid)
                stages.pop(0)
    wall = time.monotonic() - start
    records = [json.loads(path.read_text()) for path in sorted((folder / "out").glob("*/results.json"))]
    print(f"{len(records)} of {count} graded in {wall:.0f} s, {wall / count:.2f} s each, {' '.join(how)}, {sandbox}")
    print(
        "\n| submissions graded | MiB of the command, of each grading process and of each zygote, resident |\n|---|---|"
    )
    for done, sizes in memory.items():
        print(f"| {done} | {', '.join(sizes)} |")
    show_class(records)


def graders(command: int) -> list[str]:
    """Return the memory of what lives as long as a run: the grading processes and their zygotes, not the workers."""
    found = [f"command {sizes_of(command)[0]}"]
    for process in descendants(command):
        try:
            words, above = command_of(process), command_of(parent_of(process))
        except OSError:
            continue  # it has just ended
        if "spawn_main" in words:
            found.append(f"grading {sizes_of(process)[0]}")
        elif is_zygote(words) and not is_zygote(above):  # else a fork of it
            found.append(f"zygote {sizes_of(process)[0]}")
    return sorted(found)


def command_of(process: int) -> str:
    """Return a process's command line, with zeros between the words."""
    return Path(f"/proc/{process}/cmdline").read_text()


def is_zygote(words: str) -> bool:
    """Whether a command line is that of a zygote or of a fork of it, and not of the sandbox around it."""
    return "course.worker.zygote" in words and Path(words.split("\0")[0]).name != "bwrap"


def show_class(records: list[dict]) -> None:
    """Print for each kind of submission how many tasks have which verdict, what they cost, and what was forged."""
    verdicts: dict[str, Counter] = defaultdict(Counter)
    points: dict[str, list[float]] = defaultdict(list)
    seconds: dict[str, list[float]] = defaultdict(list)
    forged = 0.0
    for record in records:
        kind = record["submission"].split("-")[1]
        verdicts[kind].update(task["verdict"] for task in record["tasks"])
        points[kind].append(record["points"])
        seconds[kind].append(sum(task["seconds"] for task in record["tasks"]))
        if kind == "hostile":
            forged += sum(task["points"] for task in record["tasks"] if load().task(task["id"]).file == "losses.py")
    names = ("passed", "failed", "not_attempted", "grader_error")
    print(f"\n| kind | submissions | points, lowest, highest | {' | '.join(names)} | s in checks, median, highest |")
    print("|---|---|---|" + "---|" * (len(names) + 1))
    for kind, counts in verdicts.items():
        row = f"| {kind} | {len(points[kind])} | {min(points[kind]):g}, {max(points[kind]):g} | "
        row += " | ".join(str(counts[name]) for name in names)
        print(f"{row} | {statistics.median(seconds[kind]):.2f}, {max(seconds[kind]):.2f} |")
    print(f"\nPoints for losses that hostile submissions do not have: {forged:g}")


def write_class(folder: Path, tasks: str, count: int) -> None:
    """Write submissions of all kinds, in an order that is always the same; their names say what they are."""
    catalogue = load()
    chosen = {task.id for task in catalogue.select(tasks.split(","))}
    mistakes = [answer for answer in load_bank() if answer.verdict == "mistake" and answer.task in chosen]
    random.Random(0).shuffle(mistakes)
    sources: dict[str, Iterator] = {
        "mistake": itertools.cycle(mistakes), "broken": itertools.cycle(BROKEN), "hostile": itertools.cycle(HOSTILE)
    }  # fmt: skip
    for number, kind in zip(range(1, count + 1), itertools.cycle(KINDS), strict=False):
        target = folder / f"{number:04}-{kind}"
        if kind == "mistake":
            submit(next(sources[kind]), target, catalogue)
            continue
        source = ROOT / ("lib" if kind == "stub" else "solutions")
        shutil.copytree(source, target / "lib", ignore=shutil.ignore_patterns("__pycache__"))
        if kind in ("broken", "hostile"):
            stubs = (ROOT / "lib" / "losses.py").read_text() + "\n\n" if kind == "hostile" else ""
            text = stubs + next(sources[kind])
            (target / "lib" / "losses.py").write_bytes(text.encode("utf-8", "surrogateescape"))


if __name__ == "__main__":
    main()
