"""The page in a real browser: what a lecturer does with it."""

import re

import numpy as np
import pytest
from PIL import Image

from course.demo import app, drawing, layers, seeing
from course.demo.desk import Desk
from course.demo.sources import House
from course.grading.bank import load_bank

PATIENCE = 120_000  # milliseconds
TABS = ["Draw a mask", "Train live", "Inside a layer", "What does it see?", "Break it live", "Zoo"]


def bar(page, label):
    """The number beside a bar's name."""
    row = page.locator("#numbers .bar", has=page.locator(".name", has_text=re.compile(rf"^\s*{re.escape(label)}\s*$")))
    return row.locator(".number").inner_text()


def choose(page, label, option):
    """Choose from a list as one does with the keyboard."""
    box = page.get_by_label(label, exact=True).locator("visible=true")
    box.first.click()
    page.get_by_role("option", name=option, exact=True).locator("visible=true").first.click()


def button(page, name):
    return page.get_by_role("button", name=name, exact=True).locator("visible=true").first


def upload(page, name, path):
    with page.expect_file_chooser() as chooser:
        button(page, name).click()
    chooser.value.set_files(path)


def tab_to(page, selector):
    """Go to an element as one does without a mouse: only then it has the arrow keys."""
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} is not reached with Tab.")


def test_traps_and_strokes(page):
    button(page, "Nothing at 1 %").click()
    page.wait_for_selector("summary:has-text('Which numbers notice?')")
    page.wait_for_function("document.querySelector('#numbers .chosen .name').innerText.includes(\"Sheet's Dice\")")
    _, truth = drawing.scenes()["1 % cell"]
    p, share = 1 / (1 + np.exp(8.0)), truth.mean()
    assert float(bar(page, "Sheet's Dice")) == pytest.approx(1 - (2 * p * share + 1) / (p + share + 1), abs=6e-4)
    assert float(bar(page, "Accuracy")) == pytest.approx(1 - share, abs=6e-4)

    answer = page.locator("details.answer p")
    assert not answer.is_visible(), "the hall is asked first"
    page.keyboard.press("a")
    assert answer.is_visible() and f"{1 - share:.3f}" in answer.inner_text()

    box = page.locator("#paint canvas").bounding_box()
    row, column = (axis.mean() for axis in np.nonzero(truth))
    x, y = box["x"] + column / 128 * box["width"], box["y"] + row / 128 * box["height"]
    page.mouse.move(x - 8, y)
    page.mouse.down()
    page.mouse.move(x + 8, y, steps=4)
    page.mouse.up()
    page.wait_for_function("Number(document.querySelector('#numbers .stage').dataset.stroke) > 0")
    page.wait_for_function("document.querySelector('#numbers').innerText.match(/IoU\\s+0\\.[1-9]/)")
    assert float(bar(page, "Sensitivity")) > 0.3

    page.keyboard.press("z")
    page.wait_for_function("document.querySelector('#numbers').innerText.match(/Sensitivity\\s+0\\.000/)")
    page.keyboard.press("ArrowRight")  # after the mouse the arrows are the page's
    page.wait_for_selector("summary:has-text('Where does each loss push?')")


def test_drawing_with_the_keyboard_and_the_next_trap(page):
    button(page, "The empty mask").click()
    page.wait_for_function("document.querySelector('#numbers').innerText.match(/IoU\\s+undefined/)")
    tab_to(page, "#paint canvas")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('#numbers').innerText.match(/IoU\\s+0\\.000/)")
    page.keyboard.press("Escape")  # the arrows are the drawing's until then
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("summary:has-text('Every logit is 100')")
    page.wait_for_function("document.querySelector('#numbers').innerText.match(/Sheet's BCE\\s+infinite/)")
    assert "is not a number" in page.locator("#gradient").inner_text()


