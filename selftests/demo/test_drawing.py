"""The losses and gradients under the brush, against formulas that are written out here."""

import base64
import threading

import numpy as np
import pytest

from course.demo import drawing
from course.demo.drawing import Knobs, Measured
from course.demo.sources import REFERENCE, House, Lane, Measures
from course.errors import CourseError
from course.paths import ROOT


@pytest.fixture(scope="module")
def house():
    found = House(ROOT / "examples" / "submissions" / "typical-mistakes", "none")
    yield found
    found.close()


@pytest.fixture(scope="module")
def measures():
    found = Measures()
    yield found
    found.close()


def by_label(rows: list[Measured]) -> dict[str, Measured]:
    return {row.label: row for row in rows}


def measured(house, measures, logits, truth, knobs=Knobs(), who=REFERENCE):  # noqa: B008 - frozen
    source = house.sources[who]
    rows = drawing.measure(source, logits, truth, knobs, measures)
    return by_label(rows + drawing.metrics(source, logits, truth, measures))


def sigmoid(z):
    return 1 / (1 + np.exp(-z.astype(np.float64)))


@pytest.fixture
def picture():
    rng = np.random.default_rng(3)
    truth = np.zeros((128, 128), bool)
    truth[40:80, 30:90] = True
    return rng.normal(0, 2, truth.shape).astype(np.float32), truth


@pytest.mark.parametrize(("gamma", "alpha", "smooth"), [(2.0, 0.0, 1.0), (0.5, 0.3, 20.0)])
def test_the_sliders_reach_the_formulas(house, measures, picture, gamma, alpha, smooth):
    logits, y = picture
    p = sigmoid(logits)
    p_t = np.where(y, p, 1 - p)
    weight = np.where(y, alpha, 1 - alpha) if alpha else 1.0
    rows = measured(house, measures, logits, y, Knobs(gamma, alpha, smooth))
    assert rows["Cross-entropy"].value == pytest.approx(-np.log(p_t).mean(), rel=1e-5)
    assert rows["Focal"].value == pytest.approx((-weight * (1 - p_t) ** gamma * np.log(p_t)).mean(), rel=1e-5)
    dice = (2 * (p * y).sum() + smooth) / (p.sum() + y.sum() + smooth)
    assert rows["Dice"].value == pytest.approx(1 - dice, rel=1e-5)
    n = y.size
    sheet = 1 - (2 * (p * y).sum() / n + 1) / ((p.sum() + y.sum()) / n + 1)
    assert rows["Sheet's Dice"].value == pytest.approx(sheet, rel=1e-4)


def test_the_gradient_map_is_the_gradient(house, measures, picture):
    logits, y = picture
    rows = measured(house, measures, logits, y)
    np.testing.assert_allclose(rows["Cross-entropy"].gradient, (sigmoid(logits) - y) / y.size, atol=1e-9)
    size = np.abs(sigmoid(logits) - y)
    assert rows["Cross-entropy"].background == pytest.approx(size[~y].sum() / size.sum(), rel=1e-5)


def test_given_probabilities_the_gradient_is_still_that_of_the_logits(house, measures, picture):
    logits, y = picture
    p = sigmoid(logits)
    rows = measured(house, measures, logits, y, Knobs(as_probabilities=True))
    expected = (sigmoid(p) - y) / y.size * p * (1 - p)
    np.testing.assert_allclose(rows["Cross-entropy"].gradient, expected, atol=1e-9)


def test_metrics_are_those_of_the_mask(house, measures, picture):
    logits, y = picture
    mask = logits > 0
    rows = measured(house, measures, logits, y)
    assert rows["IoU"].value == pytest.approx((mask & y).sum() / (mask | y).sum())
    assert rows["Accuracy"].value == pytest.approx((mask == y).mean())
    assert rows["Sensitivity"].value == pytest.approx(mask[y].mean())


def shown(house, measures, name):
    trap = next(trap for trap in drawing.TRAPS if trap.name == name)
    truth = drawing.scenes()[trap.scene][1]
    logits = drawing.base(trap.base, trap.scene, trap.knobs.confidence)
    rows = measured(house, measures, logits, truth, trap.knobs)
    return rows, truth, drawing.explain(trap, list(rows.values()))


