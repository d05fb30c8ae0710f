# ruff: noqa: D101, D102, PTH118, PTH208 - an answer is documented by its mark, and written as students write
"""Known answers to 1.1, the PhC data set."""

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

from answers.entry import accepted, mistake
from solutions.dataset.PhCDataset import EMBEDDED, PhC, by_number


@accepted(
    "1.1",
    "PhC",
    "by-file-name",
    "The label's path is made from the image's: right as long as both names carry the number in the same digits.",
    "teacher",
)
class ByFileName(Dataset):
    def __init__(self, train: bool, transform: Callable | None = None, root: str | Path | None = None) -> None:
        folder = Path(root or os.environ.get("PHC_DATA") or EMBEDDED) / ("train" if train else "test")
        self.images = sorted(folder.glob("images/img_*.jpg"))
        self.transform = transform
        if len(self.images) == 0:
            raise ValueError(f"No images in {folder}")

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, Tensor]:
        path = self.images[index]
        label_path = path.parents[1] / "labels" / path.name.replace("img", "label").replace(".jpg", ".png")
        image = tvf.pil_to_tensor(Image.open(path)).float() / 255
        mask = (tvf.pil_to_tensor(Image.open(label_path)) / 255 > 0.5).float()
        if self.transform is not None:
            image, mask = self.transform(tv_tensors.Image(image), tv_tensors.Mask(mask))
        return image, mask


@accepted(
    "1.1",
    "PhC",
    "numpy-and-common-numbers",
    "Reads with PIL and numpy, and leaves out what has no partner.",
    "teacher",
)
class CommonNumbers(Dataset):
    def __init__(self, train=True, transform=None, root=None):
        import numpy as np

        self.np = np
        root = root if root is not None else os.environ.get("PHC_DATA", str(EMBEDDED))
        self.path = os.path.join(root, "train" if train else "test")
        names = os.listdir(os.path.join(self.path, "images"))
        images = {int(re.findall(r"\d+", name)[0]): name for name in names if name.endswith(".jpg")}
        names = os.listdir(os.path.join(self.path, "labels"))
        labels = {int(re.findall(r"\d+", name)[0]): name for name in names if name.endswith(".png")}
        self.names = [(images[number], labels[number]) for number in sorted(images) if number in labels]
        assert self.names, f"no images with labels found in {self.path}"
        self.transform = transform

    def __len__(self):
        return len(self.names)

    def __getitem__(self, index):
        image_name, label_name = self.names[index]
        image = self.np.array(Image.open(os.path.join(self.path, "images", image_name)).convert("RGB"))
        label = self.np.array(Image.open(os.path.join(self.path, "labels", label_name)).convert("L"))
        image = torch.from_numpy(image.transpose(2, 0, 1).astype("float32") / 255)
        label = torch.from_numpy((label > 127).astype("float32"))[None]
        if self.transform:
            image, label = self.transform(tv_tensors.Image(image), tv_tensors.Mask(label))
        return image, label


@accepted(
    "1.1",
    "PhC",
    "one-seed-for-both",
    "Image and label are transformed one after the other from the same state of the random numbers, and the label is "
    "cut at one half afterwards. Right for transforms that draw equally from torch; a joint one needs no luck.",
    "errata S1-16",
)
class OneSeedForBoth(PhC):
    def __getitem__(self, index):
        image = Image.open(self.pairs[index][0]).convert("RGB")
        label = Image.open(self.pairs[index][1]).convert("L")
        if self.transform:
            seed = int(torch.randint(0, 2**31, (1,)))
            torch.manual_seed(seed)
            image = self.transform(image)
            torch.manual_seed(seed)
            label = self.transform(label)
        return tvf.to_dtype(tvf.to_image(image), torch.float32, scale=True), (tvf.to_image(label) > 127).float()


@accepted("1.1", "PhC", "torchvision-io", "Reads the files with torchvision.io.", "teacher")
class TorchvisionIo(PhC):
    def __getitem__(self, index):
        from torchvision.io import ImageReadMode, decode_image

        image = tv_tensors.Image(decode_image(str(self.pairs[index][0]), ImageReadMode.RGB))
        mask = tv_tensors.Mask(decode_image(str(self.pairs[index][1]), ImageReadMode.GRAY))
        if self.transform:
            image, mask = self.transform(image, mask)
        return image / 255, (mask / 255).round()


