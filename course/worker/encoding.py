"""Says what is wrong with the encoding of a source: Python's own words name neither the line nor what to do."""

import io
import tokenize


def wrong_encoding(content: bytes) -> str | None:
    """Say where a source is not in the encoding that it claims; None where it is.

    The text goes on from the name of the file.
    """
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return " is saved as UTF-16, which Python does not read: save it as UTF-8."
    try:
        encoding = tokenize.detect_encoding(io.BytesIO(content).readline)[0]
    except SyntaxError:
        encoding = "utf-8"
    if encoding not in ("utf-8", "utf-8-sig", "ascii"):
        return None  # its own claim: whether it is true is for Python to say, where the code runs
    try:
        content.decode(encoding)
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        return (
            f", line {line}: the byte 0x{content[error.start]:02x} is not UTF-8. Save the file as UTF-8, or write "
            "`# -*- coding: latin-1 -*-` in its first line."
        )
    return None
