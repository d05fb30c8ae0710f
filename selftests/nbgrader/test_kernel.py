"""The kernel behind the wall: what a hostile cell reaches with and without it, and that it is a good kernel."""

import os
import shutil
import socket
from pathlib import Path

import nbformat
import pytest
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbgrader.api import Gradebook

from course.nbgrader.kernel import EnclosedKernelManager, copy_plain_files
from course.paths import ROOT
from selftests.nbgrader.school import ATTACK, LOOT, shown


def run(cells: list[str], folder: Path, manager: type = EnclosedKernelManager, timeout: int = 120) -> list:
    """Run cells in a folder, and return them with what they have shown."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    client = NotebookClient(
        notebook,
        kernel_manager_class=manager,
        allow_errors=True,
        timeout=timeout,
        startup_timeout=300,
        interrupt_on_timeout=True,
        error_on_timeout={"ename": "Timeout", "evalue": "", "traceback": []},
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute()
    return notebook.cells


@pytest.mark.parametrize("manager", [AsyncKernelManager, EnclosedKernelManager])
def test_the_attack_reaches_everything_without_the_wall_and_nothing_behind_it(manager: type, tmp_path: Path):
    database = tmp_path / "gradebook.db"
    with Gradebook(f"sqlite:///{database}") as gradebook:
        gradebook.add_assignment("ex01")
    before = database.read_bytes()
    (tmp_path / "secret.txt").write_text(LOOT)
    work = tmp_path / "work"
    work.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        source = ATTACK.format(database=str(database), root=str(ROOT), port=listener.getsockname()[1])
        text = shown(run([source], work, manager))
    if manager is AsyncKernelManager:
        for what in ("the gradebook", LOOT, "solutions/losses.py", "the network"):
            assert what in text, "the attack is none"
        assert "REACHED" in text
    else:
        assert "refused:" in text
        assert "REACHED" not in text
        assert LOOT not in text
        assert database.read_bytes() == before
        assert not (tmp_path / "results").exists()


def test_it_works_with_the_student_s_files_and_the_course_s_data(tmp_path: Path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "losses.py").write_text("answer = 41\n")
    cells = run(
        [
            "import sys; sys.path.insert(0, '.'); from lib.losses import answer; answer + 1",
            "from pathlib import Path; len(list(Path('data/phc/train/images').iterdir()))",
            "Path('/kernel/file').write_text('x')",
            "Path('mine.txt').write_text('x'); sorted(path.name for path in Path('.').iterdir())",
        ],
        tmp_path,
    )
    assert shown(cells[:1]) == "42"
    assert int(shown(cells[1:2])) > 50
    assert "Permission denied" in shown(cells[2:3])
    assert "mine.txt" in shown(cells[3:])
    assert not (tmp_path / "mine.txt").exists()


def test_a_cell_that_runs_too_long_is_interrupted_and_the_next_one_runs(tmp_path: Path):
    cells = run(["while True:\n    pass", "1 + 1"], tmp_path, timeout=20)
    assert any(output.get("ename") in ("Timeout", "KeyboardInterrupt") for output in cells[0].outputs)
    assert shown(cells[1:]) == "2"


def test_nothing_of_a_kernel_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    short = Path("/tmp") / f"k{os.getpid()}"  # names of sockets must be short
    short.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(short))
    try:
        run(["1"], tmp_path)
        assert list(short.iterdir()) == []
    finally:
        shutil.rmtree(short)


def test_only_plain_files_are_copied(tmp_path: Path):
    source, target = tmp_path / "source", tmp_path / "target"
    (source / "lib" / ".git").mkdir(parents=True)
    (source / "lib" / "losses.py").write_text("x")
    (source / "lib" / "losses.py").chmod(0o600)
    (source / "lib" / ".git" / "config").write_text("x")
    (source / "link.txt").symlink_to("/etc/passwd")
    (source / "folder").symlink_to("/etc")
    os.mkfifo(source / "pipe")
    copy_plain_files(source, target)
    assert sorted(path.relative_to(target).as_posix() for path in target.rglob("*")) == ["lib", "lib/losses.py"]
    assert (target / "lib" / "losses.py").stat().st_mode & 0o444 == 0o444
