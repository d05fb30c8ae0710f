"""Everything that can be read out of a file: its text, its code without layout, and what is packed or encoded in it.

A file is shown as a number of texts. What one of them hides (base64, an archive, a compressed stream, a picture's
comment) is unpacked and shown in the same way, some levels deep.
"""

import ast
import base64
import binascii
import bz2
import gzip
import io
import json
import lzma
import re
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from course.release.matching import normalised, parsed
from course.release.notebooks import source_of

DEEPEST = 4
# What unpacks to more is not looked at to its end; there is nothing of that size in a release.
LARGEST = 64 * 1024 * 1024
LEAST_TEXT = 24

BASE64 = re.compile(rb"(?:[A-Za-z0-9+/_-]{4}[ \t\r\n\"',]*){8,}(?:[A-Za-z0-9+/_-]{2,3}={0,2})?")
HEX = re.compile(rb"(?:[0-9a-fA-F]{2}\s*){24,}")
PRINTABLE = re.compile(rb"[\t\n\r\x20-\x7e]{%d,}" % LEAST_TEXT)
PREFIX = re.compile(r"^[ \t]*(?:[#>*|%!-]+[ \t]?|\d+[.:][ \t])+", re.MULTILINE)
MAGIC = re.compile(r"^\s*[%!?].*$", re.MULTILINE)
FENCE = re.compile(r"^```\w*\n(.*?)^```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class View:
    """A text that stands somewhere in a file.

    Attributes:
        where: the file, and what in it: "notebooks/ex01/ex01.ipynb, cell 3".
    """

    where: str
    text: str


def views(where: str, content: bytes, depth: int = 0) -> Iterator[View]:
    """Yield all texts that a file, or something inside a file, can be read as."""
    if depth > DEEPEST:
        return
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = None
    if text is None or "\0" in text:
        for name, inner in _unpacked(content):
            yield from views(f"{where}, {name}", inner, depth + 1)
        for run in PRINTABLE.findall(content):
            yield View(where, run.decode("ascii"))
    else:
        yield from _of_text(where, text, depth)
    for name, inner in _decoded(content):
        yield from views(f"{where}, {name}", inner, depth + 1)


def _of_text(where: str, text: str, depth: int) -> Iterator[View]:
    """Yield a text as it is, and as code; and the texts inside it."""
    yield View(where, text)
    bare = PREFIX.sub("", text)
    if bare != text:
        yield View(where, bare)
    for code in (text, MAGIC.sub("", text), *FENCE.findall(text)):
        if len(code) >= LEAST_TEXT and (written := normalised(code)):
            yield View(where, written)
            yield from _strings(where, code, depth)
            break
    if text.lstrip()[:1] in ("{", "["):
        try:
            value = json.loads(text)
        except ValueError:
            return
        yield from _of_json(where, value, depth)


def _strings(where: str, code: str, depth: int) -> Iterator[View]:
    """Yield what the strings of a program say, without its escapes."""
    for node in ast.walk(parsed(code)):
        value = node.value if isinstance(node, ast.Constant) else None
        if isinstance(value, str) and len(value) >= LEAST_TEXT:
            yield from views(f"{where}, the string in line {node.lineno}", value.encode("utf-8", "replace"), depth + 1)
        elif isinstance(value, bytes) and len(value) >= LEAST_TEXT:
            yield from views(f"{where}, the bytes in line {node.lineno}", value, depth + 1)


def _of_json(where: str, value: Any, depth: int) -> Iterator[View]:
    """Yield the strings of a JSON file; a notebook's cells as a whole."""
    if isinstance(value, dict) and isinstance(value.get("cells"), list):
        for number, cell in enumerate(value["cells"], start=1):
            yield from views(f"{where}, cell {number}", source_of(cell).encode(), depth + 1)
            others = {key: part for key, part in cell.items() if key != "source"}
            yield from _of_json(f"{where}, cell {number}", others, depth)
        value = {key: part for key, part in value.items() if key != "cells"}
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _of_json(f"{where}, {key}", part, depth)
    elif isinstance(value, list):
        if value and all(isinstance(part, str) for part in value):
            yield from views(where, "".join(value).encode("utf-8", "replace"), depth + 1)
        for part in value:
            yield from _of_json(where, part, depth)
    elif isinstance(value, str) and len(value) >= LEAST_TEXT:
        yield from views(where, value.encode("utf-8", "replace"), depth + 1)


def _decoded(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what stands in base64 or in hexadecimal digits."""
    for run in BASE64.findall(content):
        digits = re.sub(rb"[^A-Za-z0-9+/_-]", b"", run).replace(b"-", b"+").replace(b"_", b"/")
        try:
            yield "in base64", base64.b64decode(digits + b"=" * (-len(digits) % 4))
        except binascii.Error:
            continue
    for run in HEX.findall(content):
        yield "in hexadecimal", bytes.fromhex(run.decode())


def _unpacked(content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield what archives, compressed streams and pictures hold. What cannot be unpacked hides nothing from others."""
    attempts: list[Callable[[bytes], Iterator[tuple[str, bytes]]]] = []
    if b"PK\3\4" in content:
        attempts.append(_zip)
    if content[257:262] == b"ustar":
        attempts.append(_tar)
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        attempts.append(_png)
    attempts.append(_compressed)
    for attempt in attempts:
        try:
            yield from attempt(content)
        except (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile, tarfile.TarError, zlib.error):
            continue


def _zip(content: bytes) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(content[content.index(b"PK\3\4") :])) as archive:
        for entry in archive.infolist():
            if not entry.is_dir():
                with archive.open(entry) as file:
                    yield f"in it {entry.filename}", file.read(LARGEST)


def _tar(content: bytes) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(fileobj=io.BytesIO(content)) as archive:
        for entry in archive:
            if file := archive.extractfile(entry):
                yield f"in it {entry.name}", file.read(LARGEST)


def _png(content: bytes) -> Iterator[tuple[str, bytes]]:
    from PIL import Image

    with Image.open(io.BytesIO(content)) as image:
        for key, value in image.info.items():
            yield f"its {key}", value if isinstance(value, bytes) else str(value).encode()


def _compressed(content: bytes) -> Iterator[tuple[str, bytes]]:
    openers = ((b"\x1f\x8b", gzip.open), (b"BZh", bz2.open), (b"\xfd7zXZ", lzma.open))
    for magic, opener in openers:
        if content.startswith(magic):
            with opener(io.BytesIO(content)) as file:
                yield "unpacked", file.read(LARGEST)
    if content[:1] == b"\x78":
        yield "unpacked", zlib.decompressobj().decompress(content, LARGEST)
