"""Building the site: what must not get in, what must not pass, and results that are kept."""

import shutil
from pathlib import Path

import nbformat
import pytest

from course.errors import CourseError
from course.nbgrader.tidy import assignments
from course.paths import ROOT
from course.site import results
from course.site.build import build, write
from course.site.running import lectures


def test_every_notebook_and_handbook_has_a_page(site: Path):
    for path in lectures():
        assert (site / "lectures" / f"{path.stem}.html").is_file()
    for path in assignments():
        assert (site / "exercises" / f"{path.stem}.html").is_file()
    for path in (ROOT / "docs").glob("*.md"):
        assert (site / "docs" / f"{path.stem}.html").is_file()


def test_no_model_answer_and_no_rubric_is_anywhere_in_it(site: Path):
    answers = [
        cell.source.splitlines()[0][18:78]
        for path in assignments()
        for cell in nbformat.read(path, 4).cells
        if cell.source.startswith("**Model answer.**")
    ]
    assert len(answers) >= 4
    for file in site.rglob("*"):
        if file.suffix in {".html", ".js", ".txt", ".ipynb", ".json"}:
            text = file.read_text(encoding="utf-8")
            assert "Rubric (" not in text, file
            assert not any(answer in text for answer in answers), file


@pytest.mark.parametrize(
    ("page", "fault"),
    [
        ("See [the other page](nowhere.md).", "nowhere"),
        ("See [that part](index.md#no-such-part).", "no-such-part"),
        ("![A picture](pictures/none.png)", "none.png"),
        ("A formula: $\\nosuchcommand{2$.", "cannot be drawn"),
    ],
)
def test_a_fault_of_a_page_is_found_and_named(page: str, fault: str, tmp_path: Path):
    assert write(*small_site(tmp_path / "good", "A page.\n\n## A part\n\n[There](index.md#a-part), $x^2$.")) == []
    faults = write(*small_site(tmp_path / "bad", page))
    assert faults
    assert any(fault in line and line.startswith("index.md") for line in faults)


def small_site(folder: Path, text: str) -> tuple[Path, Path, Path]:
    sources = folder / "sources"
    shutil.copytree(ROOT / "site", sources, ignore=shutil.ignore_patterns("__pycache__", "*.md"))
    (sources / "index.md").write_text(f"# A site\n\n{text}\n", encoding="utf-8")
    return sources, folder / "pages", folder / "doctrees"


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path):
    (tmp_path / "thesis.txt").write_text("months of work")
    with pytest.raises(CourseError, match="no site lies in it"):
        build(tmp_path, False, print)
    assert (tmp_path / "thesis.txt").read_text() == "months of work"


def test_results_are_kept_until_the_notebook_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(results, "KEPT", tmp_path / "kept")
    path = tmp_path / "lectures" / "tiny.ipynb"
    path.parent.mkdir()
    runs = path.parent / "runs.txt"
    cell = nbformat.v4.new_code_cell("with open('runs.txt', 'a') as file:\n    file.write('x')\nprint(6 * 7)")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)

    def outputs(execute: bool) -> str:
        return "".join(o.text for c in results.page_of(path, execute).cells for o in c.outputs)

    assert outputs(execute=False) == ""
    assert not runs.exists()
    assert outputs(execute=True) == "42\n"
    assert outputs(execute=True) == outputs(execute=False) == "42\n"
    assert runs.read_text() == "x"
    cell.source = cell.source.replace("6 * 7", "6 * 9")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path)
    assert outputs(execute=False) == ""
    assert outputs(execute=True) == "54\n"
    assert len(list((tmp_path / "kept").iterdir())) == 1