def test_a_students_losses(page):
    button(page, "No sigmoid").click()
    page.wait_for_function("document.querySelector('#numbers .chosen .name').innerText.includes('Dice, no sigmoid')")
    wrong = bar(page, "Dice, no sigmoid")
    assert bar(page, "Dice") != wrong
    choose(page, "Whose code", "typical-mistakes")
    page.wait_for_function(
        "v => [...document.querySelectorAll('#numbers .bar')].some("
        "b => b.querySelector('.name').innerText.trim() === 'Dice' && b.querySelector('.number') "
        "&& Math.abs(b.querySelector('.number').innerText - v) < 0.01)",
        arg=float(wrong),
    )
    assert "TypeError" in page.locator("#numbers").inner_text(), "alpha=None breaks this student's focal loss"
    choose(page, "Whose code", "the reference")
    page.wait_for_function("!document.querySelector('#numbers').innerText.includes('TypeError')")


def test_training_ten_steps_then_a_pause(page):
    page.keyboard.press("2")
    button(page, "Skips or none").click()
    page.wait_for_function(
        "[...document.querySelectorAll('#race .facts')].filter(f => Number(f.dataset.steps) >= 10).length === 2"
    )
    assert page.locator("#race .tiles img").count() == 12
    assert page.locator("#race polyline").count() == 2
    page.keyboard.press("Space")
    page.wait_for_function("document.querySelector('#race').innerText.match(/paused/g)?.length === 2")
    assert "Which border is sharper" in page.locator("details.answer:visible").inner_text()


def test_a_layer_step_by_step(page):
    page.keyboard.press("3")
    page.locator("#which-layer label", has_text="Transposed convolution").click()
    page.wait_for_selector("#layer figcaption:has-text('how often written')")
    layer = layers.layer("Transposed convolution")
    found = layers.frames(layer, layer.begin)
    for step in range(1, len(found)):
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(f"#layer [data-step='{step}']")
    assert found[-1].sum in page.locator("#layer").inner_text()
    texts = page.locator("#layer figure").nth(2).locator("text").all_text_contents()
    assert texts == [text for row in found[-1].grids[2].values for text in row]
    assert "= 7" in page.locator("#layer .formula").inner_text()

    page.keyboard.press("Space")  # plays by itself, from the first step again
    page.wait_for_selector("#layer [data-step='1']")
    page.keyboard.press("Space")

    page.locator("#which-layer label", has_text="Receptive field").click()
    page.wait_for_selector("#layer table")
    for _ in range(3):
        step = int(page.locator("#layer [data-step]").get_attribute("data-step"))
        page.keyboard.press("ArrowRight")
        page.wait_for_selector(f"#layer [data-step='{step + 1}']")
    assert "31 × 31" in page.locator("#layer").inner_text()


def test_what_the_network_sees_and_good_and_bad_files(page, tmp_path):
    from playwright.sync_api import expect

    page.keyboard.press("4")
    page.wait_for_selector("#seen img")
    score = seeing.look("UNet", seeing.scenes()["cell 1"]).score
    assert f"{score:.3f}" in page.locator("#seen").inner_text()
    assert page.locator("#maps img").count() == seeing.MAPS

    field = page.locator("#seen img[alt='receptive field']")
    before = field.get_attribute("src")
    box = page.locator("#pick canvas").bounding_box()
    page.mouse.click(box["x"] + 5, box["y"] + 5)
    page.wait_for_selector("#seen [data-pick='1']")
    assert field.get_attribute("src") != before

    rng = np.random.default_rng(0)
    good, text, huge, bomb = (tmp_path / name for name in ("good.png", "notes.png", "huge.png", "film.gif"))
    Image.fromarray(rng.integers(0, 255, (80, 120, 3), np.uint8)).save(good)
    text.write_text("no image")
    huge.write_bytes(bytes(21 * 2**20))
    Image.new("P", (64, 64)).save(bomb, "GIF")
    message = page.locator(".wrong:visible")
    for bad, says in ((text, "no image that is read"), (huge, "21 MB"), (bomb, "must be one of JPEG")):
        upload(page, "Your image", bad)
        page.wait_for_selector(f".wrong:has-text('{says}')")
        expect(message).to_have_count(1, timeout=PATIENCE)
    upload(page, "Your image", good)
    page.wait_for_function("!document.querySelector('#seen').innerText.includes('IoU')")
    expect(message).to_have_count(0, timeout=PATIENCE)

    label = tmp_path / "label.png"
    Image.new("L", (120, 80), 255).save(label)
    upload(page, "Its label", label)
    page.wait_for_function("document.querySelector('#seen').innerText.includes('IoU')")


