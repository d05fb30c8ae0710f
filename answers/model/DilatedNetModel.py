"""Known answers to task 5.1, the dilated network."""

import torch.nn.functional as F
from torch import Tensor, nn

from answers.entry import accepted, mistake
from solutions.model.DilatedNetModel import DilatedNet


@accepted(
    task="5.1",
    symbol="DilatedNet",
    name="unfolded",
    sentence="Neighbourhoods are gathered with `unfold`, and multiplied with the kernels.",
    source="answers by testers",
)
class Unfolded(DilatedNet):
    """The definition of a dilated convolution."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.conv1, self.conv2, self.conv4, self.conv8, self.conv16):
            columns = F.unfold(x, 3, dilation=conv.dilation, padding=conv.dilation)
            maps = conv.weight.flatten(1) @ columns + conv.bias[:, None]
            x = F.relu(maps.unflatten(2, x.shape[-2:]))
        return self.classifier(x)


@accepted(
    task="5.1",
    symbol="DilatedNet",
    name="in-a-loop",
    sentence="The layers are run in a loop.",
    source="real answers",
)
class InALoop(DilatedNet):
    """The reference, layer after layer."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.conv1, self.conv2, self.conv4, self.conv8, self.conv16):
            x = F.relu(conv(x))
        return self.classifier(x)


