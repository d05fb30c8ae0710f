"""Ways to give something away with a release, all of which the leak gate must find."""

import ast
import base64
import gzip
import io
import json
import py_compile
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from course.errors import CourseError
from course.paths import ROOT
from course.release import gate
from course.release.notebooks import METADATA, student_version
from course.release.package import release
from course.release.secrets import Secrets
from selftests.release.conftest import SEEDS

LOSSES = (ROOT / "solutions" / "losses.py").read_text(encoding="utf-8")
UNET = (ROOT / "solutions" / "model" / "UNetModel.py").read_text(encoding="utf-8")


def part(source: str, name: str) -> str:
    """Return the source of a class or function."""
    node = next(node for node in ast.parse(source).body if getattr(node, "name", None) == name)
    lines = source.splitlines()[node.lineno - 1 : node.end_lineno]
    return "\n".join(line for line in lines if "SOLUTION" not in line) + "\n"


DICE = part(LOSSES, "DiceLoss")


class Renamed(ast.NodeTransformer):
    """Give every variable, argument and attribute of one's own another name."""

    def visit_Name(self, node: ast.Name) -> ast.Name:  # noqa: N802
        node.id = f"{node.id}_x" if node.id not in ("int", "float", "super", "len", "range", "None") else node.id
        return node

    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.arg += "_x"
        return self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:  # noqa: N802
        node.name = "Overlap"
        return self.generic_visit(node)


def renamed() -> str:
    return ast.unparse(Renamed().visit(ast.parse(DICE)))


def in_other_clothes() -> str:
    """Brackets, comments, line breaks and type hints do not make another loss of it."""
    text = "\n".join(f"{line}  # so it is" if line.strip() and '"""' not in line else line for line in lines_of_code())
    return text.replace("return 1", "return (1)").replace(" = ", " = (", 1).replace("  # so it is", ")  # so it is", 1)


def lines_of_code() -> list[str]:
    tree = ast.parse(DICE)
    for node in ast.walk(tree):
        if isinstance(node, (ast.ClassDef, ast.FunctionDef)) and ast.get_docstring(node):
            node.body = node.body[1:]
    function = next(node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef) and node.name == "forward")
    return [line for statement in function.body for line in ast.unparse(statement).splitlines()]


