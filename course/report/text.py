"""Text that came from a student is data: cut, and harmless wherever it is shown."""

MAX_LENGTH = 2000


def harmless(text: str, length: int = MAX_LENGTH) -> str:
    """Return a text without control characters other than line ends, cut at a length.

    An escape sequence in a name or a message would otherwise move the cursor or change the colours of the terminal.
    """
    shown = "".join(char if char.isprintable() or char == "\n" else f"\\x{ord(char):02x}" for char in text)
    return shown if len(shown) <= length else shown[:length] + " [cut]"


def harmless_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    shown = harmless(text)
    return "'" + shown if shown[:1] in ("=", "+", "-", "@", "\t", "\r") else shown