def test_every_trap_says_only_what_was_measured(house, measures):
    for trap in drawing.TRAPS:
        text = shown(house, measures, trap.name)[2]
        assert "{" not in text and "<b>nothing</b>" not in text, trap.name
        assert trap.loss in drawing.LABELS


def test_the_traps_show_what_they_promise(house, measures):
    rows, truth, _ = shown(house, measures, "Nothing at 1 %")
    assert 0.008 < truth.mean() < 0.012
    assert rows["Accuracy"].value == pytest.approx(1 - truth.mean())
    assert rows["Sheet's Dice"].value < 0.012 and rows["Dice"].value > 0.98

    rows, *_ = shown(house, measures, "Easy background")
    assert rows["Sheet's focal"].background > rows["Cross-entropy"].background > 0.5 > rows["Focal"].background

    rows, *_ = shown(house, measures, "Sigmoid twice")
    assert rows["IoU"].value == 1 and rows["Dice"].value > 0.3 and rows["Dice, no sigmoid"].value < 0.01

    rows, *_ = shown(house, measures, "No sigmoid")
    assert rows["IoU"].value > 0.9 and not 0 <= rows["Dice, no sigmoid"].value <= 1

    rows, truth, _ = shown(house, measures, "The empty mask")
    assert not truth.any() and np.isnan(rows["IoU"].value) and np.isnan(rows["Dice score"].value)
    low = measured(house, measures, np.full((128, 128), -10, np.float32), truth, Knobs(smooth=0.0))
    assert low["Dice"].value == pytest.approx(1) and 0.1 < rows["Dice"].value < 0.9

    rows, *_ = shown(house, measures, "Surely wrong")
    assert rows["Sheet's BCE"].value == np.inf and np.isnan(rows["Sheet's BCE"].background)
    assert rows["Cross-entropy"].value == pytest.approx(100)


def test_a_students_mistake_is_seen_and_the_rest_still_measured(house, measures, picture):
    logits, y = picture
    (name,) = house.names[1:]
    rows = measured(house, measures, logits, y, who=name)
    right = measured(house, measures, logits, y)
    assert rows["Cross-entropy"].value == pytest.approx(right["Cross-entropy"].value, rel=1e-4)
    assert rows["Dice"].value == pytest.approx(right["Dice, no sigmoid"].value, rel=1e-2), "Dice of the logits"
    assert rows["IoU"].value != pytest.approx(right["IoU"].value)


def test_code_that_kills_its_worker_is_a_sentence_every_time(tmp_path, measures, picture):
    (tmp_path / "one" / "lib").mkdir(parents=True)
    (tmp_path / "one" / "lib" / "losses.py").write_text("import os\nos._exit(3)\n")
    bad = House(tmp_path / "one", "none")
    try:
        for _ in range(2):
            rows = measured(bad, measures, *picture, who=bad.names[1])
            assert rows["Dice"].value is None and "exit code 3" in rows["Dice"].note
            assert rows["Sheet's Dice"].value is not None
    finally:
        bad.close()


def test_two_lanes_may_start_at_once():
    lanes, failures = [Lane(), Lane()], []

    def start(lane):
        try:
            lane.warm()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=start, args=[lane]) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for lane in lanes:
        lane.close()
    assert failures == []


def test_paint_covers_what_was_loaded():
    loaded = np.full((128, 128), -7.0, np.float32)
    paint = np.full((128, 128), 2, np.uint8)
    paint[:10], paint[10:20] = 1, 0
    text = base64.b64encode(paint.tobytes()).decode()
    logits = drawing.combined(loaded, drawing.painted(text), 3.0)
    assert (logits[:10] == 3).all() and (logits[10:20] == -3).all() and (logits[20:] == -7).all()
    assert (drawing.painted(drawing.blank()) == 2).all()


@pytest.mark.parametrize("text", ["", "AAAA", "not base64!", base64.b64encode(bytes([9]) * 128 * 128).decode()])
def test_what_is_no_painting_is_refused(text):
    with pytest.raises(CourseError, match="no painted mask"):
        drawing.painted(text)


def test_a_folder_without_submissions_is_refused(tmp_path):
    (tmp_path / "empty" / "nothing").mkdir(parents=True)
    with pytest.raises(CourseError):
        House(tmp_path / "missing", "none")
