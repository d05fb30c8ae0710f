"""Right answers in other shapes: other names and arguments, functions, masks without channels, items that are no pair.

Each must earn all points, and say in a note what was adapted. What is wrong stays wrong in the same shape.
"""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from course.grading.launch import shared_zygote
from course.grading.record import TaskResult
from course.grading.run import Settings, grade
from course.paths import ROOT
from course.submission.find import open_submission

LOSS = "import torch\nimport torch.nn.functional as F\nfrom torch import nn\n"
SHEET = "torch.mean(y_pred - y_true * y_pred + torch.log(1 + torch.exp(-y_pred)))"
DATA = """
import glob, os
import numpy as np
import torch
from PIL import Image
from torchvision import tv_tensors
class {name}(torch.utils.data.Dataset):
    def __init__(self, {arguments}):
        root = root or os.environ["PHC_DATA"]
        folder = os.path.join(root, {split})
        self.images = sorted(glob.glob(os.path.join(folder, "images", "img_*.jpg")))
        if not self.images:
            raise FileNotFoundError(folder)
        self.labels = [p.replace("images", "labels").replace("img_", "label_")[:-4] + ".png" for p in self.images]
        self.transform = transform
    def __len__(self):
        return len(self.images)
    def __getitem__(self, index):
        x = tv_tensors.Image(Image.open(self.images[index]).convert("RGB"))
        y = tv_tensors.Mask(Image.open(self.labels[index]).convert("L"))
        if self.transform:
            {call}
        x, y = x / 255, (y > 0).float()
        return {item}
"""
USUAL = {
    "name": "PhC",
    "arguments": "train, transform=None, root=None",
    "split": '"train" if train else "test"',
    "call": "x, y = self.transform(x, y)",
    "item": "x, y",
}
BY_KEYWORD = (
    "done = self.transform(image=x.permute(1, 2, 0).numpy(), mask=y[0].numpy())\n"
    '            x, y = torch.tensor(done["image"]).permute(2, 0, 1), torch.tensor(done["mask"])[None]'
)
NETWORK = """
import torch, torch.nn as nn, torch.nn.functional as F
class {name}(nn.Module):
    def __init__(self, {arguments}):
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(3 if k == 0 else 16, 16, 3, padding=1) for k in range(4))
        self.bottom = nn.Conv2d(16, 16, 3, padding=1)
        self.up = nn.ModuleList(nn.Conv2d(32, 16, 3, padding=1) for _ in range(4))
        self.last = nn.Conv2d(16, 1, 1)
    def forward(self, x):
        kept = []
        for layer in self.down:
            x = F.relu(layer(x))
            kept.append(x)
            x = F.max_pool2d(x, 2)
        x = F.relu(self.bottom(x))
        for level, layer in enumerate(self.up):
            x = F.interpolate(x, {scale})
            x = F.relu(layer(torch.cat([x, kept.pop()], 1)))
        return {returned}
"""
UNET = {"name": "UNet", "arguments": "", "scale": "scale_factor=2", "returned": "self.last(x)"}
FILES = {
    "1.2": "losses.py",
    "2.1": "losses.py",
    "2.2": "losses.py",
    "2.4": "losses.py",
    "2.5": "losses.py",
    "7.1": "metrics.py",
    "7.2": "metrics.py",
    "1.1": "dataset/PhCDataset.py",
}
FILES |= {"1.3": "model/EncDecModel.py", "3.1": "model/UNetModel.py"}
AUTOENCODER = """import torch.nn as nn
import torch.nn.functional as F
class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(3 if k == 0 else 16, 16, 3, padding=1) for k in range(4))
    def forward(self, x):
        for conv in self.convs:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        return x
class {name}(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = Encoder()
        self.convs = nn.ModuleList(nn.Conv2d(16, 16, 3, padding=1) for _ in range(4))
        self.last = nn.Conv2d(16, 1, 1)
    def forward(self, x):
        x = self.encoder(x)
        for conv in self.convs:
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.last(x)
"""


def loss(head: str, body: str, imports: str = "") -> str:
    return f"{imports}{LOSS}{head}\n    {body}\n"


def method(signature: str, body: str, name: str = "BCELoss", base: str = "(nn.Module)") -> str:
    return loss(f"class {name}{base}:", f"def {signature}:\n        {body}")


def data(**changes: str) -> str:
    return DATA.format(**USUAL | changes)


def network(**changes: str) -> str:
    return NETWORK.format(**UNET | changes)


