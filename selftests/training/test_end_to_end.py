"""train.py, predict.py and measure.py as a user runs them, on data that a network learns in seconds."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open
from safetensors.torch import load_file

from course.paths import ROOT
from course.training.scores import binary_iou
from selftests.training.made import command, environment, make_cells

FAST = ["--solutions", "--size", "48", "--precision", "fp32", "--device", "cpu", "--batch-size", "4"]


def history(out: Path) -> list[list[str]]:
    """The rows without the seconds, the only column that may differ between two runs."""
    with (out / "history.csv").open(newline="") as stream:
        return [row[:3] for row in csv.reader(stream)]


@pytest.fixture(scope="module")
def trained(launch, cells, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("run") / "UNet"
    done = launch("train.py", *FAST, "--model", "UNet", "--data", cells, "--epochs", 14, "--out", out)
    assert "8 images to train on, 2 to validate" in done.stdout
    assert "Test IoU" in done.stdout
    (out / "said.txt").write_text(done.stdout)
    return out


def test_a_run_leaves_a_checkpoint_with_its_settings_a_history_and_pictures(trained):
    with safe_open(trained / "best.safetensors", "pt") as stored:
        settings = json.loads(stored.metadata()["settings"])
    assert settings["model"] == "UNet"
    assert settings["num_classes"] == 1
    assert settings["size"] == 48
    assert settings["task"] == "cells"
    assert settings["package"] == "solutions"
    assert 0.2 < settings["mean"][0] < 0.8
    assert 0.05 < settings["std"][0] < 0.4
    rows = history(trained)
    assert rows[0] == ["epoch", "loss", "val_iou"]
    assert [row[0] for row in rows[1:]] == [str(epoch) for epoch in range(1, 15)]
    best = max(float(row[2]) for row in rows[1:])
    assert abs(settings["val_iou"] - best) < 1e-5
    assert settings["epoch"] == max(int(row[0]) for row in rows[1:] if float(row[2]) == best), "of equals, the later"
    assert Image.open(trained / "curve.png").width > 400
    assert Image.open(trained / "overlay_014.png").width > 200
    assert not list(trained.glob("*unfinished*"))


def test_predict_gives_masks_of_the_images_own_size_and_measure_the_iou_that_train_said(
    launch, trained, cells, tmp_path
):
    out = tmp_path / "masks"
    images = cells / "test" / "images"
    launch("predict.py", "--solutions", "--checkpoint", trained / "best.safetensors", "--images", images, "--out", out)
    assert sorted(p.name for p in out.glob("*.png")) == [f"img_{n:05}.png" for n in range(3)]
    assert (out / "overlay" / "sheet.png").is_file()
    masks = [np.array(Image.open(path)) for path in sorted(out.glob("*.png"))]
    for mask in masks:
        assert mask.shape == (48, 65)
        assert mask.dtype == np.uint8
        assert set(np.unique(mask)) == {0, 255}
    truth = [np.array(Image.open(path)) for path in sorted((cells / "test" / "labels").iterdir())]
    iou = binary_iou(masks, truth)
    assert iou > 0.8
    assert f"Test IoU {iou:.4f} over 3 images" in (trained / "said.txt").read_text()

    table = tmp_path / "table.csv"
    done = launch(
        "measure.py", "--solutions", "--predictions", out, "--labels", cells / "test" / "labels", "--csv", table
    )
    assert max(len(line) for line in done.stdout.splitlines() if "/" not in line) <= 80
    rows = {row[0]: row[1:] for row in csv.reader(table.open(newline=""))}
    assert rows["image"] == ["accuracy", "sensitivity", "specificity", "IoU", "Dice"]
    assert rows["set"][3] == f"{iou:.6f}"
    assert f"{iou:.4f}" in done.stdout
    assert len(rows) == 1 + 3 + 3


def test_facades_train_predict_and_measure(done, facades, tmp_path):
    run, out = tmp_path / "run", tmp_path / "masks"
    done("train.py", *FAST, "--model", "UNet", "--task", "facade", "--data", facades, "--epochs", 12, "--out", run)
    done("predict.py", "--solutions", "--checkpoint", run / "best.safetensors", "--images", facades, "--out", out)
    mask = Image.open(out / "cmp_b0001.png")
    assert mask.mode == "P"
    assert mask.size == (57, 48)
    assert set(np.unique(np.array(mask))) <= set(range(1, 13))
    assert len(list(out.glob("*.png"))) == 10, "the palette PNGs beside the photographs are labels, not images"
    said = done("measure.py", "--solutions", "--task", "facade", "--predictions", out, "--labels", facades)
    assert "2 of 10 facades are measured: the test set" in said
    assert "1: n/a" in said, "a class that is neither there nor predicted has no score"


def test_a_resumed_run_has_the_history_of_an_uninterrupted_one(done, cells, tmp_path):
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    arguments = [*FAST, "--model", "EncDec", "--data", cells]
    done("train.py", *arguments, "--epochs", 4, "--out", whole)
    done("train.py", *arguments, "--epochs", 2, "--out", halves)
    done("train.py", *arguments, "--epochs", 4, "--out", halves, "--resume")
    assert history(halves) == history(whole)
    first, second = (load_file(out / "best.safetensors") for out in (whole, halves))
    assert all((first[name] == second[name]).all() for name in first)


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is a signal elsewhere")
def test_ctrl_c_saves_within_the_epoch_and_resume_goes_on_from_there(done, tmp_path):
    data = make_cells(tmp_path / "data", train=60, test=0)
    arguments = [*FAST, "--model", "UNet", "--data", data, "--epochs", "2"]
    stopped, whole = tmp_path / "stopped", tmp_path / "whole"
    process = subprocess.Popen(
        command("train.py", *arguments, "--batch-size", 1, "--epochs", 200, "--out", stopped),
        stdout=subprocess.PIPE, text=True, env=environment(),
    )  # fmt: skip
    for line in process.stdout:
        if line.startswith("epoch 1/"):
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    said = process.stdout.read()
    assert process.wait(30) == 130
    assert "Stopped by Ctrl-C" in said
    assert "--resume" in said
    finished = int(history(stopped)[-1][0])
    done("train.py", *arguments, "--batch-size", 1, "--epochs", finished + 1, "--out", stopped, "--resume")
    done("train.py", *arguments, "--batch-size", 1, "--epochs", finished + 1, "--out", whole)
    assert history(stopped) == history(whole)


def test_two_processes_reach_what_one_reaches(trained, cells, tmp_path):
    """The same batches, shared out, and gradients averaged: the same network up to rounding. Takes some 15 s."""
    out = tmp_path / "two"
    done = subprocess.run(
        [
            sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
            str(ROOT / "train.py"), *FAST, "--model", "UNet", "--data", str(cells), "--epochs", "14", "--out", str(out),
        ],
        capture_output=True, text=True, env=environment(), timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert "2 processes" in done.stdout
    assert done.stdout.count("Test IoU") == 1, "only the main process prints"
    one, two = history(trained), history(out)
    assert len(one) == len(two)
    assert float(two[1][1]) == pytest.approx(float(one[1][1]), abs=2e-3)
    assert max(float(row[2]) for row in two[1:]) == pytest.approx(max(float(row[2]) for row in one[1:]), abs=0.05)