@accepted(
    "1.1",
    "PhC",
    "kept-in-memory",
    "The files are read once, and what the transform gets each time is not changed by it.",
    "teacher",
)
class KeptInMemory(PhC):
    def __init__(self, train, transform=None, root=None):
        super().__init__(train, transform, root)
        self.images = [tv_tensors.Image(Image.open(path).convert("RGB")) for path, _ in self.pairs]
        self.masks = [tv_tensors.Mask(Image.open(path).convert("L")) for _, path in self.pairs]

    def __getitem__(self, index):
        image, mask = self.images[index], self.masks[index]
        if self.transform is not None:
            image, mask = self.transform(image, mask)
        return image / 255, (mask > 0).float()


@accepted(
    "1.1",
    "PhC",
    "grey-kept",
    "Right for files in RGB, as those of this data set are. A grey file would keep its one channel.",
    "teacher",
)
class GreyKept(PhC):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]))
        mask = tv_tensors.Mask(Image.open(self.pairs[index][1]).convert("L"))
        if self.transform is not None:
            image, mask = self.transform(image, mask)
        return tvf.to_dtype(image, torch.float32, scale=True), (mask > 0).float()


@accepted(
    "1.1",
    "PhC",
    "mask-cut-at-half",
    "Right for labels of 0 and 255, as those of this data set are. A label between 0 and one half of 255 is lost.",
    "teacher",
)
class MaskCutAtHalf(PhC):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        mask = tv_tensors.Mask(Image.open(self.pairs[index][1]).convert("L"))
        if self.transform is not None:
            image, mask = self.transform(image, mask)
        return tvf.to_dtype(image, torch.float32, scale=True), (mask > 127).float()


@accepted(
    "1.1",
    "PhC",
    "mask-only-divided",
    "Right for labels of 0 and 255, as those of this data set are. Others would give a mask that is not binary.",
    "teacher",
)
class MaskOnlyDivided(PhC):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        mask = tv_tensors.Mask(Image.open(self.pairs[index][1]).convert("L"))
        if self.transform is not None:
            image, mask = self.transform(image, mask)
        return tvf.to_dtype(image, torch.float32, scale=True), mask / 255


@mistake(
    "1.1",
    "PhC",
    "bilinear-mask",
    "The mask is resized with interpolation, which mixes 0 and 255 along its border into greys. Say to the transform "
    "that it is a mask, or cut it at one half afterwards.",
    "real answers, the hand-out",
)
class BilinearMask(PhC):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        mask = tv_tensors.Image(Image.open(self.pairs[index][1]).convert("L"))
        if self.transform is not None:
            image, mask = self.transform(image, mask)
        return tvf.to_dtype(image, torch.float32, scale=True), tvf.to_dtype(mask, torch.float32, scale=True)


@mistake(
    "1.1",
    "PhC",
    "mask-grown",
    "The mask is resized with interpolation, and every grey along its border then counts as foreground: the cell has "
    "become larger. Say to the transform that it is a mask, or cut it at one half afterwards.",
    "teacher",
)
class MaskGrown(PhC):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        mask = tv_tensors.Image(Image.open(self.pairs[index][1]).convert("L"))
        if self.transform is not None:
            image, mask = self.transform(image, mask)
        return tvf.to_dtype(image, torch.float32, scale=True), (mask > 0).float()


@mistake(
    "1.1",
    "PhC",
    "transform-cached",
    "What the transform gave is kept, or its random numbers begin again with the same seed: an image is flipped always "
    "or never, and no epoch sees it otherwise than the first. Keep what is in the files, and transform it each time.",
    "teacher",
)
class TransformCached(PhC):
    def __init__(self, train, transform=None, root=None):
        super().__init__(train, transform, root)
        self.items = {}

    def __getitem__(self, index):
        if index not in self.items:
            self.items[index] = super().__getitem__(index)
        return self.items[index]


