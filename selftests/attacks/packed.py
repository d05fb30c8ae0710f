"""Unpacking and deserialisation: submissions that come in by other doors. Each is a function that writes one.

What each must do stands in its docstring; what it earns and says, in its mark.
"""

import io
import os
import pickle
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from course.paths import ROOT
from selftests.attacks.corpus import CLOCK, Case
from selftests.submission.packing import entry, git, pack_tar, pack_zip, repository

RIGHT = Case("", "", 6).losses.decode()
WRONG = RIGHT.replace("return DICE(y_pred, y_true)", "return y_pred.mean()")
SOLUTION = str(ROOT / "solutions" / "losses.py")


@dataclass(frozen=True)
class Packed:
    """A submission that is written by a function into an empty folder; the function returns its address."""

    name: str
    must: str
    make: Callable[[Path], Path | str]
    points: float
    verdict: str
    says: str
    notes: str
    needs: str = ""
    clock: float = CLOCK


CASES: list[Packed] = []


def packed(points: float, verdict: str = "", says: str = "", notes: str = "") -> Callable:
    """Make a function a case."""

    def add(make: Callable[[Path], Path | str]) -> Callable:
        name, must = make.__name__.replace("_", "-"), " ".join((make.__doc__ or "").split())
        CASES.append(Packed(name, must, make, points, verdict, says, notes))
        return make

    return add


NOTHING = {"points": 0, "verdict": "not_attempted", "says": "lib/losses.py is not in the submission"}


@packed(6)
def good_zip(folder):
    """A zip file is graded like a folder."""
    return pack_zip(folder / "work.zip", {"lib/losses.py": RIGHT})


@packed(6)
def good_tar_in_a_folder(folder):
    """So is a tar file, also where everything lies in one more folder."""
    return pack_tar(folder / "work.tar.gz", {"work/lib/losses.py": RIGHT})


@packed(6)
def good_bundle(folder):
    """So is a git bundle."""
    repository(folder / "work", [WRONG, RIGHT])
    git(folder / "work", "bundle", "create", "--quiet", str(folder / "work.bundle"), "--all")
    return folder / "work.bundle"


@packed(0, says="expected")
def earlier_commit(folder):
    """A repository is graded at the commit that was asked for."""
    commits = repository(folder / "work", [WRONG, RIGHT])
    return f"{folder / 'work'}@{commits[0]}"


@packed(**NOTHING, notes="lib/losses.py was left out: it is a link")
def link_to_the_solution_in_a_zip(folder):
    """A link to the solutions is not followed."""
    return pack_zip(folder / "work.zip", {"lib/metrics.py": "x = 1"}, {"lib/losses.py": SOLUTION})


@packed(**NOTHING, notes="lib/losses.py was left out: it is a link")
def link_to_the_solution_in_a_tar(folder):
    """As in a zip."""
    link = entry("lib/losses.py", tarfile.SYMTYPE, SOLUTION)
    return pack_tar(folder / "work.tar", {"lib/metrics.py": "x = 1"}, [link])


@packed(**NOTHING, notes="lib/losses.py was left out: it is a link")
def hard_link_to_the_solution(folder):
    """Nor is a hard link."""
    link = entry("lib/losses.py", tarfile.LNKTYPE, SOLUTION)
    return pack_tar(folder / "work.tar", {"lib/metrics.py": "x = 1"}, [link])


@packed(**NOTHING, notes="lib was left out: it is a link")
def library_that_is_a_link(folder):
    """A lib/ that is a link to the solutions is no library."""
    (folder / "work").mkdir()
    (folder / "work" / "lib").symlink_to(ROOT / "solutions")
    return folder / "work"


@packed(**NOTHING, notes="lib/losses.py was left out: it is a link")
def file_that_is_a_link(folder):
    """A file that is a link to the solutions is no file."""
    (folder / "work" / "lib").mkdir(parents=True)
    (folder / "work" / "lib" / "losses.py").symlink_to(SOLUTION)
    return folder / "work"


@packed(**NOTHING, notes="it is a device or a pipe")
def pipe_in_the_place_of_a_file(folder):
    """A pipe that nobody writes into keeps nobody waiting."""
    (folder / "work" / "lib").mkdir(parents=True)
    os.mkfifo(folder / "work" / "lib" / "losses.py")
    return folder / "work"


@packed(**NOTHING, notes="it is a link")
def endless_device(folder):
    """A link to /dev/zero is not read."""
    (folder / "work" / "lib").mkdir(parents=True)
    (folder / "work" / "lib" / "losses.py").symlink_to("/dev/zero")
    return folder / "work"


@packed(**NOTHING, notes="it is a device or a pipe")
def pipe_in_a_tar(folder):
    """Nor is a pipe made from a tar file."""
    return pack_tar(folder / "work.tar", {"lib/x.py": ""}, [entry("lib/losses.py", tarfile.FIFOTYPE)])


@packed(6, notes="leads out of the submission")
def traversal(folder):
    """A name that leads out is refused, and the rest is graded."""
    files = {"lib/losses.py": RIGHT, "../../../../../../../../tmp/escaped-from-a-zip.py": "x = 1"}
    return pack_zip(folder / "work.zip", files)


