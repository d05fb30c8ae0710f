"""Phase-contrast images of single cells, each with a binary mask."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset
from torchvision import tv_tensors
from torchvision.transforms.v2 import functional as tvf

EMBEDDED = Path(__file__).resolve().parents[2] / "data" / "phc"


class PhC(Dataset):
    """Pairs of an image and its mask from `root/{train,test}/{images/img_*.jpg,labels/label_*.png}`.

    Image and label belong together by their number: `img_00012.jpg` and `label_00012.png`. Sorting both folders and
    zipping the lists would pair them wrongly as soon as one file is missing. Other files are left alone.

    Args:
        train: the pairs of `root/train`, else those of `root/test`.
        transform: called as `image, mask = transform(image, mask)` with a `tv_tensors.Image`, uint8 `(3, H, W)`, and
            a `tv_tensors.Mask`, uint8 `(1, H, W)`, so that any transform of `torchvision.transforms.v2` acts on both
            alike and resizes the mask by nearest neighbour. None: the image stays as it is on disk.
        root: the data's folder. None: the environment variable PHC_DATA, else the embedded data set.

    Attributes:
        pairs: list of (image path, label path), sorted by number.

    Raises:
        FileNotFoundError: no pairs in the folder (says what was expected where), or an image without its label
            (says which).
    """

    def __init__(self, train: bool, transform: Callable | None = None, root: str | Path | None = None) -> None:
        root = Path(root or os.environ.get("PHC_DATA") or EMBEDDED)
        self.folder = root / ("train" if train else "test")
        self.transform = transform
        images = by_number(self.folder / "images", r"img_(\d+)\.jpg")
        labels = by_number(self.folder / "labels", r"label_(\d+)\.png")
        if not images:
            raise FileNotFoundError(
                f"0 images found under {self.folder}: expected images/img_00000.jpg, ... and labels/label_00000.png, "
                "... there. Give the data's folder as `root`, or in the environment variable PHC_DATA."
            )
        unpaired = sorted(images.keys() ^ labels.keys())
        if unpaired:
            raise FileNotFoundError(
                f"{self.folder} has an image without a label, or a label without an image, for number {unpaired[0]}"
                f" ({len(unpaired)} in all)."
            )
        self.pairs = [(images[number], labels[number]) for number in sorted(images)]

    def __len__(self) -> int:
        """Return the number of pairs."""
        return len(self.pairs)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        """Return the pair at `index`.

        Returns:
            image: float32 `(3, H, W)` in [0, 1].
            mask: float32 `(1, H, W)`, exactly 0. and 1., also after resizing. Any label above 0 is foreground.
        """
        image_path, label_path = self.pairs[index]
        image = tv_tensors.Image(Image.open(image_path).convert("RGB"))
        mask = tv_tensors.Mask(Image.open(label_path).convert("L"))
        if self.transform is not None:
            image, mask = self.transform(image, mask)
        image = tvf.to_dtype(image, torch.float32, scale=True)
        return image.as_subclass(Tensor), (mask > 0).to(torch.float32).as_subclass(Tensor)


def by_number(folder: Path, pattern: str) -> dict[int, Path]:
    """Return the files of a folder whose whole name matches, keyed by the number in the name."""
    if not folder.is_dir():
        return {}
    matches = ((re.fullmatch(pattern, path.name), path) for path in folder.iterdir())
    return {int(match.group(1)): path for match, path in matches if match}
