"""Task 6.3: whether the U-Net learns to tell twelve classes apart."""

import pytest

from tests.learning import check_learns


@pytest.mark.task("6.3", points=4)
def test_facades_learned(student, oracle):
    """Trained on the embedded facades, the U-Net finds the parts of facades that it has never seen."""
    check_learns(student, oracle)
