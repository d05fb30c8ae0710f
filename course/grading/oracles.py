"""Which oracle a check gets."""

from course.catalogue import Task
from course.grading.judging import Oracle
from course.paths import RECORDED, ROOT


def oracle_for(seed: int, task: Task) -> Oracle:
    """Return what computes the expectations, where the solutions are; in a student's copy what looks them up.

    Raises:
        CourseError: a student's copy has no recording that can be read.
    """
    if (ROOT / "solutions").is_dir():
        from course.grading.oracle import LiveOracle

        return LiveOracle(seed, task)
    from course.grading.recorded import RecordedOracle

    return RecordedOracle(seed, task, RECORDED)
