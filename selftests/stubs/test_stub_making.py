"""Stubs: what stays and what goes, and which layouts of the markers are refused."""

import re
from textwrap import dedent

import pytest

from course.catalogue import Catalogue
from course.errors import CourseError
from course.release.stubs import README, differences, make_stub, make_stubs, write

FILE = "parts/losses.py"
CATALOGUE = Catalogue.model_validate(
    {
        "title": "A course",
        "exercises": [
            {
                "id": id_,
                "title": "t",
                "part": "core",
                "tasks": [
                    {
                        "id": f"{id_}.1",
                        "title": "t",
                        "points": 1,
                        "file": FILE,
                        "symbols": symbols,
                        "hint": "h",
                        "sources": ["s"],
                    }
                ],
            }
            for id_, symbols in {"1": ["Net"], "2": ["area", "Net"]}.items()
        ],
    }
)

SOLUTION = '''
"""Losses."""

import math
from math import pi  # needed by the solution only


class Net:
    """A network."""

    def __init__(self, width: int = 3) -> None:
        self.width = width
        ### BEGIN SOLUTION
        self.layers = [math.sqrt(width) for _ in range(width)]
        # a thought that gives it away

        self.more = """
    text that goes too
"""
        ### END SOLUTION

    @property
    def depth(self) -> int:
        """The depth."""
        ### BEGIN SOLUTION
        def helper():
            return len(self.layers)
        if self.width:
            return helper()
        return 0
        ### END SOLUTION


def area(radius: float) -> float:
    """Return the area: pi times the square of the radius."""
    # This comment is for the student.
    square = radius**2
    ### BEGIN SOLUTION
    return pi * square
    ### END SOLUTION


def given(x):
    return x + 1
'''

STUB = '''
"""Losses."""

import math
from math import pi  # needed by the solution only


class Net:
    """A network."""

    def __init__(self, width: int = 3) -> None:
        self.width = width
        raise NotImplementedError("Exercise 1.1: Net")

    @property
    def depth(self) -> int:
        """The depth."""
        raise NotImplementedError("Exercise 1.1: Net")


def area(radius: float) -> float:
    """Return the area: pi times the square of the radius."""
    # This comment is for the student.
    square = radius**2
    raise NotImplementedError("Exercise 2.1: area")


def given(x):
    return x + 1
'''


def test_regions_go_and_everything_else_stays():
    assert make_stub(SOLUTION, FILE, CATALOGUE) == STUB


def test_a_file_without_tasks_is_copied():
    text = "from . import losses\nfrom .lib.tests import Net\n\nWIDTH = 3\n"
    assert make_stub(text, "parts/__init__.py", CATALOGUE) == text


def test_what_gives_nothing_away_may_stand_in_a_region_and_elsewhere():
    """Short lines and the heads of blocks: else no two functions could both loop over something."""
    given = dedent(
        """
        def given(pixels):
            total = 0
            for pixel in sorted(pixels):
                total += pixel
            return total
        """
    )
    region = given.replace("given", "area").replace("(pixels):\n", "(pixels):\n    ### BEGIN SOLUTION\n", 1)
    stub = make_stub(f"{given}{region}    ### END SOLUTION\n", FILE, CATALOGUE)
    assert stub == given + '\ndef area(pixels):\n    raise NotImplementedError("Exercise 2.1: area")\n'


def test_no_stub_is_made_from_a_stub():
    """The stub has no regions any more: making it twice is an error, not a silent copy."""
    with pytest.raises(CourseError, match="has no region"):
        make_stub(STUB, FILE, CATALOGUE)


