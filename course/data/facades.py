"""Facades with the twelve classes of the CMP Facade Database, made up: floors, windows, and what adorns them."""

from pathlib import Path

import numpy as np
from PIL import Image

from course.data import facade_paint as paint
from course.data.canvas import Stream, encode_jpeg, resize_image, resize_label, rng_for, smooth_noise, through_jpeg
from course.data.folders import watched

JPEG_QUALITY = 92
COUNT = 40
IGNORED = 255  # what an unlabelled pixel becomes in a target

CLASSES = (
    "background", "facade", "window", "door", "cornice", "sill",
    "balcony", "blind", "deco", "molding", "pillar", "shop",
)  # fmt: skip
COLOURS = (
    (0, 0, 0), (0, 0, 222), (0, 48, 255), (0, 132, 255), (0, 207, 255), (36, 252, 228), (112, 252, 144),
    (192, 252, 60), (255, 240, 0), (255, 160, 0), (255, 84, 0), (255, 0, 0), (178, 0, 0),
)  # fmt: skip
BACKGROUND, FACADE, WINDOW, DOOR, CORNICE, SILL, BALCONY, BLIND, DECO, MOLDING, PILLAR, SHOP = range(1, 13)


def fresh_facades(seed: int, count: int, size: int) -> tuple[np.ndarray, np.ndarray]:
    """Return unseen facades, ready for a model.

    Images float32 (count, 3, size, size) in [0, 1], through JPEG and resized bilinearly; labels int64
    (count, size, size): classes 0..11, and 255 where nothing is labelled. Never a facade of the embedded set.
    """
    images = np.empty((count, 3, size, size), np.float32)
    labels = np.empty((count, size, size), np.int64)
    for i in range(count):
        image, label = make_facade(rng_for(Stream.FRESH_FACADES, seed, i))
        images[i] = resize_image(through_jpeg(image, JPEG_QUALITY), size)
        small = resize_label(label, size).astype(np.int64)
        labels[i] = np.where(small == 0, IGNORED, small - 1)
    return images, labels


