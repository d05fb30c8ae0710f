"""An update brings everything that is new, and never touches what a student has written."""

import json
import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from course.cli.main import app
from course.errors import CourseError
from course.paths import ROOT
from course.release.package import release
from course.update.apply import ASIDE, update
from course.update.manifest import NAME, Manifest, digest, read_manifest
from course.update.source import open_release
from selftests.release.conftest import SEEDS

OLD = {
    "course.toml": "old",
    "course/paths.py": "ROOT = 1\n",
    "course/gone.py": "GONE = 1\n",
    "tests/test_ex01_losses.py": "old grader\n",
    "lib/losses.py": "class BCELoss: ...\n",
    "lib/metrics.py": "def iou(): ...\n",
    "lib/model/Net.py": "class Net: ...\n",
    "notebooks/ex01/ex01.ipynb": "old notebook\n",
    "train.py": "old script\n",
    "pyproject.toml": '[project]\ndependencies = ["torch"]\n',
    "uv.lock": "old lock\n",
    "data/a.png": "old\0picture\r\n",
}
NEW = OLD | {
    "course/paths.py": "ROOT = 2\n",
    "course/fresh.py": "FRESH = 1\n",
    "tests/test_ex01_losses.py": "new grader\n",
    "lib/losses.py": "class BCELoss: ...\nclass DiceLoss: ...\n",
    "lib/metrics.py": "def iou(): ...\ndef dice(): ...\n",
    "lib/dataset/PhC.py": "class PhC: ...\n",
    "notebooks/ex01/ex01.ipynb": "new notebook\n",
    "notebooks/ex02/ex02.ipynb": "another notebook\n",
    "train.py": "new script\n",
    "pyproject.toml": '[project]\ndependencies = ["torch", "tqdm>=4"]\n',
    "uv.lock": "new lock\n",
    "data/a.png": "new\0picture\r\n",
}
del NEW["course/gone.py"]


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Write a release of some files; `course.toml` is a real one."""

    def write(name: str, files: dict[str, str], exercises: list[str]) -> Path:
        folder = tmp_path / name
        contents = {path: text.encode() for path, text in files.items()}
        contents["course.toml"] = (ROOT / "course.toml").read_bytes()
        for path, content in contents.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        hashes = {path: digest(content) for path, content in contents.items()}
        manifest = Manifest(course="1", graders="0", exercises=exercises, files=hashes)
        (folder / NAME).write_text(manifest.to_json(), encoding="utf-8")
        return folder

    return write


@pytest.fixture
def home(make: Callable[..., Path]) -> Path:
    """A student's copy of the old release."""
    return make("home", OLD, ["1"])


@pytest.fixture
def newer(make: Callable[..., Path]) -> Path:
    return make("newer", NEW, ["1", "2"])


def contents(folder: Path) -> dict[str, str]:
    paths = [path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in (NAME, "course.toml")]
    return {path.relative_to(folder).as_posix(): path.read_bytes().decode() for path in paths}


def bring(home: Path, release: Path) -> list[str]:
    with open_release(release) as source:
        return update(home, source).sentences


def expected(changed: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in (NEW | changed).items() if path != "course.toml"}


def test_an_untouched_copy_becomes_the_new_release(home: Path, newer: Path) -> None:
    assert bring(home, newer) == []
    assert contents(home) == expected({})
    assert (home / NAME).read_bytes() == (newer / NAME).read_bytes()


def test_what_students_wrote_is_never_touched(home: Path, newer: Path) -> None:
    mine = {"lib/losses.py": "class BCELoss: mine\n", "notebooks/ex01/ex01.ipynb": "mine\n", "train.py": "mine\n"}
    mine |= {"lib/helpers.py": "mine\n", "notes.txt": "mine\n"}
    for path, text in mine.items():
        (home / path).write_text(text, encoding="utf-8")
    sentences = bring(home, newer)
    assert contents(home) == expected(mine)
    said = "\n".join(sentences)
    assert "lib/losses.py is yours and stays as it is; new in it: DiceLoss. `uv run course reset 2.1` puts" in said
    assert "notebooks/ex01/ex01.ipynb is yours and stays as it is" in said
    assert "train.py is yours and stays as it is" in said
    assert "helpers" not in said and "notes" not in said and len(sentences) == 3


