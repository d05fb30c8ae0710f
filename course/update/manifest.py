"""What a release says about itself: `release.json`, with a hash of each of its files."""

import hashlib
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from course.errors import CourseError

NAME = "release.json"
SCHEMA = "segmentation-course-release/1"


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    if (
        not parts
        or PurePosixPath(path).is_absolute()
        or ".." in parts
        or ".git" in parts
        or "\\" in path
        or ":" in path
    ):
        raise ValueError(f"{path} leads out of the release")
    return path


RelativePath = Annotated[str, AfterValidator(_inside)]


class Manifest(BaseModel):
    """What a release holds.

    Attributes:
        course: the version of the course.
        graders: a hash of everything that decides a verdict, as in the record of a grading.
        exercises: the ids of the exercises.
        files: the SHA-256 of each file, by its path with forward slashes; `release.json` itself is not among them.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_: str = Field(default=SCHEMA, alias="schema", pattern=f"^{SCHEMA}$")
    course: str
    graders: str
    exercises: list[str]
    files: dict[RelativePath, str]

    def to_json(self) -> str:
        """Return it as it stands in the file."""
        return self.model_dump_json(indent=1, by_alias=True) + "\n"


def read_manifest(content: bytes, where: str) -> Manifest:
    """Read a manifest.

    Args:
        where: what it is that of, for the message.

    Raises:
        CourseError: it is none, or a path in it leads out of the release.
    """
    try:
        return Manifest.model_validate_json(content)
    except ValidationError as error:
        reason = error.errors()[0]["msg"]
        raise CourseError(f"{where} is no release of this course, or is damaged: {NAME} says {reason}.") from None


def digest(content: bytes) -> str:
    """Return the hash that a manifest keeps of a file. Line ends do not count: git may change them."""
    return hashlib.sha256(content.replace(b"\r\n", b"\n")).hexdigest()


def digest_of(path: Path) -> str | None:
    """Return the hash of a file, None where there is none."""
    return digest(path.read_bytes()) if path.is_file() else None