@packed(6, notes="its name is an absolute path")
def absolute_name(folder):
    """So is an absolute name."""
    return pack_tar(folder / "work.tar", {"lib/losses.py": RIGHT, "/tmp/escaped-from-a-tar.py": "x = 1"})


@packed(**NOTHING, notes="there is more than one of this name")
def second_file_of_one_name(folder):
    """Of two files of one name neither is taken: which is meant, nobody can know."""
    path = folder / "work.tar"
    with tarfile.open(path, "w") as archive:
        for text in (RIGHT, WRONG):
            info = tarfile.TarInfo("lib/losses.py")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text.encode()))
        archive.addfile(tarfile.TarInfo("lib/metrics.py"))
    return path


@packed(**NOTHING, notes="names differ only by case")
def names_that_differ_by_case(folder):
    """Nor of two files whose names differ by case alone."""
    return pack_zip(folder / "work.zip", {"lib/losses.py": RIGHT, "lib/Losses.py": WRONG, "lib/metrics.py": ""})


@packed(6, notes="characters that no file of the course has")
def odd_names(folder):
    """Names with control characters are shown without doing anything."""
    files = {"lib/losses.py": RIGHT, "lib/\x1b[2J.py": "", "lib/a\nb.py": "", "lib/\u202eyp.x.py": ""}
    return pack_zip(folder / "work.zip", files)


@packed(**NOTHING, notes="unpacks to far more than it says")
def bomb(folder):
    """An archive of a megabyte that unpacks to hundreds is not unpacked."""
    import gzip

    with gzip.open(folder / "work.tar.gz", "wb", compresslevel=9) as stream:
        info = tarfile.TarInfo("lib/losses.py")
        info.size = 150_000_000
        stream.write(info.tobuf())
        for _ in range(150):
            stream.write(bytes(1_000_000))
    return folder / "work.tar.gz"


@packed(**NOTHING, notes="it is an archive inside a submission")
def archive_in_an_archive(folder):
    """An archive inside an archive is not opened, and named."""
    inner = pack_zip(folder / "inner.zip", {"lib/losses.py": RIGHT}).read_bytes()
    return pack_zip(folder / "work.zip", {"inner.zip": inner})


@packed(**NOTHING, notes="was refused")
def half_an_archive(folder):
    """A damaged archive is refused, with what to do."""
    path = pack_zip(folder / "work.zip", {"lib/losses.py": RIGHT})
    path.write_bytes(path.read_bytes()[:200])
    return path


@packed(**NOTHING, notes="Hand in a folder, a .zip, a .tar.gz or a git bundle.")
def another_program_s_archive(folder):
    """So is an archive of another kind."""
    (folder / "work.rar").write_bytes(b"Rar!\x1a\x07\x01\x00" + bytes(100))
    return folder / "work.rar"


@packed(6)
def names_of_windows(folder):
    """Backslashes of Windows are folders."""
    return pack_zip(folder / "work.zip", {"work\\lib\\losses.py": RIGHT})


@packed(6, notes="Losses.py was graded as losses.py")
def capital_letters(folder):
    """Lib/Losses.py is graded, and the name is told."""
    return pack_zip(folder / "work.zip", {"Lib/Losses.py": RIGHT})


class Runs:
    """A pickle of this runs a program."""

    def __reduce__(self):
        return os.system, ("touch /tmp/escaped-from-a-pickle",)


@packed(0)
def checkpoint_that_is_a_program(folder):
    """A checkpoint is read by nobody but the code that it came with: it is not even handed on."""
    (folder / "work" / "lib").mkdir(parents=True)
    load = "import pathlib, pickle\npickle.load(open(pathlib.Path(__file__).with_name('weights.pt'), 'rb'))\n"
    (folder / "work" / "lib" / "losses.py").write_text(load + RIGHT)
    (folder / "work" / "lib" / "weights.pt").write_bytes(pickle.dumps(Runs()))
    return folder / "work"


@packed(0, says="got Runs")
def result_that_is_a_program(folder):
    """A result is never unpickled."""
    runs = "class Runs:\n    def __reduce__(self):\n        import os; return os.system, ('touch /tmp/escaped-too',)\n"
    (folder / "work" / "lib").mkdir(parents=True)
    text = runs + WRONG.replace("return y_pred.mean()", "return Runs()")
    (folder / "work" / "lib" / "losses.py").write_text(text)
    return folder / "work"


@packed(6)
def repository_with_programs(folder):
    """Hooks and settings of a repository are not run."""
    commits = repository(folder / "work", [RIGHT])
    program = folder / "program"
    program.write_text("#!/bin/sh\ntouch /tmp/escaped-from-git\n")
    program.chmod(0o755)
    for setting in ("core.fsmonitor", "uploadpack.packObjectsHook", "core.sshCommand"):
        git(folder / "work", "config", setting, str(program))
    return f"{folder / 'work'}@{commits[0]}"
