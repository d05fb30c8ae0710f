"""What an update does with each file: the student's own work is never touched, everything else becomes new."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from course.update.manifest import NAME, Manifest, digest_of

# The student writes there: a file that they changed stays as it is, one they did not change is renewed.
OWN_FOLDERS = ("lib/", "notebooks/", ".github/")
OWN_FILES = ("train.py", "predict.py", "measure.py", "README.md", "pyproject.toml", "uv.lock", ".gitignore")

Kind = Literal["add", "renew", "replace", "remove", "drop", "keep"]


@dataclass(frozen=True)
class Step:
    """What is done with a file.

    Attributes:
        kind: "add" what was not there; "renew" what the student has not changed; "replace" what they have, but which
            must be that of the release, and is kept aside; "remove" and "drop" the same for files that the new release
            no longer has; "keep" what is theirs, though the release has another one now.
    """

    kind: Kind
    path: str


@dataclass
class Plan:
    """All steps of an update."""

    steps: list[Step] = field(default_factory=list)

    def of(self, *kinds: Kind) -> list[str]:
        """Return the paths of all steps of these kinds."""
        return [step.path for step in self.steps if step.kind in kinds]


def is_own(path: str) -> bool:
    """Whether a file is the student's once they have changed it."""
    return path.startswith(OWN_FOLDERS) or path in OWN_FILES


def plan(home: Path, old: Manifest, new: Manifest) -> Plan:
    """Decide what is done with each file.

    Args:
        home: the student's copy.
        old: the release that it was made from, or updated to.
        new: the release to which it is updated.
    """
    made = Plan()
    for path in sorted({*old.files, *new.files} - {NAME}):
        now = digest_of(home / path)
        kind = _kind(path, old.files.get(path), new.files.get(path), now)
        if kind:
            made.steps.append(Step(kind, path))
    _lock_with_project(made, home, old, new)
    return made


def _kind(path: str, before: str | None, after: str | None, now: str | None) -> Kind | None:
    if now == after:
        return None
    if now is None:
        removed_by_student = before is not None and is_own(path)
        return None if removed_by_student else "add"
    if after is None:
        # What the student works in stays, also when an exercise is withdrawn.
        return None if is_own(path) else "remove" if now == before else "drop"
    if now == before:
        return "renew"
    if not is_own(path):
        return "replace"
    return None if before == after else "keep"


def _lock_with_project(made: Plan, home: Path, old: Manifest, new: Manifest) -> None:
    """Let uv.lock go with pyproject.toml: uv rewrites it, and it fits to one of them only."""
    project, lock = "pyproject.toml", "uv.lock"
    now = digest_of(home / project)
    if lock not in new.files or digest_of(home / lock) == new.files[lock]:
        return
    made.steps = [step for step in made.steps if step.path != lock]
    if now in (old.files.get(project), new.files.get(project)):
        made.steps.append(Step("renew", lock))
