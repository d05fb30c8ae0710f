"""The full-screen view itself."""

import time
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Group
from rich.text import Text
from textual import work
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.widgets import Static
from watchfiles import awatch

from course.catalogue import Catalogue, Task
from course.errors import CourseError
from course.student import hints
from course.student.home import Home
from course.student.watching import view
from course.student.watching.follow import Follower
from course.student.watching.pictures import draw

if TYPE_CHECKING:
    from course.grading.record import Results

STEP = 30  # milliseconds without a further change after which a save is over
KEYS = "h hint  s show  n next  b back  p pictures  o overview  r again  q quit"


class Watch(App[None]):
    """A view of the current task that follows every save."""

    CSS = """
    Screen { background: ansi_default; color: ansi_default; }
    Static { background: ansi_default; color: ansi_default; width: 100%; }
    #strip { margin: 0 0 1 0; }
    #page { height: 1fr; background: ansi_default; scrollbar-size-vertical: 1;
            scrollbar-background: ansi_default; scrollbar-color: ansi_bright_black; }
    #status { margin: 1 0 0 0; height: 1; }
    #keys { height: 1; text-style: reverse; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [
        Binding("q,ctrl+c", "quit", "quit", priority=True),
        Binding("h", "hint", "hint"),
        Binding("s", "show", "show"),
        Binding("n", "next", "next"),
        Binding("b", "back", "back"),
        Binding("o", "overview", "overview"),
        Binding("p", "pictures", "pictures"),
        Binding("r", "again", "again"),
        Binding("escape,enter", "page('task')", "task"),
        Binding("down,j", "scroll(1)", "down"),
        Binding("up,k", "scroll(-1)", "up"),
        Binding("space,pagedown", "scroll(10)", "page down"),
        Binding("pageup", "scroll(-10)", "page up"),
    ]

    def __init__(self, home: Home, catalogue: Catalogue, current: Task | None = None) -> None:
        super().__init__(ansi_color=True)
        self.home = home
        self.catalogue = catalogue
        self.showing = "task"
        self.pictures = ""
        self.state = Follower(home, catalogue, current, self._changed)

    def compose(self) -> ComposeResult:
        """Lay out the five parts, from top to bottom."""
        yield Static(id="header")
        yield Static(id="strip")
        with VerticalScroll(id="page", can_focus=False):
            yield Static(id="content")
        yield Static(id="status")
        yield Static(id="keys")

    def on_mount(self) -> None:
        """Begin to follow."""
        self.state.start()
        self.follow()
        self.set_interval(0.5, self._tick)
        self._draw()

    def on_unmount(self) -> None:
        """End everything that was started."""
        self.state.stop()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self._draw()

    @work
    async def follow(self) -> None:
        """Hear every save of a Python file in `lib/`, and of the two scripts."""
        scripts = {script for task in self.catalogue.tasks for script in task.scripts}
        folder = self.home.folder
        places = [self.home.lib, *(folder / script for script in scripts if (folder / script).is_file())]
        async for changes in awatch(*places, step=STEP, rust_timeout=500):
            paths = sorted({Path(name) for _, name in changes if name.endswith(".py")})
            if paths:
                self.state.saved(paths, _saved_at(paths))

    def _changed(self) -> None:
        """Draw anew: called in the follower's thread."""
        if self.is_running:
            self.call_later(self._draw)

    def _tick(self) -> None:
        if self.state.standing.state == view.RUNNING:
            self._draw()

    def _draw(self) -> None:
        width = max(self.size.width - 1, 20)
        self.query_one("#header", Static).update(view.header(self.state, self.size.width))
        self.query_one("#strip", Static).update(view.strip(self.state, self.size.width))
        self.query_one("#content", Static).update(self._content(width))
        seconds = int(time.monotonic() - self.state.standing.since)
        self.query_one("#status", Static).update(view.status(self.state, seconds))
        keys = KEYS if self.showing == "task" else "enter back to the task   arrows scroll   q quit"
        self.query_one("#keys", Static).update(f" {keys}")

    def _content(self, width: int):
        if self.showing == "show":
            return view.asked(self.state, width)
        if self.showing == "hint":
            return view.hinted(self.state, width)
        if self.showing == "pictures":
            return Text(self.pictures)
        if self.showing == "overview":
            return Group(view.table(self.state, self.catalogue), "", view.legend())
        return view.body(self.state, width)

    def action_page(self, name: str) -> None:
        """Show another page, from its top."""
        self.showing = name
        self.query_one("#page").scroll_home(animate=False)
        self._draw()

    def action_scroll(self, by: int) -> None:
        """Scroll the page by so many lines."""
        self.query_one("#page").scroll_relative(y=by, animate=False)

    def action_show(self) -> None:
        """Show what the task asks for; press again to go back."""
        self.action_page("task" if self.showing == "show" else "show")

    def action_overview(self) -> None:
        """Show all exercises; press again to go back."""
        self.action_page("task" if self.showing == "overview" else "overview")

    def action_hint(self) -> None:
        """Give one more hint."""
        if self.showing == "hint" or not hints.given(self.state.current, self.home):
            hints.one_more(self.state.current, self.home)
        self.action_page("hint")

    def action_next(self) -> None:
        """Go to the next task that is not done, or simply to the next one where the current is not."""
        following = self.state.next_open() if self.state.standing.state == "passed" else None
        if following:
            self.state.choose(following)
        else:
            self.state.step(1)
        self.action_page("task")

    def action_back(self) -> None:
        """Go to the task before."""
        self.state.step(-1)
        self.action_page("task")

    def action_pictures(self) -> None:
        """Draw what was checked, and say where the pictures are."""
        results = self.state.results.get(self.state.current.id)
        self.pictures = "Drawing …" if results else "Nothing to draw yet: press r to check this task first."
        if results:
            self._draw_pictures(self.state.current, results)
        self.action_page("pictures")

    @work(thread=True, exclusive=True, group="pictures")
    def _draw_pictures(self, task: Task, results: "Results") -> None:
        try:
            files = draw(self.home, task, results)
            self.pictures = "\n".join(["Pictures:", *files]) if files else f"There is nothing to draw of {task.id}."
        except CourseError as error:
            self.pictures = str(error)
        self._changed()

    def action_again(self) -> None:
        """Check once more."""
        self.state.again()
        self.action_page("task")


def _saved_at(paths: list[Path]) -> float:
    """Return when the youngest of some files was written."""
    times = [path.stat().st_mtime for path in paths if path.is_file()]
    return max(times, default=time.time())
