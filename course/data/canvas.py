"""Small tools that every generator uses: seeded streams, smooth noise, JPEG, resizing."""

import io
from enum import IntEnum

import numpy as np
from PIL import Image


class Stream(IntEnum):
    """Who draws random numbers. Streams never meet, whatever the seed: the stream is part of the spawn key."""

    EMBEDDED_CELLS = 0
    FRESH_CELLS = 1
    FREE_CELLS = 2
    EMBEDDED_FACADES = 3
    FRESH_FACADES = 4
    EMBEDDED_FRAMES = 5
    FRESH_FRAMES = 6


def rng_for(stream: Stream, seed: int, *keys: int) -> np.random.Generator:
    """Return the generator of one thing in one stream: same stream, seed and keys, same numbers."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(int(stream), *keys)))


def smooth_noise(rng: np.random.Generator, shape: tuple[int, int], scale: float) -> np.ndarray:
    """Noise (H, W) float32 of mean about 0 and standard deviation 1, without detail finer than `scale` pixels.

    Coarse white noise enlarged bicubically: as smooth as a wide Gaussian blur and far cheaper.
    """
    height, width = shape
    coarse = rng.standard_normal((max(2, round(height / scale) + 1), max(2, round(width / scale) + 1)))
    image = Image.fromarray(coarse.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    noise = np.asarray(image)
    return (noise - noise.mean()) / (noise.std() + 1e-6)


def smoothstep(x: np.ndarray) -> np.ndarray:
    """Return 0 below 0, 1 above 1, and a smooth ramp between."""
    x = np.clip(x, 0.0, 1.0)
    return x * x * (3.0 - 2.0 * x)


def encode_jpeg(image: np.ndarray, quality: int) -> bytes:
    """Encode a uint8 image (H, W, 3) as JPEG."""
    buffer = io.BytesIO()
    Image.fromarray(image).save(buffer, format="JPEG", quality=quality)
    return buffer.getvalue()


def through_jpeg(image: np.ndarray, quality: int) -> np.ndarray:
    """Return what is left of a uint8 image (H, W, 3) after JPEG, as the files of the embedded sets have it."""
    with Image.open(io.BytesIO(encode_jpeg(image, quality))) as decoded:
        return np.asarray(decoded.convert("RGB"))


def resize_image(image: np.ndarray, size: int) -> np.ndarray:
    """Resize uint8 (H, W, 3) bilinearly to float32 (3, size, size) in [0, 1]."""
    resized = Image.fromarray(image).resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.float32).transpose(2, 0, 1) / 255.0


def resize_label(label: np.ndarray, size: int) -> np.ndarray:
    """Resize a label (H, W) to (size, size) by nearest neighbour: no value appears that was not there."""
    height, width = label.shape
    rows = ((np.arange(size) + 0.5) * height / size).astype(int)
    columns = ((np.arange(size) + 0.5) * width / size).astype(int)
    return label[rows[:, None], columns[None, :]]
