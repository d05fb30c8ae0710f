"""Make the embedded sets, and check that the files are the ones that were made.

The same seed paints the same pixels, but the bytes of a JPEG depend on the library that wrote it. So `verify`
compares the files with the checksums in manifest.json and never paints anew.
"""

import hashlib
import json
from pathlib import Path

from course.data.facades import write_facades
from course.data.folders import beside
from course.data.frames import write_frames
from course.data.single_cells import write_phc
from course.errors import CourseError

GENERATOR = 1  # raise it when the same seed no longer paints the same pixels
SEED = 0
SETS = {"phc": write_phc, "facades": write_facades, "cells": write_frames}
NAME = "manifest.json"


def make(out: Path, seed: int = SEED) -> int:
    """Write all sets and their manifest into `out`; returns how many files.

    Sets that are there from an earlier run are replaced, each when the new one is complete. Raises CourseError
    where `out` holds a folder of that name which no manifest lists.
    """
    foreign = [name for name in SETS if (out / name).exists()]
    if foreign and not (out / NAME).is_file():
        raise CourseError(
            f"{out / foreign[0]} is already there, and {out} has no {NAME} that says it was made by this program. "
            "Nothing was written. Choose another folder with --out."
        )
    with beside(out) as part:
        for name, write in SETS.items():
            write(part / name, seed)
        manifest = {"generator": GENERATOR, "seed": seed, "files": listing(part)}
        (part / NAME).write_text(json.dumps(manifest, indent=1) + "\n")
        out.mkdir(parents=True, exist_ok=True)
        for name in SETS:
            old = part / f"old-{name}"
            if (out / name).exists():
                (out / name).rename(old)
            (part / name).rename(out / name)
        (part / NAME).replace(out / NAME)
    return len(manifest["files"])


def listing(folder: Path) -> dict[str, dict[str, str | int]]:
    """Return size and SHA-256 of every file of the sets below `folder`, by its path with forward slashes."""
    files = sorted(path for name in SETS for path in (folder / name).rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): {
            "size": path.stat().st_size,
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        }
        for path in files
        if not path.name.startswith(".")
    }


def verify(folder: Path) -> list[str]:
    """Return what differs from the manifest, a sentence for each file; an empty list says that all is as made.

    Raises CourseError where there is no readable manifest.
    """
    path = folder / NAME
    try:
        expected = json.loads(path.read_text())["files"]
    except FileNotFoundError:
        raise CourseError(f"There is no {path}. Make the sets with `course data make --out {folder}`.") from None
    except (ValueError, KeyError, TypeError) as error:
        raise CourseError(f"{path} is not a manifest ({error}). Fetch it again from the repository.") from error
    found = listing(folder)
    problems = [f"{name} is missing." for name in sorted(expected.keys() - found.keys())]
    problems += [f"{name} is not in the manifest." for name in sorted(found.keys() - expected.keys())]
    problems += [
        f"{name} has changed ({found[name]['size']} bytes, {expected[name]['size']} when it was made)."
        for name in sorted(expected.keys() & found.keys())
        if found[name] != expected[name]
    ]
    return problems
