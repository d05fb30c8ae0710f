"""Archives: good files are graded, everything else is named, and nothing is written or followed."""

import gzip
import io
import tarfile
import time
import zipfile

import pytest

from selftests.submission.packing import LOSSES, entry, pack_tar, pack_zip

GOOD = {"lib/losses.py": LOSSES}
PACK = {"work.zip": pack_zip, "work.tar": pack_tar, "work.tar.gz": pack_tar, "work.tgz": pack_tar}


@pytest.mark.parametrize("name", PACK)
@pytest.mark.parametrize("top", ["", "work/", "Ända (final) 2/", "./"])
def test_a_good_archive_is_read(staged, tmp_path, name, top):
    files = {f"{top}lib/losses.py": LOSSES, f"{top}lib/model/UNetModel.py": "x = 1\n", f"{top}train.py": "y = 2\n"}
    got, notes = staged(PACK[name](tmp_path / name, files | {f"{top}data.csv": "1,2"}))
    assert got == {"lib/losses.py": LOSSES, "lib/model/UNetModel.py": "x = 1\n", "train.py": "y = 2\n"}
    assert all("was graded as lib/" in note for note in notes)


@pytest.mark.parametrize("name", ["work.zip", "work.tar.gz"])
@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ("../lib/metrics.py", "leads out of the submission"),
        ("lib/../../../etc/metrics.py", "leads out of the submission"),
        ("/tmp/metrics.py", "absolute path"),
        ("C:/metrics.py", "absolute path"),
        ("lib/met\x1b[31mrics.py", "characters that no file of the course has"),
        ("lib/metrics\n.py", "characters that no file of the course has"),
        ("lib/\u202emetrics.py", "characters that no file of the course has"),
        ("lib//metrics.py", "characters that no file of the course has"),
        ("lib/ /metrics.py", "characters that no file of the course has"),
        ("lib/" + "d/" * 20 + "metrics.py", "folders deep"),
        ("lib/" + "m" * 300 + ".py", "name is too long"),
    ],
)
def test_a_bad_name_costs_no_good_file(staged, tmp_path, name, bad, words):
    got, notes = staged(PACK[name](tmp_path / name, {bad: "x = 1\n"} | GOOD))
    assert got == GOOD
    assert any(words in note for note in notes), notes
    assert all(note.isprintable() for note in notes)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (["lib/metrics.py", "lib/Metrics.py"], "names differ only by case"),
        (["lib/metrics.py", "lib/METRICS.PY", "lib/metrics.py"], "was left out"),
    ],
)
def test_names_that_collide_are_all_refused(staged, tmp_path, names, words):
    path = tmp_path / "work.zip"
    with zipfile.ZipFile(path, "w") as archive, pytest.warns() if len(set(names)) < len(names) else _nothing():
        for number, name in enumerate([*GOOD, *names]):
            archive.writestr(name, LOSSES if number == 0 else f"x = {number}\n")
    got, notes = staged(path)
    assert got == GOOD
    assert words in str(notes)


def _nothing():
    import contextlib

    return contextlib.nullcontext()


def test_a_file_twice_in_a_tar_is_refused(staged, tmp_path):
    path = tmp_path / "work.tar"
    with tarfile.open(path, "w") as archive:
        for text in (b"right = 1\n", b"wrong = 1\n"):
            info = tarfile.TarInfo("lib/losses.py")
            info.size = len(text)
            archive.addfile(info, io.BytesIO(text))
        info = tarfile.TarInfo("lib/metrics.py")
        info.size = 6
        archive.addfile(info, io.BytesIO(b"x = 1\n"))
    got, notes = staged(path)
    assert set(got) == {"lib/metrics.py"}
    assert notes == [
        "lib/losses.py was left out: there is more than one of this name, and which is meant is not clear."
    ]


@pytest.mark.parametrize(
    ("kind", "target", "words"),
    [
        (tarfile.SYMTYPE, "/etc/passwd", "it is a link"),
        (tarfile.SYMTYPE, "../../solutions/metrics.py", "it is a link"),
        (tarfile.LNKTYPE, "/etc/passwd", "it is a link"),
        (tarfile.FIFOTYPE, "", "a device or a pipe"),
        (tarfile.CHRTYPE, "", "a device or a pipe"),
        (tarfile.BLKTYPE, "", "a device or a pipe"),
    ],
)
def test_what_is_no_plain_file_in_a_tar_is_refused(staged, tmp_path, kind, target, words):
    got, notes = staged(pack_tar(tmp_path / "work.tar.gz", GOOD, [entry("lib/metrics.py", kind, target)]))
    assert got == GOOD
    assert any("lib/metrics.py was left out" in note and words in note for note in notes)


