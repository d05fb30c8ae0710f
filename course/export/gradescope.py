"""The zip that Gradescope makes an autograder of.

It holds a release, in which there are neither solutions nor answers, with the expectations recorded for a hidden seed
in the place of those for the public one. Gradescope's containers allow no namespaces, so that no sandbox works there:
what does not lie in the container cannot be taken from it.
"""

import io
import json
import zipfile
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

AUTOGRADER = Path(__file__).with_name("autograder")
SCRIPTS = ("setup.sh", "run_autograder", "autograder.py")
VISIBILITIES = ("visible", "after_due_date", "after_published", "hidden")
# When files were changed says nothing; zip archives cannot leave it out.
TIME = (2000, 1, 1, 0, 0, 0)
# Rooms of a student's repository that nothing is graded with.
NEEDLESS = ("notebooks/", "docs/", ".github/")


@dataclass(frozen=True)
class Settings:
    """How the autograder grades.

    Attributes:
        seed: the hidden seed for which the expectations were recorded.
        sandbox: "none", or another one where the container has namespaces.
        tasks: ids as "1,2.1"; empty: all that there are.
        visibility: of each test; one of `VISIBILITIES`.
    """

    seed: int
    sandbox: str
    tasks: str
    visibility: str


def autograder_zip(release: Path, settings: Settings) -> bytes:
    """Return the content of the zip.

    Args:
        release: a folder that `course.release.package.release` made, with expectations recorded for the seed.
    """
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(release.rglob("*")):
            name = path.relative_to(release).as_posix()
            if path.is_file() and not name.startswith(NEEDLESS):
                archive.writestr(_entry(name), path.read_bytes(), zipfile.ZIP_DEFLATED)
        torch = " ".join(f"{name}=={version(name).partition('+')[0]}" for name in ("torch", "torchvision"))
        for name in SCRIPTS:
            text = (AUTOGRADER / name).read_text(encoding="utf-8").replace("@TORCH@", torch)
            archive.writestr(_entry(name, executable=not name.endswith(".py")), text)
        archive.writestr(_entry("autograder.json"), json.dumps(asdict(settings), indent=1))
    return content.getvalue()


def _entry(name: str, executable: bool = False) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, TIME)
    entry.external_attr = (0o100755 if executable else 0o100644) << 16
    return entry
