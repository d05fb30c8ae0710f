"""From a map of cells to what a microscope shows: halo, cytoplasm, lamellipodia, debris, light, noise."""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from course.data.canvas import smooth_noise
from course.data.cell_shape import Cell, Drawn


@dataclass
class Look:
    """How cells of one recording appear. Amplitudes are in units of the sensor's range [0, 1]."""

    offset: float  # mean brightness of a cell's body minus background
    dome: float  # additional brightness towards the thickest point
    mottle: float  # cytoplasm, smooth texture
    mottle_scale: float
    granules: float  # small bright and dark bodies
    granule_density: float  # per pixel
    halo: float
    halo_width: float
    rim: float  # dark line just inside the outline
    relief: float  # slope shading, as differential interference contrast shows it
    nucleus: float
    background: float
    gradient: float  # uneven illumination across the frame
    cloud: float  # uneven illumination, irregular
    debris: int
    noise: float
    blur: float
    light: float  # direction of the slope shading


def paint(
    drawn: Drawn, cells: list[Cell], look: Look, time: float, rng_still: np.random.Generator, rng: np.random.Generator
) -> np.ndarray:
    """Paint the frame as uint8 (H, W, 3), grey repeated.

    `rng_still` draws what stays the same in a recording (light, debris, texture), `rng` what differs in each
    frame (noise). `rng_still` must be made afresh from the same seed for every frame.
    """
    ids, shape = drawn.ids, drawn.ids.shape
    inside = ids > 0
    edges = _edges(ids)
    depth = ndimage.distance_transform_edt(inside & ~edges)
    outside = ndimage.distance_transform_edt(~inside)

    image = _illumination(look, shape, rng_still)
    image += _debris(look, shape, time, rng_still)
    image += _body(drawn, cells, look, depth, time, rng_still)
    image += _halo(drawn, look, depth, outside, rng_still)
    image += 0.35 * look.noise * smooth_noise(rng_still, shape, 2.0)  # the dish is never perfectly clean
    image = ndimage.gaussian_filter(image, look.blur)
    image += look.noise * rng.standard_normal(shape)
    grey = np.clip(np.rint(255.0 * image), 0, 255).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _edges(ids: np.ndarray) -> np.ndarray:
    """Pixels whose right or lower neighbour belongs to something else."""
    edges = np.zeros(ids.shape, bool)
    edges[:, :-1] |= ids[:, :-1] != ids[:, 1:]
    edges[:-1] |= ids[:-1] != ids[1:]
    return edges


def _illumination(look: Look, shape: tuple[int, int], rng: np.random.Generator) -> np.ndarray:
    rows, columns = np.meshgrid(np.linspace(-1, 1, shape[0]), np.linspace(-1, 1, shape[1]), indexing="ij")
    direction = rng.uniform(0, 2 * np.pi)
    slope = np.cos(direction) * columns + np.sin(direction) * rows
    cloud = smooth_noise(rng, shape, 0.6 * min(shape))
    return look.background + look.gradient * slope + look.cloud * cloud


def _spot(shape: tuple[int, int], row: float, column: float, sigma: float) -> np.ndarray:
    """A Gaussian spot of height 1: the outer product of two curves."""
    down = np.exp(-(((np.arange(shape[0]) - row) / sigma) ** 2) / 2)
    across = np.exp(-(((np.arange(shape[1]) - column) / sigma) ** 2) / 2)
    return np.outer(down, across)


def _debris(look: Look, shape: tuple[int, int], time: float, rng: np.random.Generator) -> np.ndarray:
    """Out-of-focus particles that drift: a spot with a ring of the opposite sign."""
    image = np.zeros(shape)
    for _ in range(look.debris):
        row, column = rng.uniform(0, shape[0]), rng.uniform(0, shape[1])
        drift = rng.normal(0, 1.0, 2) * time
        sigma = rng.uniform(1.5, 6.0)
        height = rng.choice([-1.0, 1.0]) * rng.uniform(0.04, 0.16)
        ring = rng.uniform(0.3, 0.8)
        where = (row + drift[0], column + drift[1])
        image += height * (_spot(shape, *where, sigma) - ring * _spot(shape, *where, 1.7 * sigma))
    return image


