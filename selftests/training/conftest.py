"""Two ways to run a program: as a user does, and in this process (fast, for the sentences about what is wrong)."""

import importlib.util
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from course.paths import ROOT
from course.training.parts import run_program
from selftests.training.made import command, environment, make_cells, make_facades


@pytest.fixture(scope="session")
def cells(tmp_path_factory) -> Path:
    return make_cells(tmp_path_factory.mktemp("data") / "cells")


@pytest.fixture(scope="session")
def facades(tmp_path_factory) -> Path:
    return make_facades(tmp_path_factory.mktemp("data") / "facades")


@pytest.fixture
def fresh_cells(tmp_path) -> Path:
    """A copy that a test may spoil."""
    return make_cells(tmp_path / "fresh", train=6, test=2)


@pytest.fixture(scope="session")
def launch():
    """Run a program as a user does; return what it did."""

    def start(program: str, *arguments: object, home: Path = ROOT, code: int = 0) -> subprocess.CompletedProcess:
        done = subprocess.run(
            command(program, *arguments, home=home),
            capture_output=True, text=True, env=environment(), timeout=120, cwd=home,
        )  # fmt: skip
        assert done.returncode == code, done.stdout + done.stderr
        return done

    return start


@pytest.fixture
def here(monkeypatch, capsys):
    """Run a program in this process; return its exit code, its standard output and its standard error."""
    handler, path, threads = signal.getsignal(signal.SIGINT), list(sys.path), torch.get_num_threads()
    before = set(sys.modules)
    torch.set_num_threads(1)  # as in `environment`: the number of threads decides the last digit of a sum

    def start(program: str, *arguments: object, home: Path = ROOT) -> tuple[int, str, str]:
        spec = importlib.util.spec_from_file_location(f"program_{Path(program).stem}", ROOT / program)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        monkeypatch.setattr(module, "HOME", home)
        monkeypatch.setattr(sys, "argv", [program, *map(str, arguments)])
        forget_parts()
        with pytest.raises(SystemExit) as end:
            run_program(module.main, home, "`--solutions` trains the reference")
        return end.value.code, *capsys.readouterr()

    def forget_parts() -> None:
        for name in [n for n in sys.modules if n.split(".")[0] in ("lib", "solutions") and n not in before]:
            del sys.modules[name]

    yield start
    forget_parts()
    sys.path[:] = path
    signal.signal(signal.SIGINT, handler)
    torch.set_num_threads(threads)


@pytest.fixture
def say(here):
    """Run a program in this process; return its exit code, and its standard error on one line."""

    def start(program: str, *arguments: object, home: Path = ROOT) -> tuple[int, str]:
        code, _, error = here(program, *arguments, home=home)
        return code, " ".join(error.split())

    return start


@pytest.fixture
def done(here):
    """Run a program in this process; it must succeed. Return its standard output."""

    def start(program: str, *arguments: object, home: Path = ROOT) -> str:
        code, output, error = here(program, *arguments, home=home)
        assert code == 0, output + error
        return output

    return start
