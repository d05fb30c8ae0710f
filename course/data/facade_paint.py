"""What the parts of a facade are made of: small pictures (H, W, 3) of glass, shutters, railings, plaster.

Every function fills a rectangle of the asked size with float32 colours in [0, 1]. A part is told by its pattern
and its place; its colours are drawn anew for every facade.
"""

from dataclasses import dataclass

import numpy as np

from course.data.canvas import smooth_noise

Size = tuple[int, int]


@dataclass
class Paints:
    """The colours of one facade, each (3,) in [0, 1]."""

    wall: np.ndarray
    trim: np.ndarray  # cornices, sills, pillars: plaster, near the wall's colour
    glass: np.ndarray
    frame: np.ndarray
    shutter: np.ndarray
    wood: np.ndarray
    iron: np.ndarray
    sign: np.ndarray
    sky: np.ndarray
    street: np.ndarray


def draw_paints(rng: np.random.Generator) -> Paints:
    """Draw the colours of a facade. Ranges overlap on purpose: no colour belongs to one class."""
    wall = _tinted(rng, rng.uniform(0.42, 0.75), 0.10)
    lighter = rng.choice([-1.0, 1.0], p=[0.3, 0.7]) * rng.uniform(0.12, 0.24)
    return Paints(
        wall=wall,
        trim=np.clip(wall + lighter + rng.normal(0, 0.02, 3), 0.1, 0.95),
        glass=_tinted(rng, rng.uniform(0.06, 0.25), 0.05),
        frame=_tinted(rng, rng.choice([rng.uniform(0.15, 0.35), rng.uniform(0.7, 0.95)]), 0.08),
        shutter=_tinted(rng, rng.uniform(0.2, 0.75), 0.22),
        wood=_tinted(rng, rng.uniform(0.12, 0.45), 0.15),
        iron=_tinted(rng, rng.choice([rng.uniform(0.05, 0.2), rng.uniform(0.6, 0.85)]), 0.05),
        sign=_tinted(rng, rng.uniform(0.35, 0.65), 0.35),
        sky=_tinted(rng, rng.uniform(0.55, 0.95), 0.1) + np.array([-0.04, 0.0, 0.06]),
        street=_tinted(rng, rng.uniform(0.2, 0.5), 0.04),
    )


def _tinted(rng: np.random.Generator, lightness: float, tint: float) -> np.ndarray:
    return np.clip(lightness + rng.uniform(-tint, tint, 3), 0.02, 0.98)


def flat(size: Size, colour: np.ndarray) -> np.ndarray:
    """One colour."""
    return np.broadcast_to(colour, (*size, 3)).astype(np.float32)


def plaster(rng: np.random.Generator, size: Size, colour: np.ndarray, courses: int) -> np.ndarray:
    """Wall: stains and, where `courses` is above 0, faint joints every so many rows."""
    stains = 0.025 * smooth_noise(rng, size, 18.0) + 0.012 * rng.standard_normal(size)
    if courses:
        stains[::courses] -= 0.05
    return flat(size, colour) + stains[:, :, None].astype(np.float32)


