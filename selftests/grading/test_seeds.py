"""Hidden seeds: made once, the same again with the same key, told to nobody, named in the record."""

from collections.abc import Callable
from pathlib import Path

import pytest

from course.errors import CourseError
from course.grading import seeds
from course.grading.launch import shared_zygote
from course.grading.run import Settings, environment, grade
from course.grading.seeds import LEAST_SEED, PUBLIC_SEED, HiddenSeeds, chosen, make_private, read_private
from course.paths import ROOT
from course.submission.find import Submission, open_submission

KEY = "00112233445566778899aabbccddeeff" * 2


@pytest.fixture
def private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where this course's key would be."""
    path = tmp_path / "private" / "seed.toml"
    monkeypatch.setattr(seeds, "PRIVATE", path)
    monkeypatch.setattr(seeds, "ROOT", tmp_path)
    return path


def test_a_key_is_made_once_and_for_its_owner_only(private: Path) -> None:
    assert read_private(private) is None
    assert make_private(private)
    first = read_private(private)
    assert not make_private(private)
    assert read_private(private) == first
    assert private.stat().st_mode & 0o077 == 0
    assert private.parent.stat().st_mode & 0o077 == 0


def test_two_keys_differ(tmp_path: Path) -> None:
    keys = []
    for name in "ab":
        make_private(tmp_path / name / "seed.toml")
        keys.append(read_private(tmp_path / name / "seed.toml"))
    assert keys[0].key != keys[1].key and keys[0].of("") != keys[1].of("") and keys[0].name != keys[1].name


def test_one_key_gives_the_same_seeds_again() -> None:
    """Written down: a change of the derivation would make every old grading impossible to repeat."""
    assert HiddenSeeds(KEY).of("anna") == HiddenSeeds(KEY).of("bert") == 6332667454050330
    assert HiddenSeeds(KEY, per_student=True).of("anna") == 8630948679974829
    assert HiddenSeeds(KEY).name == "private-1cf2230a"


def test_every_submission_may_have_its_own() -> None:
    own = {HiddenSeeds(KEY, per_student=True).of(f"student-{number}") for number in range(1000)}
    assert len(own) == 1000
    assert all(LEAST_SEED <= seed < 2 * LEAST_SEED for seed in own)


def test_a_record_names_the_key_and_tells_no_seed() -> None:
    for hidden in (HiddenSeeds(KEY), HiddenSeeds(KEY, per_student=True)):
        said = environment(Settings(seed=hidden, sandbox="none")).model_dump_json()
        assert hidden.name in said
        assert KEY not in said and str(hidden.of("anna")) not in said
    assert environment(Settings(seed=7, sandbox="none")).seed == 7


def test_the_private_seed_is_the_default_where_there_is_a_key(private: Path) -> None:
    assert chosen("", per_student=False) == PUBLIC_SEED
    make_private(private)
    assert chosen("", per_student=False) == chosen("private", per_student=False) == read_private(private)
    assert chosen("public", per_student=False) == PUBLIC_SEED
    assert chosen("7", per_student=False) == 7
    assert chosen("", per_student=True).per_student


@pytest.mark.parametrize(("text", "per_student"), [("private", False), ("", True), ("7", True), ("public", True)])
def test_hidden_seeds_need_a_key(text: str, per_student: bool, private: Path) -> None:
    with pytest.raises(CourseError, match="there is no private/seed.toml"):
        chosen(text, per_student)


@pytest.mark.parametrize("text", ["7", "public"])
def test_a_known_seed_is_not_another_one_for_each(text: str, private: Path) -> None:
    make_private(private)
    with pytest.raises(CourseError, match=f"the seed is to be {text}"):
        chosen(text, per_student=True)


@pytest.mark.parametrize("text", ["-1", "seven", "1.5", "²", "0x10"])
def test_what_is_no_seed_is_said(text: str, private: Path) -> None:
    with pytest.raises(CourseError, match="is no seed: give a whole number"):
        chosen(text, per_student=False)


@pytest.mark.parametrize("text", ["", "key = 3", 'key = "ff"', 'key = "xyz"', "key"])
def test_a_broken_key_is_said_and_never_replaced(text: str, private: Path) -> None:
    private.parent.mkdir()
    private.write_text(text, encoding="utf-8")
    with pytest.raises(CourseError, match="is no key of hidden seeds"):
        read_private(private)
    assert not make_private(private)
    assert private.read_text(encoding="utf-8") == text


WRONG = """

class DiceLoss(nn.Module):
    def forward(self, y_pred, y_true):
        return torch.sigmoid(y_pred).mean() * 0.123 + y_true.mean()
"""


def test_a_grading_is_repeated_exactly_and_another_student_gets_other_inputs(submission: Callable[..., Path]) -> None:
    text = (ROOT / "solutions" / "losses.py").read_text(encoding="utf-8") + WRONG
    anna, bert = (open_submission(submission({"losses.py": text}, name)) for name in ("anna", "bert"))
    own, common = HiddenSeeds(KEY, per_student=True), HiddenSeeds(KEY)

    def messages(who: Submission, hidden: HiddenSeeds) -> list[str]:
        record = grade(who, Settings(seed=hidden, tasks=("2.1",), sandbox="none"))
        assert record.environment.seed == hidden.name
        return [check.message for check in record.tasks[0].checks]

    with shared_zygote("none"):
        assert messages(anna, own) == messages(anna, own)
        assert messages(anna, own) != messages(bert, own)
        assert messages(anna, common) == messages(bert, common) != messages(anna, own)
