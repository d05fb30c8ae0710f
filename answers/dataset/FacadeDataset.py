# ruff: noqa: D101, D102, PTH118, PTH208 - an answer is documented by its mark, and written as students write
"""Known answers to 6.1, the facade data set."""

import os
from collections.abc import Callable
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor
from torch.utils.data import Dataset
from torchvision import tv_tensors
from torchvision.transforms.v2 import functional as tvf

from answers.entry import accepted, mistake
from solutions.dataset.FacadeDataset import EMBEDDED, IGNORE_INDEX, NUM_CLASSES, Facade, by_number


@accepted(
    "6.1",
    "Facade",
    "uint8-wraps-around",
    "One is taken from uint8 numbers, so that 0 becomes 255 by itself. Right, and worth a comment in the code.",
    "teacher",
)
class Uint8WrapsAround(Facade):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        label = tv_tensors.Mask(Image.open(self.pairs[index][1]))
        if self.transform is not None:
            image, label = self.transform(image, label)
        return tvf.to_dtype(image, torch.float32, scale=True), (label - 1)[0].long()


@accepted(
    "6.1",
    "Facade",
    "table-of-classes",
    "A table says for every number on disk which class it is.",
    "teacher",
)
class TableOfClasses(Dataset):
    def __init__(self, split, transform=None, root=None):
        root = str(root or os.environ.get("FACADE_DATA") or EMBEDDED)
        names = sorted(name[:-4] for name in os.listdir(root) if name.endswith(".jpg"))
        if not names:
            raise RuntimeError(f"there are no .jpg files in {root}")
        test = [name for name in names if int(name.split("_b")[1]) % 5 == 0]
        splits = {"train": [name for name in names if name not in test], "test": test}
        self.names = [os.path.join(root, name) for name in splits[split]]
        self.transform = transform
        self.table = torch.tensor([IGNORE_INDEX, *range(NUM_CLASSES)])

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        import numpy as np

        image = torch.from_numpy(np.array(Image.open(self.names[index] + ".jpg"))).permute(2, 0, 1)
        label = self.table[torch.from_numpy(np.array(Image.open(self.names[index] + ".png"))).long()]
        if self.transform:
            image, label = self.transform(tv_tensors.Image(image), tv_tensors.Mask(label))
        return image / 255.0, label


@accepted(
    "6.1",
    "Facade",
    "unlabelled-found-first",
    "The unlabelled pixels are marked before one is taken from the others.",
    "teacher",
)
class UnlabelledFoundFirst(Facade):
    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        image = tvf.pil_to_tensor(Image.open(self.pairs[index][0]).convert("RGB")).float() / 255
        label = tvf.pil_to_tensor(Image.open(self.pairs[index][1])).long()
        if self.transform is not None:
            image, label = self.transform(tv_tensors.Image(image), tv_tensors.Mask(label))
        nothing = label == 0
        label = label - 1
        label[nothing] = 255
        return image, label.squeeze(0)


@accepted(
    "6.1",
    "Facade",
    "kept-in-memory",
    "The files are read when they are first asked for, and what is kept of them is not changed.",
    "teacher",
)
class KeptInMemory(Facade):
    def __getitem__(self, index):
        self.kept = getattr(self, "kept", {})
        if index not in self.kept:
            image, label = (Image.open(path) for path in self.pairs[index])
            self.kept[index] = tv_tensors.Image(image.convert("RGB")), tv_tensors.Mask(label)
        image, label = self.kept[index]
        if self.transform is not None:
            image, label = self.transform(image, label)
        label = label.squeeze(0).long()
        return image / 255, torch.where(label == 0, IGNORE_INDEX, label - 1)


