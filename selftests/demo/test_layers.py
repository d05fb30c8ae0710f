"""The layers that are shown step by step, against torch; receptive fields, against autograd."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from course.demo import fields, layers
from course.demo.layers import Knobs
from solutions.model import DilatedNet, EncDec


def table(frame, title):
    grid = next(grid for grid in frame.grids if grid.title.startswith(title))
    return np.array([[float(text) for text in row] for row in grid.values])


def tensor(values):
    return torch.from_numpy(values).double()[None, None]


def last(name, knobs):
    layer = layers.layer(name)
    found = layers.frames(layer, knobs)
    return layer, layers.numbers(layer.size), found


@pytest.mark.parametrize(("k", "s"), [(2, 2), (2, 1), (3, 1), (3, 2), (4, 1), (1, 3)])
def test_pooling_is_torchs(k, s):
    for name, torchs in (("Max pooling", F.max_pool2d), ("Average pooling", F.avg_pool2d)):
        _, values, found = last(name, Knobs(k, s))
        expected = torchs(tensor(values), k, s)[0, 0].numpy()
        np.testing.assert_allclose(table(found[-1], "output"), expected, rtol=1e-3)
        assert len(found) == expected.size, "one step for each output"


@pytest.mark.parametrize("k", [1, 2, 4])
def test_unpooling_is_torchs(k):
    _, values, found = last("Max unpooling", Knobs(k, k))
    maxima, places = F.max_pool2d(tensor(values), k, return_indices=True)
    expected = F.max_unpool2d(maxima, places, k)[0, 0].numpy()
    assert (table(found[-1], "unpooled") == expected).all()
    for frame, index in zip(found, places.flatten().tolist(), strict=True):
        assert f"index {index} " in frame.sum

    _, values, found = last("Average unpooling", Knobs(k, k))
    assert (table(found[-1], "output") == F.interpolate(tensor(values), scale_factor=k)[0, 0].numpy()).all()


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("s", [1, 2, 3])
@pytest.mark.parametrize("p", [0, 1, 2])
@pytest.mark.parametrize("d", [1, 2])
def test_convolution_and_its_size_are_torchs(k, s, p, d):
    knobs = Knobs(k, s, p, d)
    layer, values, found = last("Dilated convolution", knobs)
    size = layers.convolved(layer.size, knobs)
    if size < 1:
        assert found == []
        return
    kernel = tensor(layers.kernel_of(k))
    expected = F.conv2d(tensor(values), kernel, stride=s, padding=p, dilation=d)[0, 0].numpy()
    assert (table(found[-1], "output") == expected).all()
    assert expected.shape == (size, size)
    assert layer.formula(layer.size, knobs).endswith(f"= {size}")


@pytest.mark.parametrize("k", [1, 2, 3, 4])
@pytest.mark.parametrize("s", [1, 2, 3])
@pytest.mark.parametrize("p", [0, 1])
def test_transposed_convolution_and_its_checkerboard_are_torchs(k, s, p):
    knobs = Knobs(k, s, p)
    layer, values, found = last("Transposed convolution", knobs)
    size = layers.transposed(layer.size, knobs)
    if size < 1:
        assert found == []
        return
    kernel = tensor(layers.kernel_of(k))
    assert (table(found[-1], "output") == F.conv_transpose2d(tensor(values), kernel, None, s, p)[0, 0].numpy()).all()
    ones = torch.ones_like(tensor(values)), torch.ones_like(kernel)
    counts = F.conv_transpose2d(*ones, None, s, p)[0, 0].numpy()
    assert (table(found[-1], "how often") == counts).all()
    assert layer.formula(layer.size, knobs).endswith(f"= {size}")


def test_the_checkerboard_is_there_with_3_and_2_and_not_with_2_or_4_and_2():
    def inner(k, p):
        counts = table(layers.frames(layers.layer("Transposed convolution"), Knobs(k, 2, p))[-1], "how often")
        return set(counts[k // 2 : -(k // 2) or None, k // 2 : -(k // 2) or None].ravel().tolist())

    assert inner(3, 0) == {1, 2, 4} and inner(2, 0) == {1} and inner(4, 1) == {4}


def test_every_step_shows_its_own_arithmetic():
    for layer in layers.LAYERS:
        for frame in layers.frames(layer, layer.begin):
            if "=" in frame.sum and "·" in frame.sum and "row" not in frame.sum:
                left, right = frame.sum.split(" = ")
                assert eval(left.replace("·", "*")) == float(right)


def footprint(model, size):
    model = model.double().eval()
    for parameter in model.parameters():
        torch.nn.init.constant_(parameter, 0.01)
    images = torch.full((1, 3, size, size), 0.5, dtype=torch.float64, requires_grad=True)
    middle = model(images)[..., size // 2, size // 2].sum()
    (gradient,) = torch.autograd.grad(middle, images)
    return gradient[0].sum(0).numpy()


def test_the_field_of_the_dilated_network_is_autograds():
    seen = footprint(DilatedNet(), 96) > 0
    field = fields.fields(fields.NETWORKS["DilatedNet: 1, 2, 4, 8, 16"])[-1]
    assert field.width == 63 and field.seen == 1
    assert np.flatnonzero(seen.any(0)).size == field.width


def test_the_field_of_the_encoder_is_autograds():
    size = 160
    encoder = torch.nn.Sequential(
        *[layer for _ in range(4) for layer in (torch.nn.Conv2d(1, 1, 3, padding=1), torch.nn.AvgPool2d(2))],
        torch.nn.Conv2d(1, 1, 3, padding=1),
    ).double()
    for parameter in encoder.parameters():
        torch.nn.init.constant_(parameter, 1.0)
    images = torch.zeros(1, 1, size, size, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(encoder(images)[0, 0, 5, 5], images)
    field = fields.fields(fields.NETWORKS["encoder: 3×3 and pooling"])[-1]
    own = gradient[0, 0].numpy().sum(0)
    own = own[np.flatnonzero(own)]
    assert field.width == len(own) == 78
    np.testing.assert_allclose(field.paths / field.paths.sum(), own / own.sum())
    assert len([m for m in EncDec().modules() if isinstance(m, torch.nn.Conv2d)]) == 9, "four levels, as shown"


def test_dilation_2_2_2_leaves_holes():
    field = fields.fields(fields.NETWORKS["dilation 2, 2, 2"])[-1]
    assert field.width == 13 and field.seen == pytest.approx(49 / 169)
