"""Sheets of predictions beside the truth."""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from course.training.colours import FACADE_COLOURS, GREEN, SKY, VERMILION
from course.training.files import whole

TILE = 160
GAP = 6
CAPTION = 20


def save_mask(path: Path, mask: Tensor, num_classes: int) -> None:
    """Write a predicted mask uint8 `(H, W)`: 0 and 255, or a palette PNG with the classes as 1..K."""
    if num_classes == 1:
        Image.fromarray(mask.numpy() * 255).save(path)
        return
    image = Image.fromarray(mask.numpy() + 1, mode="L")
    image.putpalette([channel for colour in FACADE_COLOURS for channel in colour])
    image.save(path)


def binary_tile(image: Tensor, mask: Tensor, truth: Tensor | None) -> list[Image.Image]:
    """Return an image, and it again under its mask: right, too much and missed pixels each in their colour."""
    image, mask = _small(image), _nearest(mask).astype(bool)
    layers = [(mask, GREEN)]
    if truth is not None:
        true = _nearest(truth).astype(bool)
        layers = [(mask & true, GREEN), (mask & ~true, VERMILION), (~mask & true, SKY)]
    over = image.astype(np.float32)
    for where, colour in layers:
        strength = 0.3 if colour == GREEN else 0.75
        over[where] = (1 - strength) * over[where] + strength * np.array(colour)
    return [Image.fromarray(image), Image.fromarray(over.astype(np.uint8))]


def classes_tile(image: Tensor, mask: Tensor, truth: Tensor | None) -> list[Image.Image]:
    """Return an image, its predicted classes and, where it is known, the truth, in the facades' colours."""
    colours = np.zeros((256, 3), np.uint8)
    colours[: len(FACADE_COLOURS) - 1] = FACADE_COLOURS[1:]
    maps = [mask] if truth is None else [mask, truth]
    return [Image.fromarray(_small(image)), *[Image.fromarray(colours[_nearest(m)]) for m in maps]]


def sheet(
    images: list[Tensor], masks: list[Tensor], truths: list[Tensor] | None, names: list[str], binary: bool
) -> Image.Image:
    """Return a contact sheet.

    Args:
        images: uint8 `(3, H, W)` each.
        masks: predictions, uint8 `(H, W)` each.
        truths: what is right, likewise; None: not known.
        names: what to write under each image.
        binary: masks of 0 and 1, else classes.
    """
    make = binary_tile if binary else classes_tile
    tiles = [make(i, m, t) for i, m, t in zip(images, masks, truths or [None] * len(images), strict=True)]
    wide = len(tiles[0])
    columns = max(1, min(len(tiles), 6 // wide))
    rows = -(-len(tiles) // columns)
    cell = (wide * (TILE + 2) + GAP, TILE + CAPTION)
    page = Image.new("RGB", (columns * cell[0] + GAP, rows * cell[1] + CAPTION + GAP), "white")
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size=12)
    _legend(draw, font, binary, truths is not None)
    for number, (pictures, name) in enumerate(zip(tiles, names, strict=True)):
        x, y = GAP + number % columns * cell[0], CAPTION + number // columns * cell[1]
        for place, picture in enumerate(pictures):
            page.paste(picture, (x + place * (TILE + 2), y))
        draw.text((x, y + TILE + 1), name, "black", font)
    return page


def overlays(path: Path, images: Tensor, masks: Tensor, truths: Tensor, binary: bool) -> None:
    """Write the sheet of some items: images `(N, 3, S, S)`, masks and truths `(N, S, S)` or `(N, 1, S, S)`."""
    names = [str(number + 1) for number in range(len(images))]
    flat = [maps.reshape(-1, *maps.shape[-2:]).byte().cpu() for maps in (masks, truths)]
    with whole(path) as unfinished:
        sheet(list(images.cpu()), list(flat[0]), list(flat[1]), names, binary).save(unfinished)


def _legend(draw: ImageDraw.ImageDraw, font: ImageFont.ImageFont, binary: bool, truth: bool) -> None:
    if not binary:
        draw.text((GAP, 3), "image, prediction" + (", truth" if truth else ""), "black", font)
        for number, colour in enumerate(FACADE_COLOURS):
            x = GAP + 170 + number * 25
            draw.rectangle((x, 4, x + 10, 16), colour)
            draw.text((x + 12, 3), str(number), "black", font)
        return
    entries = [(GREEN, "right"), (VERMILION, "too much"), (SKY, "missed")] if truth else [(GREEN, "predicted")]
    x = GAP
    for colour, text in entries:
        draw.rectangle((x, 4, x + 12, 16), colour)
        draw.text((x + 16, 3), text, "black", font)
        x += 90


def _small(image: Tensor) -> np.ndarray:
    small = F.interpolate(image[None].float(), size=(TILE, TILE), mode="bilinear", antialias=True)[0]
    return small.round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).cpu().numpy()


def _nearest(mask: Tensor) -> np.ndarray:
    return F.interpolate(mask[None, None].float(), size=(TILE, TILE), mode="nearest")[0, 0].byte().cpu().numpy()