HOSTILE = {
    "region never ends": (
        """
        def area(r):
            ### BEGIN SOLUTION
            return 3.14159 * r**2
        """,
        "line 3: the region that begins here never ends",
    ),
    "region never begins": (
        """
        def area(r):
            return 3.14159 * r**2
            ### END SOLUTION
        """,
        "line 4: a region ends here that never began",
    ),
    "nested regions": (
        """
        def area(r):
            ### BEGIN SOLUTION
            s = r**2
            ### BEGIN SOLUTION
            return 3.14159 * s
            ### END SOLUTION
            ### END SOLUTION
        """,
        "line 5: the region that began on line 3 has not ended yet",
    ),
    "region ends twice": (
        """
        def area(r):
            ### BEGIN SOLUTION
            s = r**2
            ### END SOLUTION
            return 3.14159 * s
            ### END SOLUTION
        """,
        "line 7: a region ends here that never began",
    ),
    "markers in a string": (
        '''
        def area(r):
            """Area.
            ### BEGIN SOLUTION
            ### END SOLUTION
            """
            return 3.14159 * r**2
        ''',
        "line 4: `### BEGIN SOLUTION` looks like a marker and is none",
    ),
    "end marker in a string": (
        '''
        def area(r):
            ### BEGIN SOLUTION
            text = """
            ### END SOLUTION
            """
            return 3.14159 * r**2
        ''',
        "line 5: `### END SOLUTION` looks like a marker and is none",
    ),
    "misspelt marker": (
        """
        def area(r):
            # Begin Solution
            return 3.14159 * r**2
            # End Solution
        """,
        "line 3: `# Begin Solution` looks like a marker and is none",
    ),
    "marker behind code": (
        """
        def area(r):
            s = r**2  ### BEGIN SOLUTION
            return 3.14159 * s
            ### END SOLUTION
        """,
        "line 3: `s = r**2  ### BEGIN SOLUTION` looks like a marker",
    ),
    "region starts within a statement": (
        """
        def area(r):
            s = (
                ### BEGIN SOLUTION
                r**2
            )
            return 3.14159 * s
            ### END SOLUTION
        """,
        "line 4: a region holds whole statements of a function's body",
    ),
    "region ends within a statement": (
        """
        def area(r):
            ### BEGIN SOLUTION
            s = r**2
            return (
                3.14159
                ### END SOLUTION
                * s
            )
        """,
        "line 5: the region of lines 3 to 7 cuts this statement in two",
    ),
    "region within an expression": (
        """
        def area(r):
            return (
                ### BEGIN SOLUTION
                3.14159 * r**2
                ### END SOLUTION
            )
        """,
        "line 4: a region holds whole statements of a function's body",
    ),
    "region takes half of an if": (
        """
        def area(r):
            if r > 0:
                s = r**2
                ### BEGIN SOLUTION
            else:
                s = 0
            return 3.14159 * s
            ### END SOLUTION
        """,
        "line 5: a region holds whole statements of a function's body",
    ),
    "region within an if": (
        """
        def area(r):
            if r > 0:
                ### BEGIN SOLUTION
                return 3.14159 * r**2
                ### END SOLUTION
            return 0
        """,
        "line 4: a region holds whole statements of a function's body",
    ),
    "region over two functions": (
        """
        class Net:
            def forward(self, r):
                ### BEGIN SOLUTION
                return 3.14159 * r**2

            def backward(self, r):
                return 2 * 3.14159 * r
                ### END SOLUTION
        """,
        "ends outside its function forward",
    ),
    "region around a function": (
        """
        ### BEGIN SOLUTION
        def area(r):
            return 3.14159 * r**2
        ### END SOLUTION
        """,
        "line 2: a region holds whole statements of a function's body",
    ),
    "region in a class, outside its methods": (
        """
        class Net:
            width = 3
            ### BEGIN SOLUTION
            height = 4
            ### END SOLUTION
        """,
        "line 4: a region holds whole statements of a function's body",
    ),
    "region among the arguments": (
        """
        def area(
            ### BEGIN SOLUTION
            r=3.14159,
            ### END SOLUTION
        ):
            return r**2
        """,
        "line 3: the region holds no statement",
    ),
    "empty region": (
        """
        def area(r):
            ### BEGIN SOLUTION
            # to do
            ### END SOLUTION
            return 3.14159 * r**2
        """,
        "line 3: the region holds no statement",
    ),
    "region takes the docstring": (
        '''
        def area(r):
            ### BEGIN SOLUTION
            """Area."""
            return 3.14159 * r**2
            ### END SOLUTION
        ''',
        "line 3: the region takes the docstring along",
    ),
    "region in a symbol that no task asks for": (
        """
        def volume(r):
            ### BEGIN SOLUTION
            return 4.18879 * r**3
            ### END SOLUTION
        """,
        "line 3: a region in volume, which no task of course.toml asks for",
    ),
    "region in a function behind an if": (
        """
        if True:
            def area(r):
                ### BEGIN SOLUTION
                return 3.14159 * r**2
                ### END SOLUTION
        """,
        "which no task of course.toml asks for",
    ),
    "symbol without a region": (
        """
        def area(r):
            return 3.14159 * r**2
        """,
        "line 2: students write area, but it has no region",
    ),
    "symbol defined again, solved": (
        """
        def area(r):
            ### BEGIN SOLUTION
            return 3.14159 * r**2
            ### END SOLUTION


        def area(r):
            return 3.14159 * r * r
        """,
        "line 8: students write area, but it has no region",
    ),
    "method without a region": (
        """
        class Net:
            def __init__(self):
                self.width = 3

            def forward(self, r):
                ### BEGIN SOLUTION
                return self.inner(r)
                ### END SOLUTION

            def inner(self, r):
                return 3.14159 * r**2
        """,
        "line 11: students write Net.inner, but it has no region",
    ),
    "the region's code stands elsewhere too": (
        """
        def area(r):
            ### BEGIN SOLUTION
            return 3.14159265 * r**2
            ### END SOLUTION


        def given(r):
            return 3.14159265 * r**2
        """,
        "line 4: the region's line `return 3.14159265 * r**2` also stands outside",
    ),
    "the region's code stands in a comment too": (
        """
        def area(r):
            # was: return 3.14159265 * r**2
            ### BEGIN SOLUTION
            return 3.14159265 * r**2
            ### END SOLUTION
        """,
        "line 5: the region's line `return 3.14159265 * r**2` also stands outside",
    ),
    "a string in the code is no docstring": (
        '''
        def area(r):
            """Area."""
            """return 3.14159265 * r**2"""
            ### BEGIN SOLUTION
            return 3.14159265 * r**2
            ### END SOLUTION
        ''',
        "line 6: the region's line `return 3.14159265 * r**2` also stands outside",
    ),
    "solutions imported": (
        """
        from solutions.losses import area as solved


        def area(r):
            ### BEGIN SOLUTION
            return solved(r)
            ### END SOLUTION
        """,
        "line 2: it imports solutions.losses, which a student does not have",
    ),
    "answers imported inside a function": (
        """
        def area(r):
            import numpy, answers.entry
            ### BEGIN SOLUTION
            return 3.14159265 * r**2
            ### END SOLUTION
        """,
        "line 3: it imports answers.entry",
    ),
    "backslash before a marker": (
        """
        def area(r):
            s = r**2 \\
            ### BEGIN SOLUTION
            return 3.14159265 * s
            ### END SOLUTION
        """,
        "the stub of parts/losses.py, line 4",
    ),
    "no Python": ("def area(r:\n", "line 1: '(' was never closed"),
}


