"""The pieces behind the programs: the split, the shares, the normalisation, files written whole."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from course.errors import CourseError
from course.training import items
from course.training.checkpoint import Settings
from course.training.files import whole
from course.training.pairs import TASKS, find_pairs, read_image, sequences_of, split_by_sequence
from course.training.reference import reference_band


def test_no_sequence_is_on_both_sides_of_the_split_and_the_seed_decides():
    sequences = [f"s{number // 5}" for number in range(60)]
    for seed in range(20):
        training, held_out = split_by_sequence(sequences, 0.2, seed)
        assert sorted(training + held_out) == list(range(60))
        assert {sequences[i] for i in training}.isdisjoint(sequences[i] for i in held_out)
        assert 12 <= len(held_out) < 17
        assert (training, held_out) == split_by_sequence(sequences, 0.2, seed)
    assert len({tuple(split_by_sequence(sequences, 0.2, seed)[1]) for seed in range(20)}) > 5
    training, held_out = split_by_sequence(["long"] * 50 + ["short"], 0.2, 0)
    assert training, "one sequence always stays to train on"
    assert held_out
    with pytest.raises(CourseError, match="of one sequence"):
        split_by_sequence(["only"] * 9, 0.2, 0)


def test_sequences_come_from_the_table_and_else_each_image_is_its_own(cells):
    task = TASKS["cells"]
    pairs = find_pairs(task, cells, "train")
    assert sequences_of(task, cells, pairs) == [f"s{number // 2}" for number in range(10)]
    assert sequences_of(task, cells.parent, pairs) == [str(number) for number in range(10)]


def test_all_processes_get_equal_shares_that_are_the_batch():
    (first, second, third) = items.batches(14, 6, seed=0, epoch=3)
    assert sorted(torch.cat([first, second, third]).tolist()) == list(range(14))
    assert [t.tolist() for t in items.batches(14, 6, seed=0, epoch=3)][0] == first.tolist()
    assert [t.tolist() for t in items.batches(14, 6, seed=0, epoch=4)][0] != first.tolist()
    for batch in (first, third):
        for processes in (1, 2, 3, 4):
            shares = [items.share(batch, process, processes) for process in range(processes)]
            assert len({len(part) for part in shares}) == 1
            assert set(torch.cat(shares).tolist()) == set(batch.tolist())
            if len(batch) % processes == 0:
                assert len(torch.cat(shares)) == len(batch)


def test_normalised_training_images_have_mean_0_and_deviation_1():
    images = torch.randint(0, 255, (5, 3, 20, 20), dtype=torch.uint8, generator=torch.Generator().manual_seed(0))
    x = items.normalise(images, *items.mean_and_std(images))
    assert x.dtype == torch.float32
    torch.testing.assert_close(x.mean((0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(x.std((0, 2, 3), correction=0), torch.ones(3), atol=1e-5, rtol=0)
    grey = torch.full((2, 3, 4, 4), 7, dtype=torch.uint8)
    assert bool(items.normalise(grey, *items.mean_and_std(grey)).isfinite().all())


def test_flips_move_image_and_target_together():
    images = torch.arange(2 * 3 * 4 * 4, dtype=torch.uint8).reshape(2, 3, 4, 4)
    flips = torch.tensor([[True, False], [False, True]])
    flipped = items.flip(items.Items(images, images[:, :1]), flips)
    assert torch.equal(flipped.images[0], images[0].flip(-1))
    assert torch.equal(flipped.images[1], images[1].flip(-2))
    assert torch.equal(flipped.targets, flipped.images[:, :1])
    classes = items.flip(items.Items(images, images[:, 0]), flips)
    assert torch.equal(classes.targets, flipped.images[:, 0])
    assert not bool(items.draw_flips(50, upside_down=False)[:, 1].any())


def test_class_weights_are_inverse_frequencies_and_capped():
    targets = torch.tensor([[0] * 60, [1] * 30 + [2] * 1 + [255] * 29], dtype=torch.uint8)
    weights = items.class_weights(targets, 4)
    torch.testing.assert_close(weights, torch.tensor([91 / (4 * 60), 91 / (4 * 30), 10.0, 10.0]))


def test_a_file_is_whole_or_not_there(tmp_path):
    path = tmp_path / "new" / "file.txt"
    with pytest.raises(RuntimeError), whole(path) as unfinished:
        unfinished.write_text("half")
        raise RuntimeError
    assert list(path.parent.iterdir()) == []
    with whole(path) as unfinished:
        unfinished.write_text("all")
    assert [p.read_text() for p in path.parent.iterdir()] == ["all"]


def test_images_of_any_kind_are_read_as_rgb_bytes(tmp_path):
    deep = np.linspace(0, 40_000, 20 * 30).reshape(20, 30).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.tif")
    image = read_image(tmp_path / "deep.tif")
    assert image.dtype == torch.uint8
    assert image.shape == (3, 20, 30)
    assert int(image.min()) == 0
    assert int(image.max()) == 255, "16 bits are stretched, not cut off"
    for mode in ("L", "LA", "RGBA", "P", "1"):
        Image.new(mode, (9, 7)).save(tmp_path / "image.png")
        assert read_image(tmp_path / "image.png").shape == (3, 7, 9)
    frames = [Image.new("L", (9, 7), shade) for shade in (0, 50)]
    frames[0].save(tmp_path / "film.tif", save_all=True, append_images=frames[1:])
    with pytest.raises(CourseError, match="holds 2 frames"):
        read_image(tmp_path / "film.tif")


def test_a_run_is_compared_with_the_reference_only_where_it_can_be():
    settings = Settings("lib", "UNet", 1, "cells", "BCELoss", 128, [0.5] * 3, [0.1] * 3, 6, 1e-3, 7)
    for what in ("loss", "val_iou"):
        band = reference_band(settings, embedded=True, what=what)
        assert band
        assert all(low <= middle <= high for low, middle, high in zip(band.low, band.middle, band.high, strict=True))
    assert reference_band(settings, embedded=False, what="loss") is None
    assert reference_band(replace(settings, loss="DiceLoss"), embedded=True, what="loss") is None
    assert reference_band(replace(settings, lr=1e-4), embedded=True, what="loss") is None
