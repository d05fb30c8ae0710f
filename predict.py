"""Segment a folder of images: `uv run predict.py --checkpoint runs/UNet/best.safetensors --images DIR --out DIR`.

For each image OUT/NAME.png of the image's own size, 0 and 255 (facades: a palette PNG, classes 1..12), and
OUT/overlay/sheet.png to look at.
"""

import course.training  # noqa: F401 - before torch is loaded: see there

# isort: split
import argparse
import tempfile
from pathlib import Path

import torch
from rich.console import Console

from course.training.checkpoint import load_best, read_settings
from course.training.device import find_device, run_fast
from course.training.files import images_in, publish, show
from course.training.pairs import read_image
from course.training.parts import Parts, run_program
from course.training.pictures import save_mask, sheet
from course.training.predicting import segment
from course.training.progress import watched

HOME = Path(__file__).resolve().parent
ON_SHEET = 24


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description="Segment a folder of images.", allow_abbrev=False)
    add = parser.add_argument
    add("--checkpoint", type=Path, required=True, metavar="FILE", help="best.safetensors of a run")
    add("--images", type=Path, required=True, metavar="DIR", help="a folder of jpg, png or tif files")
    add("--out", type=Path, required=True, metavar="DIR", help="where the masks go")
    add("--device", choices=["auto", "cpu", "cuda", "mps"], default="auto", help="default: auto")
    add("--solutions", action="store_true", help="the checkpoint is of the reference in solutions/, not of lib/")
    return parser.parse_args()


def main() -> None:
    """Predict."""
    args = parse()
    console = Console(highlight=False)
    device = torch.device(find_device(args.device))
    settings = read_settings(args.checkpoint)
    parts = Parts(HOME, args.solutions)
    model = parts.model(settings.model, settings.num_classes)
    load_best(args.checkpoint, model, settings, parts.where(settings.model))
    model = run_fast(model, settings.size).to(device)

    paths = images_in(args.images, args.out)
    shown = set(paths[:: -(-len(paths) // ON_SHEET)])
    images, masks = [], []
    # Everything goes into a folder beside --out first: what fails halfway leaves nothing behind.
    args.out.absolute().parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".predict-", dir=args.out.absolute().parent) as unfinished:
        for path in watched(paths, "Predicting", console):
            image = read_image(path)
            (mask,) = segment(model, [image], settings, device)
            save_mask(Path(unfinished) / f"{path.stem}.png", mask, settings.num_classes)
            if path in shown:
                images.append(image)
                masks.append(mask)
        names = [path.name for path in paths if path in shown]
        (Path(unfinished) / "overlay").mkdir()
        sheet(images, masks, None, names, settings.num_classes == 1).save(Path(unfinished) / "overlay" / "sheet.png")
        publish(Path(unfinished), args.out)
    console.print(f"{len(paths)} masks in {show(args.out)}, and overlay/sheet.png to look at.", soft_wrap=True)


if __name__ == "__main__":
    run_program(main, HOME, "`--solutions` takes the reference")
