"""`course check`: real submissions through the real graders, in the order that a student wants."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import psutil
import pytest

from course.catalogue import load
from course.errors import CourseError
from course.grading.record import TaskResult
from course.paths import ROOT
from course.student.checkup import WAITING, Checkup, is_training
from course.student.grader import Cancelled, Grader
from course.student.memory import Memory
from selftests.student.conftest import edit

COURSE = Path(sys.executable).with_name("course")


def checkup(home, *ids, named=()):
    return Checkup(load().select(list(ids)), Memory(home, load()), named)


def states(round_):
    return {standing.task.id: standing.state for standing in round_.standings}


def course(home, *arguments, **options):
    return subprocess.run(
        [COURSE, *arguments, "--submission", home.folder],
        capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=300,
        env={**os.environ, "COLUMNS": "80", "OMP_NUM_THREADS": "1"}, **options,
    )  # fmt: skip


def test_the_quick_come_first_and_a_training_only_when_what_it_needs_has_passed(student, grader):
    home = student("typical-mistakes")
    begun = []
    round_ = checkup(home, "3", "2.4")
    round_.run(grader, lambda standing: begun.append(standing.task.id))
    assert begun == ["2.4", "3.1", "3.2"]
    assert states(round_) == {"2.4": "passed", "3.1": "failed", "3.2": WAITING}
    assert round_.first().task.id == "3.1"


def test_what_is_not_written_does_not_train_either(student, grader):
    round_ = checkup(student("partial"), "3")
    round_.run(grader)
    assert states(round_) == {"3.1": "not_attempted", "3.2": "not_attempted"}
    assert round_.standings[1].result is None
    assert round_.first().task.id == "3.1"


def test_a_training_is_remembered_until_its_files_change(student, grader):
    home, task = student("perfect"), load().task("5.2")
    result = TaskResult(
        id="5.2", symbol="", points=4, max_points=4, verdict="passed", message="", diagnosis=None, seconds=1, checks=[]
    )
    memory = Memory(home, load())
    memory.keep(task, memory.key(task), result)
    round_ = checkup(home, "5")
    round_.run(grader)
    assert states(round_) == {"5.1": "passed", "5.2": "passed"}
    assert [standing.remembered for standing in round_.standings] == [False, True]
    edit(home.lib / "model" / "DilatedNetModel.py", "class DilatedNet(nn.Module):", "class UNet(nn.Module):")
    round_ = checkup(home, "5")
    round_.run(grader)
    assert states(round_) == {"5.1": "failed", "5.2": WAITING}
    assert round_.standings[1].result is None


def test_what_has_passed_is_checked_again_only_where_it_is_named_or_its_files_changed(student, grader):
    home = student("typical-mistakes")

    def remembered(*named):
        round_ = checkup(home, "2.1", "2.4", "7.1", named=named)
        round_.run(grader)
        assert states(round_) == {"2.1": "failed", "2.4": "passed", "7.1": "passed"}
        return [standing.task.id for standing in round_.standings if standing.remembered]

    assert remembered() == []
    assert remembered() == ["2.4", "7.1"], "what is wrong is checked again"
    assert remembered("2.4") == ["7.1"]
    assert remembered("7") == ["2.4"]
    (home.lib / "metrics.py").write_text((home.lib / "metrics.py").read_text(encoding="utf-8") + "\n# more\n")
    assert remembered() == ["2.4"]


def test_a_part_that_is_not_written_is_what_is_not_begun_and_not_what_is_wrong(student, grader):
    home = student("perfect")
    shutil.copy(ROOT / "lib" / "model" / "UNetModel.py", home.lib / "model")
    round_ = checkup(home, "3.1", "6.2")
    round_.run(grader)
    assert states(round_) == {"3.1": "not_attempted", "6.2": "failed"}, "its loss is written"
    assert round_.first().task.id == "3.1"


def test_what_is_wrong_comes_before_what_is_not_begun(student, grader):
    home = student("typical-mistakes")
    (home.lib / "dataset" / "PhCDataset.py").unlink()
    round_ = checkup(home, "1.1", "2.1", "2.4")
    round_.run(grader)
    assert states(round_) == {"1.1": "not_attempted", "2.1": "failed", "2.4": "passed"}
    assert round_.first().task.id == "2.1"


def test_code_that_ends_the_process_is_a_failed_check_and_the_next_task_is_graded(student, grader):
    round_ = checkup(student("hostile"), "2.1", "7.1")
    round_.run(grader)
    assert states(round_) == {"2.1": "failed", "7.1": "passed"}


def test_the_file_on_the_disk_is_what_is_graded(student, grader):
    home = student("typical-mistakes")
    assert grader.grade("2.1").tasks[0].diagnosis.name == "sigmoid-forgotten"
    edit(home.lib / "losses.py", "p = y_pred\n", "p = torch.sigmoid(y_pred)\n")
    assert grader.grade("2.1").tasks[0].verdict == "passed"


def test_a_training_can_be_broken_off_and_the_next_task_is_graded(student, grader):
    home = student("perfect")
    grader.grade("2.4")  # it is warm now
    timer = threading.Timer(2.0, grader.cancel)
    timer.start()
    start = time.monotonic()
    with pytest.raises(Cancelled):
        grader.grade("1.4")
    assert time.monotonic() - start < 60, "broken off, and not finished"
    assert grader.grade("2.4").tasks[0].verdict == "passed"
    assert home.folder.is_dir()


def test_to_cancel_what_does_not_run_does_nothing(student, grader):
    student("perfect")
    grader.cancel()
    assert grader.grade("2.4").tasks[0].verdict == "passed"


def test_a_grading_process_that_died_is_said_and_started_again(student, shared_home):
    student("perfect")
    with Grader(shared_home) as grader:
        assert grader.grade("7.1").tasks[0].verdict == "passed"
        timer = threading.Timer(1.0, os.kill, [grader.pid, signal.SIGKILL])
        timer.start()
        with pytest.raises(CourseError, match="has ended"):
            grader.grade("1.4")
        assert grader.grade("7.1").tasks[0].verdict == "passed"


def test_nothing_is_left_when_a_grader_is_closed(student, shared_home):
    student("perfect")
    with Grader(shared_home) as grader:
        grader.grade("7.1")
        family = [psutil.Process(grader.pid), *psutil.Process(grader.pid).children(recursive=True)]
        assert len(family) >= 2
    _, alive = psutil.wait_procs(family, timeout=20)
    assert alive == []


def test_a_failing_task_prints_its_checks_one_message_and_exit_code_1(student):
    run = course(student("typical-mistakes"), "check", "2.1")
    assert (run.returncode, run.stderr) == (1, "")
    lines = run.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert lines[0] == "2.1 Dice loss"
    assert lines[1].startswith("✗ The value is that of a soft Dice loss") and lines[1].endswith("0 / 4")
    assert "This is a Dice loss of the logits: turn them into probabilities first." in " ".join(run.stdout.split())
    assert lines[-1] == "  Again: uv run course check 2.1    Stuck? uv run course hint 2.1"
    assert run.stdout.count("Again:") == 1, "never a wall of errors"
    assert "Traceback" not in run.stdout


def test_a_task_that_is_done_says_what_comes_next_and_exit_code_0(student):
    run = course(student("perfect"), "check", "2.1")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.splitlines()[-2:] == ["✓ 2.1 Dice loss: 6 of 6 points.", "  Next: uv run course show 2.2"]


def test_a_broken_file_shows_its_line_and_no_list_of_checks(student):
    run = course(student("broken"), "check", "3.1")
    assert run.returncode == 1
    assert run.stdout.splitlines()[0] == "✗ lib/model/UNetModel.py:41 is not Python yet: invalid syntax."
    assert len(run.stdout.splitlines()) == 5


def test_all_shows_every_check_that_fails(student):
    run = course(student("typical-mistakes"), "check", "2", "--all")
    assert run.returncode == 1
    words = " ".join(run.stdout.split())
    assert run.stdout.count("Again:") == 3, "one for each of the three tasks that fail"
    assert run.stdout.count("A 6 x 6 mask with one edge") == 1
    assert words.count("expected") == 8, "one for each check that fails"
    for name in ("The value is that of a soft Dice loss", "The gradient is that of a soft Dice loss", "follows gamma"):
        assert name in words


def test_the_table_has_a_row_for_each_exercise_and_says_what_is_first(student):
    run = course(student("typical-mistakes"), "check", "2", "7")
    rows = run.stdout.splitlines()
    assert max(map(len, rows)) <= 80
    assert "✗2.1 ✗2.2 ✗2.3 ✓2.4 ✓2.5" in rows[0]
    assert "✓7.1 ✗7.2 ✓7.3" in rows[1]
    assert any(line.startswith("✓ 4 done   ✗ 4 failing") for line in rows)
    assert "To do first:" in rows
    assert run.stdout.count("Again:") == 1


def test_a_terminal_without_these_signs_gets_others(student):
    home = student("typical-mistakes")
    environment = {**os.environ, "COLUMNS": "80", "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    run = subprocess.run(
        [COURSE, "check", "2.3", "--submission", home.folder], capture_output=True, env=environment, timeout=300
    )
    text = run.stdout.decode("cp1252")
    assert run.returncode == 1, run.stderr
    assert "x 2.3 " in text
    assert "######" in text


def test_a_task_that_there_is_not_is_a_sentence(student):
    run = course(student("perfect"), "check", "9.9")
    assert run.returncode == 2
    assert run.stderr.startswith("There is no task 9.9.")
    assert "Traceback" not in run.stderr


def test_the_debugger_stops_in_the_students_code(student):
    home = student("typical-mistakes")
    edit(home.lib / "losses.py", "        p = y_pred\n", "        breakpoint()\n        p = y_pred\n")
    run = subprocess.run(
        [COURSE, "check", "2.1", "--debug", "--submission", home.folder],
        capture_output=True, text=True, input="p tuple(y_pred.shape)\n" + 20 * "c\n", timeout=300,
        env={**os.environ, "COLUMNS": "80"},
    )  # fmt: skip
    assert "(1, 1, 12, 12)" in run.stdout
    assert "lib/losses.py" in run.stdout
    assert run.returncode == 1
    assert run.stdout.rstrip().endswith("Stuck? uv run course hint 2.1")


def test_ctrl_c_keeps_what_is_known(student, tmp_path):
    """Ctrl-C reaches all processes of the terminal: none of them may print a traceback or be left behind."""
    home = student("perfect")
    run = subprocess.Popen(
        [COURSE, "check", "2.4", "1.4", "--submission", home.folder],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        env={**os.environ, "COLUMNS": "80", "OMP_NUM_THREADS": "1"},
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # tests in the background do not hear Ctrl-C
    )  # fmt: skip
    deadline = time.monotonic() + 300
    while '"2.4"' not in home.recall("checked.json"):
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(1)
    os.killpg(run.pid, signal.SIGINT)
    out, err = run.communicate(timeout=60)
    assert run.returncode == 130
    assert err == ""
    assert "✓2.4" in out
    assert "Stopped. What was checked until then is remembered." in out
    with pytest.raises(ProcessLookupError):
        while True:
            os.killpg(run.pid, 0)
            assert time.monotonic() < deadline
            time.sleep(0.1)


def test_what_trains_is_what_needs_other_tasks():
    assert [task.id for task in load().tasks if is_training(task)] == ["1.4", "3.2", "4.2", "5.2", "6.3"]
