"""How long a student waits: from a save to the verdict in `course watch`, and for a command to start.

    uv run python -m benchmarks.watch saves            a loss, a network, a data set: 20 saves each, against cold pytest
    uv run python -m benchmarks.watch start            commands, against `python -c "import torch"`

A save is a new file in the place of the old one, as editors write it, and turns between right and wrong; the time ends
when the verdict is drawn. Cold runs take turns with the saves, so that a busy machine is busy for both: compare the
ratios, not the seconds.
"""

import argparse
import asyncio
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from course.catalogue import load
from course.paths import ROOT
from course.student.home import Home
from course.student.watching.app import Watch

SUBJECTS = {
    "2.1": ("losses.py", "(2 * intersection + self.smooth)", "(intersection + self.smooth)"),
    "3.1": ("model/UNetModel.py", "enc_conv3(F.max_pool2d(e2, 2))", "enc_conv2(F.max_pool2d(e2, 2))"),
    "1.1": ("dataset/PhCDataset.py", "to_dtype(image, torch.float32, scale=True)", "to_dtype(image, torch.float32)"),
}
KINDS = {"2.1": "loss", "3.1": "network", "1.1": "data set"}
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "1", "COLUMNS": "80"}
COURSE = str(Path(sys.executable).with_name("course"))
PYTEST = [sys.executable, "-m", "pytest", str(ROOT / "tests"), "-q", "-n", "0", "--sandbox", "none"]
COMMANDS = {
    "python -c 'import torch'": [sys.executable, "-c", "import torch"],
    "course --help": [COURSE, "--help"],
    "course list": [COURSE, "list"],
    "course show 2.1": [COURSE, "show", "2.1"],
    "course check 2.1": [COURSE, "check", "2.1", "--submission"],
}


def main() -> None:
    """Measure one of the two."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["saves", "start"])
    parser.add_argument("--saves", type=int, default=20, help="saves of each task; default: 20")
    parser.add_argument("--cold", type=int, default=3, help="cold runs of each task; default: 3")
    parser.add_argument("--rounds", type=int, default=5, help="rounds of all commands; default: 5")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as folder:
        home = Home(Path(folder))
        shutil.copytree(ROOT / "examples" / "submissions" / "perfect" / "lib", home.lib)
        if args.what == "saves":
            saves(home, args.saves, args.cold)
        else:
            start(home, args.rounds)


def saves(home: Home, count: int, cold: int) -> None:
    """Print the table of saves."""
    print(f"{'task':<14}{'save to verdict':^24}{'cold pytest':^14}{'times':>8}")
    print(f"{'':<14}{'median':>12}{'maximum':>12}{'median':>14}{'faster':>8}")
    for task_id in SUBJECTS:
        warm, slow = asyncio.run(_saves_of(home, task_id, count, cold))
        median, most, whole = statistics.median(warm), max(warm), statistics.median(slow)
        name = f"{task_id} {KINDS[task_id]}"
        print(f"{name:<14}{median:>10.2f} s{most:>10.2f} s{whole:>12.1f} s{whole / median:>8.1f}", flush=True)


async def _saves_of(home: Home, task_id: str, count: int, cold: int) -> tuple[list[float], list[float]]:
    """Return the seconds of each save, and of each cold run."""
    file, right, wrong = SUBJECTS[task_id]
    path = home.lib / file
    app = Watch(home, load(), load().task(task_id))
    warm, slow = [], []
    async with app.run_test(size=(80, 24)) as pilot:
        while any(standing.state in ("pending", "running") for standing in _quick(app)):
            await pilot.pause(0.1)
        for number in range(count):
            old, new, verdict = (right, wrong, "failed") if number % 2 == 0 else (wrong, right, "passed")
            warm.append(await _save(app, pilot, path, old, new, verdict))
            while any(standing.state == "running" for standing in _quick(app)):
                await pilot.pause(0.05)
            if number % max(1, count // cold) == 0:
                slow.append(
                    await asyncio.to_thread(_time, [*PYTEST, "--submission", str(home.folder), "--tasks", task_id])
                )
    return warm, slow


def _quick(app: Watch) -> list:
    return [standing for standing in app.state.standings.values() if not standing.task.needs]


async def _save(app: Watch, pilot, path: Path, old: str, new: str, verdict: str) -> float:
    """Save a file, and return the seconds until the verdict is on the screen."""
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old} stands {text.count(old)} times in {path}"
    other = path.with_name(path.name + ".new")
    other.write_text(text.replace(old, new), encoding="utf-8")
    app.state.latency = None
    begin = time.perf_counter()
    other.replace(path)
    while app.state.latency is None or app.state.standing.state != verdict:
        await pilot.pause(0.005)
    await pilot.pause()  # until it is drawn
    return time.perf_counter() - begin


def start(home: Home, rounds: int) -> None:
    """Print the table of commands."""
    seconds: dict[str, list[float]] = {name: [] for name in COMMANDS}
    for _ in range(rounds):
        for name, words in COMMANDS.items():
            seconds[name].append(_time([*words, str(home.folder)] if words[-1] == "--submission" else words))
    base = statistics.median(seconds["python -c 'import torch'"])
    print(f"{'command':<28}{'median':>10}{'maximum':>10}{'of import torch':>18}")
    for name, times in seconds.items():
        median = statistics.median(times)
        print(f"{name:<28}{median:>8.2f} s{max(times):>8.2f} s{median / base:>18.2f}")


def _time(words: list[str]) -> float:
    """Return the seconds that a command takes."""
    begin = time.perf_counter()
    run = subprocess.run(words, env=ENVIRONMENT, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if run.returncode not in (0, 1):
        raise SystemExit(f"{' '.join(words)} ended with exit code {run.returncode}: {run.stderr}")
    return time.perf_counter() - begin


if __name__ == "__main__":
    main()