def test_a_mistake_and_its_diagnosis(page):
    page.keyboard.press("5")
    page.wait_for_selector("#diff .minus")
    page.keyboard.press("Space")
    page.wait_for_selector("#verdict [data-verdict]")
    entry = next(a for a in load_bank() if (a.task, a.name) == ("2.1", "sigmoid-forgotten"))
    assert page.locator("#verdict .diagnosis").inner_text() == entry.sentence
    assert "0 of 6 points" in page.locator("#verdict").inner_text()

    page.keyboard.press("ArrowRight")
    page.wait_for_function("document.querySelector('#verdict').innerText === ''")
    button(page, "Train").click()
    page.wait_for_function(
        "[...document.querySelectorAll('#broken-race .facts')].filter(f => Number(f.dataset.steps) >= 5).length === 2"
    )
    assert page.locator("#verdict").inner_text() == "", "the verdict was on the mistake before"
    choose(page, "Task", "7.2 Intersection over union and Dice")
    page.wait_for_function("document.querySelector('#diff h3').innerText.match(/iou|dice/)")
    button(page, "Train").click()
    page.wait_for_function("document.querySelector('#broken-race').innerText.includes('why it needs a grader')")


def test_the_zoo_without_weights(page):
    page.keyboard.press("6")
    page.wait_for_selector("#anatomy [data-parameters]")
    assert "No weights" in page.locator("#zoo-shown").inner_text()
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#anatomy [data-parameters='42004074']")
    button(page, "Run").click()
    page.wait_for_selector(".wrong:has-text('course demo --weights DIR')")
    choose(page, "Network", "Panoptic FPN (detectron2)")
    page.wait_for_selector("#anatomy .wrong:has-text('Detectron2 is not installed')")


def test_a_crash_in_one_tab_is_a_sentence_and_the_others_go_on(monkeypatch):
    def broken(desk):
        raise ZeroDivisionError("of this test")

    tabs = [(name, broken if "Zoo" in name else tab) for name, tab in app.TABS]
    monkeypatch.setattr(app, "TABS", tabs)
    desk = Desk(House())
    try:
        config = app.build(desk).get_config_file()
    finally:
        desk.close()
    labels = [c["props"].get("label") for c in config["components"] if c["type"] == "tabitem"]
    assert [re.sub(r"^\d ", "", label) for label in labels] == TABS
    texts = [str(c["props"].get("value")) for c in config["components"] if c["type"] == "html"]
    assert any("ZeroDivisionError: of this test" in text and "The other tabs go on" in text for text in texts)


TOO_SMALL = """() => {
    const found = [];
    for (const node of document.querySelectorAll('.stage *, .say *, button, label span')) {
      if (!node.offsetParent || node.closest('svg, .visually-hidden, [aria-hidden=true]')) continue;
      const own = [...node.childNodes].some(c => c.nodeType === 3 && c.textContent.trim());
      const size = parseFloat(getComputedStyle(node).fontSize);
      if (own && size < innerWidth / 110) found.push([node.textContent.trim().slice(0, 30), size]);
    }
    return found;
  }"""


def too_small(page) -> list:
    """Return the texts that the last row cannot read, when the page has found its size."""
    small = []
    for _ in range(20):
        small = page.evaluate(TOO_SMALL)
        if not small:
            break
        page.wait_for_timeout(200)
    return small


@pytest.mark.parametrize("size", [(1280, 720), (1920, 1080)])
def test_every_tab_fits_is_legible_and_has_a_dark_side(page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.wait_for_function("w => parseFloat(getComputedStyle(document.documentElement).fontSize) > w / 80", arg=size[0])
    for number, name in enumerate(TABS, 1):
        page.keyboard.press(str(number))
        selected = page.locator("button[role=tab][aria-selected=true]")
        assert name in selected.inner_text()
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= size[0], f"{name} is wider than the screen"
        small = too_small(page)
        assert small == [], f"{name}: too small for the last row"
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.keyboard.press("d")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") != background
    page.keyboard.press("d")
    page.keyboard.press("?")
    assert "next and previous" in page.locator(".keys").inner_text()
    page.keyboard.press("Escape")
    assert not page.locator(".keys").is_visible()
