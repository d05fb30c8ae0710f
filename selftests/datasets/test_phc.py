"""The reference PhC data set, on folders on disk, with torchvision's own transforms."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from solutions.dataset import PhC
from tests.files import cell_pairs, phc_files, phc_split

REAL = Path(__file__).resolve().parents[3] / "shared" / "data" / "phc_like"


@pytest.fixture
def folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    """A data set of six training and three test pairs."""
    pairs = cell_pairs(rng, [0, 1, 2, 7, 10, 11, 3, 4, 100])
    write(tmp_path, phc_files(pairs[:6], pairs[6:]))
    return tmp_path


def write(root: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def test_items_are_what_is_on_disk(folder: Path) -> None:
    dataset = PhC(train=True, root=folder)
    assert [path.name for path, _ in dataset.pairs] == [f"img_{n:05d}.jpg" for n in (0, 1, 2, 7, 10, 11)]
    assert len(dataset) == 6 and len(PhC(train=False, root=folder)) == 3
    for (image_path, label_path), (image, mask) in zip(dataset.pairs, dataset, strict=False):
        on_disk = np.asarray(Image.open(image_path)).transpose(2, 0, 1) / 255
        assert image.dtype == mask.dtype == torch.float32
        np.testing.assert_allclose(image.numpy(), on_disk, atol=1e-6)
        np.testing.assert_array_equal(mask.numpy()[0], np.asarray(Image.open(label_path)) > 0)


def test_tensors_are_plain(folder: Path) -> None:
    """tv_tensors would follow the batch into the network, and slow down every operation on it."""
    assert {type(part) for part in PhC(train=True, root=folder)[0]} == {torch.Tensor}


def test_root_from_the_environment(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PHC_DATA", str(folder))
    assert len(PhC(train=True)) == 6
    assert len(PhC(train=True, root=str(folder))) == 6


@pytest.mark.parametrize("size", [(32, 32), (128, 128), (47, 201)])
@pytest.mark.parametrize("antialias", [True, False])
def test_masks_stay_binary_when_resized(folder: Path, size: tuple[int, int], antialias: bool) -> None:
    """The hand-out's bilinear resize left 161 grey levels in a "binary" mask."""
    for image, mask in PhC(train=True, root=folder, transform=v2.Resize(size, antialias=antialias)):
        assert image.shape == (3, *size) and mask.shape == (1, *size)
        assert mask.unique().tolist() == [0.0, 1.0]
        assert image.min() >= 0 and image.max() <= 1


TRANSFORMS = [
    v2.RandomHorizontalFlip(0.5),
    v2.RandomVerticalFlip(0.5),
    v2.RandomCrop((24, 24)),
    v2.Compose([v2.RandomAffine(0, translate=(0.2, 0.2)), v2.RandomHorizontalFlip()]),
]


@pytest.mark.parametrize("transform", TRANSFORMS, ids=["horizontal", "vertical", "crop", "affine"])
def test_transforms_act_on_both(tmp_path: Path, transform: v2.Transform, rng: np.random.Generator) -> None:
    """An image that equals its mask still equals it after every random transform."""
    mask = np.zeros((40, 52), np.uint8)
    mask[5:20, 8:30] = 255
    for room, name in (("images", "img_00000.jpg"), ("labels", "label_00000.png")):
        (tmp_path / "train" / room).mkdir(parents=True)
        Image.fromarray(mask).convert("RGB" if room == "images" else "L").save(
            tmp_path / "train" / room / name, quality=100
        )
    dataset = PhC(train=True, root=tmp_path, transform=transform)
    for seed in range(20):
        torch.manual_seed(seed)
        image, target = dataset[0]
        assert torch.equal((image[:1] > 0.5).float(), target)


def test_labels_of_0_and_1_are_read_too(folder: Path) -> None:
    path = folder / "train" / "labels" / "label_00000.png"
    before = np.asarray(Image.open(path))
    Image.fromarray((before > 0).astype(np.uint8)).save(path)
    assert torch.equal(PhC(train=True, root=folder)[0][1][0], torch.from_numpy(before > 0).float())


def test_other_files_are_left_alone(folder: Path) -> None:
    for name in ("images/Thumbs.db", "images/img_00003.png", "images/my_img_00004.jpg", "labels/.DS_Store"):
        (folder / "train" / name).write_bytes(b"\0")
    assert len(PhC(train=True, root=folder)) == 6


def test_numbers_without_zeros_in_front(tmp_path: Path, rng: np.random.Generator) -> None:
    """img_10 sorts before img_2 as text; labels may be written otherwise than images."""
    pairs = cell_pairs(rng, [1, 2, 10, 11])
    write(tmp_path, phc_split("train", pairs, "img_{}.jpg", "label_{:05d}.png"))
    dataset = PhC(train=True, root=tmp_path)
    assert [image.stem for image, _ in dataset.pairs] == ["img_1", "img_2", "img_10", "img_11"]
    assert [mask.shape[1:] == image.shape[1:] for image, mask in (dataset[i] for i in range(4))] == [True] * 4


@pytest.mark.parametrize("wrong", ["missing", "empty", "one level too high"])
def test_a_folder_without_pairs_is_refused(folder: Path, tmp_path: Path, wrong: str) -> None:
    """The hand-out's data set had length 0, and the DataLoader spoke of num_samples."""
    root = {"missing": tmp_path / "nowhere", "empty": tmp_path / "empty", "one level too high": tmp_path.parent}[wrong]
    if wrong == "empty":
        (root / "train" / "images").mkdir(parents=True)
    with pytest.raises(FileNotFoundError, match=r"0 images found under .*expected images/img_00000.jpg") as refused:
        PhC(train=True, root=root)
    assert str(root) in str(refused.value) and "PHC_DATA" in str(refused.value)


@pytest.mark.parametrize("gone", ["images/img_00007.jpg", "labels/label_00007.png"])
def test_a_file_without_partner_is_named(folder: Path, gone: str) -> None:
    (folder / "train" / gone).unlink()
    with pytest.raises(FileNotFoundError, match="for number 7"):
        PhC(train=True, root=folder)


@pytest.mark.skipif(not REAL.is_dir(), reason=f"the real images are not at {REAL}")
def test_real_images() -> None:
    for is_train, count in ((True, 36), (False, 26)):
        dataset = PhC(train=is_train, root=REAL, transform=v2.Resize((128, 128)))
        assert len(dataset) == count
        for image, mask in dataset:
            assert image.shape == (3, 128, 128) and set(mask.unique().tolist()) <= {0.0, 1.0}
