"""Reads zip and tar files entry by entry. Nothing is extracted: what is asked for is read, up to its limit."""

import contextlib
import gzip
import io
import stat
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO

from course.submission.listing import MAX_FILE, Listing, Refused, Source, limit_of, too_large

MAX_UNPACKED = 500 * 1024 * 1024
MAX_RATIO = 200
ALWAYS_UNPACKED = 10 * 1024 * 1024  # below this no ratio is too large
MAX_DIRECTORY = 4 * 1024 * 1024  # of a zip file: that of 20,000 entries, twice
MAX_TAR_READ = 2 * MAX_FILE
CHUNK = 1024 * 1024
END_OF_ZIP = b"PK\5\6"
BROKEN = (
    *(tarfile.TarError, zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, OverflowError, LookupError),
    *(NotImplementedError, RuntimeError, MemoryError),  # RuntimeError: encrypted, or nested too deep
)


@contextlib.contextmanager
def broken_is_refused() -> Iterator[None]:
    """Turn every way in which a damaged archive fails into a sentence."""
    try:
        yield
    except BROKEN as error:
        reason = f"{type(error).__name__}: {error}"
        raise Refused(f"It cannot be read ({reason}): pack it again, and open it once yourself.") from None


@contextlib.contextmanager
def open_zip(stream: BinaryIO) -> Iterator[Source]:
    """Open a zip file.

    Raises:
        Refused: it is damaged, or too large.
    """
    with broken_is_refused():
        check_directory(stream)
        archive = zipfile.ZipFile(stream)
        listing = Listing()
        for info in archive.infolist():
            # Some Windows programs separate folders by a backslash.
            name = info.orig_filename.replace("\\", "/").removeprefix("./")
            listing.add(name, kind_of_zip(info), info.file_size, info)
        listing.finish()

    def read(name: str) -> bytes:
        with broken_is_refused(), archive.open(listing.entries[name]) as member:
            return limited(member, name)

    yield listing.source(read)


def check_directory(stream: BinaryIO) -> None:
    """Look at how large the directory of a zip file says it is: `zipfile` reads all of it into memory.

    Raises:
        Refused: it is too large, or of the kind for archives over 4 GB.
    """
    size = stream.seek(0, io.SEEK_END)
    tail_length = min(size, (1 << 16) + 42)
    stream.seek(size - tail_length)
    tail = stream.read(tail_length)
    end = tail.rfind(END_OF_ZIP)
    if end < 0 or len(tail) < end + 16:
        raise Refused("It is no complete zip file: pack it again.")
    if tail[end - 20 : end - 16] == b"PK\6\7" or int.from_bytes(tail[end + 12 : end + 16], "little") > MAX_DIRECTORY:
        raise Refused("It says that it holds very many files: hand in your own files only.")
    stream.seek(0)


def kind_of_zip(info: zipfile.ZipInfo) -> str:
    """Return "file", "folder", or what else an entry is."""
    mode = info.external_attr >> 16
    if info.is_dir() or stat.S_ISDIR(mode):
        return "folder"
    if info.flag_bits & 0x1:
        return "encrypted"
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "compressed in a way that is not read here"
    if not stat.S_IFMT(mode) or stat.S_ISREG(mode):
        return "file"
    return "a link" if stat.S_ISLNK(mode) else "a device or a pipe"


@contextlib.contextmanager
def open_tar(stream: BinaryIO, packed: bool) -> Iterator[Source]:
    """Open a tar file.

    Args:
        packed: whether it is compressed with gzip.

    Raises:
        Refused: it is damaged, or too large.
    """
    with contextlib.ExitStack() as stack:
        with broken_is_refused():
            plain = unpacked(stream, stack.enter_context(tempfile.TemporaryFile())) if packed else stream
            listing = Listing()
            archive = tarfile.open(fileobj=Guarded(plain), mode="r:", errorlevel=1)  # noqa: SIM115 - reads later
            for member in archive:
                listing.add(member.name.removeprefix("./"), kind_of_tar(member), member.size, member)
            listing.finish()

        def read(name: str) -> bytes:
            with broken_is_refused():
                return limited(archive.extractfile(listing.entries[name]), name)

        yield listing.source(read)


def unpacked(stream: BinaryIO, target: BinaryIO) -> BinaryIO:
    """Uncompress into a temporary file, up to a size and a ratio."""
    size = stream.seek(0, io.SEEK_END)
    stream.seek(0)
    limit = min(MAX_UNPACKED, max(ALWAYS_UNPACKED, MAX_RATIO * size))
    written = 0
    with gzip.GzipFile(fileobj=stream) as source:
        while part := source.read(CHUNK):
            written += len(part)
            if written > limit:
                raise Refused("It unpacks to far more than it says: hand in your own files only.")
            target.write(part)
    target.seek(0)
    return target


class Guarded(io.RawIOBase):
    """Gives `tarfile` no more at a time than any honest header needs, and ends where it runs in circles."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._left = 2 * stream.seek(0, io.SEEK_END) + 64 * CHUNK
        stream.seek(0)

    def read(self, size: int = -1) -> bytes:
        """Read exactly as the stream does, within the limits."""
        self._left -= max(size, 512)
        if not 0 <= size <= MAX_TAR_READ or self._left < 0:
            raise Refused("A header in it is too large: hand in your own files only.")
        return self._stream.read(size)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """Return the position."""
        return self._stream.tell()


def kind_of_tar(member: tarfile.TarInfo) -> str:
    """Return "file", "folder", or what else an entry is."""
    if member.isdir():
        return "folder"
    if member.isreg() and not member.issparse():
        return "file"
    return "a link" if member.issym() or member.islnk() else "a device or a pipe"


def limited(member: BinaryIO | None, name: str) -> bytes:
    """Read a file, whatever size it was said to have."""
    content = bytearray()
    while member and (part := member.read(CHUNK)):
        content += part
        if len(content) > limit_of(name):
            raise Refused(too_large(name))
    return bytes(content)
