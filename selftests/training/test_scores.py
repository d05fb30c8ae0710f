"""The metric policy of docs/metrics.md, in the scores that training uses and in measure.py's tables."""

import math

import numpy as np
import pytest
import torch
from sklearn.metrics import jaccard_score

from course.training.measuring import Scores
from course.training.scores import binary_iou, mean_class_iou


def test_binary_iou_agrees_with_scikit_learn():
    rng = np.random.default_rng(0)
    predicted, true = rng.random((4, 1, 9, 9)) < 0.3, rng.random((4, 1, 9, 9)) < 0.3
    expected = jaccard_score(true.ravel(), predicted.ravel())
    assert binary_iou(predicted, true) == pytest.approx(expected)
    assert binary_iou(torch.from_numpy(predicted), torch.from_numpy(true)) == pytest.approx(expected)
    assert binary_iou(predicted * np.uint8(255), true.astype(np.float32)) == pytest.approx(expected)


def test_the_set_is_counts_added_up_whatever_the_sizes_and_not_a_mean():
    big, small = np.ones((10, 10), bool), np.ones((2, 2), bool)
    masks = [big, ~small]
    assert binary_iou(masks, [big, small]) == pytest.approx(100 / 104)


def test_two_empty_masks_have_no_score_and_one_empty_mask_has_0():
    empty, full = np.zeros((4, 4), np.uint8), np.ones((4, 4), np.uint8)
    assert math.isnan(binary_iou(empty, empty))
    assert binary_iou(empty, full) == 0
    assert binary_iou(full, empty) == 0


def test_mean_class_iou_agrees_with_scikit_learn_over_the_classes_that_appear():
    rng = np.random.default_rng(1)
    true, predicted = rng.integers(0, 5, (3, 8, 8)), rng.integers(0, 5, (3, 8, 8))
    true[rng.random(true.shape) < 0.2] = 255
    counted = true != 255
    expected = jaccard_score(true[counted], predicted[counted], average="macro")
    assert mean_class_iou(predicted, true, 12) == pytest.approx(expected), "7 absent classes change nothing"
    assert mean_class_iou(list(predicted), list(true), 12) == pytest.approx(expected)


def test_absent_ignored_and_falsely_predicted_classes():
    assert mean_class_iou(np.array([0, 0, 1]), np.array([0, 0, 255]), 3) == 1, "ignored pixels do not count"
    assert mean_class_iou(np.array([0, 0, 1]), np.array([0, 0, 0]), 3) == pytest.approx((2 / 3 + 0) / 2)
    assert math.isnan(mean_class_iou(np.array([0, 1]), np.array([255, 255]), 3))


def test_what_does_not_fit_together_is_refused():
    with pytest.raises(ValueError, match=r"\(2, 2\)"):
        binary_iou(np.ones((2, 2)), np.ones((2, 3)))
    with pytest.raises(ValueError, match="1 predictions for 2"):
        binary_iou([np.ones((2, 2))], [np.ones((2, 2))] * 2)
    with pytest.raises(ValueError, match="outside 0..2"):
        mean_class_iou(np.array([3]), np.array([0]), 3)
    with pytest.raises(ValueError, match="outside 0..2"):
        mean_class_iou(np.array([255]), np.array([0]), 3)


def test_the_mean_over_images_leaves_out_what_is_undefined_and_counts_it():
    scores = Scores(["IoU", "Dice"], {"a": [0.5, math.nan], "b": [math.nan, math.nan], "c": [1.0, math.nan]})
    mean, undefined = scores.mean_and_undefined()
    assert mean[0] == 0.75
    assert math.isnan(mean[1])
    assert undefined == [1, 3]


def test_measure_shows_an_undefined_score_as_n_a(done, tmp_path):
    from PIL import Image

    for folder in ("predictions", "labels"):
        (tmp_path / folder).mkdir()
        Image.new("L", (8, 8), 0).save(tmp_path / folder / f"{folder}_00001.png")
        Image.new("L", (8, 8), 255).save(tmp_path / folder / f"{folder}_00002.png")
    table = tmp_path / "table.csv"
    said = done(
        "measure.py", "--solutions", "--predictions", tmp_path / "predictions", "--labels", tmp_path / "labels",
        "--csv", table,
    )  # fmt: skip
    lines = {line.split()[0]: line.split()[1:] for line in said.splitlines() if line.strip()}
    assert lines["predictions_00001.png"] == ["1.0000", "n/a", "1.0000", "n/a", "n/a"]
    assert lines["set"] == ["1.0000"] * 5
    assert lines["n/a"] == ["in", "images", "0", "1", "1", "1", "1"]
    assert "predictions_00001.png,1.000000,,1.000000,," in table.read_text()
