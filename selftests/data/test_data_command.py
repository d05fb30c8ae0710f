"""`course data`: what it prints, and its exit codes."""

import shutil
import sys

import pytest

from course.cli import main as cli
from course.paths import DATA


@pytest.fixture
def course(monkeypatch, capsys):
    """Run `course data ...` in this process; returns exit code and all that was printed."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["course", "data", *map(str, arguments)])
        with pytest.raises(SystemExit) as stop:
            cli.main()
        out, err = capsys.readouterr()
        return stop.value.code or 0, out + err

    return run


def test_verify_says_what_differs(course, tmp_path):
    assert course("verify") == (0, f"{DATA} is as it was made.\n")
    copy = shutil.copytree(DATA, tmp_path / "data")
    (copy / "phc/test/sequences.csv").unlink()
    code, text = course("verify", copy)
    assert code == 1
    assert "phc/test/sequences.csv is missing." in text


def test_info_describes_the_sets_and_a_single_one(course):
    code, text = course("info", "--markdown")
    assert code == 0
    assert "| train | 72 | 12 |" in text
    assert "balcony" in text
    code, text = course("info", DATA / "phc")
    assert code == 0
    assert "Otsu" in text


def test_info_draws_contact_sheets(course, tmp_path):
    code, _ = course("info", "--sheets", tmp_path / "sheets")
    assert code == 0
    sheets = sorted((tmp_path / "sheets").iterdir())
    assert [path.name for path in sheets] == ["data_cells.jpg", "data_facades.jpg", "data_phc.jpg"]
    assert all(path.stat().st_size < 400_000 for path in sheets)


def test_crop_ctc_writes_pairs(course, tmp_path):
    code, text = course("crop-ctc", DATA / "cells", "--out", tmp_path / "out", "--test-sequence", "01")
    assert code == 0
    assert "pairs for training" in text
    assert (tmp_path / "out/train/images/img_00000.jpg").is_file()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("verify", "nowhere"), "There is no nowhere/manifest.json"),
        (("info", "nowhere"), "holds no data set"),
        (("crop-ctc", "nowhere", "--out", "new"), "There is no folder nowhere"),
        (("crop-ctc", DATA / "phc", "--out", "new"), "holds no annotated recording"),
        (("crop-ctc", DATA / "cells", "--out", "new", "--test-sequence", "07"), "no annotated recording 07"),
        (("crop-ctc", DATA / "cells", "--out", "new", "--margin", "-1"), "--margin"),
        (("make", "--out", DATA / "manifest.json"), "is a file, not a folder"),
        (("make", "--seed", "-1"), "--seed"),
        (("info", "--sheets", DATA / "manifest.json"), "is a file, not a folder"),
        (("info", DATA / "phc", "--sheets", "new"), "has no phc"),
    ],
)
def test_what_the_user_can_mend_is_a_sentence_and_exit_code_2(course, monkeypatch, tmp_path, arguments, sentence):
    monkeypatch.chdir(tmp_path)
    code, text = course(*arguments)
    assert code == 2
    assert sentence in text
    assert not list(tmp_path.iterdir())
