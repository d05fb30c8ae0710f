"""The command `course`: what it prints, its exit codes, and that it starts without the heavy libraries."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course import catalogue, paths
from course.catalogue import Catalogue, load
from course.cli import main as cli
from course.errors import CourseError
from course.paths import ROOT
from course.release.stubs import make_stubs, write

COURSE = Path(sys.executable).with_name("course")


def invoke(*arguments):
    return CliRunner().invoke(cli.app, arguments, prog_name="course", env={"COLUMNS": "80", "TERMINAL_WIDTH": "80"})


def course(*arguments, **options):
    """Run the installed command as a user does, with nothing on its standard input."""
    return subprocess.run(
        [COURSE, *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60, **options
    )


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A copy of the course's own files, which a test may break."""
    shutil.copytree(ROOT / "solutions", tmp_path / "solutions", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "course.toml", tmp_path)
    for script in {script for task in load().tasks for script in task.scripts}:
        (tmp_path / script).touch()
    write(make_stubs(ROOT / "solutions", load()), tmp_path / "lib")
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    monkeypatch.setattr(catalogue, "ROOT", tmp_path)
    catalogue.load.cache_clear()
    yield tmp_path
    catalogue.load.cache_clear()


def test_every_help_and_the_list_import_nothing_heavy():
    code = """
import sys
from typer.main import get_command
from course.cli.main import app
helps = [[name, "--help"] for name in get_command(app).commands]
assert len(helps) >= 2
for arguments in [["--help"], *helps, ["list", "--json"]]:
    try:
        app(arguments)
    except SystemExit as stop:
        assert stop.code == 0, arguments
heavy = {"torch", "torchvision", "numpy", "PIL", "scipy", "skimage", "matplotlib"} & sys.modules.keys()
assert not heavy, heavy
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr


def test_the_installed_command_lists_the_catalogue_as_json():
    run = course("list", "--json")
    assert (run.returncode, run.stderr) == (0, "")
    data = json.loads(run.stdout)
    tasks = [task for exercise in data["exercises"] for task in exercise["tasks"]]
    references = [[(entry["file"], entry["symbol"]) for entry in task.pop("references")] for task in tasks]
    assert references == [task.references for task in load().tasks]
    assert Catalogue.model_validate(data) == load()


def test_the_list_names_every_task_within_80_columns():
    run = invoke("list")
    assert run.exit_code == 0
    assert max(len(line) for line in run.stdout.splitlines()) <= 80
    words = run.stdout.split()
    for task in load().tasks:
        assert task.id in words
        assert all(f"{file}:" in words for file, _ in task.references)
        assert all(symbol in run.stdout.replace(",", " ").split() for _, symbol in task.references)
    assert "Core: 100 points, 2 bonus points, 16 points in words" in run.stdout
    assert "Beyond: 12 points" in run.stdout


def test_square_brackets_in_a_title_are_printed_as_they_are(project):
    path = project / "course.toml"
    path.write_text(path.read_text("utf-8").replace('"Dice loss"', '"Dice [red] loss"'), encoding="utf-8")
    assert "Dice [red] loss" in invoke("list").stdout


def test_without_arguments_there_is_help():
    run = course()
    assert "Usage: course" in run.stdout + run.stderr
    assert "list" in run.stdout + run.stderr


@pytest.mark.parametrize("arguments", [["nonsense"], ["list", "--nonsense"], ["stubs", "extra"]])
def test_a_mistyped_command_exits_2_without_a_traceback(arguments):
    run = invoke(*arguments)
    assert run.exit_code == 2
    assert "Usage: course" in run.stderr
    assert "Traceback" not in run.output


def test_a_course_error_is_a_sentence_on_stderr_and_exit_code_2(project, monkeypatch, capsys):
    (project / "course.toml").write_text("title = ")
    monkeypatch.setattr(sys, "argv", ["course", "list"])
    with pytest.raises(SystemExit) as stop:
        cli.main()
    printed = capsys.readouterr()
    assert stop.value.code == 2
    assert printed.out == ""
    assert printed.err.startswith(f"{project / 'course.toml'} is not valid TOML")
    assert printed.err.count("\n") == 1, "a path that is broken over lines cannot be copied"


@pytest.mark.parametrize(("raised", "code"), [(KeyboardInterrupt, 130), (CourseError("No [data]."), 2)])
def test_how_a_command_ends(monkeypatch, capsys, raised, code):
    def stop(check=False):
        raise raised

    monkeypatch.setattr("course.release.stubs.make_stubs", lambda *_: stop())
    monkeypatch.setattr(sys, "argv", ["course", "stubs"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == code
    assert capsys.readouterr().err == ("No [data].\n" if code == 2 else "")


def test_a_fault_of_our_own_is_not_hidden(monkeypatch):
    monkeypatch.setattr("course.release.stubs.make_stubs", lambda *_: 1 / 0)
    monkeypatch.setattr(sys, "argv", ["course", "stubs"])
    with pytest.raises(ZeroDivisionError):
        cli.main()


def test_stubs_check_follows_lib(project):
    assert invoke("stubs", "--check").exit_code == 0
    (project / "lib" / "losses.py").write_text("")
    (project / "lib" / "mine.py").write_text("x = 1\n")

    stale = invoke("stubs", "--check")
    assert stale.exit_code == 1
    assert "lib/losses.py differs" in stale.stdout
    assert "lib/mine.py is not made from the solutions" in stale.stdout
    assert "uv run course stubs" in stale.stdout
    assert (project / "lib" / "losses.py").read_text() == "", "--check writes nothing"

    made = invoke("stubs")
    assert made.exit_code == 0
    assert "lib/mine.py" in made.stdout
    assert (project / "lib" / "mine.py").is_file()
    (project / "lib" / "mine.py").unlink()
    assert invoke("stubs", "--check").exit_code == 0


def test_a_refused_solution_leaves_lib_as_it_was(project):
    metrics = project / "solutions" / "metrics.py"
    metrics.write_text(metrics.read_text("utf-8").replace("### END SOLUTION", "", 1), encoding="utf-8")
    losses = project / "lib" / "losses.py"
    losses.write_text("")
    run = invoke("stubs")
    assert isinstance(run.exception, CourseError)
    assert "metrics.py, line" in str(run.exception)
    assert losses.read_text() == "", "nothing is written unless all of it can be"
