"""Folders: plain files only, whatever else lies there, and every encoding that students' editors write."""

import os
import socket
from pathlib import Path

import pytest

from course.worker.encoding import wrong_encoding
from selftests.submission.packing import LOSSES


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture
def work(tmp_path):
    return write(tmp_path / "work", {"lib/losses.py": LOSSES})


def test_links_are_not_followed(staged, work, tmp_path):
    write(tmp_path / "secret", {"metrics.py": "answer = 42\n", "dataset/PhCDataset.py": "answer = 42\n"})
    (work / "lib" / "metrics.py").symlink_to(tmp_path / "secret" / "metrics.py")
    (work / "lib" / "dataset").symlink_to(tmp_path / "secret" / "dataset")
    (work / "train.py").symlink_to(tmp_path / "secret" / "metrics.py")
    got, notes = staged(work)
    assert got == {"lib/losses.py": LOSSES}
    for name in ("lib/metrics.py", "lib/dataset", "train.py"):
        assert f"{name} was left out: it is a link, and only plain files are read." in notes


def test_a_library_that_is_a_link_is_none(staged, tmp_path):
    write(tmp_path / "solutions", {"losses.py": "answer = 42\n"})
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "lib").symlink_to(tmp_path / "solutions")
    got, notes = staged(tmp_path / "work")
    assert got == {}
    assert notes == ["lib was left out: it is a link, and only plain files are read.", "There is no lib/ in work."]


def test_pipes_and_sockets_keep_nobody_waiting(staged, work):
    os.mkfifo(work / "lib" / "metrics.py")
    here = Path.cwd()
    os.chdir(work / "lib")  # the path of a socket is short
    try:
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind("model.py")
    finally:
        os.chdir(here)
    got, notes = staged(work)
    assert got == {"lib/losses.py": LOSSES}
    assert str(notes).count("it is a device or a pipe") == 2


def test_what_belongs_to_nobody_is_passed_over_in_silence(staged, work):
    clutter = [".git/x.py", "lib/__pycache__/a.py", "venv/lib/losses.py", "lib/.ipynb_checkpoints/losses.py"]
    got, notes = staged(write(work, dict.fromkeys(clutter, "x = 1\n")))
    assert got == {"lib/losses.py": LOSSES}
    assert notes == []


@pytest.mark.parametrize("intruder", ["conftest.py", "pytest.ini", "sitecustomize.py", "x.pth", "tests/test_x.py"])
@pytest.mark.parametrize("place", ["", "lib/"])
def test_what_could_steer_python_or_pytest_is_not_beside_the_library(staged, work, intruder, place):
    got, _ = staged(write(work, {place + intruder: "x = 1\n", "torch/__init__.py": "x = 1\n", "numpy.py": "x = 1\n"}))
    assert [name for name in got if not name.startswith("lib/")] == []
    assert not any(name.endswith((".ini", ".pth")) for name in got)


def test_another_case_is_graded_and_said(staged, tmp_path):
    got, notes = staged(write(tmp_path / "work", {"Lib/Losses.py": LOSSES, "Lib/model/unetmodel.py": "x = 1\n"}))
    assert got == {"lib/losses.py": LOSSES, "lib/model/UNetModel.py": "x = 1\n"}
    assert "Lib/ was graded as lib/." in notes
    assert "Losses.py was graded as losses.py: rename it." in notes


def test_a_large_file_is_named(staged, work):
    got, notes = staged(write(work, {"lib/metrics.py": b"#" * (1024 * 1024 + 1)}))
    assert got == {"lib/losses.py": LOSSES}
    assert notes == ["lib/metrics.py was left out: it is larger than 1 MB."]


def test_a_file_and_a_folder_of_one_name_in_an_archive(staged, tmp_path):
    from selftests.submission.packing import pack_zip

    files = {"lib/losses.py": LOSSES, "lib/metrics.py": "x = 1\n", "lib/metrics.py/x.py": "x = 1\n"}
    got, notes = staged(pack_zip(tmp_path / "work.zip", files))
    assert set(got) == {"lib/losses.py", "lib/metrics.py"}
    assert "lib/metrics.py/x.py was left out" in str(notes)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xef\xbb\xbfx = 1\r\n", None),
        (b"if True:\r\n\tx = 1\r\n", None),
        ("# -*- coding: latin-1 -*-\nx = 'Bj\xf8rn'\n".encode("latin-1"), None),
        ("x = 'Bj\xf8rn'\n".encode(), None),
        ("x = 1\n# Bj\xf8rn\n\ny = 'Bj\xf8rn'\n".encode("latin-1"), ", line 2: the byte 0xf8 is not UTF-8."),
        ("x = 1\n\n\ny = 'Bj\xf8rn'\n".encode("latin-1"), ", line 4: the byte 0xf8 is not UTF-8."),
        ("x = 1\n".encode("utf-16"), "is saved as UTF-16"),
        (b"# coding: punycode\n" + b"x" * 1_000_000, None),
        (b"# coding: nonsense\n", None),
    ],
)
def test_encodings(content, words):
    found = wrong_encoding(content)
    assert found is None if words is None else words in found
    assert words is None or "UTF-8" in found


def test_an_encoding_is_noted_and_the_file_is_graded_as_it_is(staged, work):
    got, notes = staged(write(work, {"lib/metrics.py": "x = 1\ny = 'Bj\xf8rn'\n".encode("latin-1")}))
    assert "lib/metrics.py" in got
    assert notes[0].startswith("lib/metrics.py, line 2: the byte 0xf8 is not UTF-8. Save the file as UTF-8")