DICE = "p = torch.sigmoid({0})\n        return 1 - (2 * (p * {1}).sum() + 1) / (p.sum() + {1}.sum() + 1)"
AS_THEY_COME = {
    "a function of another name, in the older order": (
        "1.2",
        loss("def bce_loss(y_real, y_pred):", "return " + SHEET.replace("y_true", "y_real")),
        "its `bce_loss` was taken for it",
    ),
    "a class of another name": (
        "1.2",
        method("forward(self, y_pred, y_true)", f"return {SHEET}", "BCE_Loss"),
        "BCE_Loss",
    ),
    "an alias of torch's own": ("1.2", "import torch.nn as nn\nBCELoss = nn.BCEWithLogitsLoss\n", ""),
    "no module, but callable": ("1.2", method("__call__(self, y_pred, y_true)", f"return {SHEET}", base=""), ""),
    "parameters called otherwise": (
        "2.1",
        method("forward(self, inputs, targets)", DICE.format("inputs", "targets"), "DiceLoss"),
        "",
    ),
    "target first, by name": (
        "2.1",
        method("forward(self, targets, logits)", DICE.format("logits", "targets"), "DiceLoss"),
        "",
    ),
    "an argument more, with a default": (
        "2.1",
        method("forward(self, inputs, targets, smooth=1)", DICE.format("inputs", "targets"), "DiceLoss"),
        "",
    ),
    "penalties with arguments of their own": (
        "2.5",
        loss(
            "def centered_penalty(y_pred, weight=1.0, *rest):",
            "return weight * (1 - torch.sigmoid(y_pred[..., y_pred.shape[2] // 2, y_pred.shape[3] // 2])).mean()",
        )
        + "\n\ndef sparsity_penalty(y_pred, eps=0.0, target=None):\n    return (torch.sigmoid(y_pred) + eps).mean()\n",
        "",
    ),
    "penalties with a target, that may be left out or comes with any others": (
        "2.5",
        loss(
            "def centered_penalty(logits, mask=None):",
            "assert mask is not None\n"
            "    return (1 - torch.sigmoid(logits[..., logits.shape[2] // 2, logits.shape[3] // 2])).mean()",
        )
        + "\n\ndef sparsity_penalty(*given):\n    return torch.sigmoid(given[0]).mean()\n",
        "",
    ),
    "weights of the pixels, that may be given": (
        "1.2",
        method(
            "forward(self, y_true, y_pred, weight=None, reduction='mean')",
            "return F.binary_cross_entropy_with_logits(y_pred, y_true, weight, reduction=reduction)",
        ),
        "",
    ),
    "packages that are absent and unused": (
        "1.2",
        loss(
            "def BCELoss(y_pred, y_true):", f"return {SHEET}", "import pandas as pd\nimport nosuchpackage.plots as p\n"
        ),
        "",
    ),
    "targets without channels": (
        "1.2",
        method("forward(self, y_pred, y_true)", "return F.binary_cross_entropy_with_logits(y_pred.squeeze(1), y_true)"),
        "wants targets without the axis of channels",
    ),
    "prediction and target without channels": (
        "2.1",
        method(
            "forward(self, y_pred, y_true)",
            "b, h, w = y_pred.shape\n        " + DICE.format("y_pred.reshape(b, h * w)", "y_true.reshape(b, h * w)"),
            "DiceLoss",
        ),
        "wants prediction and target without",
    ),
    "a metric under a synonym": (
        "7.2",
        "import torch\ndef dice_coefficient(y_pred, y_true):\n"
        "    return 2 * (y_pred * y_true).sum() / (y_pred.sum() + y_true.sum())\n"
        "def jaccard(y_true, y_pred):\n"
        "    return (y_pred * y_true).sum() / ((y_pred + y_true) > 0).sum()\n",
        "its `jaccard` was taken for it",
    ),
    "a data set of another name": ("1.1", data(name="PhCDataset"), "its `PhCDataset` was taken for it"),
    "items as dictionaries": ("1.1", data(item='{"image": x, "mask": y}'), "Items are dictionaries"),
    "items with a name besides": ("1.1", data(item="x, y, self.images[index]"), "more than two parts"),
    "a split in words": ("1.1", data(arguments='split="train", transform=None, root=None', split="split"), ""),
    "a transform by keyword": ("1.1", data(call=BY_KEYWORD), "called by keyword"),
    "another word for root": (
        "1.1",
        data(arguments="train, transform=None, root_dir=None").replace("root = root", "root = root_dir"),
        "",
    ),
    "a network alone in its file": ("1.3", AUTOENCODER.format(name="AutoEncoder"), "its `AutoEncoder` was taken"),
    "a network alone in its file, which also makes one": (
        "1.3",
        AUTOENCODER.format(name="AutoEncoder") + "\nmodel = AutoEncoder()\n",
        "its `AutoEncoder` was taken",
    ),
    "a network of another name, which also makes one": (
        "3.1",
        network(name="UNET") + "\nunet = UNET()\n",
        "its `UNET` was",
    ),
    "a network of another name": ("3.1", network(name="UNET"), "its `UNET` was taken for it"),
    "a network that needs its size": ("3.1", network(arguments="im_size"), ""),
    "a network that returns a tuple": ("3.1", network(returned="(self.last(x), x)"), ""),
    "a network for one size": ("3.1", network(scale="size=16 * 2**level"), "do not give masks of their own size"),
}
WRONG = {
    "a wrong function of another name": (
        "1.2",
        loss("def bce_loss(y_real, y_pred):", "return -" + SHEET.replace("y_true", "y_real")),
        "sign-turned",
    ),
    "a loss without super().__init__()": (
        "2.1",
        loss(
            "class DiceLoss(nn.Module):",
            "def __init__(self, smooth=1.0):\n        self.smooth = smooth\n"
            "    def forward(self, y_pred, y_true):\n        " + DICE.format("y_pred", "y_true"),
        ),
        "super-init-missing",
    ),
    "a loss without super().__init__() for a weight": (
        "2.4",
        loss(
            "class WeightedBCELoss(nn.Module):",
            "def __init__(self, pos_weight=None):\n        self.pos_weight = pos_weight\n"
            "    def forward(self, y_pred, y_true):\n"
            "        w = self.pos_weight or (y_true.numel() - y_true.sum()) / y_true.sum().clamp(min=1)\n"
            "        return F.binary_cross_entropy_with_logits(y_pred, y_true, pos_weight=torch.as_tensor(w))",
        ),
        "super-init-missing",
    ),
    "a misspelt attribute": (
        "2.1",
        method("forward(self, y_pred, y_true)", "return self.smoth * y_pred.sum()", "DiceLoss"),
        "attribute-missing",
    ),
    "targets broadcast against predictions": (
        "2.1",
        method(
            "forward(self, y_pred, y_true)",
            "p = torch.sigmoid(y_pred.squeeze(1))\n        return 1 - (p * y_true).sum() / (p.sum() + y_true.sum())",
            "DiceLoss",
        ),
        None,
    ),
    "a network under the name of another one": ("1.3", AUTOENCODER.format(name="UNet"), None),
    "a name that could mean two": (
        "1.2",
        loss("def bce(y_pred, y_true):", f"return {SHEET}")
        + f"\n\ndef bce_with_logits(y_pred, y_true):\n    return {SHEET}\n",
        None,
    ),
    "dictionaries with the mask of another image": (
        "1.1",
        data(item='{"image": x, "mask": y.flip(-1)}'),
        None,
    ),
}


