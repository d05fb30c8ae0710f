"""`course watch` at 80 x 24: real files are saved, the real graders answer, and the screen shows it."""

import asyncio
import os
import pty
import select
import struct
import subprocess
import sys
import time
from pathlib import Path

from course.catalogue import load
from course.grading.record import TaskResult
from course.student.memory import Memory
from course.student.watching.app import Watch
from selftests.student.conftest import edit

if sys.platform != "win32":
    import fcntl
    import termios

COURSE = Path(sys.executable).with_name("course")
SIZE = (80, 24)
PATIENCE = 300  # seconds: a busy machine is no failure


def screen(app):
    """Return what is on the screen, as 24 lines of text."""
    lines = [strip.text.rstrip() for strip in app.screen._compositor.render_strips()]
    assert len(lines) == SIZE[1]
    assert max(map(len, lines)) <= SIZE[0]
    return "\n".join(lines)


async def until(app, pilot, *words):
    """Wait until all of these words are on the screen."""
    deadline = time.monotonic() + PATIENCE
    while not all(word in screen(app) for word in words):
        assert time.monotonic() < deadline, f"{words} did not come:\n{screen(app)}"
        await pilot.pause(0.05)
    return screen(app)


def follow(home, task, script):
    """Run a script of keys and saves in the view."""

    async def run():
        app = Watch(home, load(), load().task(task) if task else None)
        async with app.run_test(size=SIZE) as pilot:
            await script(app, pilot)
            await pilot.press("q")

    asyncio.run(run())


def pass_everything(home):
    """Remember that every task has passed."""
    memory = Memory(home, load())
    for task in load().tasks:
        result = TaskResult(
            id=task.id, symbol="", points=task.points, max_points=task.points, verdict="passed", message="",
            diagnosis=None, seconds=1, checks=[],
        )  # fmt: skip
        memory.keep(task, memory.key(task), result)


def test_a_save_is_checked_and_the_screen_follows(student):
    home = student("typical-mistakes")
    losses = home.lib / "losses.py"

    async def script(app, pilot):
        seen = await until(app, pilot, "✗ 2.1", "This is a Dice loss of the logits", "[✗]")
        assert seen.splitlines()[0].startswith("2.1 Dice loss   lib/losses.py:")
        assert "h hint" in seen.splitlines()[-1]

        await pilot.press("p")
        seen = await until(app, pilot, "Pictures:", "plots/2.1-")
        assert (home.folder / next(line for line in seen.splitlines() if line.startswith("plots/"))).is_file()
        await pilot.press("escape")

        edit(losses, "p = y_pred\n", "p = y_pred.sigmoid()\n")
        await until(app, pilot, "✓ 2.1 Dice loss: 6 of 6 points.", "[✓]", "after you saved it", "Press n")

        edit(losses, "p = y_pred.sigmoid()\n", "p = = y_pred\n")
        seen = await until(app, pilot, "is not Python yet: invalid syntax")
        assert "p = = y_pred" in seen
        assert "^" in seen

        edit(losses, "p = = y_pred\n", "p = y_pred.nothing\n")
        seen = await until(app, pilot, "AttributeError")
        assert "lib/losses.py:" in seen
        assert "Traceback" not in seen
        assert "/tmp" not in seen

    follow(home, "2.1", script)
    assert Memory(home, load()).of(load().task("2.1")).verdict == "failed", "the last verdict is remembered"


def test_keys_show_hints_what_is_asked_and_all_exercises(student):
    async def script(app, pilot):
        await until(app, pilot, "2.3 Total variation: not written yet.", "Press s for what is asked")
        await pilot.press("h")
        await until(app, pilot, "1. Differences of neighbours", "2 more: press h again.")
        await pilot.press("h")
        await until(app, pilot, "2. Neighbours along the height")
        await pilot.press("s")
        await until(app, pilot, "class BCELoss_TotalVariation(weight: float = 0.1)")
        await pilot.press("pagedown", "pagedown")
        await until(app, pilot, "What is checked")
        await pilot.press("o")
        await until(app, pilot, "Train an encoder-decoder", "/ 112", "not attempted")
        await pilot.press("escape")
        await until(app, pilot, "2.3 Total variation: not written yet.")
        await pilot.press("n")
        await until(app, pilot, "2.4 Class-weighted")
        await pilot.press("b", "b")
        await until(app, pilot, "2.2 Focal loss")

    home = student("partial")
    (home.lib / "losses.py").write_bytes((Path(__file__).parents[2] / "lib" / "losses.py").read_bytes())
    follow(home, "2.3", script)


