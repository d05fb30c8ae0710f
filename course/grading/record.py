"""The results record: every report is made from it, and from nothing else."""

from typing import Literal

from pydantic import BaseModel, Field

SCHEMA = "segmentation-course-results/1"

Verdict = Literal["passed", "failed", "not_attempted", "grader_error"]


class Diagnosis(BaseModel):
    """The name of a known mistake, and the sentence about it."""

    name: str
    sentence: str


class CheckResult(BaseModel):
    """One check: its sentence says what is checked, its message what came instead."""

    name: str
    sentence: str
    verdict: Verdict
    message: str
    points: float
    max_points: float
    bonus: bool = False


class TaskResult(BaseModel):
    """One task. Points include bonus points; `max_points` does not."""

    id: str
    symbol: str
    points: float
    max_points: float
    verdict: Verdict
    message: str
    diagnosis: Diagnosis | None
    seconds: float
    checks: list[CheckResult]


class Environment(BaseModel):
    """What the verdicts were reached with."""

    course: str
    graders: str
    python: str
    torch: str
    torchvision: str
    device: str
    seed: int
    sandbox: str


class Results(BaseModel):
    """Everything about one submission."""

    schema_: str = Field(default=SCHEMA, alias="schema")
    submission: str
    points: float
    max_points: float
    notes: list[str] = []
    environment: Environment
    tasks: list[TaskResult]

    def to_json(self) -> str:
        """Return the record as JSON."""
        return self.model_dump_json(indent=2, by_alias=True)