@mistake(
    "6.1",
    "Facade",
    "ids-from-one",
    "The classes are still numbered 1 to 12 as on disk. The network's twelve outputs are 0 to 11, so that class 12 "
    "has none, and output 0 never learns.",
    "errata S4-15",
)
class IdsFromOne(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image, torch.where(label == IGNORE_INDEX, label, label + 1)


@mistake(
    "6.1",
    "Facade",
    "shop-dropped",
    "Class 12, shop, is gone: mapped to another class or to nothing, to silence an index error. Number the classes "
    "from 0 instead of dropping one.",
    "errata, the twelfth of the fifteen",
)
class ShopDropped(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image, torch.where(label == NUM_CLASSES - 1, IGNORE_INDEX, label)


@mistake(
    "6.1",
    "Facade",
    "unlabelled-minus-one",
    "Unlabelled pixels became -1. The loss has no class -1, and does not ignore it either.",
    "teacher",
)
class UnlabelledMinusOne(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image, torch.where(label == IGNORE_INDEX, -1, label)


@mistake(
    "6.1",
    "Facade",
    "unlabelled-as-class",
    "Unlabelled pixels were put into one of the classes, so that the network learns from pixels that nobody looked at.",
    "teacher",
)
class UnlabelledAsClass(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image, torch.where(label == IGNORE_INDEX, 0, label)


@mistake(
    "6.1",
    "Facade",
    "label-as-colours",
    "The label is converted to RGB: what comes back is the colours of the palette. Open it as it is, its pixels are "
    "the class numbers.",
    "teacher",
)
class LabelAsColours(Facade):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        label = tv_tensors.Mask(Image.open(self.pairs[index][1]).convert("RGB"))
        if self.transform is not None:
            image, label = self.transform(image, label)
        return tvf.to_dtype(image, torch.float32, scale=True), label.long()


@mistake(
    "6.1",
    "Facade",
    "label-as-grey",
    "The label is converted to grey: what comes back is the brightness of the palette's colours. Open it as it is, "
    "its pixels are the class numbers.",
    "teacher",
)
class LabelAsGrey(Facade):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        label = tv_tensors.Mask(Image.open(self.pairs[index][1]).convert("L"))
        if self.transform is not None:
            image, label = self.transform(image, label)
        return tvf.to_dtype(image, torch.float32, scale=True), (label.long() - 1).squeeze(0)


@mistake(
    "6.1",
    "Facade",
    "label-divided-by-255",
    "The class numbers are divided by 255, as ToTensor does with an image. A label holds names, not brightness.",
    "errata, the hand-out's label transform",
)
class LabelDividedBy255(Facade):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        label = tv_tensors.Mask(Image.open(self.pairs[index][1]))
        if self.transform is not None:
            image, label = self.transform(image, label)
        return tvf.to_dtype(image, torch.float32, scale=True), (label / 255).squeeze(0)


@mistake(
    "6.1",
    "Facade",
    "label-divided-by-classes",
    "The class numbers are divided by the largest one. A label holds names, not amounts.",
    "teacher",
)
class LabelDividedByClasses(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image, torch.where(label == IGNORE_INDEX, 255.0, label / (NUM_CLASSES - 1))


@mistake(
    "6.1",
    "Facade",
    "bilinear-label",
    "The label is resized with interpolation: between class 3 and class 9 it invents a strip of class 6. Say to the "
    "transform that it is a mask.",
    "errata S4c",
)
class BilinearLabel(Facade):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        label = tv_tensors.Image(Image.open(self.pairs[index][1]))
        if self.transform is not None:
            image, label = self.transform(image, label)
        label = label.long().squeeze(0)
        return tvf.to_dtype(image, torch.float32, scale=True), torch.where(label == 0, IGNORE_INDEX, label - 1)


@mistake(
    "6.1",
    "Facade",
    "label-format",
    "The classes are right, but not in the form that the loss wants: int64, without a channel axis, so that a batch "
    "has the shape (B, H, W).",
    "teacher",
)
class LabelFormat(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image, label[None].float()


@mistake(
    "6.1",
    "Facade",
    "one-hot",
    "The label has a channel for each class. The loss wants one map of class numbers (H, W).",
    "exercise sheet, errata S4-15",
)
class OneHot(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image, torch.stack([label == number for number in range(NUM_CLASSES)]).long()


@mistake(
    "6.1",
    "Facade",
    "split-ignored",
    "`split` has no effect: both data sets hold all facades, and the network is tested on what it was trained on.",
    "teacher",
)
class SplitIgnored(Facade):
    def __init__(self, split: str, transform: Callable | None = None, root: str | Path | None = None) -> None:
        super().__init__(split, transform, root)
        images = by_number(self.folder, r"cmp_b(\d+)\.jpg")
        self.pairs = [(images[number], images[number].with_suffix(".png")) for number in sorted(images)]


@mistake(
    "6.1",
    "Facade",
    "splits-swapped",
    'split="train" holds the facades whose number is divisible by 5, and split="test" all others.',
    "teacher",
)
class SplitsSwapped(Facade):
    def __init__(self, split, transform=None, root=None):
        super().__init__({"train": "test", "test": "train"}.get(split, split), transform, root)


@mistake(
    "6.1",
    "Facade",
    "split-by-position",
    "The split goes by the place in the list, not by the number in the name: with one facade more or less, facades "
    "wander from the training set to the test set.",
    "teacher",
)
class SplitByPosition(Facade):
    def __init__(self, split, transform=None, root=None):
        super().__init__(split, transform, root)
        images = by_number(self.folder, r"cmp_b(\d+)\.jpg")
        labels = by_number(self.folder, r"cmp_b(\d+)\.png")
        pairs = [(images[number], labels[number]) for number in sorted(images)]
        self.pairs = [pair for place, pair in enumerate(pairs) if (place % 5 == 0) == (split == "test")]


@mistake(
    "6.1",
    "Facade",
    "any-split",
    'Every word that is not "train" means the test set: with a misspelt word one tests on something else than one '
    "thinks, without an error.",
    "teacher",
)
class AnySplit(Facade):
    def __init__(self, split, transform=None, root=None):
        super().__init__("train" if split == "train" else "test", transform, root)


@mistake(
    "6.1",
    "Facade",
    "empty-folder-accepted",
    "A wrong path finds no files, and the data set has length 0 without a word. Raise an error that says where you "
    "looked, and for what.",
    "real answers, the hand-out",
)
class EmptyFolderAccepted(Facade):
    def __init__(self, split, transform=None, root=None):
        if split not in ("train", "test"):
            raise ValueError(split)
        paths = sorted(Path(root or os.environ.get("FACADE_DATA") or EMBEDDED).glob("cmp_b*.jpg"))
        chosen = [path for path in paths if (int(path.stem[5:]) % 5 == 0) == (split == "test")]
        self.pairs = [(path, path.with_suffix(".png")) for path in chosen]
        self.transform = transform


@mistake(
    "6.1",
    "Facade",
    "unpaired-transform",
    "Image and label are transformed in two calls, and each call throws its own dice: after a random flip they no "
    "longer belong together. Pass both to one call.",
    "the hand-out",
)
class UnpairedTransform(Facade):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        label = tv_tensors.Mask(Image.open(self.pairs[index][1]))
        if self.transform is not None:
            image = self.transform(image)
            label = self.transform(label)
        label = label.long().squeeze(0)
        return tvf.to_dtype(image, torch.float32, scale=True), torch.where(label == 0, IGNORE_INDEX, label - 1)


@mistake(
    "6.1",
    "Facade",
    "image-only-transform",
    "The transform is applied to the image, and the label stays as it was: they no longer have the same size, or no "
    "longer the same orientation.",
    "teacher",
)
class ImageOnlyTransform(Facade):
    def __getitem__(self, index):
        transform, self.transform = self.transform, None
        image, label = super().__getitem__(index)
        self.transform = transform
        return image if transform is None else transform(tv_tensors.Image(image)), label


@mistake(
    "6.1",
    "Facade",
    "transform-cached",
    "What the transform gave is kept, or its random numbers begin again with the same seed: an image is flipped always "
    "or never, and no epoch sees it otherwise than the first. Keep what is in the files, and transform it each time.",
    "teacher",
)
class TransformCached(Facade):
    def __init__(self, split, transform=None, root=None):
        super().__init__(split, transform, root)
        self.items = {}

    def __getitem__(self, index):
        if index not in self.items:
            self.items[index] = super().__getitem__(index)
        return self.items[index]


@mistake(
    "6.1",
    "Facade",
    "changed-in-place",
    "What is kept in memory is changed by reading it, with -= or sub_: at every epoch the classes are one lower. Make "
    "a new tensor. (Varying items is for the transform to do.)",
    "teacher",
)
class ChangedInPlace(Facade):
    def __init__(self, split, transform=None, root=None):
        super().__init__(split, transform, root)
        self.labels = [tv_tensors.Mask(Image.open(path)).long() for _, path in self.pairs]

    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        label = tv_tensors.Mask(self.labels[index])
        if self.transform is not None:
            image, label = self.transform(image, label)
        label -= 1
        return tvf.to_dtype(image, torch.float32, scale=True), torch.where(label < 0, IGNORE_INDEX, label).squeeze(0)


@mistake(
    "6.1",
    "Facade",
    "always-flipped",
    "Image and label are mirrored, always or at random, whatever `transform` says. How images are varied is chosen "
    "where the data set is used, by the transform; without one an image stays as it is on disk.",
    "teacher",
)
class AlwaysFlipped(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        if torch.rand(1) < 0.5:
            image, label = image.flip(-1), label.flip(-1)
        return image, label


@mistake(
    "6.1",
    "Facade",
    "paired-by-order",
    "Photographs and labels are put side by side by their order. One missing file shifts all pairs behind it, without "
    "an error. Make the label's name from the photograph's, or read the number from each name.",
    "teacher",
)
class PairedByOrder(Facade):
    def __init__(self, split, transform=None, root=None):
        if split not in ("train", "test"):
            raise ValueError(split)
        folder = Path(root or os.environ.get("FACADE_DATA") or EMBEDDED)
        both = zip(sorted(folder.glob("cmp_b*.jpg")), sorted(folder.glob("cmp_b*.png")), strict=False)
        self.pairs = [pair for pair in both if (int(pair[0].stem[5:]) % 5 == 0) == (split == "test")]
        self.transform = transform
        if not self.pairs:
            raise FileNotFoundError(f"No facades in {folder}")


@mistake(
    "6.1",
    "Facade",
    "resized-always",
    "Every image is resized, whatever `transform` says. The size is chosen where the data set is used, by the "
    "transform; without one an image stays as it is on disk.",
    "real answers",
)
class ResizedAlways(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        nearest = tvf.InterpolationMode.NEAREST
        return tvf.resize(image, [128, 128]), tvf.resize(label[None], [128, 128], nearest)[0]


@mistake(
    "6.1",
    "Facade",
    "image-not-scaled",
    "The image holds 0 to 255. The course's images go from 0 to 1: divide by 255, or let a function scale.",
    "real answers",
)
class ImageNotScaled(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return (image * 255).round(), label


@mistake(
    "6.1",
    "Facade",
    "image-standardised",
    "The image is normalised already, by ImageNet's mean and deviation or its own. train.py does that: give 0 to 1.",
    "teacher",
)
class ImageStandardised(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return tvf.normalize(image, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), label


@mistake(
    "6.1",
    "Facade",
    "axes-swapped",
    "Height and width have changed places: PIL says (width, height), numpy and PyTorch want (H, W). Look at an item.",
    "teacher",
)
class AxesSwapped(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image.mT, label.mT


@mistake(
    "6.1",
    "Facade",
    "bgr",
    "Red and blue are swapped: OpenCV reads images as blue, green, red.",
    "teacher",
)
class Bgr(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        return image.flip(0), label


@mistake(
    "6.1",
    "Facade",
    "same-item-always",
    "The index is not used: every item is the same pair.",
    "teacher",
)
class SameItemAlways(Facade):
    def __getitem__(self, index):
        return super().__getitem__(0)


@mistake(
    "6.1",
    "Facade",
    "path-hard-coded",
    "The files are looked for at a path that is written into the code: it is there on one machine only. The path must "
    "begin with `root`, or where none is given with the environment variable FACADE_DATA.",
    "real-answers",
)
class PathHardCoded(Dataset):
    def __init__(self, split, transform=None, root="ignored"):
        folder = "C:/Users/me/Downloads/CMP_facade_DB_base/base"
        self.names = [name for name in sorted(os.listdir(folder)) if name.endswith(".jpg")]

    def __len__(self):
        return len(self.names)


@mistake(
    "6.1",
    "Facade",
    "finds-nothing",
    "No file is found, and nothing says so: a DataLoader complains about `num_samples` much later. Print the pattern "
    "for glob: it must begin with `root`, or without one with FACADE_DATA, and end in the names on disk.",
    "real-answers",
)
class FindsNothing(Dataset):
    def __init__(self, split, transform=None, root=None):
        self.images = sorted(Path("data/base").glob("cmp_b*.jpg"))

    def __len__(self):
        return len(self.images)


@mistake(
    "6.1",
    "Facade",
    "renumbered-per-image",
    "The classes that occur in an image are numbered from 0: in another image the same class has another number. A "
    "class's number must not depend on the image: take one off what is on disk.",
    "answers by testers: np.unique with return_inverse",
)
class RenumberedPerImage(Facade):
    def __getitem__(self, index):
        image, label = super().__getitem__(index)
        _, dense = torch.unique(label[label != IGNORE_INDEX], return_inverse=True)
        label[label != IGNORE_INDEX] = dense
        return image, label
