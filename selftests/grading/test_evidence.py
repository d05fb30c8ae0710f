"""What checks leave for the feedback: kept, capped, the same every time, and never a reason for another verdict."""

import io
import json

import numpy as np
import pytest
from PIL import Image

from course.errors import CourseError
from course.grading.evidence import MAX_SIDE, Keeper, chosen
from course.grading.record import PICTURES, Results
from course.grading.run import Settings, grade
from course.report.files import read_record, record_folders, write_record
from course.submission.find import open_submission

SETTINGS = Settings(seed=3, tasks=("3.2",), sandbox="none")


def keeper(count: int = 5, size: tuple[int, int] = (20, 30)) -> Keeper:
    generator = np.random.default_rng(1)
    images = generator.integers(0, 256, (count, *size, 3), dtype=np.uint8)
    truths = generator.integers(0, 2, (count, *size), dtype=np.uint8)
    kept = Keeper()
    kept.pictures(images, 1 - truths, truths, [0.5, 0.1, 0.9, float("nan"), 0.3][:count])
    return kept


def test_maps_come_back_as_they_were():
    evidence, files = keeper().record("3.2/test")
    assert [picture.iou for picture in evidence.pictures] == [None, 0.3, 0.9]
    assert evidence.scores == [0.5, 0.1, 0.9, None, 0.3]
    for picture in evidence.pictures:
        predicted, true = (np.asarray(Image.open(io.BytesIO(files[n]))) for n in (picture.prediction, picture.truth))
        assert np.array_equal(predicted, 1 - true)
        assert Image.open(io.BytesIO(files[picture.image])).size == (30, 20)
    assert len(files) == 3 * len(evidence.pictures)


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 12, 50])
def test_the_worst_and_the_best_are_shown(count):
    scores = [((7 * index) % 11) / 11 for index in range(count)]
    shown = [scores[index] for index in chosen(scores)]
    assert shown == sorted(shown)
    assert len(shown) == len(set(chosen(scores))) <= 4
    if count:
        assert (shown[0], shown[-1]) == (min(scores), max(scores)) or count == 1


def test_a_map_of_another_size_or_type_is_not_shown():
    kept, image = Keeper(), np.zeros((8, 8, 3), np.uint8)
    maps = [np.zeros((9, 8), np.uint8), np.zeros((8, 8)), np.zeros(0, np.uint8), np.zeros((8, 8), np.uint8)]
    kept.pictures([image] * 4, maps, [maps[3]] * 4, [0, 0.1, 0.2, 0.3])
    evidence, _ = kept.record("x")
    assert [picture.iou for picture in evidence.pictures] == [0.3]
    huge = np.zeros((MAX_SIDE + 1, 4, 3), np.uint8)
    kept.pictures([huge], [huge[..., 0]], [huge[..., 0]], [0.5])
    assert kept.record("x")[0].pictures == []


def test_what_is_not_finite_is_a_gap_in_the_json():
    kept = Keeper()
    kept.curve("training", "steps", [20, 40, 60], loss=[1 / 3, float("nan"), float("inf")])
    text = kept.record("x")[0].model_dump_json()
    assert json.loads(text)["curves"][0]["lines"] == {"loss": [0.333333, None, None]}


def test_a_curve_is_replaced_and_there_are_not_many():
    kept = Keeper()
    for length in (1, 2):
        kept.curve("training", "steps", list(range(length)), IoU=[0.1] * length)
    for number in range(10):
        kept.curve(f"another {number}", "steps", [0], IoU=[0.1])
    curves = kept.record("x")[0].curves
    assert len(curves) == 4
    assert curves[0].x == [0, 1]
    with pytest.raises(ValueError, match="200"):
        kept.curve("training", "steps", [0] * 201, IoU=[0.1] * 201)


def test_without_evidence_there_is_none():
    assert Keeper().record("x") == (None, {})


@pytest.fixture(scope="module")
def graded(submissions) -> Results:
    return grade(open_submission(submissions), SETTINGS)


@pytest.fixture(scope="module")
def submissions(tmp_path_factory):
    """A U-Net that returns 0 whatever it learns."""
    folder = tmp_path_factory.mktemp("hopeless")
    (folder / "lib" / "model").mkdir(parents=True)
    (folder / "lib" / "model" / "UNetModel.py").write_text(
        "import torch\nfrom torch import nn\n\n\n"
        "class UNet(nn.Module):\n"
        "    def __init__(self):\n"
        "        super().__init__()\n"
        "        self.value = nn.Parameter(torch.zeros(1))\n\n"
        "    def forward(self, x):\n"
        "        return (0 * self.value).expand(len(x), 1, *x.shape[2:])\n"
    )
    return folder


def test_a_training_that_fails_leaves_its_curve_and_its_masks(graded):
    (check,) = graded.tasks[0].checks
    assert check.verdict == "failed"
    (curve,) = check.evidence.curves
    assert (curve.name, curve.x) == ("training", [20, 40, 60])
    assert curve.lines["IoU"] == [0, 0, 0]
    assert all(0 < loss < 2 for loss in curve.lines["loss"])
    assert len(check.evidence.scores) == 12
    assert graded.pictures == set(graded.files)
    truth = Image.open(io.BytesIO(graded.files[check.evidence.pictures[0].truth]))
    assert set(np.unique(np.asarray(truth))) == {0, 1}


def test_the_same_submission_leaves_the_same(graded, submissions):
    again = grade(open_submission(submissions), SETTINGS)
    assert again.files == graded.files
    assert [t.checks for t in again.tasks] == [t.checks for t in graded.tasks]


def test_a_record_is_read_back_with_its_pictures(graded, tmp_path):
    folder = tmp_path / "results" / "hopeless"
    write_record(folder, graded)
    assert read_record(folder) == graded
    assert record_folders(tmp_path / "results") == [folder]
    before = (folder / PICTURES).read_bytes()
    write_record(folder, graded)
    assert (folder / PICTURES).read_bytes() == before
    assert "\\x89PNG" not in (folder / "results.json").read_text()


def test_pictures_of_an_earlier_record_do_not_stay(graded, tmp_path):
    write_record(tmp_path, graded)
    write_record(tmp_path, graded.model_copy(update={"files": {}}))
    assert not (tmp_path / PICTURES).exists()


def test_broken_pictures_are_left_out_and_a_broken_record_is_an_error(graded, tmp_path):
    write_record(tmp_path, graded)
    (tmp_path / PICTURES).write_bytes(b"PK no zip")
    assert read_record(tmp_path).files == {}
    (tmp_path / "results.json").write_text(graded.to_json().replace("results/2", "results/1"))
    with pytest.raises(CourseError, match="another version"):
        read_record(tmp_path)
    (tmp_path / "results.json").write_text("{")
    with pytest.raises(CourseError, match="broken"):
        read_record(tmp_path)
    with pytest.raises(CourseError, match="no record"):
        record_folders(tmp_path / "nothing")
