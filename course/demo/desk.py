"""Everything that the tabs share while the page is open."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from course.demo.live import Duel
from course.demo.sources import House, Measures


class Desk:
    """The code that may be run, and what runs it.

    Args:
        weights: folder with the weights of the networks in the zoo.

    Attributes:
        loads: what the tabs want to be called when the page is opened: function, inputs, outputs.
    """

    def __init__(self, house: House, weights: Path | None = None) -> None:
        self.house = house
        self.weights = weights
        self.measures = Measures()
        self.duel = Duel()
        self.loads: list[tuple[Callable, list[Any], list[Any]]] = []

    def on_load(self, work: Callable, inputs: list[Any], outputs: list[Any]) -> None:
        """Have something called when the page is opened."""
        self.loads.append((work, inputs, outputs))

    def warm(self) -> None:
        """Start in the background what takes seconds to start, so that nobody waits for it later."""
        threading.Thread(target=self.duel.warm, daemon=True, name="warm").start()

    def close(self) -> None:
        """End all processes, and remove all folders."""
        self.duel.close()
        self.measures.close()
        self.house.close()
