"""The results record: every report is made from it, and from nothing else."""

from typing import Literal

from pydantic import BaseModel, Field

SCHEMA = "segmentation-course-results/2"

# Beside a record lies its archive of pictures, where it has any.
PICTURES = "evidence.zip"

Verdict = Literal["passed", "failed", "not_attempted", "grader_error"]


class Diagnosis(BaseModel):
    """The name of a known mistake, and the sentence about it."""

    name: str
    sentence: str


class Curve(BaseModel):
    """Lines over common places, say the IoU over the steps of a training; None is a gap."""

    name: str
    axis: str
    x: list[float]
    lines: dict[str, list[float | None]]


class Picture(BaseModel):
    """An image with what was predicted and what is true: names of files in the record's archive of pictures."""

    iou: float | None
    image: str
    prediction: str
    truth: str


class Evidence(BaseModel):
    """What a check left to look at. It decides no verdict.

    Attributes:
        scores: the IoU of each image that was predicted, also of those that are not among the pictures.
    """

    archive: str = PICTURES
    curves: list[Curve] = []
    scores: list[float | None] = []
    pictures: list[Picture] = []


class CheckResult(BaseModel):
    """One check: its sentence says what is checked, its message what came instead."""

    name: str
    sentence: str
    verdict: Verdict
    message: str
    points: float
    max_points: float
    bonus: bool = False
    evidence: Evidence | None = None


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
    """What the verdicts were reached with.

    Attributes:
        seed: the number, or the name of the hidden seeds, which tells nothing about them.
    """

    course: str
    graders: str
    python: str
    torch: str
    torchvision: str
    device: str
    seed: int | str
    sandbox: str


class Results(BaseModel):
    """Everything about one submission.

    Attributes:
        content: a hash of the files that were graded.
        files: the pictures of the evidence, by name. They are no part of the JSON, but of the archive beside it: see
            `course.report.files`.
    """

    schema_: str = Field(default=SCHEMA, alias="schema")
    submission: str
    points: float
    max_points: float
    notes: list[str] = []
    content: str = ""
    environment: Environment
    tasks: list[TaskResult]
    files: dict[str, bytes] = Field(default={}, exclude=True, repr=False)

    @property
    def pictures(self) -> set[str]:
        """The names of all files that the evidence speaks of."""
        kept = [check.evidence for task in self.tasks for check in task.checks if check.evidence]
        shown = [picture for evidence in kept for picture in evidence.pictures]
        return {name for picture in shown for name in (picture.image, picture.prediction, picture.truth)}

    def totals(self) -> "Results":
        """Return points and verdicts of the tasks without checks, evidence and pictures, which take the memory."""
        tasks = [task.model_copy(update={"checks": []}) for task in self.tasks]
        return self.model_copy(update={"tasks": tasks, "files": {}})

    def to_json(self) -> str:
        """Return the record as JSON."""
        return self.model_dump_json(indent=2, by_alias=True)
