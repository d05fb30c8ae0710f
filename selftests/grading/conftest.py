"""Submissions made for these tests, and workers that run them."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from course.grading.launch import Zygote, shared_zygote
from course.grading.worker import Worker
from course.paths import ROOT


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with shared_zygote("none") as running:  # selftests/sandbox/ has the same in a sandbox
        yield running


@pytest.fixture
def submission(tmp_path: Path) -> Callable[..., Path]:
    """Make a submission: the solutions, with some files of lib/ replaced or, with None, removed."""

    def make(files: dict[str, str | None] | None = None, name: str = "submission") -> Path:
        folder = tmp_path / name
        shutil.copytree(ROOT / "solutions", folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
        for file, text in (files or {}).items():
            path = folder / "lib" / file
            if text is None:
                path.unlink()
            else:
                path.write_text(text, encoding="utf-8")
        return folder

    return make


@pytest.fixture
def spawn(zygote: Zygote) -> Iterator[Callable[[Path], Worker]]:
    workers = []

    def start(folder: Path) -> Worker:
        workers.append(zygote.spawn(folder))
        return workers[-1]

    yield start
    for worker in workers:
        worker.close()
