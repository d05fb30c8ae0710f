"""The worker's loop: receive a request, run it, reply; until the trusted side closes the channel."""

import socket
from pathlib import Path
from typing import Any

import torch

from course.sandbox import limits
from course.worker import datasets, evaluate, models, scripts, structure
from course.worker.faults import Fault, fault_of
from course.worker.fitting import Fit
from course.worker.gpu import NO_GPU_MEMORY, cap_memory
from course.worker.loading import Library
from course.worker.pristine import Pristine
from course.worker.protocol import Arrays, ProtocolError, receive, send
from course.worker.seeding import seed_all

OPERATIONS = {
    "evaluate": evaluate.evaluate,
    "evaluate_each": evaluate.evaluate_each,
    "accumulate": evaluate.accumulate,
    "forward": models.forward,
    "structure": structure.structure,
    "receptive_field": models.receptive_field,
    "dataset": datasets.dataset,
    "run": scripts.run,
}


class Session:
    """One worker for one submission: what it has imported, and the network it is training.

    Args:
        root: the submission's folder, which holds `lib/`.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.library = Library(root)
        self.fit: Fit | None = None

    def answer(self, request: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        """Run one request. A fault of the student's code is a reply like any other."""
        try:
            header, replies = self._run(request, arrays)
            return header | {"notes": self.library.notes}, replies
        except BaseException as error:
            fault = error if isinstance(error, Fault) else fault_of(error, self.root)
            if limit := limits.explain(error):
                fault = Fault(fault.kind, f"{limit} {fault.text}")
            if isinstance(error, torch.OutOfMemoryError):
                fault = Fault(fault.kind, f"{NO_GPU_MEMORY.format(self._batch_size(arrays))} {fault.text}")
            return fault.as_header(), {}

    def _run(self, request: dict[str, Any], arrays: Arrays) -> tuple[dict[str, Any], Arrays]:
        operation = request["operation"]
        if request.get("device") == "cuda":
            cap_memory()
        if operation == "fit":
            self.fit = Fit(self.library, request, arrays)
            return {}, {}
        if operation == "fit_steps":
            return self.fit.steps(request["count"])
        return OPERATIONS[operation](self.library, request, arrays)

    def _batch_size(self, arrays: Arrays) -> int:
        """Return how many images a request, or the training that goes on, takes at once."""
        return self.fit.batch_size if self.fit else max((len(a) for a in arrays.values() if a.ndim), default=1)

    def close(self) -> None:
        """Forget the student's code, and the network."""
        self.library.close()
        self.fit = None


def serve(channel: socket.socket, root: Path) -> None:
    """Answer requests for one submission until the channel is closed.

    Between two checks comes the request `renew`. Reply: `new`, whether the worker is as one that was just forked.
    """
    torch.set_num_threads(1)
    pristine = Pristine()
    session = _begin(root)
    while True:
        try:
            request, arrays = receive(channel)
        except ProtocolError:
            return
        limits.allow_cpu(request["cpu"])
        if request["operation"] == "renew":
            session.close()
            header, replies = {"new": pristine.holds()}, {}
            session = _begin(root)
        else:
            header, replies = session.answer(request, arrays)
        try:
            send(channel, header, replies)
        except ProtocolError as error:
            send(channel, Fault("error", f"The result is too large: {error}.").as_header())


def _begin(root: Path) -> Session:
    """Return a session that begins with the same random numbers as any other."""
    seed_all(0)
    return Session(root)
