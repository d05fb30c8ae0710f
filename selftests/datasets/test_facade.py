"""The reference facade data set, on folders on disk."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from course.paths import DATA
from solutions.dataset import Facade
from tests.files import CLASSES, facade_files, facade_pairs

NUMBERS = [1, 2, 5, 7, 10, 11, 25, 123, 378]
REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "facades_cmp12"


@pytest.fixture
def folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    """A folder of nine facades, as the real data set is laid out."""
    for name, content in facade_files(facade_pairs(rng, NUMBERS)).items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def numbers(dataset: Facade) -> list[int]:
    return [int(image.stem.removeprefix("cmp_b")) for image, _ in dataset.pairs]


def test_the_split_is_disjoint_and_complete(folder: Path) -> None:
    train, test = numbers(Facade("train", root=folder)), numbers(Facade("test", root=folder))
    assert test == [5, 10, 25]
    assert sorted(train + test) == NUMBERS


def test_labels_by_value_histogram(folder: Path) -> None:
    """As many pixels of class k as of number k + 1 in the palette image, and of 255 as of 0."""
    dataset = Facade("train", root=folder)
    for index, (_, path) in enumerate(dataset.pairs):
        on_disk = np.bincount(np.asarray(Image.open(path)).ravel(), minlength=CLASSES + 1)
        image, label = dataset[index]
        assert label.dtype == torch.int64 and label.shape == image.shape[1:]
        histogram = torch.bincount(label.flatten(), minlength=256)
        np.testing.assert_array_equal(histogram[:CLASSES], on_disk[1:])
        assert histogram[255] == on_disk[0] and histogram.sum() == on_disk.sum()


@pytest.mark.parametrize("size", [(32, 32), (64, 96), (21, 55)])
def test_resizing_makes_no_classes(folder: Path, size: tuple[int, int]) -> None:
    for image, label in Facade("train", root=folder, transform=v2.Resize(size)):
        assert image.shape == (3, *size) and label.shape == size
        assert set(label.unique().tolist()) <= {*range(CLASSES), 255}


def test_what_a_transform_pads_is_ignored(folder: Path) -> None:
    label = Facade("train", root=folder, transform=v2.Pad(4))[0][1]
    border = torch.ones_like(label, dtype=torch.bool)
    border[4:-4, 4:-4] = False
    assert (label[border] == 255).all()


def test_flips_turn_both(folder: Path) -> None:
    plain = Facade("train", root=folder)
    flipped = Facade("train", root=folder, transform=v2.RandomHorizontalFlip(1.0))
    for (image, label), (turned, turned_label) in zip(plain, flipped, strict=False):
        assert torch.equal(image.flip(-1), turned) and torch.equal(label.flip(-1), turned_label)


def test_a_wrong_split_is_refused(folder: Path) -> None:
    with pytest.raises(ValueError, match='"train" or "test", not \'val\''):
        Facade("val", root=folder)


def test_a_folder_without_facades_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FACADE_DATA", str(tmp_path))
    with pytest.raises(FileNotFoundError, match=r"0 images of the train set .* expected cmp_b0001.jpg") as refused:
        Facade("train")
    assert str(tmp_path) in str(refused.value)


def test_an_image_without_label_is_named(folder: Path) -> None:
    (folder / "cmp_b0007.png").unlink()
    with pytest.raises(FileNotFoundError, match="cmp_b0007.jpg"):
        Facade("train", root=folder)
    assert len(Facade("test", root=folder)) == 3


def test_the_embedded_facades() -> None:
    """All twelve classes occur in each split, and what ships with the course can be read without any argument."""
    for split in ("train", "test"):
        seen = torch.cat([label.flatten() for _, label in Facade(split)]).unique().tolist()
        assert set(range(CLASSES)) <= set(seen) <= {*range(CLASSES), 255}
    assert (DATA / "facades" / "base").is_dir()


@pytest.mark.skipif(not REAL.is_dir(), reason=f"the real facades are not at {REAL}")
def test_real_palette_images(tmp_path: Path) -> None:
    """The real labels are palette images of 1..12 as well; they are named otherwise in our extract."""
    for number, image in enumerate(sorted((REAL / "images").glob("*.jpg")), start=1):
        (tmp_path / f"cmp_b{number:04d}.jpg").symlink_to(image)
        (tmp_path / f"cmp_b{number:04d}.png").symlink_to(REAL / "labels" / f"{image.stem}.png")
    labels = torch.stack([label for split in ("train", "test") for _, label in Facade(split, root=tmp_path)])
    assert len(labels) == 24
    assert labels.unique().tolist() == list(range(CLASSES))
