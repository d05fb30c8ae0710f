"""What the worker says about the structure of networks, written in the many ways in which networks are written."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from answers.model.UNetModel import ConcatenationUnused, SkipMissing, SkipsDetached, Unpadded
from course.worker.layout import fast_layout
from selftests.models.probing import field_of, images, structure_of
from solutions.model.DilatedNetModel import DilatedNet
from solutions.model.EncDecModel import EncDec
from solutions.model.UNetModel import UNet, UNet2


class Strided(nn.Module):
    """Residual encoder with a strided convolution on both ways; skips are added, not concatenated."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(4, 4, 3, 2, 1) for _ in range(3))
        self.shortcut = nn.ModuleList(nn.Conv2d(4, 4, 1, 2) for _ in range(3))
        self.last = nn.Conv2d(4, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        kept = [F.relu(self.first(x))]
        for down, shortcut in zip(self.down, self.shortcut, strict=True):
            kept.append(F.relu(down(kept[-1]) + shortcut(kept[-1])))
        x = kept.pop()
        while kept:
            x = F.interpolate(x, scale_factor=2.0, mode="bilinear") + kept.pop()
        return self.last(x)


class Unpooled(nn.Module):
    """Max-pooling remembers its places, unpooling uses them: an encoder-decoder all the same."""

    def __init__(self) -> None:
        super().__init__()
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in [(3, 4), (4, 4), (4, 4), (4, 1)])

    def forward(self, x: Tensor) -> Tensor:
        places = []
        for conv in self.convs[:2]:
            x, place = F.max_pool2d(F.relu(conv(x)), 2, return_indices=True)
            places.append(place)
        for conv in self.convs[2:]:
            x = conv(F.max_unpool2d(x, places.pop(), 2))
        return x


class Viewed(nn.Module):
    """A norm over each image by `view`, which refuses maps that lie in memory with the channels last."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.last = nn.Conv2d(4, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.first(x))
        return self.last(x / (1 + x.view(x.shape[0], -1).std(1)[:, None, None, None]))


class Weighed(nn.Module):
    """Channels are weighed by the mean over all pixels (squeeze and excitation), layers have normed weights."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.utils.parametrizations.weight_norm(nn.Conv2d(3, 4, 3, padding=1))
        self.squeeze = nn.Conv2d(4, 4, 1)
        self.middle = nn.Conv2d(4, 4, 3, padding=1)
        self.last = nn.Conv2d(4, 1, 1)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.first(x))
        x = x * torch.sigmoid(self.squeeze(F.adaptive_avg_pool2d(x, 1)))
        x = F.interpolate(F.relu(self.middle(F.avg_pool2d(x, 4))), scale_factor=4)
        return self.last(x)


class Rectified(DilatedNet):
    def forward(self, x: Tensor) -> Tensor:
        return F.relu(super().forward(x))


class Probabilities(UNet):
    def __init__(self) -> None:
        super().__init__(3, 2)

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x).softmax(1)


class Listed(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 4, 3, padding=1)
        self.layers = [nn.Conv2d(4, 1, 1)]

    def forward(self, x: Tensor) -> Tensor:
        return self.layers[0](self.first(x))


class Normed(nn.Module):
    """A batch norm at the very end: the plain sum of its output is constant."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Conv2d(3, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 1), nn.BatchNorm2d(1))

    def forward(self, x: Tensor) -> Tensor:
        return self.layers(x)


def test_the_encoder_decoder_has_four_levels_and_no_way_around_its_bottleneck() -> None:
    seen = structure_of(EncDec)
    assert (seen["heights"], seen["skips"], seen["bypass"]) == ([64, 32, 16, 8, 4], [], False)
    assert (seen["unused"], seen["idle"], seen["called_twice"]) == ([], [], [])


def test_the_u_nets_have_a_skip_at_every_level() -> None:
    for network in (UNet, UNet2):
        seen = structure_of(network)
        assert seen["skips"] == [64, 32, 16, 8]
        assert seen["bypass"] is True


def test_the_dilated_network_has_one_level() -> None:
    seen = structure_of(DilatedNet)
    assert (seen["heights"], seen["skips"], seen["bypass"]) == ([64], [], False)


def test_skips_that_hand_over_nothing_do_not_count() -> None:
    assert structure_of(ConcatenationUnused)["skips"] == []
    assert structure_of(SkipsDetached)["skips"] == []
    assert structure_of(SkipMissing)["skips"] == [16, 8]


def test_skips_that_are_cropped_count() -> None:
    seen = structure_of(Unpadded, size=188)
    assert (seen["heights"], seen["skips"]) == ([188, 92, 44, 20, 8], [188, 92, 44, 20])


def test_two_ways_down_make_one_level() -> None:
    seen = structure_of(Strided)
    assert (seen["heights"], seen["skips"]) == ([64, 32, 16, 8], [64, 32, 16])


def test_places_of_maxima_are_no_skip() -> None:
    seen = structure_of(Unpooled)
    assert (seen["heights"], seen["bypass"]) == ([64, 32, 16], False)


def test_a_mean_over_all_pixels_is_no_level_and_normed_weights_get_their_gradient() -> None:
    seen = structure_of(Weighed)
    assert (seen["heights"], seen["bypass"], seen["unused"]) == ([64, 16], False, [])


def test_a_batch_norm_at_the_end_hides_no_gradient() -> None:
    assert structure_of(Normed)["unused"] == []


def test_layers_in_a_plain_list_are_strays() -> None:
    assert structure_of(Listed)["strays"] == 1
    assert structure_of(Weighed)["strays"] == structure_of(UNet)["strays"] == 0


def test_the_range_of_the_output_tells_logits_from_what_is_squashed() -> None:
    logits, rectified, probabilities = (structure_of(network) for network in (UNet, Rectified, Probabilities))
    assert logits["lowest"] < -1 < 1 < logits["highest"]
    assert rectified["lowest"] == 0 < 1 < rectified["highest"]
    assert rectified["unused"] == []
    # Two channels came where one was asked for: the difference of two probabilities.
    assert -1 <= probabilities["lowest"] < 0 < probabilities["highest"] <= 1


def test_max_pooling_thins_the_footprint_out() -> None:
    assert 0 < field_of(EncDec).mean() < 1


def test_networks_that_cannot_run_with_the_channels_last_run_without():
    layouts = {}
    for network in (EncDec, Viewed, Strided):
        model = network().eval()
        layouts[network] = fast_layout(model, torch.from_numpy(images(64)))
    assert layouts[EncDec] == torch.channels_last
    assert layouts[Viewed] == torch.contiguous_format
    # Its strided 1x1 convolutions corrupt memory in torch 2.15: the process may die, or not.
    assert layouts[Strided] == torch.contiguous_format
    assert structure_of(Viewed)["unused"] == []
