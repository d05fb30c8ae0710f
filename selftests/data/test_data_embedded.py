"""The committed sets: layout, legal labels, no leak, and nothing that a threshold or a constant guess would solve."""

import csv
import itertools
from collections import Counter

import numpy as np
import pytest
from PIL import Image
from sklearn.metrics import jaccard_score

from course.data.canvas import Stream, rng_for
from course.data.facades import CLASSES, make_facade
from course.data.frames import SHAPE, Recording
from course.data.info import otsu, over_the_set, overlap, tables
from course.data.manifest import SEED
from course.data.single_cells import FRAMES, KINDS, TEST_SEQUENCES, TRAIN_SEQUENCES, Sequence
from course.paths import DATA

BAR = 0.5  # baselines without learning stay under this IoU; graders ask for much more


def array(path):
    with Image.open(path) as image:
        return np.asarray(image)


def rows(split):
    with (DATA / "phc" / split / "sequences.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def pairs(split):
    folder = DATA / "phc" / split
    for row in rows(split):
        yield array(folder / f"images/img_{row['number']}.jpg"), array(folder / f"labels/label_{row['number']}.png")


@pytest.mark.parametrize(("split", "sequences"), [("train", TRAIN_SEQUENCES), ("test", TEST_SEQUENCES)])
def test_every_image_has_its_label_and_its_sequence(split, sequences):
    folder, table = DATA / "phc" / split, rows(split)
    assert [row["number"] for row in table] == [f"{k:05d}" for k in range(FRAMES * sequences)]
    assert set(Counter(row["sequence"] for row in table).values()) == {FRAMES}
    assert {p.name for p in (folder / "images").iterdir()} == {f"img_{row['number']}.jpg" for row in table}
    assert {p.name for p in (folder / "labels").iterdir()} == {f"label_{row['number']}.png" for row in table}
    for image, mask in pairs(split):
        assert image.shape == (*mask.shape, 3)
        assert set(np.unique(mask)) == {0, 255}


def test_no_sequence_is_on_both_sides():
    train, test = ({row["sequence"] for row in rows(split)} for split in ("train", "test"))
    assert not train & test


def test_no_frame_of_test_looks_like_one_of_train():
    """Frames of one sequence are alike in their labels; frames across the split must not be."""

    def small(split):
        masks = [Image.fromarray(mask).resize((32, 32)) for _, mask in pairs(split)]
        return np.stack([np.asarray(mask) > 127 for mask in masks]).reshape(len(masks), -1)

    train, test = small("train"), small("test")
    assert max(overlap(a, b).iou for a, b in itertools.pairwise(train)) > 0.9
    assert max(overlap(a, b).iou for a in test for b in train) < 0.9


@pytest.mark.parametrize("split", ["train", "test"])
def test_guesses_without_learning_stay_under_the_bar(split):
    guesses = {"otsu": [], "foreground": [], "background": []}
    for image, label in pairs(split):
        mask = label > 127
        guesses["otsu"].append(otsu(image[:, :, 0], mask))
        guesses["foreground"].append(overlap(np.ones_like(mask), mask))
        guesses["background"].append(overlap(np.zeros_like(mask), mask))
    for name, found in guesses.items():
        assert over_the_set(found) < BAR, name
        assert np.mean([o.iou for o in found]) < BAR, name


def test_counts_of_the_baselines_agree_with_scikit_learn():
    image, label = next(pairs("test"))
    from skimage.filters import threshold_otsu

    bright = image[:, :, 0] > threshold_otsu(image[:, :, 0])
    mask = label > 127
    expected = max(jaccard_score(mask.ravel(), side.ravel()) for side in (bright, ~bright))
    assert otsu(image[:, :, 0], mask).iou == pytest.approx(expected)


def test_the_program_still_paints_the_committed_cells():
    """Other processors may round a pixel elsewhere; a change of the program moves far more than that."""
    for split, index in (("train", 0), ("train", 3), ("test", TRAIN_SEQUENCES + 1)):
        sequence = index if split == "train" else index - TRAIN_SEQUENCES
        made = Sequence(Stream.EMBEDDED_CELLS, SEED, index, KINDS[index % len(KINDS)]).frame(2)
        folder, number = DATA / "phc" / split, f"{FRAMES * sequence + 2:05d}"
        assert (array(folder / f"labels/label_{number}.png") != made[1]).mean() < 1e-3
        image = array(folder / f"images/img_{number}.jpg").astype(float)
        assert np.abs(image - made[0]).mean() < 3.0


def test_the_program_still_builds_the_committed_facades_and_frames():
    image, label = make_facade(rng_for(Stream.EMBEDDED_FACADES, SEED, 5))
    assert (array(DATA / "facades/base/cmp_b0005.png") != label).mean() < 1e-3
    assert np.abs(array(DATA / "facades/base/cmp_b0005.jpg").astype(float) - image).mean() < 6.0
    image, ids = Recording(Stream.EMBEDDED_FRAMES, SEED, 1, SHAPE).frame(4)
    assert (array(DATA / "cells/02_GT/SEG/man_seg004.tif") != ids).mean() < 1e-3


def test_facades_hold_all_classes_in_both_halves():
    base = DATA / "facades" / "base"
    assert (DATA / "facades" / "label_names.txt").read_text().split()[1::2] == list(CLASSES)
    for test in (True, False):
        seen = Counter()
        for path in sorted(base.glob("cmp_b*.png")):
            if (int(path.stem[5:]) % 5 == 0) == test:
                with Image.open(path) as label:
                    assert label.mode == "P"
                    ids = np.asarray(label)
                assert array(path.with_suffix(".jpg")).shape == (*ids.shape, 3)
                seen.update(np.unique(ids).tolist())
        assert set(seen) == set(range(13))


def test_frames_hold_touching_cells_numbered_in_sixteen_bits():
    for name in ("01", "02"):
        for time in range(6):
            image = array(DATA / "cells" / name / f"t{time:03d}.tif")
            ids = array(DATA / "cells" / f"{name}_GT" / "SEG" / f"man_seg{time:03d}.tif")
            assert image.dtype == np.uint8
            assert ids.dtype == np.uint16
            assert image.shape == ids.shape
            meets = (ids[:, :-1] != ids[:, 1:]) & (ids[:, :-1] > 0) & (ids[:, 1:] > 0)
            assert meets.any()


def test_the_figures_of_the_documentation_are_those_of_the_sets():
    from course.data.info import markdown
    from course.paths import ROOT

    page = (ROOT / "docs" / "data.md").read_text()
    for table in tables(DATA):
        assert markdown(table) in page, f"renew docs/data.md with `course data info --markdown`: {table.title}"
