"""A stub is put back: that of one task, with a backup, whatever the file looks like."""

import ast

import pytest

from course.catalogue import load
from course.errors import CourseError
from course.paths import ROOT
from course.student.originals import original
from course.student.restoring import lines_of, reset
from selftests.student.conftest import edit


def symbols(path):
    return [node.name for node in ast.parse(path.read_text(encoding="utf-8")).body if hasattr(node, "name")]


@pytest.mark.parametrize("task", [task for task in load().tasks if not task.needs], ids=lambda task: task.id)
def test_a_solved_task_becomes_its_stub_and_nothing_else_changes(student, task):
    home = student("perfect")
    before = {path: path.read_text(encoding="utf-8") for path in home.lib.rglob("*.py")}
    changed = reset(task, home, load())
    assert changed
    for path, names, backup in changed:
        file = path.relative_to(home.lib).as_posix()
        now, stub = path.read_text(encoding="utf-8"), original(file)
        assert backup.read_text(encoding="utf-8") == before.pop(path)
        assert backup.is_relative_to(home.folder / ".course" / "backups")
        solved = (ROOT / "examples/submissions/perfect/lib" / file).read_text(encoding="utf-8")
        for name in symbols(path):
            assert lines_of(now, name) == lines_of(stub if name in names else solved, name)
        assert symbols(path) == [node for node in symbols(ROOT / "lib" / file)]
    for path, text in before.items():
        assert path.read_text(encoding="utf-8") == text
    assert reset(task, home, load()) == [], "what is a stub already stays as it is"


def test_of_a_network_that_two_tasks_share_the_first_one_resets_it(student):
    home = student("perfect")
    ((path, names, _),) = reset(load().task("6.2"), home, load())
    assert (path.name, names) == ("losses.py", ["CrossEntropyLoss"])


@pytest.mark.parametrize(("task", "earlier"), [("3.2", "3.1"), ("1.4", "1.1, 1.2, 1.3")])
def test_a_task_without_code_of_its_own_says_whose_it_uses(student, task, earlier):
    with pytest.raises(CourseError, match=f"uses what you wrote in {earlier}"):
        reset(load().task(task), student("perfect"), load())


def test_a_file_that_is_no_python_is_mended_by_resetting_what_broke_it(student):
    home = student("perfect")
    path = home.lib / "losses.py"
    edit(path, "class FocalLoss(nn.Module):", "class FocalLoss(nn.Module:")
    reset(load().task("2.2"), home, load())
    assert symbols(path) == symbols(ROOT / "lib" / "losses.py")
    assert lines_of(path.read_text(encoding="utf-8"), "FocalLoss") == lines_of(original("losses.py"), "FocalLoss")


def test_a_symbol_that_was_deleted_and_an_import_that_it_needs_come_back(student):
    home = student("perfect")
    path = home.lib / "losses.py"
    path.write_text("x = 1\n")
    reset(load().task("2.1"), home, load())
    namespace = {}
    exec(compile(path.read_text(encoding="utf-8"), "losses.py", "exec"), namespace)
    assert namespace["x"] == 1
    with pytest.raises(NotImplementedError, match="Exercise 2.1: DiceLoss"):
        namespace["DiceLoss"]()(None, None)


def test_a_file_that_is_gone_comes_back_as_it_was_given(student):
    home = student("perfect")
    (home.lib / "metrics.py").unlink()
    ((path, _, backup),) = reset(load().task("7.1"), home, load())
    assert path.read_text(encoding="utf-8") == original("metrics.py")
    assert backup is None


def test_two_resets_within_a_second_keep_two_backups(student):
    home = student("perfect")
    (_, _, first), (_, _, second) = [reset(load().task(task), home, load())[0] for task in ("2.1", "2.2")]
    assert first != second
    assert first.read_text(encoding="utf-8") != second.read_text(encoding="utf-8")


def test_bytes_that_are_no_utf8_are_kept(student):
    home = student("perfect")
    path = home.lib / "losses.py"
    path.write_bytes(path.read_bytes() + b"# caf\xe9\n")
    ((_, _, backup),) = reset(load().task("2.1"), home, load())
    assert backup.read_bytes().endswith(b"# caf\xe9\n")
    assert path.read_bytes().endswith(b"# caf\xe9\n")