def test_a_file_that_is_no_python_at_the_moment_stays_too(home: Path, newer: Path) -> None:
    (home / "lib/losses.py").write_text("class BCELoss:\n    def (\n", encoding="utf-8")
    (said,) = bring(home, newer)
    assert "new in it: DiceLoss." in said


def test_what_is_new_and_written_already_is_not_called_new(home: Path, newer: Path) -> None:
    (home / "lib/metrics.py").write_text("def iou(): mine\ndef dice(): mine\n", encoding="utf-8")
    (said,) = bring(home, newer)
    assert said == "lib/metrics.py is yours and stays as it is; the release has another one: look there if you need it."


def test_a_changed_grader_is_replaced_and_kept_aside(home: Path, newer: Path) -> None:
    (home / "tests/test_ex01_losses.py").write_text("mine\n", encoding="utf-8")
    (home / "course/gone.py").write_text("mine\n", encoding="utf-8")
    sentences = bring(home, newer)
    assert (home / "tests/test_ex01_losses.py").read_text() == "new grader\n"
    assert (home / ASIDE / "tests/test_ex01_losses.py").read_text() == "mine\n"
    assert not (home / "course/gone.py").exists()
    assert (home / ASIDE / "course/gone.py").read_text() == "mine\n"
    assert len(sentences) == 2


def test_a_grader_that_was_changed_or_lost_comes_back_with_the_same_release(home: Path, make: Callable) -> None:
    (home / "tests/test_ex01_losses.py").unlink()
    (home / "course/paths.py").write_text("broken", encoding="utf-8")
    bring(home, make("again", OLD, ["1"]))
    assert contents(home) == {p: t for p, t in OLD.items() if p != "course.toml"} | {
        f"{ASIDE}/course/paths.py": "broken"
    }


def test_a_removed_stub_stays_removed(home: Path, newer: Path) -> None:
    (home / "lib/metrics.py").unlink()
    assert bring(home, newer) == []
    assert not (home / "lib/metrics.py").exists()


def test_packages_of_their_own_stay_with_the_lock(home: Path, newer: Path) -> None:
    (home / "pyproject.toml").write_text('[project]\ndependencies = ["torch", "pandas"]\n', encoding="utf-8")
    (home / "uv.lock").write_text("mine\n", encoding="utf-8")
    (said,) = bring(home, newer)
    assert said == "pyproject.toml is yours and stays as it is; the release needs besides: `uv add 'tqdm>=4'`."
    assert (home / "uv.lock").read_text() == "mine\n"


def test_a_lock_that_uv_wrote_anew_is_renewed(home: Path, newer: Path) -> None:
    (home / "uv.lock").write_text("rewritten\n", encoding="utf-8")
    assert bring(home, newer) == []
    assert (home / "uv.lock").read_text() == "new lock\n"


def test_other_line_ends_are_no_change(home: Path, newer: Path) -> None:
    for path, text in OLD.items():
        if path.endswith(".py"):
            (home / path).write_bytes(text.replace("\n", "\r\n").encode())
    assert bring(home, newer) == []
    assert contents(home)["lib/losses.py"] == NEW["lib/losses.py"]


def test_a_second_time_changes_nothing(home: Path, newer: Path) -> None:
    (home / "lib/losses.py").write_text("mine\n", encoding="utf-8")
    bring(home, newer)
    before = contents(home)
    with open_release(newer) as source:
        report = update(home, source)
    assert (report.added, report.renewed, report.removed, report.sentences) == ([], 0, 0, [])
    assert contents(home) == before


