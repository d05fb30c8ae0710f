"""Small pictures in characters of what a check looks at, where a picture says more than a sentence."""

from collections.abc import Callable
from dataclasses import dataclass

# Two characters for a pixel: a character is about twice as high as wide. They differ in shape, not only in shade.
INK = {0: "··", 1: "██", 2: "▒▒", 3: "░░"}


@dataclass(frozen=True)
class Drawing:
    """A picture and words beside it.

    Attributes:
        rows: one string for each row of pixels.
        words: lines that stand beside the rows.
    """

    rows: list[str]
    words: list[str]

    def lines(self, width: int) -> list[str]:
        """Return the picture with its words, cut at a width."""
        wide = max(len(row) for row in self.rows)
        height = max(len(self.rows), len(self.words))
        rows = [*self.rows, *[""] * (height - len(self.rows))]
        words = [*self.words, *[""] * (height - len(self.words))]
        return [f"{row:<{wide}}   {word}".rstrip()[: width - 2] for row, word in zip(rows, words, strict=True)]


def drawing_for(check: str, diagnosis: str) -> Drawing | None:
    """Return the picture for a check that failed, None where none helps."""
    for beginning, draw in PICTURES:
        if check.startswith(beginning) or diagnosis == beginning:
            return draw()
    return None


def pixels(values: list[list[int]]) -> list[str]:
    """Return rows of characters for rows of values 0..3."""
    return ["".join(INK[value] for value in row) for row in values]


def one_edge() -> Drawing:
    """Return the mask with one edge, which the check of the total variation begins with."""
    words = [
        "A 6 x 6 mask with one edge, ·· = 0 and ██ = 1:",
        "along the width 6 of 30 pairs of neighbours differ,",
        "along the height none of 30.",
        "So its total variation is 6 as a sum, and 0.2 as a",
        "mean over each direction's pairs. What does your",
        "regulariser say of it?",
    ]
    return Drawing(pixels([[0, 0, 0, 1, 1, 1]] * 6), words)


def centre() -> Drawing:
    """Return which pixel is the central one."""
    rows = [[int((row, column) == (3, 4)) for column in range(9)] for row in range(7)]
    words = [
        "A 7 x 9 image: ██ is the one pixel",
        "that the centred penalty looks at,",
        "in row H // 2 and column W // 2.",
    ]
    return Drawing(pixels(rows), words)


def overlap() -> Drawing:
    """Return the masks of 15 and 14 pixels that share 12, of the worked example."""
    flat = [int(10 <= place < 25) + 2 * int(13 <= place < 27) for place in range(64)]
    meaning = {0: 0, 3: 1, 1: 2, 2: 3}
    rows = [[meaning[value] for value in flat[start : start + 8]] for start in range(0, 64, 8)]
    words = [
        "██ 12 pixels in both",
        "▒▒  3 predicted only",
        "░░  2 true only",
        "·· in neither: these count nowhere",
        "IoU  = 12 / (12 + 3 + 2)",
        "Dice = 2 * 12 / (15 + 14)",
    ]
    return Drawing(pixels(rows), words)


def holes() -> Drawing:
    """Return what three layers see along one row, with holes and without."""
    seen = {1: "█", 0: "·"}
    rows = []
    for dilations in ((2, 2, 2), (1, 2, 3)):
        places = {0}
        for dilation in dilations:
            places = {place + step for place in places for step in (-dilation, 0, dilation)}
        rows.append("".join(seen[int(place in places)] for place in range(-6, 7)))
    return Drawing(rows, ["dilations 2, 2, 2: every other pixel is never seen", "dilations 1, 2, 3: no holes"])


PICTURES: list[tuple[str, Callable[[], Drawing]]] = [
    ("test_total_variation", one_edge),
    ("test_centered", centre),
    ("test_iou_worked", overlap),
    ("test_dice_worked", overlap),
    ("gridding", holes),
]
