"""What the checks of the data sets are made of: the files they write, and how they read an error or a mask."""

import io

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision import tv_tensors
from torchvision.transforms import InterpolationMode, v2

from course.grading.returned import Items
from tests.files import cell_pairs, nearest
from tests.items import _looks_elsewhere
from tests.test_ex01_dataset import LARGEST, SIZE, SMALLEST, VALUES

FOLDER = "/tmp/tmpabc/dataset"


@pytest.mark.parametrize(
    ("raised", "elsewhere"),
    [
        ("FileNotFoundError: 0 images found under /submission/data/phc/train, expected images/img_*.jpg", True),
        ("FileNotFoundError: [Errno 2] No such file or directory: '/dtu/datasets1/phc_data/train/images'", True),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'data/phc/train'", True),
        ("ValueError: nothing in C:/Users/me/Downloads", True),
        ("ValueError: nothing there (/home/me/phc)", True),
        (f"FileNotFoundError: 0 images found under {FOLDER}/train, expected images/img_*.jpg", False),
        (f"FileNotFoundError: '{FOLDER}/train/images'; give $PHC_DATA, by default /home/me/phc", False),
        ("AssertionError: an image and/or a label is missing, expected images/img_*.jpg and labels/label_*.png", False),
        ("AssertionError: 3 images /4 labels", False),
        ("KeyError: 2", False),
    ],
)
def test_an_error_that_names_other_places_only_looks_elsewhere(raised: str, elsewhere: bool) -> None:
    assert _looks_elsewhere(Items(raised=raised, folder=FOLDER)) is elsewhere


def test_labels_hold_all_values_and_the_same_cell(rng: np.random.Generator) -> None:
    for pair in cell_pairs(rng, range(5), VALUES):
        on_disk = np.asarray(Image.open(io.BytesIO(pair.png)))
        np.testing.assert_array_equal(on_disk, pair.label)
        assert np.unique(on_disk).tolist() == [0, *VALUES]
        assert 0.05 < (on_disk > 0).mean() < 0.3
        assert ((on_disk > 0) & (on_disk <= 127)).sum() > 0.4 * (on_disk > 0).sum()


def test_grey_files_have_one_channel(rng: np.random.Generator) -> None:
    grey, colour = cell_pairs(rng, [1], grey=True)[0], cell_pairs(rng, [1])[0]
    assert Image.open(io.BytesIO(grey.jpeg)).mode == "L" and Image.open(io.BytesIO(colour.jpeg)).mode == "RGB"
    assert grey.image.shape == colour.image.shape and (np.ptp(grey.image, axis=-1) == 0).all()


@pytest.mark.parametrize(
    ("mode", "antialias", "cut", "fair"),
    [
        (InterpolationMode.NEAREST, False, 127, True),
        (InterpolationMode.NEAREST_EXACT, False, 127, True),
        (InterpolationMode.BILINEAR, True, 127, True),
        (InterpolationMode.BILINEAR, False, 127, True),
        (InterpolationMode.BICUBIC, True, 127, True),
        (InterpolationMode.BILINEAR, True, 0, False),
        (InterpolationMode.BILINEAR, True, 254, False),
    ],
    ids=str,
)
def test_a_fair_resize_keeps_the_size_of_the_masks(
    mode: InterpolationMode, antialias: bool, cut: int, fair: bool
) -> None:
    resize = v2.Resize(SIZE, mode, antialias=antialias)
    for seed in range(20):
        pairs = cell_pairs(np.random.default_rng(seed), range(7))
        labels = [tv_tensors.Image(torch.from_numpy(pair.label)) for pair in pairs]
        got = sum(int((resize(label) > cut).sum()) for label in labels)
        want = sum(int((nearest(pair.label, SIZE) > 0).sum()) for pair in pairs)
        assert (SMALLEST * want <= got <= LARGEST * want) is fair, (seed, got, want)
