"""Which paths are submissions, and what they are called."""

import pytest

from course.errors import CourseError
from course.submission.find import find_submissions
from course.submission.unpack import find_library
from selftests.submission.packing import pack_tar, pack_zip

GOOD = {"lib/losses.py": "x = 1\n"}


@pytest.fixture
def course_folder(tmp_path):
    folder = tmp_path / "class"
    (folder / "anna" / "lib").mkdir(parents=True)
    (folder / "empty").mkdir()
    (folder / ".hidden").mkdir()
    (folder / "link").symlink_to(folder / "anna")
    (folder / "notes.txt").write_text("not a submission")
    (folder / "late_123").mkdir()
    pack_zip(folder / "late_123" / "handin.zip", GOOD)
    pack_zip(folder / "bob.zip", GOOD)
    pack_tar(folder / "carla.tar.gz", GOOD)
    (folder / "dave.rar").write_bytes(b"Rar!")
    return folder


def test_folders_and_archives_of_a_class(course_folder):
    found = find_submissions([course_folder])
    assert {s.name: s.path.name for s in found} == {
        "anna": "anna",
        "bob": "bob.zip",
        "carla": "carla.tar.gz",
        "dave": "dave.rar",
        "empty": "empty",
        "late_123": "handin.zip",
    }


def test_names_are_unique_also_where_case_does_not_count(course_folder, tmp_path):
    (tmp_path / "other" / "lib").mkdir(parents=True)
    pack_zip(course_folder / "Anna.zip", GOOD)
    paths = [course_folder, course_folder / "Anna.zip", course_folder / "anna"]
    names = [submission.name for submission in find_submissions(paths)]
    assert len({name.casefold() for name in names}) == len(names) == 9


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("\x1b[2Janna.zip", "_x1b[2Janna"),
        ("a\nb.zip", "a_nb"),
        ("..zip", "submission"),
        ("....zip", "submission"),
        ("n" * 200 + ".zip", "n" * 80 + " [cut]"),
        (b"\xff\xfe.zip", "_udcff_udcfe"),
        ("=1+1.zip", "=1+1"),
    ],
)
def test_a_name_is_harmless_as_a_folder_and_on_a_terminal(tmp_path, name, shown):
    import os

    path = tmp_path / os.fsdecode(name)
    pack_zip(tmp_path / "x.zip", GOOD).rename(path)
    (submission,) = find_submissions([path])
    assert submission.name == shown
    submission.name.encode()


def test_a_commit_is_part_of_an_address(tmp_path):
    (tmp_path / "work" / "lib").mkdir(parents=True)
    (submission,) = find_submissions([tmp_path / "work@abc"])
    assert (submission.name, submission.commit) == ("work", "abc")
    assert submission.address == f"{tmp_path}/work@abc"
    (tmp_path / "x@y" / "lib").mkdir(parents=True)
    assert find_submissions([tmp_path / "x@y"])[0].commit == ""


@pytest.mark.parametrize(("name", "words"), [("nowhere", "does not exist"), ("notes.txt", "no folder and no archive")])
def test_what_is_no_submission_is_an_error(course_folder, name, words):
    with pytest.raises(CourseError, match=words):
        find_submissions([course_folder / name])


@pytest.mark.parametrize(
    ("paths", "library"),
    [
        (["lib/losses.py"], "lib/"),
        (["losses.py"], ""),
        (["work/of/lib/losses.py", "work/z.py"], "work/of/lib/"),
        (["b/lib/losses.py", "a/lib/losses.py"], "a/lib/"),
        (["_old/lib/losses.py", "new/lib/losses.py"], "new/lib/"),
        (["_old/a/lib/losses.py"], None),
        (["a/b/c/d/e/lib/losses.py"], None),
        (["Lib/losses.py", "lib/losses.py"], "lib/"),
        (["LIB/losses.py"], "LIB/"),
        (["code/model/UNetModel.py"], "code/"),
        (["readme.py"], None),
        ([], None),
    ],
)
def test_where_the_library_is(paths, library):
    assert find_library(paths) == library
