"""Reads a git bundle, or a git repository at a commit, in a fresh repository whose settings are ours.

A repository's own settings can name programs that git runs. They are never read: only its objects and references are
taken over.
"""

import contextlib
import os
import re
import resource
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from course.submission.folders import FLAGS
from course.submission.listing import Listing, Refused, Source, limit_of

MAX_REPOSITORY = 500 * 1024 * 1024
MAX_OBJECTS = 50_000
MAX_TREE = 8 * 1024 * 1024  # bytes of the list of files
MAX_MEMORY = 2 * 1024 * 1024 * 1024
SECONDS = 60
MODES = {"100644": "file", "100664": "file", "100755": "file", "120000": "a link", "160000": "another repository"}
REFERENCE = re.compile(rb"(ref: refs/[\w./-]+|[0-9a-f]{40})\s*")
OBJECT = re.compile(r"[0-9a-f]{2}/[0-9a-f]{38}|pack/pack-[0-9a-f]{40}\.(pack|idx)")
BRANCH = re.compile(r"refs/(heads|tags|remotes)(/[\w.-]+)+")


@contextlib.contextmanager
def open_bundle(path: Path, commit: str) -> Iterator[Source]:
    """Open a git bundle at a commit.

    Raises:
        Refused: git cannot read it, or there is no such commit.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        heads = unbundle(path, folder)
        yield source_at(folder, commit or checked_out(heads))


def unbundle(path: Path, folder: Path) -> dict[str, str]:
    """Make a bare repository of a bundle, in an empty folder; return its commits by their references.

    Raises:
        Refused: git cannot read it.
    """
    git(folder, "init", "--quiet", "--bare", ".")
    listed = git(folder, "bundle", "list-heads", str(path)).decode("utf-8", "replace").split()
    heads = dict(zip(listed[1::2], listed[::2], strict=False))
    also = ["+HEAD:refs/remotes/bundle/HEAD"] if "HEAD" in heads else []  # perhaps it has no branch besides
    git(folder, "fetch", "--quiet", "--no-tags", str(path), "+refs/*:refs/*", *also)
    return heads


def checked_out(heads: dict[str, str]) -> str:
    """Return the commit that a bundle says is checked out; where it does not say, that of its only branch.

    Raises:
        Refused: it has several.
    """
    branches = {digest for name, digest in heads.items() if name.startswith("refs/heads/")}
    if "HEAD" not in heads and len(branches) != 1:
        raise Refused("The bundle has several branches: say which commit, as in PATH@COMMIT, or bundle HEAD too.")
    return heads.get("HEAD") or branches.pop()


@contextlib.contextmanager
def open_repository(path: Path, commit: str) -> Iterator[Source]:
    """Open a git repository, bare or with a working tree, at a commit.

    Raises:
        Refused: git cannot read it, or there is no such commit.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        git(folder, "init", "--quiet", "--bare", ".")
        take_over(git_folder(path), folder)
        yield source_at(folder, commit)


def git_folder(path: Path) -> Path:
    """Return where a repository keeps its objects."""
    return path / ".git" if (path / ".git" / "objects").is_dir() else path


def is_repository(path: Path) -> bool:
    """Whether a folder is a git repository, by its look."""
    folder = git_folder(path)
    return (folder / "objects").is_dir() and (folder / "refs").is_dir() and (folder / "HEAD").is_file()


def take_over(source: Path, target: Path) -> None:
    """Copy objects and references, each a plain file with a name that git itself gives."""
    sizes = 0
    for number, path in enumerate(_files(source / "objects")):
        name = path.relative_to(source / "objects").as_posix()
        if number > MAX_OBJECTS:
            raise Refused("The repository has too many files: hand in a bundle of it.")
        if OBJECT.fullmatch(name):
            sizes += path.lstat().st_size
            if sizes > MAX_REPOSITORY:
                raise Refused("The repository is too large: hand in your own files only.")
            _copy(path, target / "objects" / name)
    for path in _files(source / "refs"):
        name = path.relative_to(source).as_posix()
        if BRANCH.fullmatch(name) and not name.endswith(".lock") and ".." not in name:
            _copy(path, target / name, REFERENCE)
    for name, pattern in (("HEAD", REFERENCE), ("packed-refs", None)):
        if (source / name).is_file():
            _copy(source / name, target / name, pattern)


def _files(folder: Path) -> Iterator[Path]:
    for parent, _, names in os.walk(folder):
        for name in sorted(names):
            yield Path(parent) / name


def _copy(path: Path, target: Path, pattern: re.Pattern[bytes] | None = None) -> None:
    """Copy a file that is no link; with a pattern only where its content is that."""
    try:
        with os.fdopen(os.open(path, FLAGS), "rb") as stream:
            content = stream.read(MAX_REPOSITORY)
    except OSError:
        return
    if pattern is None or pattern.fullmatch(content):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)


def source_at(folder: Path, commit: str) -> Source:
    """Return what a commit holds."""
    if not re.fullmatch(r"[\w./][\w./^~-]*", commit):
        raise Refused("This is no name of a commit.")
    tree = git(folder, "rev-parse", "--verify", "--quiet", f"{commit}^{{tree}}").decode().strip()
    listing = Listing()
    for line in git(folder, "ls-tree", "-r", "-z", "--long", tree).decode("utf-8", "surrogateescape").split("\0"):
        if line:
            entry, name = line.split("\t", 1)
            mode, _, digest, size = entry.split()
            listing.add(name, MODES.get(mode, "of an unknown kind"), int(size) if size.isdigit() else 0, digest)
    listing.finish()
    return listing.source(lambda name: git(folder, "cat-file", "blob", listing.entries[name], limit=limit_of(name)))


def git(folder: Path, *words: str, limit: int = MAX_TREE) -> bytes:
    """Run git without anybody's settings, and within limits.

    Raises:
        Refused: it fails, takes too long, or says too much.
    """
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HOME": str(folder),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_DIR": str(folder),
        "GIT_ALLOW_PROTOCOL": "file",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
    }
    try:
        with tempfile.TemporaryFile() as out:
            done = subprocess.run(
                ["git", "-c", "core.hooksPath=/dev/null", *words],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.PIPE,
                timeout=SECONDS,
                preexec_fn=_limit,  # noqa: PLW1509
            )
            out.seek(0)
            content = out.read(limit + 1)
    except FileNotFoundError:
        raise Refused("Reading it needs git, which is not installed here: hand in a folder or a zip file.") from None
    except subprocess.TimeoutExpired:
        raise Refused("git took too long to read it: hand in a folder or a zip file.") from None
    if done.returncode != 0:
        reason = " ".join(done.stderr.decode("utf-8", "replace").split())[:200]
        what = f" ({reason})" if reason else ": there may be no such commit"
        raise Refused(f"git cannot read it{what}.")
    if len(content) > limit:
        raise Refused("There is too much in it: hand in your own files only.")
    return content


def _limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MAX_REPOSITORY, MAX_REPOSITORY))
