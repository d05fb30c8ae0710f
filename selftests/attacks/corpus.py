"""The corpus: small submissions, each with a sentence of what must happen. See `cases/` and `packed.py`."""

import textwrap
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

CASES = Path(__file__).parent / "cases"

# What every case is written into, unless it brings a whole file. DICE is the right answer.
TEMPLATE = """\
{first}
import torch
from torch import nn
{top}
def DICE(y_pred, y_true):
    p = torch.sigmoid(y_pred)
    overlap, both = (p * y_true).sum((1, 2, 3)), (p + y_true).sum((1, 2, 3))
    return (1 - (2 * overlap + 1) / (both + 1)).mean()
class DiceLoss(nn.Module):
    def forward(self, y_pred, y_true):
{dice}
"""
RIGHT = "return DICE(y_pred, y_true)"
CLOCK = 20.0


@dataclass(frozen=True)
class Case:
    """A submission that is graded for task 2.1, a Dice loss: 4 points for its value, 2 for its gradient.

    Attributes:
        name: what it is called.
        must: what must happen, in a sentence.
        points: what it earns.
        verdict: on the task; by default what follows from the points.
        says: words of the message; none where all points are earned.
        notes: words of the notes about the submission.
        needs: "sandbox", where only a sandbox can prevent it.
        clock: seconds that each call may take.
        top: code at the top of lib/losses.py. dice: body of the loss's `forward`. first: the first line.
        whole: all of lib/losses.py; empty: there is none.
        encoding: how lib/losses.py is written: the name of an encoding, "crlf", "cr" or "tabs".
        files: other files, by path.
    """

    name: str
    must: str
    points: float
    verdict: str = ""
    says: str = ""
    notes: str = ""
    needs: str = ""
    clock: float = CLOCK
    top: str = ""
    dice: str = RIGHT
    first: str = ""
    whole: str | None = None
    encoding: str = "utf-8"
    files: dict[str, str] = field(default_factory=dict)

    @property
    def losses(self) -> bytes | None:
        """The content of lib/losses.py; None where there is none."""
        body = textwrap.indent(textwrap.dedent(self.dice).strip(), " " * 8)
        text = TEMPLATE.format(first=self.first, top=self.top.strip(), dice=body) if self.whole is None else self.whole
        if not text:
            return None
        if self.encoding == "tabs":
            return text.replace("    ", "\t").encode()
        ends = {"crlf": "\r\n", "cr": "\r"}
        if self.encoding in ends:
            return text.replace("\n", ends[self.encoding]).encode()
        return text.encode(self.encoding)


def load(name: str) -> list[Case]:
    """Return the cases of a class."""
    return [Case(**case) for case in tomllib.loads((CASES / f"{name}.toml").read_text())["case"]]


def write(case: Case, folder: Path, words: dict[str, str]) -> Path:
    """Write a submission. Words like @PORT@ stand for what is only known when it is written."""
    files = {name: text.encode() for name, text in case.files.items()}
    if case.losses is not None:
        files["lib/losses.py"] = case.losses
    (folder / "lib").mkdir(parents=True)
    for name, content in files.items():
        for word, meaning in words.items():
            content = content.replace(f"@{word}@".encode(), meaning.encode())
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return folder