@mistake(
    "1.1",
    "PhC",
    "changed-in-place",
    "What is kept in memory is changed by reading it, with /= or div_: the second epoch sees another item. Make a new "
    "tensor. (Varying items is for the transform to do.)",
    "teacher",
)
class ChangedInPlace(PhC):
    def __init__(self, train, transform=None, root=None):
        super().__init__(train, transform, root)
        self.images = [tv_tensors.Image(Image.open(path).convert("RGB")).float() for path, _ in self.pairs]

    def __getitem__(self, index):
        image = tv_tensors.Image(self.images[index])
        image /= 255
        mask = tv_tensors.Mask(Image.open(self.pairs[index][1]).convert("L"))
        if self.transform is not None:
            image, mask = self.transform(image, mask)
        return image, (mask > 0).float()


@mistake(
    "1.1",
    "PhC",
    "always-flipped",
    "Image and mask are mirrored, always or at random, whatever `transform` says. How images are varied is chosen "
    "where the data set is used, by the transform; without one an image stays as it is on disk.",
    "teacher",
)
class AlwaysFlipped(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        if torch.rand(1) < 0.5:
            image, mask = image.flip(-1), mask.flip(-1)
        return image, mask


@mistake(
    "1.1",
    "PhC",
    "unpaired-transform",
    "Image and mask are transformed in two calls, and each call throws its own dice: after a random flip they no "
    "longer belong together. Pass both to one call.",
    "the hand-out",
)
class UnpairedTransform(PhC):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        mask = tv_tensors.Mask(Image.open(self.pairs[index][1]).convert("L"))
        if self.transform is not None:
            image = self.transform(image)
            mask = self.transform(mask)
        return tvf.to_dtype(image, torch.float32, scale=True), (mask > 0).float()


@mistake(
    "1.1",
    "PhC",
    "image-only-transform",
    "The transform is applied to the image, and the mask stays as it was: they no longer have the same size, or no "
    "longer the same orientation.",
    "teacher",
)
class ImageOnlyTransform(PhC):
    def __getitem__(self, index):
        image = tv_tensors.Image(Image.open(self.pairs[index][0]).convert("RGB"))
        mask = tv_tensors.Mask(Image.open(self.pairs[index][1]).convert("L"))
        if self.transform is not None:
            image = self.transform(image)
        return tvf.to_dtype(image, torch.float32, scale=True), (mask > 0).float()


@mistake(
    "1.1",
    "PhC",
    "transform-ignored",
    "The transform is kept, and never called.",
    "teacher",
)
class TransformIgnored(PhC):
    def __init__(self, train, transform=None, root=None):
        super().__init__(train, None, root)


@mistake(
    "1.1",
    "PhC",
    "paired-by-order",
    "Two lists of files are put side by side by their order. One missing or additional file, or numbers with and "
    "without zeros in front, shift all pairs behind it, without an error. Read the number from each name.",
    "real answers, errata S1-16",
)
class PairedByOrder(PhC):
    def __init__(self, train, transform=None, root=None):
        folder = Path(root or os.environ.get("PHC_DATA") or EMBEDDED) / ("train" if train else "test")
        images = sorted((folder / "images").glob("*.jpg"))
        labels = sorted((folder / "labels").glob("*.png"))
        if not images:
            raise FileNotFoundError(f"No images under {folder}")
        self.pairs = list(zip(images, labels, strict=False))
        self.transform = transform


@mistake(
    "1.1",
    "PhC",
    "empty-folder-accepted",
    "A wrong path finds no files, and the data set has length 0 without a word. Much later the DataLoader complains "
    "about num_samples. Raise an error that says where you looked, and for what.",
    "real answers, the hand-out",
)
class EmptyFolderAccepted(PhC):
    def __init__(self, train, transform=None, root=None):
        folder = Path(root or os.environ.get("PHC_DATA") or EMBEDDED) / ("train" if train else "test")
        images = by_number(folder / "images", r"img_(\d+)\.jpg")
        labels = by_number(folder / "labels", r"label_(\d+)\.png")
        self.pairs = [(images[number], labels[number]) for number in sorted(images.keys() & labels.keys())]
        self.transform = transform


@mistake(
    "1.1",
    "PhC",
    "train-ignored",
    "`train` has no effect: both data sets read the same folder, and the network is tested on what it was trained on.",
    "teacher",
)
class TrainIgnored(PhC):
    def __init__(self, train, transform=None, root=None):
        super().__init__(True, transform, root)


@mistake(
    "1.1",
    "PhC",
    "train-and-test-swapped",
    "train=True reads the test set, and train=False the training set.",
    "teacher",
)
class TrainAndTestSwapped(PhC):
    def __init__(self, train, transform=None, root=None):
        super().__init__(not train, transform, root)


@mistake(
    "1.1",
    "PhC",
    "both-splits",
    "The data set reads train/ and test/ together, whatever `train` says.",
    "teacher",
)
class BothSplits(PhC):
    def __init__(self, train, transform=None, root=None):
        super().__init__(train, transform, root)
        other = self.folder.parent / ("test" if train else "train")
        images = by_number(other / "images", r"img_(\d+)\.jpg")
        labels = by_number(other / "labels", r"label_(\d+)\.png")
        self.pairs += [(images[number], labels[number]) for number in sorted(images.keys() & labels.keys())]


@mistake(
    "1.1",
    "PhC",
    "length-off-by-one",
    "len() is one less or more than there are pairs: the last one is never seen, or an index leads nowhere.",
    "teacher",
)
class LengthOffByOne(PhC):
    def __len__(self):
        return len(self.pairs) - 1


@mistake(
    "1.1",
    "PhC",
    "same-item-always",
    "The index is not used: every item is the same pair.",
    "teacher",
)
class SameItemAlways(PhC):
    def __getitem__(self, index):
        return super().__getitem__(0)


@mistake(
    "1.1",
    "PhC",
    "resized-always",
    "Every image is resized, whatever `transform` says. The size is chosen where the data set is used, by the "
    "transform; without one an image stays as it is on disk.",
    "real answers",
)
class ResizedAlways(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        nearest = tvf.InterpolationMode.NEAREST
        return tvf.resize(image, [128, 128]), tvf.resize(mask, [128, 128], nearest)


@mistake(
    "1.1",
    "PhC",
    "image-not-scaled",
    "The image holds 0 to 255. The course's images go from 0 to 1: divide by 255, or let a function scale.",
    "real answers",
)
class ImageNotScaled(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return (image * 255).round(), mask


@mistake(
    "1.1",
    "PhC",
    "image-divided-twice",
    "The image is divided by 255 twice: ToTensor, or to_dtype with scale=True, has done it already. All is black.",
    "teacher",
)
class ImageDividedTwice(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image / 255, mask


@mistake(
    "1.1",
    "PhC",
    "image-from-minus-one",
    "The image is normalised to go from -1 to 1. In the course the data set gives 0 to 1, and train.py normalises.",
    "teacher",
)
class ImageFromMinusOne(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return (image - 0.5) / 0.5, mask


@mistake(
    "1.1",
    "PhC",
    "image-standardised",
    "The image is normalised already, by ImageNet's mean and deviation or its own. train.py does that: give 0 to 1.",
    "teacher",
)
class ImageStandardised(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return tvf.normalize(image, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]), mask


@mistake(
    "1.1",
    "PhC",
    "axes-swapped",
    "Height and width have changed places: PIL says (width, height), numpy and PyTorch want (H, W). Look at an item.",
    "teacher",
)
class AxesSwapped(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image.mT, mask.mT


@mistake(
    "1.1",
    "PhC",
    "bgr",
    "Red and blue are swapped: OpenCV reads images as blue, green, red.",
    "teacher",
)
class Bgr(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image.flip(0), mask


@mistake(
    "1.1",
    "PhC",
    "channels-last",
    "The channels are the last axis, as in numpy and PIL. PyTorch wants them in front: (3, H, W) and (1, H, W).",
    "teacher",
)
class ChannelsLast(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image.permute(1, 2, 0), mask


@mistake(
    "1.1",
    "PhC",
    "grey-image",
    "The image has one channel. The networks of the course take three: convert it to RGB.",
    "teacher",
)
class GreyImage(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image.mean(0, keepdim=True), mask


@mistake(
    "1.1",
    "PhC",
    "mask-not-scaled",
    "The mask holds 0 and 255. Losses and metrics want 0 and 1.",
    "real answers",
)
class MaskNotScaled(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image, mask * 255


@mistake(
    "1.1",
    "PhC",
    "mask-divided-twice",
    "The mask is divided by 255 twice: ToTensor, or to_dtype with scale=True, has done it already. Nothing of it is "
    "above one half, so all of it counts as background.",
    "real answers, errata S1-16",
)
class MaskDividedTwice(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image, mask / 255


@mistake(
    "1.1",
    "PhC",
    "mask-empty",
    "The mask is 0 everywhere: it is compared with a value that it never exceeds, or rounded down after a division.",
    "errata S1-16",
)
class MaskEmpty(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image, (mask / 255).floor()


@mistake(
    "1.1",
    "PhC",
    "mask-inverted",
    "The mask is 1 on the background and 0 on the cell.",
    "teacher",
)
class MaskInverted(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image, 1 - mask


@mistake(
    "1.1",
    "PhC",
    "mask-three-channels",
    "The label is read as RGB and has three channels. The network's output has one: convert the label to mode L.",
    "teacher",
)
class MaskThreeChannels(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image, mask.repeat(3, 1, 1)


@mistake(
    "1.1",
    "PhC",
    "mask-format",
    "The mask has the right pixels, but not the form that the losses want: floating point, with a channel axis, so "
    "that a batch has the shape (B, 1, H, W) of the network's output.",
    "teacher",
)
class MaskFormat(PhC):
    def __getitem__(self, index):
        image, mask = super().__getitem__(index)
        return image, mask[0].to(torch.int64)


@mistake(
    "1.1",
    "PhC",
    "path-hard-coded",
    "The files are looked for at a path that is written into the code: it is there on one machine only. The path must "
    "begin with `root`, or where none is given with the environment variable PHC_DATA.",
    "real-answers",
)
class PathHardCoded(Dataset):
    def __init__(self, train=True, transform=None, root="ignored"):
        data_path = os.path.join("/dtu/datasets1/02514/phc_data", "train" if train else "test")
        self.images = sorted(os.listdir(data_path + "/images"))
        self.labels = sorted(os.listdir(data_path + "/labels"))
        self.transform = transform

    def __len__(self):
        return len(self.images)


@mistake(
    "1.1",
    "PhC",
    "finds-nothing",
    "No file is found, and nothing says so: a DataLoader complains about `num_samples` much later. Print the pattern "
    "for glob: it must begin with `root`, or without one with PHC_DATA, and end in the names on disk.",
    "real-answers",
)
class FindsNothing(Dataset):
    def __init__(self, train=True, transform=None, root=None):
        root = Path("/content/drive/MyDrive/phc_data") / ("train" if train else "test")
        self.images = sorted(root.glob("images/*.jpg"))
        self.labels = sorted(root.glob("labels/*.png"))

    def __len__(self):
        return len(self.images)


@mistake(
    "1.1",
    "PhC",
    "environment-before-root",
    "The environment variable wins over the argument `root`: whoever has it set gets other data than asked for. The "
    "argument comes first.",
    "answers by testers",
)
class EnvironmentBeforeRoot(PhC):
    def __init__(self, train: bool, transform: Callable | None = None, root: str | Path | None = None) -> None:
        super().__init__(train, transform, os.environ.get("PHC_DATA") or root)


@mistake(
    "1.1",
    "PhC",
    "label-invented",
    "An image without a label gets an empty one: the network is taught that there is no cell. Refuse it, with an error "
    "that says which it is.",
    "answers by testers",
)
class LabelInvented(PhC):
    def __init__(self, train: bool, transform: Callable | None = None, root: str | Path | None = None) -> None:
        folder = Path(root or os.environ.get("PHC_DATA") or EMBEDDED) / ("train" if train else "test")
        images, labels = (
            by_number(folder / "images", r"img_(\d+)\.jpg"),
            by_number(folder / "labels", r"label_(\d+)\.png"),
        )
        if not images:
            raise FileNotFoundError(f"No images in {folder}/images")
        self.transform = transform
        self.pairs = [(images[number], labels.get(number)) for number in sorted(images)]

    def __getitem__(self, index):
        if self.pairs[index][1] is not None:
            return super().__getitem__(index)
        image = tv_tensors.Image(tvf.pil_to_tensor(Image.open(self.pairs[index][0]).convert("RGB")))
        mask = tv_tensors.Mask(torch.zeros(1, *image.shape[1:], dtype=torch.uint8))
        if self.transform is not None:
            image, mask = self.transform(image, mask)
        return image.float() / 255, mask.float()
