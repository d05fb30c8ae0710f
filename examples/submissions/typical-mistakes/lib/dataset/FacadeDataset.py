"""Photographs of facades, each with a map of 12 classes: the layout of the CMP Facade Database."""

import os
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset
from torchvision import tv_tensors
from torchvision.transforms.v2 import functional as tvf

from .PhCDataset import by_number

EMBEDDED = Path(__file__).resolve().parents[2] / "data" / "facades" / "base"
NUM_CLASSES = 12
IGNORE_INDEX = 255


class Facade(Dataset):
    """Pairs of a photograph `cmp_b0001.jpg` and its palette image `cmp_b0001.png`, all in one folder.

    The palette image holds class numbers 1..12, and 0 where nobody labelled the pixel. The network's outputs are
    numbered 0..11, so that a label is its number less one, and an unlabelled pixel becomes 255, which the loss and
    the metrics ignore. Facades whose number is divisible by 5 are the test set; the others are the training set.

    Args:
        split: "train" or "test".
        transform: called as `image, label = transform(image, label)` with a `tv_tensors.Image`, uint8 `(3, H, W)`,
            and a `tv_tensors.Mask`, uint8 `(1, H, W)`. None: the image stays as it is on disk.
        root: the data's folder. None: the environment variable FACADE_DATA, else the embedded data set.

    Attributes:
        pairs: list of (image path, label path), sorted by number.

    Raises:
        ValueError: `split` is neither "train" nor "test".
        FileNotFoundError: no pairs in the folder (says what was expected where), or an image without its label.
    """

    def __init__(self, split: str, transform: Callable | None = None, root: str | Path | None = None) -> None:
        self.folder = Path(root or os.environ.get("FACADE_DATA") or EMBEDDED)
        self.transform = transform
        if split not in ("train", "test"):
            raise ValueError(f'split is "train" or "test", not {split!r}.')
        images = by_number(self.folder, r"cmp_b(\d+)\.jpg")
        labels = by_number(self.folder, r"cmp_b(\d+)\.png")
        numbers = [number for number in sorted(images) if (number % 5 == 0) == (split == "test")]
        if not numbers:
            raise FileNotFoundError(
                f"0 images of the {split} set found under {self.folder}: expected cmp_b0001.jpg, cmp_b0001.png, ... "
                "there. Give the data's folder as `root`, or in the environment variable FACADE_DATA."
            )
        unlabelled = [number for number in numbers if number not in labels]
        if unlabelled:
            raise FileNotFoundError(f"{images[unlabelled[0]]} has no label file (cmp_b....png) beside it.")
        self.pairs = [(images[number], labels[number]) for number in numbers]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return the pair at `index`.

        Returns:
            image: float32 `(3, H, W)` in [0, 1].
            label: int64 `(H, W)`, 0..11, and 255 where a pixel is not labelled.
        """
        image_path, label_path = self.pairs[index]
        image = tv_tensors.Image(Image.open(image_path).convert("RGB"))
        label = tv_tensors.Mask(Image.open(label_path))  # a palette image: its pixels are the class numbers
        if self.transform is not None:
            image, label = self.transform(image, label)
        image = tvf.to_dtype(image, torch.float32, scale=True)
        # Shift after the transform: what it pads with 0 is then ignored as well.
        label = label.as_subclass(Tensor).squeeze(0).to(torch.int64)
        label = torch.where(label == 0, IGNORE_INDEX, label - 1)
        return image.as_subclass(Tensor), label


class Facade(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image, torch.where(label == IGNORE_INDEX, label, label + 1)