def test_a_link_as_a_folder_leads_nowhere(staged, tmp_path):
    link = entry("lib", tarfile.SYMTYPE, "/")
    got, notes = staged(pack_tar(tmp_path / "work.tar", {"lib/losses.py": LOSSES}, [link]))
    assert got == GOOD
    assert "lib was left out: it is a link" in str(notes)


def test_a_link_in_a_zip_is_refused(staged, tmp_path):
    got, notes = staged(pack_zip(tmp_path / "w.zip", GOOD, {"lib/metrics.py": "/etc/passwd", "lib/model": "/"}))
    assert got == GOOD
    assert str(notes).count("it is a link") == 2


def test_an_archive_inside_an_archive_is_named_and_not_opened(staged, tmp_path):
    inner = pack_zip(tmp_path / "inner.zip", GOOD).read_bytes()
    got, notes = staged(pack_zip(tmp_path / "work.zip", {"inner.zip": inner}))
    assert got == {}
    assert "inner.zip was left out: it is an archive inside a submission" in notes[0]
    assert "There is no lib/" in notes[1]


def test_a_large_file_is_refused_whatever_size_it_claims(staged, tmp_path):
    path = pack_zip(tmp_path / "work.zip", GOOD | {"lib/metrics.py": b"#" * 3_000_000})
    path.write_bytes(path.read_bytes().replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little")))
    got, notes = staged(path)
    assert got == GOOD
    assert "lib/metrics.py was left out" in str(notes)


@pytest.mark.parametrize("number", [400, 25_000])
def test_many_entries(staged, tmp_path, number):
    files = {f"lib/data/x{index}.txt": "" for index in range(number)} | GOOD
    got, notes = staged(pack_zip(tmp_path / "work.zip", files))
    assert got == (GOOD if number == 400 else {})
    assert ("more than 20000 entries" in str(notes)) == (number > 400)


def test_a_bomb_is_not_unpacked(staged, tmp_path):
    path = tmp_path / "work.tar.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        info = tarfile.TarInfo("lib/losses.py")
        info.size = 100_000_000
        stream.write(info.tobuf())
        for _ in range(100):
            stream.write(bytes(1_000_000))
    start = time.monotonic()
    got, notes = staged(path)
    assert got == {}
    assert "unpacks to far more than it says" in notes[0]
    assert time.monotonic() - start < 10


def test_a_huge_header_is_not_read(staged, tmp_path):
    path = tmp_path / "work.tar"
    info = tarfile.TarInfo("name")
    info.type, info.size = tarfile.XHDTYPE, 1 << 40
    path.write_bytes(info.tobuf(tarfile.GNU_FORMAT) + bytes(10_000))
    got, notes = staged(path)
    assert got == {}
    assert "was refused" in notes[0]


@pytest.mark.parametrize("name", ["work.zip", "work.tar", "work.tar.gz"])
def test_a_damaged_archive_is_a_sentence(staged, tmp_path, name):
    whole = PACK[name](tmp_path / name, GOOD | {"lib/metrics.py": "x = 1\n" * 500}).read_bytes()
    for position, length in enumerate(range(1, len(whole), max(1, len(whole) // 12))):
        (tmp_path / str(position)).mkdir()
        path = tmp_path / str(position) / name
        path.write_bytes(whole[:length])
        assert _notes(path, tmp_path / str(position) / "out") is not None
        damaged = bytearray(whole)
        damaged[length : length + 4] = b"\xff\x00\xff\x81"
        path.write_bytes(damaged)
        assert _notes(path, tmp_path / str(position) / "out2") is not None


def _notes(path, folder):
    from course.submission.find import open_submission
    from course.submission.stage import stage

    folder.mkdir()
    return stage(open_submission(path), folder)


@pytest.mark.parametrize("content", [b"", b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"PK", b"text"])
def test_another_kind_of_file_is_refused_with_what_to_do(staged, tmp_path, content):
    path = tmp_path / "work.zip"
    path.write_bytes(content)
    got, notes = staged(path)
    assert got == {}
    assert "Hand in a folder, a .zip, a .tar.gz or a git bundle." in notes[0]


def test_an_encrypted_zip_is_named(staged, tmp_path):
    path = pack_zip(tmp_path / "work.zip", GOOD)
    content = bytearray(path.read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    assert "it is encrypted" in staged(path)[1][0]


def test_backslashes_of_windows_are_folders(staged, tmp_path):
    path = pack_zip(tmp_path / "work.zip", {"work\\lib\\losses.py": LOSSES, "work\\..\\..\\lib\\metrics.py": "x = 1\n"})
    got, notes = staged(path)
    assert got == GOOD
    assert "leads out of the submission" in str(notes)
