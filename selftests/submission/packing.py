"""Packs archives for these tests, also such as no honest program would write."""

import io
import stat
import subprocess
import tarfile
import zipfile
from pathlib import Path

LOSSES = "class DiceLoss: pass\n"


def pack_zip(path: Path, files: dict[str, str | bytes], links: dict[str, str] | None = None) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
        for name, target in (links or {}).items():
            info = zipfile.ZipInfo(name)
            info.create_system = 3
            info.external_attr = (stat.S_IFLNK | 0o777) << 16
            archive.writestr(info, target)
    return path


def pack_tar(path: Path, files: dict[str, str | bytes], others: list[tarfile.TarInfo] | None = None) -> Path:
    with tarfile.open(path, "w:gz" if path.suffix in (".gz", ".tgz") else "w") as archive:
        for name, content in files.items():
            data = content.encode() if isinstance(content, str) else content
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in others or []:
            archive.addfile(info)
    return path


def entry(name: str, kind: bytes, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def git(folder: Path, *words: str) -> str:
    names = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "init.defaultBranch=main"]
    return subprocess.run(
        ["git", *names, *words], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def repository(folder: Path, versions: list[str]) -> list[str]:
    """Make a repository with one commit for each version of lib/losses.py; return the commits."""
    (folder / "lib").mkdir(parents=True)
    git(folder, "init", "--quiet")
    commits = []
    for version in versions:
        (folder / "lib" / "losses.py").write_text(version)
        git(folder, "add", "lib")
        git(folder, "commit", "--quiet", "-m", "work")
        commits.append(git(folder, "rev-parse", "HEAD"))
    return commits