@pytest.fixture(scope="module", autouse=True)
def zygote() -> Iterator[None]:
    with shared_zygote():
        yield


def grade_task(task: str, text: str, folder: Path) -> TaskResult:
    shutil.copytree(ROOT / "solutions", folder / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "lib" / FILES[task]).write_text(text, encoding="utf-8")
    (result,) = grade(open_submission(folder), Settings(tasks=(task,))).tasks
    return result


def earned(result: TaskResult) -> float:
    return sum(check.points for check in result.checks if not check.bonus)


COUNTS_OF_FLOATS = """
def confusion_counts(y_pred, y_true):
    tp, fp, fn = (y_pred * y_true).sum(), (y_pred * (1 - y_true)).sum(), ((1 - y_pred) * y_true).sum()
    return tp, fp, fn, y_true.numel() - tp - fp - fn


def pixel_accuracy(y_pred, y_true):
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return (tp + tn) / (tp + fp + fn + tn)


def sensitivity(y_pred, y_true):
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return tp / (tp + fn)


def specificity(y_pred, y_true):
    tp, fp, fn, tn = confusion_counts(y_pred, y_true)
    return tn / (tn + fp)
"""


def test_counts_that_break_on_bools_cost_their_own_point_only(tmp_path: Path) -> None:
    result = grade_task("7.1", COUNTS_OF_FLOATS, tmp_path / "s")
    assert [check.points for check in result.checks] == [0, 1, 1, 1], [check.message for check in result.checks]
    assert result.diagnosis.name == "bools-subtracted"
    assert all("what breaks in confusion_counts" in check.message for check in result.checks[1:])


@pytest.mark.parametrize("name", AS_THEY_COME)
def test_a_right_answer_earns_its_points_as_it_comes(name: str, tmp_path: Path) -> None:
    task, text, note = AS_THEY_COME[name]
    result = grade_task(task, text, tmp_path / "s")
    assert earned(result) == result.max_points, [check.message for check in result.checks]
    assert any(note in check.message for check in result.checks), [check.message for check in result.checks]


@pytest.mark.parametrize("name", WRONG)
def test_no_adaptation_lets_a_wrong_answer_through(name: str, tmp_path: Path) -> None:
    task, text, diagnosis = WRONG[name]
    result = grade_task(task, text, tmp_path / "s")
    assert earned(result) < result.max_points
    assert diagnosis is None or result.diagnosis.name == diagnosis