@accepted(
    task="5.1",
    symbol="DilatedNet",
    name="other-dilations",
    sentence="It has dilations 1, 2, 3, 4: a receptive field of 21 pixels, just enough.",
    source="real answers",
)
class OtherDilations(nn.Module):
    """Four layers, 1, 2, 3, 4."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1, dilations: tuple[int, ...] = (1, 2, 3, 4)) -> None:
        super().__init__()
        layers, width = [], in_channels
        for dilation in dilations:
            layers += [nn.Conv2d(width, 24, 3, padding=dilation, dilation=dilation), nn.BatchNorm2d(24), nn.ReLU()]
            width = 24
        self.layers = nn.Sequential(*layers, nn.Conv2d(width, num_classes, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        return self.layers(x)


@accepted(
    task="5.1",
    symbol="DilatedNet",
    name="unpadded-and-transposed",
    sentence="It has no padding: dilated convolutions lose the border, transposed ones give it back.",
    source="real answers",
)
class UnpaddedAndTransposed(nn.Module):
    """Dilations 1, 2, 4, 8 down, the same transposed up."""

    def __init__(self) -> None:
        super().__init__()
        widths = [3, 16, 16, 16, 16]
        pairs = list(zip(widths, widths[1:], (1, 2, 4, 8), strict=False))
        self.down = nn.ModuleList(nn.Conv2d(a, b, 3, dilation=d) for a, b, d in pairs)
        self.up = nn.ModuleList(nn.ConvTranspose2d(16, 16, 3, dilation=d) for d in (8, 4, 2))
        self.last = nn.ConvTranspose2d(16, 1, 3)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for layer in (*self.down, *self.up):
            x = F.relu(layer(x))
        return self.last(x)


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="resolution-lost",
    sentence="The maps shrink on the way: this is an encoder-decoder or a U-Net. A dilated network sees far without "
    "any pooling or stride, and keeps every pixel's place.",
    source="real answers: EncDec copied under the name DilatedNet",
)
class ResolutionLost(nn.Module):
    """EncDec."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        channels = [in_channels] + 8 * [64] + [num_classes]
        self.convs = nn.ModuleList(nn.Conv2d(a, b, 3, padding=1) for a, b in zip(channels, channels[1:], strict=False))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in self.convs[:4]:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.convs[4](x))
        for conv in self.convs[5:8]:
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.convs[8](F.interpolate(x, scale_factor=2))


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="no-dilation",
    sentence="No convolution is dilated: each layer widens what the network sees by two pixels only. Look at the "
    "argument that spreads the kernel out.",
    source="the padding was changed, not the dilation",
)
class NoDilation(DilatedNet):
    """All dilations are 1."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        for name in ("conv2", "conv4", "conv8", "conv16"):
            setattr(self, name, nn.Conv2d(32, 32, 3, padding=1))


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="dilation-does-not-grow",
    sentence="All dilated layers have the same dilation. With 2, 2, 2 the network only ever looks at every other pixel "
    "(gridding), and its receptive field grows as slowly as without. Start at 1 and let it grow.",
    source="one value for all layers",
)
class SameDilation(DilatedNet):
    """2, 2, 2, 2, 2."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.conv1 = nn.Conv2d(in_channels, 32, 3, padding=2, dilation=2)
        for name in ("conv4", "conv8", "conv16"):
            setattr(self, name, nn.Conv2d(32, 32, 3, padding=2, dilation=2))


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="gridding",
    sentence="The receptive field has holes: the dilations have a common divisor, or grow faster than the layers "
    "before them can fill in. A dilation of 1 at the start, and at most a doubling (or tripling) from layer to layer, "
    "leave none.",
    source="the first layer is dilated too",
)
class Gridding(DilatedNet):
    """2, 4, 8, 16, without a 1."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.conv1 = nn.Conv2d(in_channels, 32, 1)


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="field-too-small",
    sentence="The network sees too little of the image at a time: a cell's border looks the same everywhere at this "
    "distance. Each 3x3 layer adds twice its dilation to the receptive field: add them up.",
    source="too few layers",
)
class FieldTooSmall(DilatedNet):
    """1, 2, 3: thirteen pixels."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.conv4 = nn.Conv2d(32, 32, 3, padding=3, dilation=3)
        self.conv8 = nn.Conv2d(32, 32, 1)
        self.conv16 = nn.Conv2d(32, 32, 1)


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="padding-missing",
    sentence="The output is smaller than the image: a 3x3 convolution with dilation d loses d pixels at each border "
    "unless its padding is d as well.",
    source="padding 1 everywhere",
)
class PaddingMissing(DilatedNet):
    """Padding 1, whatever the dilation."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        for conv in (self.conv2, self.conv4, self.conv8, self.conv16):
            conv.padding = (1, 1)


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="layer-called-twice",
    sentence="One layer never runs, and another one runs in its place as well: the shapes are right, but the network "
    "has one layer less than it should. Compare the names in `forward` with those in `__init__` one by one.",
    source="real answers: copy and paste in forward",
)
class LayerCalledTwice(DilatedNet):
    """The layer with dilation 8 runs twice, that with 4 never."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.conv1, self.conv2, self.conv8, self.conv8, self.conv16):
            x = F.relu(conv(x))
        return self.classifier(x)


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="ends-in-sigmoid",
    sentence="The network ends in a sigmoid: it returns probabilities, and every loss that expects logits applies a "
    "second one. Look at what stands after the last convolution.",
    source="real answers: sigmoid twice",
)
class EndsInSigmoid(DilatedNet):
    """Probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        """Return probabilities."""
        return super().forward(x).sigmoid()


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="ends-in-relu",
    sentence="The network ends in a ReLU: a logit below 0, which is what background needs, cannot come out. Look at "
    "what stands after the last convolution.",
    source="copied from the lines above",
)
class EndsInReLU(DilatedNet):
    """Logits cut off at 0."""

    def forward(self, x: Tensor) -> Tensor:
        """Return rectified logits."""
        return F.relu(super().forward(x))


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="ends-in-tanh",
    sentence="The output is squashed into a range, so that no pixel can be confidently right. Look at what stands "
    "after the last convolution.",
    source="copied from image-to-image networks",
)
class TanhDilated(DilatedNet):
    """Squashed logits."""

    def forward(self, x: Tensor) -> Tensor:
        """Return squashed logits."""
        return super().forward(x).tanh()


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="softmax-over-one-channel",
    sentence="A softmax over a single channel is 1 at every pixel, whatever the network has learnt. One channel needs "
    "a sigmoid, and that belongs into the loss.",
    source="copied from networks for several classes",
)
class SoftmaxOverOneDilated(DilatedNet):
    """Ones."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ones."""
        return F.softmax(super().forward(x), dim=1)


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="constant-output",
    sentence="The output does not depend on the image. Follow the image through `forward`, and look for the line at "
    "which it gets lost.",
    source="a variable overwritten",
)
class ConstantDilated(DilatedNet):
    """The image is replaced on its way."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the same for all images."""
        return super().forward(0 * x)


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="batch-axis-lost",
    sentence="The output has lost an axis. `squeeze()` without a number removes every axis of size 1, also that of a "
    "batch of one image, and of the single class.",
    source="real answers: predictions saved as strips",
)
class SqueezedDilated(DilatedNet):
    """All axes of size 1 are removed."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits without their axes of size 1."""
        return super().forward(x).squeeze()


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="too-many-channels",
    sentence="The number of output channels is not the number of classes. The last convolution decides on it.",
    source="the last convolution copied from those above",
)
class ManyChannelsDilated(DilatedNet):
    """The output has as many channels as the maps inside."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, 32)


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="layer-unused",
    sentence="A layer is made in `__init__`, and `forward` never calls it. Compare the names in the two one by one.",
    source="a forgotten line",
)
class LayerUnusedDilated(DilatedNet):
    """One layer more than runs."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.conv32 = nn.Conv2d(32, 32, 3, padding=32, dilation=32)


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="detached",
    sentence="Layers run, but no gradient comes back to them: they keep their random weights for ever. Look for "
    "`.detach()`, `.data`, `no_grad`, a trip through numpy, or a result that is never used.",
    source="a trick against memory errors",
)
class DetachedDilated(DilatedNet):
    """The first layer is cut off from the loss."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(64, num_classes)
        self.first = nn.Conv2d(in_channels, 64, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        return super().forward(F.relu(self.first(x)).detach())


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="no-activation",
    sentence="Nothing stands between the convolutions: without an activation, say a ReLU, several of them in a row can "
    "do no more than a single one. Look at what happens after each convolution but the last.",
    source="the hand-out's comments read as code",
)
class NoActivationDilatedNet(DilatedNet):
    """Convolutions only."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.conv1, self.conv2, self.conv4, self.conv8, self.conv16):
            x = conv(x)
        return self.classifier(x)


