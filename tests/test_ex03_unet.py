"""Exercise 3: the U-Net, and whether it learns.

A network without any skip connection earns nothing, however well it segments: it belongs to exercise 1.
A skip connection is proved by cutting: the network is cut below one level, so that no gradient passes on through the
lower levels. What still reaches the encoder's maps of this level came through its skip connection.
"""

import pytest

from tests.learning import check_learns
from tests.networks import check_all_skips, check_gradients, check_logits, check_shape, check_skips, require_skips


@pytest.mark.task("3.1", points=1)
def test_unet_shape(student, oracle):
    """Images (B, 3, 128, 128) give one number for each pixel, (B, 1, 128, 128), for any batch size."""
    check_shape(student, oracle, unpadded=True)
    require_skips(student, oracle)


@pytest.mark.task("3.1", points=1)
def test_unet_logits(student, oracle):
    """The numbers are logits, not probabilities: nothing after the last convolution keeps them in a range."""
    check_logits(student, oracle)
    require_skips(student, oracle)


@pytest.mark.task("3.1", points=2)
def test_unet_one_skip(student, oracle):
    """At one level at least the encoder's map reaches the output directly, not through the lower levels."""
    check_skips(student, oracle, wanted=1)


@pytest.mark.task("3.1", points=2)
def test_unet_all_skips(student, oracle):
    """At every level, three at least, the encoder's map reaches the output directly."""
    check_all_skips(student, oracle, wanted=3)


@pytest.mark.task("3.1", points=2)
def test_unet_gradients(student, oracle):
    """Every layer takes part, the bottleneck too: each convolution gets a gradient."""
    check_gradients(student, oracle)
    require_skips(student, oracle)


@pytest.mark.task("3.2", points=4)
def test_unet_learns(student, oracle):
    """Trained on the embedded cells, the U-Net finds cells that it has never seen."""
    require_skips(student, oracle)
    check_learns(student, oracle)
