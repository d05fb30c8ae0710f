"""Shapes of cells: outlines that move, deform and divide, drawn into one map of instances."""

from dataclasses import dataclass, field, replace

import numpy as np

from course.data.canvas import smooth_noise

TURN = 2.0 * np.pi


@dataclass
class Lobe:
    """A protrusion of the outline: a lamellipodium (wide) or a tail (narrow) that grows and retracts."""

    angle: float
    width: float
    length: float
    speed: float
    phase: float

    def reach(self, time: float) -> float:
        """How far it stands out at `time`, in radii of its cell."""
        return self.length * (0.6 + 0.4 * np.sin(self.phase + self.speed * time))


@dataclass
class Cell:
    """One cell. Lengths in pixels, angles in radians, time in frames; positions are (row, column)."""

    centre: np.ndarray
    velocity: np.ndarray
    radius: float
    aspect: float
    angle: float
    spin: float
    waves: list[tuple[int, float, float, float]]  # (k, amplitude, phase, speed) of cos(k angle)
    lobes: list[Lobe] = field(default_factory=list)
    seed: int = 0  # of its granules
    roundness: float = 0.0  # 1 = a ball, as a cell is before it divides

    def at(self, time: float) -> np.ndarray:
        """Centre at `time`: a straight drift with a little wobble."""
        wobble = 1.5 * np.array([np.sin(1.3 * time + self.angle), np.cos(1.1 * time + self.angle)])
        return self.centre + self.velocity * time + wobble

    def core(self, theta: np.ndarray, time: float) -> np.ndarray:
        """Outline without lobes: radius over angle in the cell's own frame, about 1."""
        radius = np.ones_like(theta)
        for k, amplitude, phase, speed in self.waves:
            radius += (1.0 - self.roundness) * amplitude * np.cos(k * theta + phase + speed * time)
        return np.maximum(radius, 0.35)

    def protrusion(self, theta: np.ndarray, time: float) -> np.ndarray:
        """What the lobes add to the outline."""
        extra = np.zeros_like(theta)
        for lobe in self.lobes:
            away = np.angle(np.exp(1j * (theta - lobe.angle)))
            extra += (1.0 - self.roundness) * lobe.reach(time) * np.exp(-((away / lobe.width) ** 2))
        return extra


def make_cell(rng: np.random.Generator, centre: np.ndarray, radius: float, aspect: float, lobes: int) -> Cell:
    """Draw a cell with the given size; `lobes` counts its lamellipodia and tails."""
    waves = [
        (k, rng.uniform(0.3, 1.0) * 0.16 / (k - 1) ** 0.8, rng.uniform(0, TURN), rng.uniform(-0.5, 0.5))
        for k in range(2, 8)
    ]
    drawn = [
        Lobe(
            angle=rng.uniform(0, TURN),
            width=rng.choice([rng.uniform(0.12, 0.25), rng.uniform(0.35, 0.75)]),
            length=rng.uniform(0.3, 0.95),
            speed=rng.uniform(0.3, 0.9),
            phase=rng.uniform(0, TURN),
        )
        for _ in range(lobes)
    ]
    velocity = rng.normal(0.0, 1.5, 2)
    angle, spin, seed = rng.uniform(0, TURN), rng.normal(0, 0.06), int(rng.integers(1, 2**62))
    return Cell(centre, velocity, radius, aspect, angle, spin, waves, drawn, seed)