@pytest.mark.parametrize(("source", "sentence"), HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_layout_is_refused(source, sentence):
    with pytest.raises(CourseError, match=re.escape(sentence)) as caught:
        make_stub(dedent(source), FILE, CATALOGUE)
    assert FILE in str(caught.value)


AREA = '''
def area(r):
    """Return the area."""
    ### BEGIN SOLUTION
    secret = 3.14159265 * r**2
    return secret
    ### END SOLUTION
'''


@pytest.mark.parametrize("odd", ["\r", "\f", "\v", "\x1c", "\u2028"])
def test_characters_that_some_take_for_line_breaks_leak_nothing(odd):
    """Python, `str.splitlines` and editors disagree on where a line ends."""
    source = f'TEXT = "one{odd}two"\n# three{odd}\n' + AREA
    try:
        stub = make_stub(source, FILE, CATALOGUE)
    except CourseError:
        return
    assert "secret" not in stub
    assert 'raise NotImplementedError("Exercise 2.1: area")' in stub


def test_a_line_break_that_only_python_sees_is_refused():
    """Every line number after it is one off, so that a part of the region could stay."""
    source = "# one\rTWO = 2\n" + AREA
    with pytest.raises(CourseError, match="Look for odd line breaks"):
        make_stub(source, FILE, CATALOGUE)


@pytest.fixture
def solutions(tmp_path):
    folder = tmp_path / "solutions"
    (folder / "parts" / "__pycache__").mkdir(parents=True)
    (folder / "parts" / "losses.py").write_text(SOLUTION)
    (folder / "parts" / "__init__.py").write_text("from .losses import Net\n")
    (folder / "parts" / "__pycache__" / "losses.cpython-311.pyc").write_bytes(b"\0")
    return folder


def test_the_tree_is_made_whole(solutions):
    stubs = make_stubs(solutions, CATALOGUE)
    assert stubs == {"README.md": README, "parts/__init__.py": "from .losses import Net\n", FILE: STUB}


def test_without_solutions_there_is_a_sentence(tmp_path):
    with pytest.raises(CourseError, match="There is no folder .*nowhere"):
        make_stubs(tmp_path / "nowhere", CATALOGUE)


def test_what_is_written_has_no_differences(solutions, tmp_path):
    stubs, lib = make_stubs(solutions, CATALOGUE), tmp_path / "lib"
    assert sorted(differences(stubs, lib)) == [
        "README.md is missing",
        "parts/__init__.py is missing",
        "parts/losses.py is missing",
    ]
    write(stubs, lib)
    (lib / "parts" / "__pycache__").mkdir()
    (lib / "parts" / "__pycache__" / "losses.cpython-311.pyc").write_bytes(b"\0")
    assert differences(stubs, lib) == []


def test_every_difference_is_reported_and_strangers_are_left_alone(solutions, tmp_path):
    stubs, lib = make_stubs(solutions, CATALOGUE), tmp_path / "lib"
    write(stubs, lib)
    (lib / FILE).write_text(SOLUTION)
    (lib / "README.md").unlink()
    (lib / "notes.txt").write_text("mine")
    assert differences(stubs, lib) == [
        "README.md is missing",
        "parts/losses.py differs",
        "notes.txt is not made from the solutions: delete it",
    ]
    write(stubs, lib)
    assert (lib / "notes.txt").read_text() == "mine"
    assert (lib / FILE).read_text() == STUB