def _body(drawn: Drawn, cells: list[Cell], look: Look, depth, time: float, rng: np.random.Generator) -> np.ndarray:
    """Everything inside the outlines. Texture is drawn once for the recording and moves with its cell."""
    ids, shape = drawn.ids, drawn.ids.shape
    mottle = smooth_noise(rng, shape, look.mottle_scale) + 0.7 * smooth_noise(rng, shape, look.mottle_scale / 2.5)
    lighter = smooth_noise(rng, shape, 0.35 * min(shape))
    dots = _granules(cells, shape, look, time)
    image = np.zeros(shape)
    height = np.zeros(shape)
    for number, cell in enumerate(cells, start=1):
        box = drawn.boxes.get(number)
        mine = ids[box] == number
        if not mine.any():
            continue
        # The middle of the texture goes to the cell's centre, so that its seam stays far outside the cell.
        moving = np.rint(cell.at(time) - 0.5 * np.array(shape)).astype(int)
        moved = np.roll(mottle, moving, (0, 1))[box]
        patchy = np.roll(lighter, moving, (0, 1))[box]
        thick = drawn.thickness[box] * mine
        dome = 1.0 - np.exp(-depth[box] / (0.35 * cell.radius))
        glow = 1.0 + 1.2 * cell.roundness  # a cell about to divide is round, thick and bright
        nucleus = _nucleus(cell, box, time) * look.nucleus
        image[box] += thick * (
            look.offset * glow + look.dome * glow * dome + look.mottle * (moved + 0.8 * patchy) + nucleus
        )
        height[box] += thick * (dome + 0.12 * moved)
    image += dots * np.where(ids > 0, drawn.thickness**0.5, 0.0)
    if look.relief:
        image += look.relief * _relief(height, look.light)
    return image


def _nucleus(cell: Cell, box: tuple[slice, slice], time: float) -> np.ndarray:
    """A flat ellipse with a rim and two nucleoli, about 1 high; gone while the cell divides."""
    rows, columns = np.mgrid[box]
    row, column = cell.at(time)
    angle = cell.angle + 0.7
    along = np.cos(angle) * (columns - column) + np.sin(angle) * (rows - row)
    across = -np.sin(angle) * (columns - column) + np.cos(angle) * (rows - row)
    radius = np.hypot(along / 1.25, across) / (0.38 * cell.radius)
    body = 1.0 / (1.0 + np.exp(10.0 * (radius - 1.0)))
    rim = np.exp(-(((radius - 1.0) / 0.12) ** 2))
    spots = sum(
        np.exp(-((along - a * cell.radius) ** 2 + (across - b * cell.radius) ** 2) / (0.006 * cell.radius**2 + 1.0))
        for a, b in ((0.12, 0.05), (-0.15, -0.08))
    )
    return (1.0 - cell.roundness) * (0.8 * body - 1.4 * rim - 1.2 * spots)


def _granules(cells: list[Cell], shape: tuple[int, int], look: Look, time: float) -> np.ndarray:
    """Small bodies in the cytoplasm, most of them dark with a bright ring, some bright."""
    points = np.zeros((2, *shape))
    for cell in cells:
        rng = np.random.default_rng(cell.seed)
        count = int(look.granule_density * np.pi * cell.radius**2)
        distance, angle = np.sqrt(rng.uniform(0, 1.3, count)), rng.uniform(0, 2 * np.pi, count)
        jitter = rng.uniform(0, 2 * np.pi, (2, count))
        value = rng.choice([-1.0, -1.0, 1.0], count) * rng.uniform(0.3, 1.0, count)
        coarse = (rng.uniform(size=count) < 0.25).astype(int)
        row, column = cell.at(time)
        turned = angle + cell.angle + cell.spin * time
        rows = row + cell.radius * distance * np.sin(turned) + 1.2 * np.sin(jitter[0] + time)
        columns = column + cell.radius * distance * np.cos(turned) + 1.2 * np.cos(jitter[1] + time)
        rows, columns = np.rint(rows).astype(int), np.rint(columns).astype(int)
        kept = (rows >= 0) & (rows < shape[0]) & (columns >= 0) & (columns < shape[1])
        np.add.at(points, (coarse[kept], rows[kept], columns[kept]), value[kept])
    # A difference of Gaussians: a small disc and the ring that phase contrast puts around it.
    fine = 8.0 * ndimage.gaussian_filter(points[0], 0.9) - 8.0 * ndimage.gaussian_filter(points[0], 1.9)
    large = 30.0 * ndimage.gaussian_filter(points[1], 1.7) - 22.0 * ndimage.gaussian_filter(points[1], 3.0)
    return look.granules * (fine + large)


def _relief(height: np.ndarray, light: float) -> np.ndarray:
    smooth = ndimage.gaussian_filter(height, 1.2)
    down, across = np.gradient(smooth)
    return np.cos(light) * across + np.sin(light) * down


def _halo(drawn: Drawn, look: Look, depth, outside, rng: np.random.Generator) -> np.ndarray:
    """Bright outside the outline, dark just inside it, both fainter where the cell is thin."""
    inside = drawn.ids > 0
    # Thickness near the outline, carried outwards: thin lamellipodia throw hardly any halo.
    weight = ndimage.gaussian_filter(inside.astype(float), 3.0)
    strength = ndimage.gaussian_filter(drawn.thickness.astype(float), 3.0) / np.maximum(weight, 0.02)
    strength = np.clip(strength, 0.4, 1.0)
    varied = np.clip(1.0 + 0.35 * smooth_noise(rng, inside.shape, 20.0), 0.2, 1.8)
    bright = look.halo * np.exp(-outside / look.halo_width) * ~inside
    dark = -look.rim * np.exp(-(((depth - 1.0) / 1.8) ** 2)) * inside
    return strength * varied * (bright + dark)