def test_it_begins_at_the_first_task_that_is_not_done(student):
    async def script(app, pilot):
        await until(app, pilot, "3.1 U-Net: not written yet.")

    follow(student("partial"), None, script)


def test_a_training_waits_for_what_it_needs_and_begins_only_when_asked(student):
    async def script(app, pilot):
        await until(app, pilot, "3.2 U-Net learns", "waits until 3.1 passes")
        edit(home.lib / "model" / "UNetModel.py", "class UNet(nn.Module):", "class UNet_(nn.Module):")
        await until(app, pilot, "waits until 3.1 passes")

    home = student("typical-mistakes")
    memory = Memory(home, load())
    task = load().task("3.1")
    result = TaskResult(
        id="3.1", symbol="", points=0, max_points=8, verdict="failed", message="", diagnosis=None, seconds=1, checks=[]
    )
    memory.keep(task, memory.key(task), result)
    follow(home, "3.2", script)


def test_when_everything_is_done_it_says_so(student):
    async def script(app, pilot):
        await until(app, pilot, "112 / 112 points", "Everything is done. Hand in the folder lib/.")

    home = student("perfect")
    pass_everything(home)
    follow(home, None, script)


def test_in_a_real_terminal_it_draws_itself_hears_a_save_and_leaves_the_terminal_as_it_was(student):
    """Through a pseudo-terminal of 80 x 24 with NO_COLOR, as over ssh: keys go in, bytes come out."""
    home = student("typical-mistakes")
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", SIZE[1], SIZE[0], 0, 0))
    before = termios.tcgetattr(theirs)
    environment = {**os.environ, "TERM": "xterm-256color", "NO_COLOR": "1", "OMP_NUM_THREADS": "1"}
    run = subprocess.Popen(
        [COURSE, "watch", "2.1", "--submission", home.folder],
        stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True,
    )  # fmt: skip
    shown = b""

    def wait_for(words):
        nonlocal shown
        deadline = time.monotonic() + PATIENCE
        while words.encode() not in shown:
            assert time.monotonic() < deadline, f"{words} did not come"
            if select.select([ours], [], [], 0.1)[0]:
                shown += os.read(ours, 1 << 16)

    try:
        wait_for("This is a Dice loss of the logits")
        edit(home.lib / "losses.py", "p = y_pred\n", "p = torch.sigmoid(y_pred)\n")
        wait_for("6 of 6 points")
        os.write(ours, b"q")
        wait_for("\x1b[?1049l")
        deadline = time.monotonic() + PATIENCE
        while run.poll() is None:
            assert time.monotonic() < deadline
            if select.select([ours], [], [], 0.1)[0]:
                os.read(ours, 1 << 16)
        assert run.returncode == 0
        assert termios.tcgetattr(theirs) == before
        assert b"\x1b[31m" not in shown, "NO_COLOR"
        assert b"Traceback" not in shown
    finally:
        run.kill()
        run.wait()
        os.close(ours)
        os.close(theirs)


def test_a_file_that_is_no_python_starts_nothing(student):
    async def script(app, pilot):
        await until(app, pilot, "✓ 7.1")
        results = dict(app.state.results)
        for name in ("notes.txt", "losses.py.swp", ".losses.py~"):
            (home.lib / name).write_text("x")
        await pilot.pause(1.0)
        assert app.state.saved_file == ""
        assert app.state.results["7.1"] is results["7.1"]

    home = student("perfect")
    follow(home, "7.1", script)