def divide(cell: Cell, phase: float) -> list[Cell]:
    """Return the cell at `phase` of its division: below 0 untouched, towards 1 a ball, up to 2 two cells apart."""
    if phase <= 0.0:
        return [cell]
    roundness = min(1.0, phase)
    apart = max(0.0, phase - 1.0)
    radius = cell.radius * (1.0 - 0.22 * roundness)
    if apart == 0.0:
        aspect = 1.0 + (cell.aspect - 1.0) * (1.0 - roundness)
        return [replace(cell, radius=radius, aspect=aspect, roundness=roundness)]
    radius *= 1.0 - 0.27 * min(1.0, 2.0 * apart)
    shift = 1.35 * radius * apart**0.7 * np.array([np.sin(cell.angle), np.cos(cell.angle)])
    return [
        replace(
            cell,
            centre=cell.centre + side * shift,
            radius=radius,
            aspect=1.0 + 0.2 * apart,
            roundness=1.0 - 0.6 * apart,
            angle=cell.angle + turn,
            seed=cell.seed + side,
        )
        for side, turn in ((-1, 0.0), (1, np.pi))
    ]


@dataclass
class Drawn:
    """Cells as drawn into a frame of (H, W) pixels."""

    ids: np.ndarray  # (H, W) int32, 0 = background, k = k-th cell
    thickness: np.ndarray  # (H, W) float32, 1 in a cell's body, towards 0 in its lamellipodia, 0 outside
    boxes: dict[int, tuple[slice, slice]]


def draw_cells(cells: list[Cell], shape: tuple[int, int], time: float, ruffle: np.ndarray) -> Drawn:
    """Draw the cells at `time`.

    `ruffle` (2, H, W) shifts each pixel before it is asked which cell it is in, so that outlines are frayed.
    Where cells meet, the one that the pixel lies deeper in takes it.
    """
    ids = np.zeros(shape, np.int32)
    best = np.full(shape, 1.0, np.float32)
    thickness = np.zeros(shape, np.float32)
    boxes = {}
    for number, cell in enumerate(cells, start=1):
        centre = cell.at(time)
        reach = cell.radius * max(cell.aspect, 1.0) ** 0.5 * (1.35 + max([b.length for b in cell.lobes], default=0))
        box = tuple(
            slice(int(np.clip(c - reach - 4, 0, n)), int(np.clip(c + reach + 5, 0, n)))
            for c, n in zip(centre, shape, strict=True)
        )
        boxes[number] = box
        if any(side.stop <= side.start for side in box):
            continue
        relative, body = _distance(cell, centre, box, time, ruffle)
        mine = relative < best[box]
        ids[box] = np.where(mine, number, ids[box])
        thickness[box] = np.where(mine, body, thickness[box])
        best[box] = np.where(mine, relative, best[box])
    return Drawn(ids, thickness, boxes)


def _distance(cell, centre, box, time, ruffle) -> tuple[np.ndarray, np.ndarray]:
    """Return the relative distance (1 on the outline) and the thickness of the body, both over `box`."""
    rows, columns = np.mgrid[box]
    dy = rows - centre[0] + ruffle[0][box]
    dx = columns - centre[1] + ruffle[1][box]
    angle = cell.angle + cell.spin * time
    along = (np.cos(angle) * dx + np.sin(angle) * dy) / (cell.radius * cell.aspect**0.5)
    across = (-np.sin(angle) * dx + np.cos(angle) * dy) / (cell.radius / cell.aspect**0.5)
    distance = np.hypot(along, across)
    theta = np.arctan2(across, along)
    # Radii are computed for a table of angles and looked up: thousands of pixels, few angles.
    table = np.linspace(-np.pi, np.pi, 257)
    core = np.interp(theta, table, cell.core(table, time))
    outline = core + np.interp(theta, table, cell.protrusion(table, time))
    body = 1.0 / (1.0 + np.exp(12.0 * (distance / core - 0.95)))
    return (distance / outline).astype(np.float32), (0.45 + 0.55 * body).astype(np.float32)


def make_ruffle(rng: np.random.Generator, shape: tuple[int, int], strength: float) -> np.ndarray:
    """Return the shifts (2, H, W) in pixels that fray outlines."""
    wide = np.stack([smooth_noise(rng, shape, 14.0) for _ in range(2)])
    fine = np.stack([smooth_noise(rng, shape, 5.0) for _ in range(2)])
    return strength * wide + 0.35 * strength * fine
