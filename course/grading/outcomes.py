"""How a check can end, other than by passing."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Diagnosis:
    """The name of what is wrong, and the sentence that a student reads about it."""

    name: str
    sentence: str


class CheckFailed(Exception):  # noqa: N818 - a verdict, not an error
    """The student's code was run, and is wrong.

    Args:
        message: what came, and what was expected.
        diagnosis: what it is, where it is known.
    """

    def __init__(self, message: str, diagnosis: Diagnosis | None = None) -> None:
        super().__init__(message if diagnosis is None else f"{message}\n{diagnosis.sentence}")
        self.message = message
        self.diagnosis = diagnosis


class NotAttempted(Exception):  # noqa: N818 - a verdict, not an error
    """The student has not written this yet. The text says what is empty."""
