"""The stubs as students were given them: made from the solutions, or kept beside the machinery in a student's copy."""

from functools import cache

from course.paths import ROOT

KEPT = ROOT / "course" / "originals"


@cache
def original(file: str) -> str | None:
    """Return the stub of a file of `lib/`, None where there is none.

    Args:
        file: its path inside `lib/`, with forward slashes.
    """
    if (KEPT / file).is_file():
        return (KEPT / file).read_text(encoding="utf-8")
    solution = ROOT / "solutions" / file
    if not solution.is_file():
        return None
    from course.catalogue import load
    from course.release.stubs import make_stub

    return make_stub(solution.read_text(encoding="utf-8"), file, load())