def make_facade(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return an image uint8 (H, W, 3) and its label uint8 (H, W), ids 1..12, 0 = unlabelled; 128..160 a side."""
    return Facade(rng, (int(rng.integers(128, 161)), int(rng.integers(128, 161)))).picture()


class Facade:
    """One facade while it is being built: later parts cover earlier ones, in image and label alike."""

    def __init__(self, rng: np.random.Generator, shape: tuple[int, int]):
        self.rng, self.shape = rng, shape
        self.paints = paint.draw_paints(rng)
        self.image = np.zeros((*shape, 3), np.float32)
        self.label = np.zeros(shape, np.uint8)
        height, width = shape
        self.top = int(height * rng.uniform(0.05, 0.16))
        self.bottom = int(height * rng.uniform(0.90, 0.97))
        self.left = int(width * rng.choice([0.0, rng.uniform(0.04, 0.15)]))
        self.right = int(width * (1.0 - rng.choice([0.0, rng.uniform(0.04, 0.15)])))
        self.has = {name: rng.uniform() < share for name, share in SHARES.items()}
        self._surroundings()
        self._wall()
        self._floors()
        self._unlabelled()

    def picture(self) -> tuple[np.ndarray, np.ndarray]:
        """Light, shadow and noise over what was built; returns image and label."""
        rng, (height, width) = self.rng, self.shape
        rows, columns = np.mgrid[0 : 1 : height * 1j, 0 : 1 : width * 1j]
        light = 1.0 + 0.12 * smooth_noise(rng, self.shape, 70.0) + rng.uniform(-0.12, 0.12) * (columns - 0.5)
        if rng.uniform() < 0.5:  # the shadow of a house across the street
            slant = rng.uniform(-0.6, 0.6)
            light = np.where(rows + slant * columns > rng.uniform(0.4, 0.9), light * rng.uniform(0.68, 0.88), light)
        image = self.image * light[:, :, None] * rng.uniform(0.9, 1.1)
        image = image + rng.normal(0, 0.012, image.shape)
        return np.clip(np.rint(255 * image), 0, 255).astype(np.uint8), self.label

    def put(self, kind: int, top: float, bottom: float, left: float, right: float, make) -> None:
        """Cover a rectangle: `make(size)` paints it. Parts smaller than two pixels are left out."""
        rows = slice(max(0, round(top)), min(self.shape[0], round(bottom)))
        columns = slice(max(0, round(left)), min(self.shape[1], round(right)))
        size = (rows.stop - rows.start, columns.stop - columns.start)
        if min(size) < 2:
            return
        self.image[rows, columns] = make(size)
        self.label[rows, columns] = kind

    def _cornice(self, size: paint.Size) -> np.ndarray:
        return paint.ledge(size, self.paints.trim, 4)

    def _surroundings(self) -> None:
        rng, paints, (height, width) = self.rng, self.paints, self.shape
        self.put(BACKGROUND, 0, height, 0, width, lambda size: paint.flat(size, paints.sky))
        self.image += 0.03 * smooth_noise(rng, self.shape, 40.0)[:, :, None]
        for left, right in ((0, self.left), (self.right, width)):
            if rng.uniform() < 0.6:  # a neighbouring house
                colour = np.clip(paints.wall + rng.uniform(-0.25, 0.25, 3), 0.05, 0.95)
                top = self.top + rng.uniform(-8, 25)
                self.put(BACKGROUND, top, height, left, right, lambda s, c=colour: paint.plaster(rng, s, c, 0))
        self.put(BACKGROUND, self.bottom, height, 0, width, lambda s: paint.plaster(rng, s, paints.street, 0))

    def _wall(self) -> None:
        rng, paints = self.rng, self.paints
        courses = int(rng.choice([0, 0, 3, 4]))
        self.put(
            FACADE, self.top, self.bottom, self.left, self.right,
            lambda s: paint.plaster(rng, s, paints.wall, courses),
        )  # fmt: skip

    def _floors(self) -> None:
        rng = self.rng
        floors, axes = int(rng.integers(3, 5)), int(rng.integers(3, 6))
        crown = int(rng.integers(6, 10)) if self.has["crown"] else 0
        ground = (self.bottom - self.top) * rng.uniform(0.24, 0.32)
        upper = (self.bottom - self.top - crown - ground) / (floors - 1)
        pitch = (self.right - self.left) / axes
        self.widths = (rng.uniform(0.40, 0.52) * pitch, rng.uniform(0.50, 0.62) * upper)
        self.bars = (int(rng.integers(0, 2)), int(rng.integers(0, 2)))
        self.solid = rng.uniform() < 0.4
        for floor in range(floors - 1):
            top = self.top + crown + floor * upper
            if self.has["band"] and floor > 0:
                self.put(CORNICE, top - 2, top + 3, self.left, self.right, self._cornice)
            balconies = self.has["balcony"] and floor == floors - 2
            for axis in range(axes):
                self._window(top, upper, self.left + (axis + 0.5) * pitch, balconies and axis % 2 == 0, floor)
        self._pillars(self.top + crown, self.bottom - ground, pitch, axes)
        if crown:
            self.put(CORNICE, self.top, self.top + crown, self.left - 2, self.right + 2, self._cornice)
        self._ground_floor(self.bottom - ground, pitch, axes)

    def _window(self, top: float, floor_height: float, middle: float, balcony: bool, floor: int) -> None:
        rng, paints = self.rng, self.paints
        width, height = self.widths
        head = top + 0.62 * (floor_height - height) + rng.uniform(-0.5, 0.5)
        foot, left, right = head + height, middle - width / 2, middle + width / 2
        if self.has["deco"] and floor % 2 == 0:
            self._ornament(head - min(8.0, 0.7 * (head - top) + 3.0), head, left - 1, right + 1)
        self.put(WINDOW, head, foot, left, right, lambda s: paint.glass(rng, s, paints, self.bars))
        if self.has["shutters"]:
            for inner, outer in ((left - width * 0.38, left), (right, right + width * 0.38)):
                self.put(BLIND, head, foot, inner, outer, lambda s: paint.slats(s, paints.shutter))
        elif self.has["rollers"] and rng.uniform() < 0.6:
            end = head + height * rng.uniform(0.3, 0.7)
            self.put(BLIND, head, end, left, right, lambda s: paint.slats(s, paints.shutter))
        if self.has["sills"]:
            self.put(SILL, foot, foot + 4, left - 3, right + 3, lambda s: paint.ledge(s, paints.trim * 1.05, 0))
        if balcony:
            rows = slice(round(foot - 0.4 * height), round(foot + 4))
            columns = slice(max(0, round(left - 5)), min(self.shape[1], round(right + 5)))
            behind = self.image[rows, columns].copy()
            self.put(
                BALCONY, rows.start, rows.stop, columns.start, columns.stop,
                lambda s: paint.railing(s, paints, behind, self.solid),
            )  # fmt: skip

    def _ornament(self, top: float, bottom: float, left: float, right: float) -> None:
        rows = slice(max(0, round(top)), round(bottom))
        columns = slice(max(0, round(left)), min(self.shape[1], round(right)))
        size = (rows.stop - rows.start, columns.stop - columns.start)
        if min(size) < 3:
            return
        picture, covered = paint.ornament(size, self.paints.trim)
        self.image[rows, columns][covered] = picture[covered]
        self.label[rows, columns][covered] = DECO

    def _pillars(self, top: float, bottom: float, pitch: float, axes: int) -> None:
        if not self.has["pillars"]:
            return
        half = max(2.0, 0.085 * pitch)
        inner = range(0, axes + 1, int(self.rng.integers(1, 3)))
        for axis in inner:
            middle = np.clip(self.left + axis * pitch, self.left + half, self.right - half)
            self.put(
                PILLAR, top, bottom, middle - half, middle + half,
                lambda s: paint.column(s, self.paints.trim),
            )  # fmt: skip

    def _ground_floor(self, top: float, pitch: float, axes: int) -> None:
        rng, paints = self.rng, self.paints
        ledge = rng.uniform(4, 7)
        if self.has["molding"]:
            self.put(
                MOLDING, top, self.bottom, self.left, self.right,
                lambda s: paint.blocks(s, 0.5 * paints.wall + 0.5 * paints.trim, 5, 12),
            )  # fmt: skip
        if self.has["band"] or not self.has["molding"]:
            self.put(CORNICE, top - 1, top + ledge, self.left, self.right, self._cornice)
        entrance = int(rng.integers(0, axes))
        for axis in range(axes):
            middle, head = self.left + (axis + 0.5) * pitch, top + ledge + 2
            if axis == entrance:
                half = 0.30 * pitch
                self.put(DOOR, head, self.bottom, middle - half, middle + half, lambda s: paint.door(s, paints))
            elif self.has["shops"]:
                half = 0.42 * pitch
                self.put(SHOP, head, self.bottom, middle - half, middle + half, lambda s: paint.shop(rng, s, paints))
            else:
                half, foot = self.widths[0] / 2, self.bottom - 0.28 * (self.bottom - head)
                self.put(
                    WINDOW, head, foot, middle - half, middle + half,
                    lambda s: paint.glass(rng, s, paints, self.bars),
                )  # fmt: skip

    def _unlabelled(self) -> None:
        """A black wedge, as straightening a photograph leaves it; and a lamp-post in front of it all."""
        rng, (height, width) = self.rng, self.shape
        if rng.uniform() < 0.5:
            rows, columns = np.mgrid[0:height, 0:width]
            if rng.uniform() < 0.5:
                columns = width - 1 - columns
            wedge = columns < rng.uniform(3, 12) * (1.0 - rows / (height * rng.uniform(0.4, 1.0)))
            self.image[wedge] = 0.0
            self.label[wedge] = 0
        if rng.uniform() < 0.4:
            middle, top = rng.uniform(0.1, 0.9) * width, rng.uniform(0.3, 0.6) * height
            self.put(0, top, height, middle - 1, middle + 1, lambda s: paint.flat(s, self.paints.iron))


# How often a facade has each adornment.
SHARES = {
    "crown": 0.85, "band": 0.5, "balcony": 0.55, "deco": 0.5, "shutters": 0.4, "rollers": 0.6,
    "sills": 0.7, "pillars": 0.5, "molding": 0.6, "shops": 0.6,
}  # fmt: skip


def write_facades(folder: Path, seed: int) -> None:
    """Write the embedded set into `folder`/base: cmp_b0001.jpg and .png up to 40, and label_names.txt."""
    base = folder / "base"
    base.mkdir(parents=True)
    for number in watched(range(1, COUNT + 1), "facades"):
        image, label = make_facade(rng_for(Stream.EMBEDDED_FACADES, seed, number))
        (base / f"cmp_b{number:04d}.jpg").write_bytes(encode_jpeg(image, JPEG_QUALITY))
        save_label(label, base / f"cmp_b{number:04d}.png")
    names = "".join(f"{k} {name}\n" for k, name in enumerate(CLASSES, start=1))
    (folder / "label_names.txt").write_text(names)


def save_label(label: np.ndarray, path: Path) -> None:
    """Save ids (H, W) uint8 as a palette PNG in the colours of the CMP database."""
    picture = Image.frombytes("P", label.shape[::-1], np.ascontiguousarray(label).tobytes())
    picture.putpalette([value for colour in COLOURS for value in colour])
    picture.save(path, optimize=True)