def glass(rng: np.random.Generator, size: Size, paints: Paints, bars: Size) -> np.ndarray:
    """Window: dark panes with a reflection of the sky, a frame around, `bars` (rows, columns) across."""
    height, width = size
    share = np.clip(np.linspace(1.3, -0.3, height) * rng.uniform(0.1, 0.7), 0, 1)[:, None, None]
    out = flat(size, paints.glass) * (1 - share) + paints.sky * share * 0.8
    out = out + 0.06 * smooth_noise(rng, size, 4.0)[:, :, None]
    if rng.uniform() < 0.4:  # a curtain
        out[: height // 2] = 0.5 * out[: height // 2] + 0.35
    out[[0, -1]] = paints.frame
    out[:, [0, -1]] = paints.frame
    for k in range(1, bars[0] + 1):
        out[k * height // (bars[0] + 1)] = paints.frame
    for k in range(1, bars[1] + 1):
        out[:, k * width // (bars[1] + 1)] = paints.frame
    return out.astype(np.float32)


def slats(size: Size, colour: np.ndarray) -> np.ndarray:
    """Shutter or roller blind: a light and a dark row by turns."""
    out = flat(size, colour).copy()
    out[1::2] *= 0.72
    return out


def door(size: Size, paints: Paints) -> np.ndarray:
    """Two wings with panels, and a light above."""
    height, width = size
    out = flat(size, paints.wood).copy()
    out[: max(2, height // 6)] = 0.5 * paints.glass + 0.3
    out[:, width // 2] *= 0.5
    for top in (0.28, 0.64):
        for left in (0.12, 0.6):
            rows = slice(int(top * height), int((top + 0.26) * height))
            columns = slice(int(left * width), int((left + 0.3) * width))
            out[rows, columns] *= 0.7
    out[:, [0, -1]] = paints.trim * 0.8
    return out


def railing(size: Size, paints: Paints, behind: np.ndarray, solid: bool) -> np.ndarray:
    """Balcony: a hand-rail and a slab, bars between them (or a panel), and what is behind."""
    out = behind.astype(np.float32).copy()
    if solid:
        out[:] = 0.6 * paints.trim + 0.4 * paints.iron
        out[:, ::6] *= 0.85
    else:
        out[:, ::3] = paints.iron
        out[len(out) // 2] = 0.5 * out[len(out) // 2] + 0.5 * paints.iron
    out[:2] = paints.iron
    out[-2:] = paints.trim * 0.85
    return out


def ledge(size: Size, colour: np.ndarray, teeth: int) -> np.ndarray:
    """Cornice: lit above, in shadow below, with a row of small blocks."""
    shade = np.linspace(1.12, 0.72, size[0])[:, None, None]
    out = flat(size, colour) * shade
    if teeth and size[0] >= 4:
        lower = out[size[0] // 2 : -1]
        lower[:, ::teeth] *= 0.7
        lower[:, 1::teeth] *= 0.7
    return np.clip(out, 0, 1).astype(np.float32)


def blocks(size: Size, colour: np.ndarray, rows: int, columns: int) -> np.ndarray:
    """Molding: dressed stone, joints along and, in every other course shifted, across."""
    out = flat(size, colour).copy()
    out[::rows] *= 0.72
    for course, top in enumerate(range(0, size[0], rows)):
        out[top : top + rows, (course % 2) * (columns // 2) :: columns] *= 0.75
    return out


def column(size: Size, colour: np.ndarray) -> np.ndarray:
    """Pillar: round, lit from the left, with a head and a foot."""
    shade = np.linspace(1.18, 0.68, size[1])[None, :, None]
    out = flat(size, colour) * shade
    out[: max(2, size[0] // 14)] *= 1.15
    out[-max(2, size[0] // 14) :] *= 0.85
    return np.clip(out, 0, 1).astype(np.float32)


def ornament(size: Size, colour: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Deco: a half-round shell; the picture and the mask (H, W) of what it covers."""
    rows, columns = np.mgrid[1.0 : 0.0 : size[0] * 1j, -1.0 : 1.0 : size[1] * 1j]
    radius, angle = np.hypot(rows, columns), np.arctan2(rows, columns)
    rays = 0.85 + 0.3 * (np.sin(9 * angle) > 0)
    rim = np.where(radius > 0.8, 1.2, rays)
    out = np.clip(colour * rim[:, :, None], 0, 1)
    return out.astype(np.float32), radius <= 1.0


def shop(rng: np.random.Generator, size: Size, paints: Paints) -> np.ndarray:
    """Shop: a sign with lettering above a wide window with goods."""
    height, width = size
    out = flat(size, paints.glass).copy() + 0.10 * smooth_noise(rng, size, 5.0)[:, :, None]
    band = max(4, height // 3)
    out[:band] = paints.sign
    letters = np.repeat(rng.uniform(size=(width + 1) // 2) < 0.5, 2)[:width]
    out[band // 3 : max(band // 3 + 1, band - 1), letters] = 1.0 - 0.6 * paints.sign
    out[:, :2] = paints.sign * 0.6
    out[:, -2:] = paints.sign * 0.6
    out[-2:] = paints.street * 0.7
    return np.clip(out, 0, 1).astype(np.float32)
