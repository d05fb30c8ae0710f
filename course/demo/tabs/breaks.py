"""The tab "Break it live"."""

import html
from concurrent.futures import Future
from typing import Any

import gradio as gr

from course.demo import breaking
from course.demo.desk import Desk
from course.demo.difference import difference
from course.demo.sources import REFERENCE
from course.demo.tabs import train
from course.demo.tabs.common import INSTANT, guarded, in_words, message
from course.grading.record import TaskResult
from course.report.text import harmless

PACE = 1.0
DIAGNOSED = {"passed": "passed", "failed": "failed", "not_attempted": "not attempted", "grader_error": "grader's fault"}


def tab(desk: Desk) -> None:
    """Build the tab."""
    tasks = breaking.tasks()
    first = next((name for name in tasks if name.startswith("2.1")), next(iter(tasks)))
    known = list(breaking.mistakes(tasks[first]))
    with gr.Row():
        task = gr.Dropdown(list(tasks), value=first, label="Task", scale=3, min_width=150)
        mistake = gr.Dropdown(known, value=known[0], label="Known mistake", scale=3, min_width=150)
        student = gr.Dropdown(
            [REFERENCE, *desk.house.names[1:]],
            value=REFERENCE,
            label="or grade the code of",
            visible=len(desk.house.names) > 1,
            scale=2,
            min_width=120,
        )
        back = gr.Button("◀", min_width=30, elem_classes="key-back")
        onward = gr.Button("▶", min_width=30, elem_classes="key-next")
        training = gr.Button("Train", min_width=60)
        grade = gr.Button("Grade", variant="primary", min_width=60, elem_classes="key-go")
    wrong = message()
    verdict = gr.HTML(elem_id="verdict")
    with gr.Row():
        with gr.Column(scale=6, min_width=300):
            code = gr.HTML(elem_id="diff")
        with gr.Column(scale=5, min_width=300):
            race = gr.HTML(elem_id="broken-race")
    timer = gr.Timer(PACE, active=False)

    def choose(task_name: str, chosen: str | None = None) -> tuple:
        names = list(breaking.mistakes(tasks[task_name]))
        chosen = chosen if chosen in names else names[0]
        return (gr.Dropdown(names, value=chosen), *shown(task_name, chosen))

    def shown(task_name: str, chosen: str) -> tuple[str, str, str]:
        desk.leave_mistake()  # else the next look would show what came of the mistake before
        return diff(task_name, chosen), "", ""

    def step(by: int, task_name: str, chosen: str) -> tuple:
        names = list(breaking.mistakes(tasks[task_name]))
        return choose(task_name, names[(names.index(chosen) + by) % len(names)])

    def run_training(task_name: str, chosen: str) -> tuple[str, gr.Timer]:
        answer = breaking.mistakes(tasks[task_name])[chosen]
        if not breaking.trains(answer):
            return f'<div class="stage"><p>{breaking.UNTRAINED}</p></div>', gr.skip()
        reference = desk.house.sources[REFERENCE]
        desk.race(breaking.plans(answer, desk.house, reference), breaking.SHORT, answer)
        return train.render(desk.statuses(of_mistake=True)), gr.Timer(PACE, active=True)

    def run_grading(task_name: str, chosen: str, who: str) -> tuple[str, gr.Timer]:
        desk.grade(tasks[task_name], breaking.mistakes(tasks[task_name])[chosen], who)
        return '<p class="verdict">Grading: the real graders, in a process of their own …</p>', gr.Timer(
            PACE, active=True
        )

    def look() -> tuple[Any, Any, gr.Timer]:
        graded = desk.graded
        running = graded is not None and not graded.done()
        statuses = desk.statuses(of_mistake=True)
        outputs = result(graded), train.render(statuses) if statuses else gr.skip()
        running |= desk.graded is not graded  # begun while this was drawn
        busy = running or any(status.phase in ("starting", "training") for status in statuses)
        return *outputs, gr.Timer(PACE, active=busy)

    after = [mistake, code, verdict, race, wrong]
    task.input(guarded(choose, 4), [task], after, **INSTANT)
    mistake.input(guarded(shown, 3), [task, mistake], [code, verdict, race, wrong], **INSTANT)
    onward.click(guarded(lambda t, m: step(1, t, m), 4), [task, mistake], after, **INSTANT)
    back.click(guarded(lambda t, m: step(-1, t, m), 4), [task, mistake], after, **INSTANT)
    training.click(guarded(run_training, 2), [task, mistake], [race, timer, wrong], **INSTANT)
    grade.click(guarded(run_grading, 2), [task, mistake, student], [verdict, timer, wrong], **INSTANT)
    timer.tick(guarded(look, 3), None, [verdict, race, timer, wrong], **INSTANT)
    desk.on_load(guarded(shown, 3), [task, mistake], [code, verdict, race, wrong])


def diff(task_name: str, chosen: str) -> str:
    """Return the lines that differ, as HTML."""
    answer = breaking.mistakes(breaking.tasks()[task_name])[chosen]
    lines = "".join(f'<div class="{line.kind}">{html.escape(line.text) or " "}</div>' for line in difference(answer))
    seen = f" <small>{html.escape(answer.source)} in real answers</small>" if answer.source[:1].isdigit() else ""
    return (
        f'<div class="stage"><h3>{html.escape(answer.symbol)}: <span class="c0">right (solid)</span>, '
        f'<span class="c1">mistake (dashed)</span>{seen}</h3><div class="diff">{lines}</div></div>'
    )


def result(graded: "Future[TaskResult] | None") -> Any:
    """Return what came of the grading as HTML."""
    if graded is None:
        return gr.skip()
    if not graded.done():
        return gr.skip()
    if error := graded.exception():
        return in_words(error if isinstance(error, Exception) else RuntimeError(str(error)))
    task = graded.result()
    failed = next((check for check in task.checks if check.verdict == task.verdict), None)
    parts = [
        f'<p class="verdict"><span class="name {task.verdict}">{DIAGNOSED[task.verdict]}</span> '
        f"<b>{task.points:g} of {task.max_points:g} points</b> · {task.seconds:.1f} s"
        + (f" · {html.escape(failed.sentence)}" if failed and task.verdict != "passed" else "")
        + "</p>"
    ]
    if task.verdict != "passed":
        parts.append(f"<p>{html.escape(harmless(task.message, 400))}</p>")
    if task.diagnosis:
        parts.append(f'<p class="diagnosis">{html.escape(harmless(task.diagnosis.sentence))}</p>')
    return f'<div class="stage" data-verdict="{task.verdict}">{"".join(parts)}</div>'
