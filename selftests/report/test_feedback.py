"""The feedback page in a real browser: it opens, shows what is in the record, and obeys nobody."""

import re
import socket

import numpy as np
import pytest

from course.catalogue import load
from course.grading.record import Diagnosis
from course.report.bands import reference_band
from course.report.feedback import feedback_page
from selftests.report.records import made_pictures, made_record, made_task, with_evidence

RUN = "window.ran=1"
HOSTILE = [
    f"<script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'" onmouseover="{RUN}" x="',
    f"</style></title></textarea><svg onload={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"[x](javascript:{RUN})",
    "{{ 7 * 7 }} {% raw %}",
    f"`<script>{RUN}</script>` and ` one <b>",
    "<link rel=stylesheet href=http://127.0.0.1:9/x.css><meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "&lt;script&gt; &amp; <!-- --> ]]>",
]


def hostile_page() -> str:
    everything = " ".join(HOSTILE)
    tasks = [
        made_task("2.1", "failed", everything, Diagnosis(name=everything, sentence=everything), points=2),
        made_task("2.2", "not_attempted", everything),
        made_task("2.3", "grader_error", everything),
    ]
    tasks[0].checks[0].sentence = everything
    return feedback_page(made_record(everything, tasks, notes=HOSTILE), load())


def example_page() -> str:
    known = Diagnosis(name="no-skips", sentence="No skip: look at `torch.cat`.")
    tasks = [
        made_task("1.2"),
        made_task("3.1", "failed", "Expected a, got b.", known, points=4),
        made_task("3.2", "failed", "IoU 0.500 on unseen images."),
        made_task("6.3"),
        made_task("7.1", "not_attempted", "Exercise 7.1 is not filled in yet."),
    ]
    record = with_evidence(made_record("Åse & Bo", tasks), "3.2", made_pictures())
    keeper = made_pictures(classes=12)
    keeper.curve(
        "loss, the foreground pixels", "logit", [-6, 0, 6], yours=[0, 1, None or float("nan")], expected=[6, 1, 0]
    )
    return feedback_page(with_evidence(record, "6.3", keeper), load())


def test_no_text_of_a_student_becomes_anything_but_text(visit):
    seen = visit(hostile_page())
    seen.page.mouse.move(300, 300)
    seen.page.wait_for_timeout(200)
    assert seen.page.evaluate("window.ran") is None
    assert len(seen.requests) == 1, seen.requests
    assert seen.said == []
    assert (
        seen.page.evaluate("document.querySelectorAll('script, iframe, object, embed, link, base, form').length") == 0
    )
    attributes = "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes].map(a => a.name))"
    assert not [name for name in seen.page.evaluate(attributes) if name.startswith("on") or name == "style"]
    shown = seen.page.inner_text("body")
    for text in HOSTILE:
        assert " ".join(text.replace("`", "").split()) in " ".join(shown.replace("`", "").split())
    assert "49" not in shown