@pytest.mark.parametrize("root", ["", "course-main/"])
def test_a_zip_is_a_release_too(root: str, home: Path, newer: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "newer.zip", "w") as archive:
        for path in newer.rglob("*"):
            archive.write(path, root + path.relative_to(newer).as_posix())
    bring(home, tmp_path / "newer.zip")
    assert contents(home) == expected({})


def test_a_damaged_release_changes_nothing(home: Path, newer: Path) -> None:
    (newer / "train.py").write_text("another script\n", encoding="utf-8")
    before = contents(home)
    with pytest.raises(CourseError, match="train.py is damaged in .*Nothing was changed"):
        bring(home, newer)
    (newer / "train.py").unlink()
    with pytest.raises(CourseError, match="train.py is missing in"):
        bring(home, newer)
    assert contents(home) == before


@pytest.mark.parametrize(
    "path", ["../outside.py", "/etc/outside.py", "lib/../../x.py", ".git/config", "C:\\x.py", "lib\\x"]
)
def test_a_release_that_leads_out_of_its_folder_is_refused(path: str, home: Path, newer: Path) -> None:
    manifest = json.loads((newer / NAME).read_text())
    manifest["files"][path] = digest(b"")
    (newer / NAME).write_text(json.dumps(manifest))
    with pytest.raises(CourseError, match="leads out of the release"):
        bring(home, newer)


@pytest.mark.parametrize(
    ("name", "text"), [("nothing", None), ("a file", "text"), ("folder", ""), ("manifest", "{}"), ("bad", "{")]
)
def test_what_is_no_release_is_said(name: str, text: str | None, home: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    if name in ("folder", "manifest", "bad"):
        path.mkdir()
        if text:
            (path / NAME).write_text(text)
    elif text:
        path.write_text(text)
    with pytest.raises(CourseError, match="release"):
        bring(home, path)


def test_the_course_itself_is_not_updated(newer: Path, tmp_path: Path) -> None:
    with pytest.raises(CourseError, match="is no student's copy"):
        bring(tmp_path, newer)


def test_a_broken_off_update_is_done_again(home: Path, newer: Path) -> None:
    """What cannot be written is said; once it can, the same command ends with the whole release."""
    shutil.rmtree(home / "lib" / "model")
    (home / "lib" / "dataset").write_text("a file where a folder must be", encoding="utf-8")
    with pytest.raises(CourseError, match="cannot be written"):
        bring(home, newer)
    assert read_manifest((home / NAME).read_bytes(), "home").exercises == ["1"]
    (home / "lib" / "dataset").unlink()
    bring(home, newer)
    assert contents(home) == {p: t for p, t in expected({}).items() if p != "lib/model/Net.py"}


def test_a_real_copy_of_two_exercises_gets_all_the_others(released: Path, recorded: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    done = release(ROOT, home, "1-2", recorded.read_bytes(), SEEDS)
    assert done.exercises == ["1", "2"]
    assert "metrics.py" not in {path.name for path in (home / "lib").rglob("*")}
    mine = "# mine\n" + (home / "lib/losses.py").read_text().replace("raise NotImplementedError", "pass  # ", 1)
    (home / "lib/losses.py").write_text(mine, encoding="utf-8")
    result = CliRunner().invoke(app, ["update", str(released), "--submission", str(home)])
    assert result.exit_code == 0, result.output
    assert "New exercises: 3, 4, 5, 6, 7." in result.output
    assert (home / "lib/losses.py").read_text() == mine
    assert "losses.py" not in re.sub(r"lib/losses.py is yours.*", "", result.output)
    files = {path.relative_to(released).as_posix() for path in released.rglob("*") if path.is_file()}
    for name in sorted(files - {"lib/losses.py"}):
        assert (home / name).read_bytes() == (released / name).read_bytes(), name
    again = CliRunner().invoke(app, ["update", str(released), "--submission", str(home)])
    assert "Everything is as in this release already." in again.output
