"""`course grade` that is interrupted, and goes on with `--resume`."""

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from course.grading.batch import finished
from course.grading.record import Results
from course.grading.run import Settings, grade
from course.paths import ROOT
from course.submission.find import Submission, find_submissions

COURSE = [sys.executable, "-c", "from course.cli.main import main; main()"]
SETTINGS = Settings(tasks=("2.5",), sandbox="none")
PATIENCE = 120.0

HANGS = "import pathlib\npathlib.Path({started!r}).touch()\nwhile True:\n    pass\n"


def command(folder: Path, *arguments: str) -> dict:
    words = [*COURSE, "grade", str(folder / "class"), "--out", str(folder / "out"), "--tasks", "2.5"]
    environment = os.environ | {"NO_COLOR": "1", "COLUMNS": "200", "TMPDIR": str(folder / "temporary")}
    return {"args": [*words, "--sandbox", "none", "--jobs", "1", *arguments], "env": environment, "text": True}


def write_class(folder: Path, losses: dict[str, str]) -> None:
    for name, text in losses.items():
        (folder / "class" / name / "lib").mkdir(parents=True, exist_ok=True)
        (folder / "class" / name / "lib" / "losses.py").write_text(text)
    (folder / "temporary").mkdir(exist_ok=True)


def descendants(pid: int) -> set[tuple[int, str]]:
    """Return all processes that a process has started, as number and time of their start."""
    parents, starts = {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has just ended
        number = int(path.parent.name)
        parents[number], starts[number] = int(fields[1]), fields[19]
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return {(child, starts[child]) for child in found - {pid}}


def is_running(process: tuple[int, str]) -> bool:
    try:
        fields = Path(f"/proc/{process[0]}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    return fields[19] == process[1] and fields[0] != "Z"


def all_end(processes: set[tuple[int, str]]) -> bool:
    """Whether all processes end: a zygote does when it finds that nobody can ask it any more, which is soon."""
    deadline = time.monotonic() + 10
    while running := [process for process in processes if is_running(process)]:
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return not running


def hear_ctrl_c() -> None:
    """Undo what the tests may have inherited: a shell lets what it runs in the background ignore Ctrl-C."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def wait_for(*paths: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not all(path.exists() for path in paths):
        assert time.monotonic() < deadline, f"{paths} did not come"
        time.sleep(0.05)


@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")
def test_ctrl_c_leaves_whole_results_and_resume_goes_on(tmp_path):
    right, stub = (ROOT / "solutions/losses.py").read_text(), (ROOT / "lib/losses.py").read_text()
    hangs = HANGS.format(started=str(tmp_path / "started"))
    write_class(tmp_path, {"anna": right, "bert": hangs, "cleo": stub})
    first = tmp_path / "out" / "anna" / "results.json"

    call = command(tmp_path)
    with subprocess.Popen(
        **call,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,  # a group of its own: a terminal sends Ctrl-C to every process of one
        preexec_fn=hear_ctrl_c,
    ) as run:
        wait_for(first, tmp_path / "started")
        started = descendants(run.pid)
        os.killpg(run.pid, signal.SIGINT)
        output, errors = run.communicate(timeout=PATIENCE)
    assert run.returncode == 130, errors
    assert "1 of 3 submissions are graded" in output
    assert "--resume" in output
    assert not errors
    assert len(started) >= 3  # a grading process, its zygote, a worker
    assert all_end(started)
    assert not list((tmp_path / "temporary").glob("submission-*"))
    assert [path.relative_to(tmp_path / "out").as_posix() for path in (tmp_path / "out").rglob("*.*")] == [
        "anna/results.json"
    ]

    before = first.stat().st_ino
    write_class(tmp_path, {"bert": right})
    resumed = subprocess.run(**command(tmp_path, "--resume"), capture_output=True, timeout=PATIENCE)
    assert resumed.returncode == 0, resumed.stderr
    assert first.stat().st_ino == before
    assert all(name in resumed.stdout for name in ("anna", "bert", "cleo"))
    rows = list(csv.DictReader((tmp_path / "out" / "grades.csv").open()))
    assert [(row["submission"], float(row["points"])) for row in rows] == [("anna", 4), ("bert", 4), ("cleo", 0)]

    again = subprocess.run(**command(tmp_path), capture_output=True, timeout=PATIENCE)
    assert again.returncode == 0, again.stderr
    assert first.stat().st_ino != before, "without --resume everything is graded anew"


@pytest.fixture(scope="module")
def graded(tmp_path_factory) -> tuple[Submission, Results]:
    folder = tmp_path_factory.mktemp("graded")
    write_class(folder, {"anna": (ROOT / "solutions/losses.py").read_text()})
    submission = find_submissions([folder / "class"])[0]
    return submission, grade(submission, SETTINGS)


def changed(record: Results, *keys: str | int, value: object) -> str:
    """Return the record as JSON with one value changed."""
    data = json.loads(record.to_json())
    place = data
    for key in keys[:-1]:
        place = place[key]
    place[keys[-1]] = value
    return json.dumps(data)


def test_the_same_settings_are_read_back(graded, tmp_path):
    submission, record = graded
    path = tmp_path / "results.json"
    path.write_text(record.to_json())
    assert finished(path, submission, SETTINGS) == record
    path.write_text(changed(record, "environment", "sandbox", value="bubblewrap"))
    assert finished(path, submission, SETTINGS), "the sandbox decides no verdict"


@pytest.mark.parametrize(
    ("keys", "value"),
    [
        (("environment", "seed"), 1),
        (("environment", "graders"), "0123456789abcdef"),
        (("environment", "device"), "cuda"),
        (("environment", "torch"), "1.0"),
        (("schema",), "segmentation-course-results/0"),
        (("submission",), "bert"),
        (("tasks",), []),
        (("tasks", 0, "id"), "2.4"),
        (("tasks", 0, "verdict"), "grader_error"),
        (("tasks", 0, "verdict"), "excellent"),
        (("points",), "many"),
    ],
)
def test_a_record_of_something_else_is_not_read_back(graded, tmp_path, keys, value):
    submission, record = graded
    path = tmp_path / "results.json"
    path.write_text(changed(record, *keys, value=value))
    assert finished(path, submission, SETTINGS) is None


@pytest.mark.parametrize("content", [None, b"", b'{"schema"', b"[]", b"\xff\xfe"])
def test_a_broken_record_is_not_read_back(graded, tmp_path, content):
    path = tmp_path / "results.json"
    if content is not None:
        path.write_bytes(content)
    assert finished(path, graded[0], SETTINGS) is None


def test_a_submission_that_was_handed_in_again_is_graded_again(graded, tmp_path):
    submission, record = graded
    path = tmp_path / "results.json"
    path.write_text(record.to_json())
    shutil.copytree(submission.path, tmp_path / "anna")
    again = Submission(submission.name, tmp_path / "anna")
    (again.path / "notes.txt").write_text("Nothing that is graded.")
    assert finished(path, again, SETTINGS) == record
    with (again.path / "lib" / "losses.py").open("a") as stream:
        stream.write("# one more line\n")
    assert finished(path, again, SETTINGS) is None
