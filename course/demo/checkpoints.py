"""The trained reference networks that ship with the course, so that nothing must be trained before a lecture.

    uv run python -m course.demo.checkpoints make       trains all of them with train.py: some five minutes of one core
    uv run python -m course.demo.checkpoints measure    prints the test IoU of what is there

`data/checkpoints/NAME.safetensors` is a checkpoint of train.py with its weights in half the bytes;
`checkpoints.json` beside it says how each was trained, and its test IoU before and after it was made smaller.
"""

import course.training  # noqa: F401 - before torch is loaded: see there

# isort: split
import argparse
import json
import os
import subprocess
import sys
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from rich.console import Console
from safetensors.torch import save
from torch import nn

from course.errors import CourseError
from course.paths import DATA, ROOT
from course.training.checkpoint import Settings, load_best, read_settings, task_of
from course.training.files import whole
from course.training.pairs import data_folder, find_pairs
from course.training.parts import Parts
from course.training.predicting import score_pairs

FOLDER = DATA / "checkpoints"
RECORD = "checkpoints.json"
# Half the bytes may cost this much of the test IoU, and no more: three decimals are what is ever shown.
ALLOWED_LOSS = 5e-4


@dataclass(frozen=True)
class Recipe:
    """How one of them is trained: the options of train.py."""

    name: str
    model: str
    task: str
    epochs: int
    seed: int = 0

    @property
    def options(self) -> list[str]:
        """The command line of train.py, without where its files go."""
        return [
            *("--solutions", "--device", "cpu", "--model", self.model, "--task", self.task),
            *("--epochs", str(self.epochs), "--seed", str(self.seed)),
        ]


RECIPES = [
    Recipe("EncDec", "EncDec", "cells", 40),
    Recipe("UNet", "UNet", "cells", 40),
    Recipe("UNet2", "UNet2", "cells", 40),
    Recipe("DilatedNet", "DilatedNet", "cells", 40),
    Recipe("UNet-facade", "UNet", "facade", 120),
]


@dataclass(frozen=True)
class Checkpoint:
    """One that is there: its name, its file, and what train.py wrote into it."""

    name: str
    path: Path
    settings: Settings


def available(folder: Path = FOLDER) -> list[Checkpoint]:
    """Return the checkpoints in a folder, in the order of the recipes."""
    order = [recipe.name for recipe in RECIPES]
    paths = sorted(folder.glob("*.safetensors"), key=lambda p: (order + [p.stem]).index(p.stem))
    return [Checkpoint(path.stem, path, read_settings(path)) for path in paths]


def load(checkpoint: Checkpoint) -> nn.Module:
    """Return the reference network with these weights, in evaluation mode.

    Raises:
        CourseError: the weights are those of another network.
    """
    parts = Parts(ROOT, solutions=True)
    model = parts.model(checkpoint.settings.model, checkpoint.settings.num_classes)
    load_best(checkpoint.path, model, checkpoint.settings, parts.where(checkpoint.settings.model))
    return model.eval()


def recorded(folder: Path = FOLDER) -> dict[str, dict]:
    """Return what checkpoints.json says of each: `test_iou`, `epochs`, ...; nothing where the file is missing."""
    path = folder / RECORD
    return json.loads(path.read_text("utf-8"))["checkpoints"] if path.is_file() else {}


def make(folder: Path, names: list[str]) -> None:
    """Train the networks, and put them and their record into a folder."""
    record = recorded(folder)
    for recipe in [recipe for recipe in RECIPES if recipe.name in names]:
        with tempfile.TemporaryDirectory(prefix="checkpoint-") as out:
            words = [sys.executable, str(ROOT / "train.py"), *recipe.options, "--out", out]
            subprocess.run(words, check=True, env=os.environ | {"OMP_NUM_THREADS": "1"})
            record[recipe.name] = shrink(Path(out) / "best.safetensors", folder / f"{recipe.name}.safetensors", recipe)
        with whole(folder / RECORD) as unfinished:
            unfinished.write_text(json.dumps({"checkpoints": record}, indent=1) + "\n", encoding="utf-8")


def shrink(source: Path, target: Path, recipe: Recipe) -> dict:
    """Write a checkpoint with float16 weights, and return what is known about it.

    Raises:
        CourseError: the smaller numbers cost more of the test IoU than is allowed.
    """
    full = Checkpoint(recipe.name, source, read_settings(source))
    model = load(full)
    tensors = {name: tensor.half().contiguous() for name, tensor in model.state_dict().items()}
    with whole(target) as unfinished:
        unfinished.write_bytes(save(tensors, metadata={"settings": json.dumps(asdict(full.settings))}))
    before, after = measure(full), measure(Checkpoint(recipe.name, target, full.settings))
    if abs(before - after) > ALLOWED_LOSS:
        target.unlink()
        raise CourseError(f"{recipe.name}: test IoU {before:.4f} becomes {after:.4f} in float16. Nothing was written.")
    return {
        "command": " ".join(["train.py", *recipe.options]),
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "best_epoch": full.settings.epoch,
        "val_iou": round(full.settings.val_iou, 4),
        "test_iou_float32": round(before, 4),
        "test_iou": round(after, 4),
        "stored_as": "float16",
        "bytes": target.stat().st_size,
        "torch": str(torch.__version__),
    }


def measure(checkpoint: Checkpoint) -> float:
    """Return the IoU over the embedded test half, each image at its own size: what train.py prints at its end."""
    task = task_of(checkpoint.settings)
    pairs = find_pairs(task, data_folder(task, DATA / task.embedded, ROOT), "test")
    return score_pairs(load(checkpoint), pairs, checkpoint.settings, torch.device("cpu"), Console(quiet=True))


def main() -> None:
    """Make, or measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=["make", "measure"])
    parser.add_argument("--only", nargs="+", choices=[recipe.name for recipe in RECIPES], metavar="NAME")
    parser.add_argument("--out", type=Path, default=FOLDER, help="default: data/checkpoints")
    args = parser.parse_args()
    names = args.only or [recipe.name for recipe in RECIPES]
    if args.what == "make":
        make(args.out, names)
    for checkpoint in available(args.out):
        if checkpoint.name in names:
            print(f"{checkpoint.name}: test IoU {measure(checkpoint):.4f}")


if __name__ == "__main__":
    main()
