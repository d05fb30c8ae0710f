"""Text that came from a student is data: cut, and harmless wherever it is shown."""

MAX_LENGTH = 2000
# A cell that begins with one of these is a formula to a spreadsheet, also in their wide East Asian forms.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def harmless(text: str, length: int = MAX_LENGTH) -> str:
    """Return a text without control characters other than line ends, cut at a length.

    An escape sequence in a name or a message would otherwise move the cursor or change the colours of the terminal;
    a character that turns the direction of writing would show another text than is there; half a character, which
    JSON can carry, could not be written to any file.
    """
    cut = text if len(text) <= length else text[:length]
    shown = "".join(char if char.isprintable() or char == "\n" else _escape(char) for char in cut)
    return shown if cut is text and len(shown) <= length else shown[:length] + " [cut]"


def harmless_line(text: str, length: int = MAX_LENGTH) -> str:
    """Return a text as `harmless` does, on one line."""
    return harmless(text, length).replace("\n", "\\n")


def harmless_cell(text: str) -> str:
    """Return a text on one line that no spreadsheet takes for a formula."""
    shown = harmless_line(text)
    return "'" + shown if text.lstrip(" ")[:1] in FORMULA and text else shown


def _escape(char: str) -> str:
    number = ord(char)
    return f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}"
