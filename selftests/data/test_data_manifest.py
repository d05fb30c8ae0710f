"""The manifest: what was made is listed, and every change is found."""

import json
import shutil

import pytest

from course.data import manifest
from course.errors import CourseError
from course.paths import DATA


@pytest.fixture
def copy(tmp_path):
    return shutil.copytree(DATA, tmp_path / "data")


def test_the_committed_sets_are_as_made():
    assert manifest.verify(DATA) == []


def test_a_changed_byte_is_found(copy):
    path = copy / "phc/train/labels/label_00007.png"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    (problem,) = manifest.verify(copy)
    assert problem.startswith("phc/train/labels/label_00007.png has changed")


def test_a_missing_and_an_extra_file_are_found_and_hidden_files_are_not_ours(copy):
    (copy / "facades/base/cmp_b0002.jpg").unlink()
    (copy / "cells/01/t099.tif").write_bytes(b"")
    (copy / "phc/train/images/.DS_Store").write_bytes(b"")
    assert manifest.verify(copy) == [
        "facades/base/cmp_b0002.jpg is missing.",
        "cells/01/t099.tif is not in the manifest.",
    ]


def test_without_a_readable_manifest_nothing_is_verified(copy):
    (copy / "manifest.json").write_text("{}")
    with pytest.raises(CourseError, match="is not a manifest"):
        manifest.verify(copy)
    (copy / "manifest.json").unlink()
    with pytest.raises(CourseError, match="There is no"):
        manifest.verify(copy)


@pytest.fixture
def tiny(monkeypatch):
    """One small set in place of the three, so that making takes no time."""

    def write(folder, seed):
        folder.mkdir(parents=True)
        (folder / "seed.txt").write_text(str(seed))

    monkeypatch.setattr(manifest, "SETS", {"phc": write})
    return write


def test_make_writes_replaces_and_leaves_nothing_beside(tiny, tmp_path):
    out = tmp_path / "new" / "data"
    assert manifest.make(out, seed=1) == 1
    (out / "phc" / "old.txt").touch()
    (out / "notes.txt").write_text("the user's own")
    assert manifest.make(out, seed=2) == 1
    assert sorted(p.name for p in (out / "phc").iterdir()) == ["seed.txt"]
    assert (out / "phc/seed.txt").read_text() == "2"
    assert (out / "notes.txt").read_text() == "the user's own"
    assert json.loads((out / "manifest.json").read_text())["seed"] == 2
    assert manifest.verify(out) == []
    assert [p.name for p in out.parent.iterdir()] == ["data"]


def test_a_folder_that_was_not_made_here_is_not_replaced(tiny, tmp_path):
    (tmp_path / "phc").mkdir()
    (tmp_path / "phc" / "real.jpg").touch()
    with pytest.raises(CourseError, match="already there"):
        manifest.make(tmp_path)
    assert (tmp_path / "phc" / "real.jpg").exists()


def test_when_making_fails_the_old_sets_stay(tiny, monkeypatch, tmp_path):
    manifest.make(tmp_path / "data", seed=1)

    def fail(folder, seed):
        folder.mkdir(parents=True)
        raise KeyboardInterrupt

    monkeypatch.setattr(manifest, "SETS", {"phc": fail})
    with pytest.raises(KeyboardInterrupt):
        manifest.make(tmp_path / "data", seed=2)
    assert (tmp_path / "data/phc/seed.txt").read_text() == "1"
    assert [p.name for p in tmp_path.iterdir()] == ["data"]