def test_what_got_into_the_page_could_not_run(visit):
    """The policy holds by itself: markup that somebody put into the file runs nothing and reaches nobody."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.5)
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        planted = f"<script>{RUN}</script><img src='{address}/x.png'><link rel=stylesheet href='{address}/x.css'>"
        planted += f"<p style='position: fixed' onclick='{RUN}'>planted</p><iframe src='{address}'></iframe>"
        seen = visit(hostile_page().replace("</main>", planted + "</main>"))
        seen.page.click("text=planted")
        assert asked_for(listener) == b""
    assert seen.page.evaluate("window.ran") is None
    assert seen.page.evaluate("getComputedStyle(document.querySelector('main > p')).position") == "static"
    assert any("Content Security Policy" in text for text in seen.said)


def asked_for(listener: socket.socket) -> bytes:
    """Return what the browser sends; it may knock where a frame would be, before it reads the policy."""
    try:
        caller, _ = listener.accept()
        with caller:
            caller.settimeout(0.5)
            return caller.recv(1000)
    except TimeoutError:
        return b""


def test_the_page_shows_the_record(visit):
    seen = visit(example_page())
    assert (len(seen.requests), seen.said) == (1, [])
    assert seen.page.inner_text("h1") == "Åse & Bo"
    assert re.sub(r"\s+", " ", seen.page.inner_text(".total")) == "14 of 26 points"
    for text in ("Expected a, got b.", "No skip", "Exercise 7.1 is not filled in yet.", load().task("3.1").hint):
        assert text in seen.page.inner_text("main")
    assert load().task("1.2").hint not in seen.page.inner_text("main"), "what is right needs no hint"
    assert "seed" not in seen.page.inner_text("body").lower(), "the seed is the hidden test"
    assert seen.page.inner_text("#task-3\\.1 code") == "torch.cat"


def test_all_pictures_are_there_and_all_charts_have_words(visit):
    seen = visit(example_page())
    loaded = "[...document.images].map(i => i.complete && i.naturalWidth)"
    assert seen.page.evaluate(loaded) == [32] * 18
    assert seen.page.evaluate("[...document.images].every(i => i.alt && i.src.startsWith('data:image/'))")
    assert seen.page.evaluate("[...document.querySelectorAll('svg.chart')].every(s => s.getAttribute('aria-label'))")
    assert seen.page.locator("svg.chart").count() == 5
    assert seen.page.locator("svg .band").count() >= 2
    assert "nan" not in seen.page.content().lower().split("base64")[0]


@pytest.mark.parametrize("width", [320, 390, 768, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_sticks_out(visit, width, scheme):
    seen = visit(example_page(), width=width, color_scheme=scheme)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    wide = (
        "[...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().right > innerWidth + 1).length"
    )
    assert seen.page.evaluate(wide) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_can_be_read(visit, scheme):
    """Text and its ground differ by the 4.5 to 1 of the accessibility guidelines."""
    seen = visit(example_page(), color_scheme=scheme)
    ground = "(e) => { while (e && getComputedStyle(e).backgroundColor === 'rgba(0, 0, 0, 0)') e = e.parentElement;"
    ground += " return getComputedStyle(e || document.body).backgroundColor }"
    script = "[...document.querySelectorAll('p, h1, h2, h3, h4, a, span, figcaption, li')].filter(e => e.innerText)"
    script += f".map(e => [getComputedStyle(e).color, ({ground})(e), e.className])"
    for colour, behind, name in seen.page.evaluate(script):
        assert contrast(colour, behind) >= 4.5, (colour, behind, name)


def contrast(first: str, second: str) -> float:
    bright, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    values = np.array([float(part) for part in re.findall(r"[\d.]+", colour)[:3]]) / 255
    linear = np.where(values <= 0.03928, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


def test_on_paper_it_is_black_on_white(visit):
    seen = visit(example_page(), color_scheme="dark")
    seen.page.emulate_media(media="print")
    assert seen.page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert seen.page.pdf(format="A4").startswith(b"%PDF")


def test_the_same_record_gives_the_same_page():
    assert example_page() == example_page()


def test_broken_pictures_are_left_out():
    record = with_evidence(made_record("anna", [made_task("3.2")]), "3.2", made_pictures())
    whole = feedback_page(record, load())
    for name in list(record.files)[:4]:
        record.files[name] = b"no picture"
    assert 0 < feedback_page(record, load()).count("data:image") < whole.count("data:image")
    record.files = {}
    assert "data:image" not in feedback_page(record, load())


def test_the_band_is_that_of_the_calibration():
    band = reference_band("5.2")
    assert band.runs == 30
    assert band.steps == [20, 40, 60, 80, 100, 120]
    assert all(low <= middle <= high for low, middle, high in zip(band.low, band.middle, band.high, strict=True))
    assert reference_band("1.4") is None, "one look after the last epoch is no curve"
    assert reference_band("2.1") is None
