"""Bundles and repositories at a commit; what their own settings say is never read."""

import pytest

from selftests.submission.packing import git, repository

VERSIONS = ["v = 1\n", "v = 2\n"]


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "work"
    return folder, repository(folder, VERSIONS)


def test_a_repository_is_its_folder_or_one_of_its_commits(staged, work):
    folder, commits = work
    (folder / "lib" / "losses.py").write_text("v = 3\n")
    assert staged(folder)[0] == {"lib/losses.py": "v = 3\n"}
    (folder.parent / "staged").rename(folder.parent / "first")
    assert staged(f"{folder}@{commits[0]}")[0] == {"lib/losses.py": "v = 1\n"}


@pytest.mark.parametrize("commit", ["HEAD~1", "short", "main^", "first"])
def test_a_commit_has_many_names(staged, work, commit):
    folder, commits = work
    git(folder, "tag", "first", commits[0])
    name = commits[0][:8] if commit == "short" else commit
    assert staged(f"{folder}@{name}")[0] == {"lib/losses.py": "v = 1\n"}


@pytest.mark.parametrize("packed", [False, True])
def test_a_bare_repository(staged, work, packed):
    folder, _ = work
    bare = folder.parent / "anna.git"
    git(folder, "clone", "--quiet", "--bare", "--no-local", ".", str(bare))
    if packed:
        git(bare, "gc", "--quiet")
    assert staged(bare)[0] == {"lib/losses.py": "v = 2\n"}


@pytest.mark.parametrize("what", [["HEAD", "main"], ["main"], ["--all"], ["HEAD"]])
def test_a_bundle(staged, work, what):
    folder, _ = work
    git(folder, "bundle", "create", "--quiet", str(folder.parent / "anna.bundle"), *what)
    assert staged(folder.parent / "anna.bundle")[0] == {"lib/losses.py": "v = 2\n"}


def test_a_bundle_at_a_commit(staged, work):
    folder, commits = work
    git(folder, "bundle", "create", "--quiet", str(folder.parent / "anna.bundle"), "main")
    assert staged(f"{folder.parent / 'anna.bundle'}@{commits[0]}")[0] == {"lib/losses.py": "v = 1\n"}


def test_a_link_in_a_commit_is_refused(staged, work):
    folder, _ = work
    (folder / "lib" / "metrics.py").symlink_to("/etc/passwd")
    git(folder, "add", "lib")
    git(folder, "commit", "--quiet", "-m", "link")
    got, notes = staged(f"{folder}@HEAD")
    assert got == {"lib/losses.py": "v = 2\n"}
    assert notes == ["lib/metrics.py was left out: it is a link, and only plain files are read."]


def test_programs_that_a_repository_names_are_not_run(staged, work, tmp_path):
    folder, _ = work
    marker = tmp_path / "ran"
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch {marker}\n")
    program.chmod(0o755)
    for setting in ("core.fsmonitor", "uploadpack.packObjectsHook", "core.sshCommand", "core.pager", "alias.rev-parse"):
        git(folder, "config", setting, str(program))
    for hook in ("post-checkout", "reference-transaction", "post-index-change"):
        (folder / ".git" / "hooks" / hook).symlink_to(program)
    (folder / ".git" / "objects" / "info").mkdir(exist_ok=True)
    (folder / ".git" / "objects" / "info" / "alternates").write_text("/nowhere\n")
    marker.unlink(missing_ok=True)
    assert staged(f"{folder}@HEAD")[0] == {"lib/losses.py": "v = 2\n"}
    assert not marker.exists()


@pytest.mark.parametrize("commit", ["nonsense", "deadbeef", "--help", "main:lib", ";touch x"])
def test_no_such_commit_is_a_sentence(staged, work, commit):
    got, notes = staged(f"{work[0]}@{commit}")
    assert got == {}
    assert "was refused" in notes[0]


def test_a_damaged_bundle_is_a_sentence(staged, work):
    folder, _ = work
    path = folder.parent / "anna.bundle"
    git(folder, "bundle", "create", "--quiet", str(path), "main")
    path.write_bytes(path.read_bytes()[:-40])
    got, notes = staged(path)
    assert got == {}
    assert "git cannot read it" in notes[0]


def test_a_folder_that_is_no_repository_has_no_commits(staged, tmp_path):
    (tmp_path / "plain" / "lib").mkdir(parents=True)
    assert "no git repository" in staged(f"{tmp_path / 'plain'}@HEAD")[1][0]
