"""Which tasks a saved file touches, and for which files a remembered result holds."""

import gc
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from course.catalogue import load
from course.grading.record import TaskResult
from course.paths import ROOT
from course.student.depends import files_of, fingerprint, touched_by
from course.student.memory import Memory
from course.student.parsing import parse


def ids(tasks):
    return [task.id for task in tasks]


@pytest.mark.parametrize(
    ("file", "touched"),
    [
        ("losses.py", ["1.2", "1.4", "2.1", "2.2", "2.3", "2.4", "2.5", "6.2", "6.3"]),
        ("metrics.py", ["7.1", "7.2", "7.3"]),
        ("model/DilatedNetModel.py", ["5.1", "5.2"]),
        ("model/UNetModel.py", ["3.1", "3.2", "4.1", "4.2", "6.2", "6.3"]),
        ("dataset/PhCDataset.py", ["1.1", "1.4", "6.1"]),
    ],
)
def test_a_file_touches_the_tasks_that_are_written_in_it_or_import_it(student, file, touched):
    home = student("perfect")
    assert ids(touched_by([home.lib / file], load(), home)) == touched


def test_an_import_of_ones_own_is_followed_in_every_form(student):
    home = student("perfect")
    for statement in ("from .helper import x", "from lib.helper import x", "from helper import x", "import lib.helper"):
        path = home.lib / "metrics.py"
        text = path.read_text(encoding="utf-8")
        path.write_text(f"{statement}\n{text}", encoding="utf-8")
        (home.lib / "helper.py").write_text("x = 1\n")
        assert ids(touched_by([home.lib / "helper.py"], load(), home)) == ["7.1", "7.2", "7.3"], statement
        path.write_text(text, encoding="utf-8")
    assert touched_by([home.lib / "helper.py"], load(), home) == []


def test_an_import_is_followed_also_while_the_file_is_no_python(student):
    home = student("perfect")
    path = home.lib / "dataset" / "FacadeDataset.py"
    path.write_text(path.read_text(encoding="utf-8") + "\ndef f(:\n", encoding="utf-8")
    assert "6.1" in ids(touched_by([home.lib / "dataset" / "PhCDataset.py"], load(), home))


def test_the_scripts_touch_the_task_that_runs_them(student):
    home = student("perfect")
    assert ids(touched_by([home.folder / "train.py"], load(), home)) == ["1.4"]
    assert home.lib / "model" / "EncDecModel.py" in files_of(load().task("1.4"), load(), home)


def test_a_fingerprint_follows_the_content_and_nothing_else(student):
    home = student("perfect")
    task = load().task("5.1")
    before = fingerprint(task, load(), home)
    path = home.lib / "model" / "DilatedNetModel.py"
    text = path.read_bytes()
    path.write_bytes(text)
    (home.lib / "losses.py").write_text("x = 1\n")
    assert fingerprint(task, load(), home) == before
    path.write_bytes(text + b"# a comment\n")
    assert fingerprint(task, load(), home) != before
    path.unlink()
    assert fingerprint(task, load(), home) != before


def test_what_is_remembered_holds_until_a_file_changes(student):
    home = student("perfect")
    task = load().task("5.2")
    result = TaskResult(
        id="5.2", symbol="", points=4, max_points=4, verdict="passed", message="", diagnosis=None, seconds=1, checks=[]
    )
    memory = Memory(home, load())
    assert memory.of(task) is None
    memory.keep(task, memory.key(task), result)
    assert Memory(home, load()).of(task) == result
    assert (home.folder / ".course" / ".gitignore").read_text() == "*\n"
    path = home.lib / "model" / "DilatedNetModel.py"
    path.write_text(path.read_text(encoding="utf-8") + "\n# x\n", encoding="utf-8")
    assert Memory(home, load()).of(task) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"5.2": 1}', '{"5.2": {"key": "x"}}', '{"5.2": {"result": {}}}'])
def test_a_broken_memory_is_no_memory(student, text):
    home = student("perfect")
    home.remember("checked.json", text)
    assert Memory(home, load()).of(load().task("5.2")) is None


def test_a_grader_error_is_not_remembered(student):
    home = student("perfect")
    task = load().task("5.2")
    result = TaskResult(
        id="5.2", symbol="", points=0, max_points=4, verdict="grader_error", message="", diagnosis=None, seconds=1,
        checks=[],
    )  # fmt: skip
    memory = Memory(home, load())
    memory.keep(task, memory.key(task), result)
    assert Memory(home, load()).of(task) is None


def test_several_threads_may_read_files_at_the_same_time():
    """Under Python 3.11 every tenth of these fails where two parse at once: made likely by many turns and callbacks."""
    sources = [path.read_bytes() for path in (ROOT / "solutions").rglob("*.py")] * 3
    thresholds, interval = gc.get_threshold(), sys.getswitchinterval()

    def turn(*_: object) -> None:
        """Let another thread have its turn in the middle of a tree."""

    gc.set_threshold(20)
    gc.callbacks.append(turn)
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            assert len(list(pool.map(parse, sources))) == len(sources)
    finally:
        sys.setswitchinterval(interval)
        gc.callbacks.remove(turn)
        gc.set_threshold(*thresholds)
