"""The generators: the same seed gives the same arrays, other seeds and streams give others, labels are legal."""

import itertools

import numpy as np
import pytest

from course.data import canvas
from course.data.canvas import Stream, rng_for, smooth_noise
from course.data.facades import fresh_facades, make_facade
from course.data.frames import Recording, fresh_frames
from course.data.info import otsu, over_the_set, overlap
from course.data.single_cells import fresh_pairs, make_sequence


@pytest.mark.parametrize("make", [fresh_pairs, fresh_facades, fresh_frames])
def test_the_same_seed_gives_the_same_arrays_and_another_seed_others(make):
    first, again, other = make(7, 4, 64), make(7, 4, 64), make(8, 4, 64)
    for a, b, c in zip(first, again, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert (a != c).any()


@pytest.mark.parametrize("make", [fresh_pairs, fresh_facades, fresh_frames])
def test_the_global_random_numbers_are_neither_used_nor_reset(make):
    np.random.seed(1)
    expected = np.random.rand(3)
    np.random.seed(1)
    make(0, 1, 32)
    np.testing.assert_array_equal(np.random.rand(3), expected)


def test_no_two_streams_or_seeds_share_random_numbers():
    drawn = [rng_for(stream, seed, 0).integers(2**63) for stream, seed in itertools.product(Stream, range(50))]
    assert len(set(drawn)) == len(drawn)


def test_fresh_pairs_are_what_a_model_takes():
    images, masks = fresh_pairs(seed=3, count=7, size=96)
    assert (images.dtype, masks.dtype) == (np.float32, np.float32)
    assert (images.shape, masks.shape) == ((7, 3, 96, 96), (7, 1, 96, 96))
    assert images.min() >= 0.0
    assert images.max() <= 1.0
    assert set(np.unique(masks)) == {0.0, 1.0}
    shares = masks.mean(axis=(1, 2, 3))
    assert (shares > 0.01).all()
    assert (shares < 0.97).all()


def test_fresh_cells_differ_from_one_another():
    images, _ = fresh_pairs(seed=3, count=12, size=32)
    flat = (images - images.mean(axis=(1, 2, 3), keepdims=True)).reshape(12, -1)
    likeness = np.corrcoef(flat) - np.eye(12)
    assert likeness.max() < 0.9


def test_a_sequence_keeps_its_size_and_changes_from_frame_to_frame():
    frames = make_sequence(seed=2, frames=4)
    assert len(frames) == 4
    for image, mask in frames:
        assert image.dtype == mask.dtype == np.uint8
        assert image.shape == (*mask.shape, 3)
        assert image.shape == frames[0][0].shape
        assert 128 <= min(mask.shape) <= max(mask.shape) <= 192
        assert set(np.unique(mask)) == {0, 255}
    for (image, mask), (later, moved) in itertools.pairwise(frames):
        assert (image != later).mean() > 0.1
        same = overlap(mask > 0, moved > 0).iou
        assert 0.3 < same < 1.0, "frames of a sequence show the same cell, a little later"


def test_some_sequences_divide():
    from scipy.ndimage import label

    more = 0
    for seed in range(0, 30, 6):  # every sixth is a large flat cell
        frames = make_sequence(seed)
        more += label(frames[-1][1])[1] > label(frames[0][1])[1]
    assert more >= 1


def test_sizes_differ_between_sequences_and_are_not_all_square():
    sizes = {make_sequence(seed, frames=1)[0][1].shape for seed in range(8)}
    assert len(sizes) == 8
    assert any(height != width for height, width in sizes)


def test_a_threshold_does_not_find_fresh_cells():
    images, masks = fresh_pairs(seed=0, count=60, size=128)
    found = [otsu(image[0], mask[0] > 0) for image, mask in zip(images, masks, strict=True)]
    assert over_the_set(found) < 0.5
    assert np.mean([o.iou for o in found]) < 0.5


def test_the_image_depends_on_the_mask():
    inside, outside = [], []
    for seed in range(12):
        image, mask = make_sequence(seed, frames=1)[0]
        texture = np.abs(np.diff(image[:, :, 0].astype(float), axis=1))
        cell = mask[:, :-1] > 0
        inside.append(texture[cell].mean())
        outside.append(texture[~cell].mean())
    assert np.mean(inside) > 1.2 * np.mean(outside)


def test_fresh_facades_are_what_a_model_takes():
    images, labels = fresh_facades(seed=1, count=12, size=128)
    assert (images.dtype, labels.dtype) == (np.float32, np.int64)
    assert (images.shape, labels.shape) == ((12, 3, 128, 128), (12, 128, 128))
    assert images.min() >= 0.0
    assert images.max() <= 1.0
    assert set(np.unique(labels)) == {*range(12), 255}


def test_a_facade_wears_its_own_colours():
    walls = []
    for seed in range(10):
        image, label = make_facade(np.random.default_rng(seed))
        walls.append(image[label == 2].mean(axis=0))
    between = np.std(walls, axis=0).mean()
    assert between > 12, "the wall's colour must not tell the class"


def test_fresh_frames_number_their_cells_without_gaps():
    images, instances = fresh_frames(seed=4, count=3, size=128)
    assert (images.dtype, instances.dtype) == (np.float32, np.int64)
    assert (images.shape, instances.shape) == ((3, 3, 128, 128), (3, 128, 128))
    for ids in instances:
        np.testing.assert_array_equal(np.unique(ids), np.arange(ids.max() + 1))
        assert ids.max() >= 8


def test_instances_are_whole_and_tracks_tell_parents():
    from scipy.ndimage import label

    recording = Recording(Stream.FREE_CELLS, 0, 0, (256, 320))
    maps = [recording.frame(time)[1] for time in range(6)]
    for number in np.unique(maps[-1])[1:]:
        assert label(maps[-1] == number)[1] == 1
    tracks = {row[0]: row for row in recording.tracks(maps)}
    daughters = [row for row in tracks.values() if row[3]]
    assert daughters, "this recording has a division"
    for _, begin, _, parent in daughters:
        assert tracks[parent][2] < begin


def test_nearest_resizing_agrees_with_torch():
    import torch

    label = np.random.default_rng(0).integers(0, 9, (53, 71))
    expected = torch.nn.functional.interpolate(
        torch.from_numpy(label)[None, None].float(), size=(32, 32), mode="nearest-exact"
    )
    np.testing.assert_array_equal(canvas.resize_label(label, 32), expected[0, 0].numpy())


def test_smooth_noise_is_standardised_and_smooth():
    noise = smooth_noise(np.random.default_rng(0), (120, 90), 15.0)
    assert noise.shape == (120, 90)
    assert abs(noise.mean()) < 1e-4
    assert noise.std() == pytest.approx(1.0, abs=1e-3)
    assert np.abs(np.diff(noise, axis=0)).mean() < 0.15