def notebook(**cell: object) -> bytes:
    whole = {
        "cell_type": "code",
        "execution_count": None,
        "id": "a",
        "metadata": {},
        "outputs": [],
        "source": [],
    } | cell
    if whole["cell_type"] == "markdown":
        del whole["outputs"], whole["execution_count"]
    return json.dumps({"cells": [whole], "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}).encode()


def zipped(text: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("notes/old.txt", text)
    return stream.getvalue()


def picture(**told: str) -> bytes:
    info, stream = PngInfo(), io.BytesIO()
    for key, text in told.items():
        info.add_text(key, text, zip=True)
    Image.new("L", (4, 4)).save(stream, "PNG", pnginfo=info)
    return stream.getvalue()


def compiled(tmp_path: Path) -> bytes:
    source = tmp_path / "losses.py"
    source.write_text(LOSSES, encoding="utf-8")
    return Path(py_compile.compile(str(source), str(tmp_path / "losses.pyc"))).read_bytes()


def commented(text: str) -> str:
    return "".join(f"    # {line}\n" for line in text.splitlines())


def one_line() -> str:
    """The longest line that students are to write themselves."""
    return max(lines_of_code(), key=len)


ANSWER = (ROOT / "answers" / "losses" / "dice.py").read_text(encoding="utf-8")
ENCODED = base64.encodebytes(DICE.encode()).decode()
SEED = SEEDS.of("anyone")
OUTPUT = [{"name": "stdout", "output_type": "stream", "text": DICE.splitlines(keepends=True)}]

# The file in which it stands, and its content.
WAYS: dict[str, tuple[str, bytes | str]] = {
    "a solution under another name": ("course/training/helpers.py", DICE.replace("DiceLoss", "Overlap")),
    "other names for all variables": ("tests/helpers.py", renamed()),
    "other layout, brackets and comments": ("tests/helpers.py", in_other_clothes()),
    "one line of a solution": ("README.md", f"Hint: think of\n\n    {one_line()}\n"),
    "a network of the solutions": ("course/demo_net.py", part(UNET, "UNet").replace("UNet", "Net")),
    "in a cell of a notebook": ("notebooks/ex02/ex02.ipynb", notebook(source=DICE.splitlines(keepends=True))),
    "in the text of a notebook": ("notebooks/ex02/ex02.ipynb", notebook(cell_type="markdown", source=renamed())),
    "in the output of a notebook": ("notebooks/ex02/ex02.ipynb", notebook(outputs=OUTPUT)),
    "in the metadata of a cell": ("notebooks/ex02/ex02.ipynb", notebook(metadata={"nbgrader": {"comment": DICE}})),
    "in an attachment of a cell": (
        "notebooks/ex02/ex02.ipynb",
        notebook(cell_type="markdown", attachments={"a.png": {"image/png": base64.b64encode(DICE.encode()).decode()}}),
    ),
    "in a docstring": ("tests/test_ex02_losses.py", f'"""The losses.\n\n{renamed()}"""\n'),
    "in comments": ("tests/test_ex02_losses.py", "def test_it():\n" + commented(renamed()) + "    pass\n"),
    "in base64": ("course/grading/blob.py", f'"""Numbers."""\n\nDATA = """\n{ENCODED}"""\n'),
    "in hexadecimal digits": ("data/info.txt", DICE.encode().hex()),
    "with escapes in a string": (
        "tests/helpers.py",
        "TEXT = '" + "".join(f"\\x{ord(letter):02x}" for letter in DICE) + "'\n",
    ),
    "in a JSON file": ("data/info.json", json.dumps({"about": {"text": [DICE]}})),
    "in the documents": ("docs/students.md", f"# For students\n\n```python\n{renamed()}```\n"),
    "in a zip": ("data/more.zip", zipped(DICE)),
    "in a zip that is called a picture": ("docs/images/more.png", picture() + zipped(DICE)),
    "in a picture's comment": ("docs/images/more.png", picture(Comment=DICE)),
    "compressed": ("data/more.txt", gzip.compress(DICE.encode())),
    "compressed, in base64": ("data/more.txt", base64.b64encode(gzip.compress(DICE.encode()))),
    "a copy of an answer": ("tests/known.py", ANSWER),
    "a copy of an answer that is no program": ("docs/notes.md", ANSWER.replace("\n", "\r\n") + "\n\n"),
    "one entry of the answer bank": ("tests/known.py", part(ANSWER, "DiceSumsEps").replace("DiceSumsEps", "Loss")),
    "an instructor's file": ("selftests/release/test_gate.py", '"""Nothing."""\n'),
    "a trained network": ("data/checkpoints/UNet.safetensors", b"\0" * 300),
    "the hidden seed in a workflow": (".github/workflows/classroom.yml", f"run: course grade . --seed {SEED}\n"),
    "the hidden seed in hexadecimal": ("course/grading/numbers.py", f"SEED = {SEED:#_x}\n"),
    "the key of the hidden seeds": ("docs/students.md", f"key = {SEEDS.key.upper()}\n"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small part of a release, in which nothing is wrong."""
    small = tmp_path / "release"
    shutil.copytree(ROOT / "lib", small / "lib", ignore=shutil.ignore_patterns("__pycache__"))
    (small / "tests").mkdir()
    shutil.copyfile(ROOT / "tests" / "test_ex02_losses.py", small / "tests" / "test_ex02_losses.py")
    return small


def plant(folder: Path, name: str, content: bytes | str) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def test_a_part_of_a_release_leaks_nothing(folder: Path, hidden: Secrets) -> None:
    assert list(gate.leaks(folder, hidden)) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_leak_is_found(way: str, folder: Path, hidden: Secrets) -> None:
    name, content = WAYS[way]
    assert content, "This way leaks nothing: the test needs another example."
    plant(folder, name, content)
    found = list(gate.leaks(folder, hidden))
    assert found
    assert all(sentence.startswith(name) for sentence in found), found
    with pytest.raises(CourseError, match="would give something away"):
        gate.check(folder, hidden)


def test_compiled_code_is_found(folder: Path, hidden: Secrets, tmp_path: Path) -> None:
    plant(folder, "lib/__pycache__/losses.cpython-311.pyc", compiled(tmp_path))
    assert any("is of a kind that no release holds" in sentence for sentence in gate.leaks(folder, hidden))


def test_a_link_is_found(folder: Path, hidden: Secrets) -> None:
    (folder / "tests" / "known.py").symlink_to(ROOT / "answers" / "losses" / "dice.py")
    assert list(gate.leaks(folder, hidden)) == ["tests/known.py is a link: a release holds plain files."]


def test_metadata_of_an_editor_is_found(folder: Path, hidden: Secrets) -> None:
    plant(folder, "notebooks/ex02/ex02.ipynb", notebook(metadata={"vscode": {}}, execution_count=3))
    found = list(gate.leaks(folder, hidden))
    assert any("metadata that students do not need: vscode" in sentence for sentence in found)
    assert any("has an output, or a number of its execution" in sentence for sentence in found)


def git(folder: Path, *words: str) -> None:
    identity = ["-c", "user.name=A", "-c", "user.email=a@example.org"]
    subprocess.run(["git", "-C", str(folder), *identity, *words], check=True, capture_output=True)


@pytest.mark.parametrize("way", ["a file that was removed again", "a message", "a branch", "a commit that was undone"])
def test_a_leak_in_the_history_is_found(way: str, folder: Path, hidden: Secrets) -> None:
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Release" if way != "a message" else f"Release, seed {SEED}")
    gate.check(folder, hidden)
    if way == "a message":
        expected = "the hidden seed"
    else:
        if way == "a branch":
            git(folder, "checkout", "-q", "-b", "answers")
        plant(folder, "lib/losses.py", LOSSES)
        git(folder, "commit", "-q", "-a", "-m", "Oh")
        if way == "a file that was removed again":
            git(folder, "revert", "--no-edit", "HEAD")
        elif way == "a branch":
            git(folder, "checkout", "-q", "-")
        else:
            git(folder, "reset", "-q", "--hard", "HEAD~1")
        expected = "lib/losses.py is a copy of solutions/losses.py"
    with pytest.raises(CourseError, match=expected):
        gate.check_history(folder, hidden)


def test_a_history_without_leaks_passes(folder: Path, hidden: Secrets) -> None:
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "Release")
    gate.check_history(folder, hidden)


def test_model_answers_do_not_stay_in_a_notebook(hidden: Secrets, folder: Path) -> None:
    """Each notebook as the instructor has it leaks, as the student gets it does not."""
    notebooks = sorted((ROOT / "notebooks").rglob("ex*.ipynb"))
    for path in notebooks:
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(ROOT).as_posix()
        plant(folder, name, student_version(text, name))
        assert list(gate.leaks(folder, hidden)) == []
        if '"solution": true' in text:
            plant(folder, name, text)
            assert any("the answer in" in sentence for sentence in gate.leaks(folder, hidden)), name
            (folder / name).unlink()


def test_the_real_release_leaks_nothing(released: Path, hidden: Secrets) -> None:
    assert list(gate.leaks(released, hidden)) == []


@pytest.fixture
def course_copy(tmp_path: Path) -> Callable[[str, str], Path]:
    """Copy what releases are made from, with something appended to a file."""

    def make(name: str, text: str) -> Path:
        source = tmp_path / "course"
        ignored = shutil.ignore_patterns("__pycache__", "checkpoints")
        for room in ("answers", "course", "data", "docs", "lib", "notebooks", "solutions", "tests"):
            if (ROOT / room).is_dir():
                shutil.copytree(ROOT / room, source / room, ignore=ignored)
        for file in ("course.toml", "pyproject.toml", "uv.lock", "LICENSE", "train.py", "predict.py", "measure.py"):
            shutil.copyfile(ROOT / file, source / file)
        with (source / name).open("a", encoding="utf-8") as file:
            file.write(text)
        return source

    return make


@pytest.mark.parametrize("name", ["docs/students.md", "tests/inputs.py"])
def test_what_leaks_is_not_released(
    name: str, course_copy: Callable[[str, str], Path], recorded: Path, tmp_path: Path
) -> None:
    source = course_copy(name, "\n\n" + renamed())
    out = tmp_path / "released"
    with pytest.raises(CourseError, match=f"{name}.*DiceLoss"):
        release(source, out, "1-2", recorded.read_bytes(), SEEDS)
    assert not out.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["course"]


def test_nothing_is_released_into_a_history_that_leaks(recorded: Path, tmp_path: Path) -> None:
    out = tmp_path / "released"
    (out / "lib").mkdir(parents=True)
    git(out, "init", "-q")
    plant(out, "lib/losses.py", LOSSES)
    git(out, "add", ".")
    git(out, "commit", "-q", "-m", "Start")
    git(out, "rm", "-q", "-r", "lib")
    git(out, "commit", "-q", "-m", "Without")
    with pytest.raises(CourseError, match="In git's history: lib/losses.py is a copy of solutions/losses.py"):
        release(ROOT, out, "1", recorded.read_bytes(), SEEDS)
    assert [path.name for path in out.iterdir()] == [".git"]


def test_a_folder_with_other_files_is_not_written_over(tmp_path: Path, recorded: Path) -> None:
    (tmp_path / "thesis.tex").write_text("mine", encoding="utf-8")
    with pytest.raises(CourseError, match="is not empty, and no earlier release"):
        release(ROOT, tmp_path, "1", recorded.read_bytes(), SEEDS)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]