@accepted(
    task="5.1",
    symbol="DilatedNet",
    name="up-and-down",
    sentence="Dilations 1, 2, 4, 8, 4, 2, 1: they grow, and shrink again.",
    source="real answers",
)
class UpAndDown(nn.Module):
    """Seven layers."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        dilations = (1, 2, 4, 8, 4, 2, 1)
        self.layers = nn.ModuleList(
            nn.Conv2d(16 if k else in_channels, 16, 3, padding="same", dilation=d) for k, d in enumerate(dilations)
        )
        self.last = nn.Conv2d(16, num_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for layer in self.layers:
            x = F.relu(layer(x))
        return self.last(x)


@mistake(
    task="5.1",
    symbol="DilatedNet",
    name="field-beside-its-pixel",
    sentence="The maps are cropped, or padded, on one side only: the mask lies beside its image, and a pixel sees "
    "nothing on its other side. A padding that equals the dilation keeps 3 x 3 kernels centred.",
    source="answers by testers: too much padding, cut off at the lower right",
)
class CroppedFromTheCorner(DilatedNet):
    """Twice the padding, and the upper left part of what comes out."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        height, width = x.shape[-2:]
        for conv in (self.conv1, self.conv2, self.conv4, self.conv8, self.conv16):
            extended = F.conv2d(x, conv.weight, conv.bias, padding=2 * conv.dilation[0], dilation=conv.dilation)
            x = F.relu(extended[..., :height, :width])
        return self.classifier(x)
