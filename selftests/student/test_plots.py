"""The pictures that `course check --plot` makes, from real records of real code."""

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from course.catalogue import load
from course.grading.launch import shared_zygote
from course.grading.record import Results
from course.grading.run import Settings, grade
from course.paths import ROOT
from course.student.home import Home
from course.student.plots import plot
from course.submission.find import Submission
from course.training import figures
from course.training.colours import BLUE

WRONG = """

class DiceLoss(DiceLoss):
    def forward(self, y_pred, y_true):
        return y_pred.mean()
"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = tmp_path_factory.mktemp("student")
    shutil.copytree(ROOT / "solutions", folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    losses = folder / "lib" / "losses.py"
    losses.write_text(losses.read_text() + WRONG)
    return Home(folder)


def graded(home: Home, task: str) -> Results:
    with shared_zygote("none"):
        return grade(Submission("student", home.folder), Settings(tasks=(task,), sandbox="none"))


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path).convert("RGB"))


def test_a_wrong_loss_is_drawn_as_a_curve(home):
    paths = plot(home, load().task("2.1"), graded(home, "2.1"))
    assert paths, "the loss over one logit"
    assert all(path.parent == home.folder / "plots" for path in paths)
    assert (np.abs(pixels(paths[0]).astype(int) - BLUE).sum(-1) < 30).any(), "the student's line is there"


def test_a_network_has_its_maps_and_its_receptive_field_drawn(home):
    paths = plot(home, load().task("3.1"), graded(home, "3.1"))
    assert [path.name for path in paths] == ["3.1-maps.png", "3.1-receptive-field.png"]


def test_a_network_that_does_not_run_has_no_pictures_and_no_error(home, tmp_path):
    shutil.copytree(home.folder / "lib", tmp_path / "lib")
    (tmp_path / "lib" / "model" / "UNetModel.py").write_text("class UNet:\n    pass\n")
    broken = Home(tmp_path)
    assert plot(broken, load().task("3.1"), graded(broken, "3.1")) == []


def test_a_receptive_field_is_measured_in_pixels(tmp_path):
    footprint = np.zeros((40, 40), bool)
    footprint[10:31:2, 15:26] = True  # 21 rows of which every second is used, 11 columns
    figures.receptive_field(tmp_path / "field.png", footprint, "Net")
    figures.receptive_field(tmp_path / "none.png", np.zeros((40, 40), bool), "Net")
    assert pixels(tmp_path / "field.png").shape == pixels(tmp_path / "none.png").shape
