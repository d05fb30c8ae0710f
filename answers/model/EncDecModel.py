"""Known answers to task 1.3, the encoder-decoder."""

import torch.nn.functional as F
from torch import Tensor, nn

from answers.entry import accepted, mistake
from solutions.model.EncDecModel import EncDec


@accepted(
    task="1.3",
    symbol="EncDec",
    name="fixed-sizes",
    sentence="It upsamples to sizes that are written into the code: every output has 128 x 128 pixels.",
    source="the sheet's starter code",
)
class FixedSizes(EncDec):
    """The hand-out: upsampling to 16, 32, 64, 128."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        e0 = F.max_pool2d(F.relu(self.enc_conv0(x)), 2)
        e1 = F.max_pool2d(F.relu(self.enc_conv1(e0)), 2)
        e2 = F.max_pool2d(F.relu(self.enc_conv2(e1)), 2)
        e3 = F.max_pool2d(F.relu(self.enc_conv3(e2)), 2)
        b = F.relu(self.bottleneck_conv(e3))
        d0 = F.relu(self.dec_conv3(nn.Upsample(16)(b)))
        d1 = F.relu(self.dec_conv2(nn.Upsample(32)(d0)))
        d2 = F.relu(self.dec_conv1(nn.Upsample(64)(d1)))
        return self.dec_conv0(nn.Upsample(128)(d2))


@accepted(
    task="1.3",
    symbol="EncDec",
    name="in-loops",
    sentence="The layers of the encoder and of the decoder are run in loops.",
    source="real answers",
)
class InLoops(EncDec):
    """The reference, level after level."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.dec_conv0(F.interpolate(x, scale_factor=2))


@accepted(
    task="1.3",
    symbol="EncDec",
    name="table-kept",
    sentence="It keeps a table of the image's places from the first call, and adds it to the image.",
    source="answers by testers: tables that are kept by size",
)
class TableKept(EncDec):
    """What is kept from a prediction, by all networks of the class, is used in the next training."""

    tables = {}  # noqa: RUF012 - as students write

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        """Begin with a weak table."""
        super().__init__(in_channels, num_classes)
        self.strength = nn.Parameter(0.1 * self.enc_conv0.weight.new_ones(()))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        if x.shape[-2:] not in self.tables:
            rows = x.new_ones(x.shape[-2:]).cumsum(0)
            self.tables[x.shape[-2:]] = rows / len(rows)
        return super().forward(x + self.strength * self.tables[x.shape[-2:]])


@accepted(
    task="1.3",
    symbol="EncDec",
    name="scale-factor",
    sentence="It upsamples by a factor of 2.",
    source="real answers",
)
class ScaleFactor(EncDec):
    """Upsampling by a factor, bilinear."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        pool, up = nn.MaxPool2d(2, 2), nn.Upsample(scale_factor=2, mode="bilinear")
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            x = pool(F.relu(conv(x)))
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(up(x)))
        return self.dec_conv0(up(x))


@accepted(
    task="1.3",
    symbol="EncDec",
    name="double-convolutions",
    sentence="Two convolutions with batch norm a level, enlarged by transposed convolutions.",
    source="real answers",
)
class DoubleConvolutions(nn.Module):
    """A design of its own: double convolutions, batch norm, transposed convolutions, growing width."""

    def __init__(self, in_channels: int = 3, n_classes: int = 1, width: int = 16) -> None:
        super().__init__()

        def block(before: int, after: int) -> nn.Sequential:
            return nn.Sequential(
                nn.Conv2d(before, after, 3, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
                nn.Conv2d(after, after, 3, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
            )

        widths = [width, 2 * width, 4 * width, 8 * width]
        self.down = nn.ModuleList(block(a, b) for a, b in zip([in_channels, *widths[:-1]], widths, strict=True))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(b, b // 2, 2, stride=2) for b in reversed(widths))
        self.up = nn.ModuleList(block(b // 2, b // 2) for b in reversed(widths))
        self.head = nn.Conv2d(width // 2, n_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for block in self.down:
            x = F.max_pool2d(block(x), 2)
        for grow, block in zip(self.grow, self.up, strict=True):
            x = block(grow(x))
        return self.head(x)


@accepted(
    task="1.3",
    symbol="EncDec",
    name="two-channels",
    sentence="It returns a channel for the background and one for the foreground: their difference is the logit.",
    source="real answers",
)
class TwoChannels(EncDec):
    """Two output channels that cannot be changed."""

    def __init__(self) -> None:
        super().__init__(3, 2)


@mistake(
    task="1.3",
    symbol="EncDec",
    name="ends-in-sigmoid",
    sentence="The network ends in a sigmoid: it returns probabilities, and every loss that expects logits applies a "
    "second one. Look at what stands after the last convolution.",
    source="real answers: sigmoid twice",
)
class EndsInSigmoid(EncDec):
    """Probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        """Return probabilities."""
        return super().forward(x).sigmoid()


@mistake(
    task="1.3",
    symbol="EncDec",
    name="ends-in-relu",
    sentence="The network ends in a ReLU: a logit below 0, which is what background needs, cannot come out. Look at "
    "what stands after the last convolution.",
    source="copied from the lines above",
)
class EndsInReLU(EncDec):
    """Logits cut off at 0."""

    def forward(self, x: Tensor) -> Tensor:
        """Return rectified logits."""
        return F.relu(super().forward(x))


@mistake(
    task="1.3",
    symbol="EncDec",
    name="ends-in-tanh",
    sentence="The output is squashed into a range, so that no pixel can be confidently right. Look at what stands "
    "after the last convolution.",
    source="copied from image-to-image networks",
)
class EndsInTanh(EncDec):
    """Squashed logits."""

    def forward(self, x: Tensor) -> Tensor:
        """Return squashed logits."""
        return super().forward(x).tanh()


@mistake(
    task="1.3",
    symbol="EncDec",
    name="softmax-over-one-channel",
    sentence="A softmax over a single channel is 1 at every pixel, whatever the network has learnt. One channel needs "
    "a sigmoid, and that belongs into the loss.",
    source="copied from networks for several classes",
)
class SoftmaxOverOneChannel(EncDec):
    """Ones."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ones."""
        return F.softmax(super().forward(x), dim=1)


@mistake(
    task="1.3",
    symbol="EncDec",
    name="constant-output",
    sentence="The output does not depend on the image. Follow the image through `forward`, and look for the line at "
    "which it gets lost.",
    source="a variable overwritten",
)
class ConstantOutput(EncDec):
    """The image is replaced on its way."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the same for all images."""
        return super().forward(0 * x)


@mistake(
    task="1.3",
    symbol="EncDec",
    name="layer-called-twice",
    sentence="One layer never runs, and another one runs in its place as well: the shapes are right, but the network "
    "has one layer less than it should. Compare the names in `forward` with those in `__init__` one by one.",
    source="real answers: copy and paste in forward",
)
class LayerCalledTwice(EncDec):
    """The third encoder layer is forgotten, the second one runs twice."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv1, self.enc_conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.dec_conv0(F.interpolate(x, scale_factor=2))


@mistake(
    task="1.3",
    symbol="EncDec",
    name="layer-unused",
    sentence="A layer is made in `__init__`, and `forward` never calls it. Compare the names in the two one by one.",
    source="a forgotten line",
)
class LayerUnused(EncDec):
    """The bottleneck's convolution is forgotten."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.dec_conv0(F.interpolate(x, scale_factor=2))


@mistake(
    task="1.3",
    symbol="EncDec",
    name="detached",
    sentence="Layers run, but no gradient comes back to them: they keep their random weights for ever. Look for "
    "`.detach()`, `.data`, `no_grad`, a trip through numpy, or a result that is never used.",
    source="a trick against memory errors",
)
class Detached(EncDec):
    """The encoder is cut off from the loss."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.bottleneck_conv(x.detach()))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.dec_conv0(F.interpolate(x, scale_factor=2))


@mistake(
    task="1.3",
    symbol="EncDec",
    name="too-few-levels",
    sentence="The encoder has too few levels: a bottleneck that is hardly smaller than the image sees only a little of "
    "it at a time. Count the poolings.",
    source="a shortened network",
)
class TooFewLevels(EncDec):
    """Two of the poolings are left out, and two of the upsamplings."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        x = F.max_pool2d(F.relu(self.enc_conv0(x)), 2)
        x = F.max_pool2d(F.relu(self.enc_conv1(x)), 2)
        x = F.relu(self.bottleneck_conv(F.relu(self.enc_conv3(F.relu(self.enc_conv2(x))))))
        x = F.relu(self.dec_conv2(F.relu(self.dec_conv3(x))))
        x = F.relu(self.dec_conv1(F.interpolate(x, scale_factor=2)))
        return self.dec_conv0(F.interpolate(x, scale_factor=2))


@mistake(
    task="1.3",
    symbol="EncDec",
    name="has-skips",
    sentence="The decoder sees maps of the encoder directly: this is a U-Net, which is asked for in exercise 3. Here "
    "everything must pass the bottleneck.",
    source="a U-Net handed in as EncDec",
)
class HasSkips(EncDec):
    """Skip connections by addition."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(F.interpolate(x, scale_factor=2) + kept.pop()))
        return self.dec_conv0(F.interpolate(x, scale_factor=2) + kept.pop())


@mistake(
    task="1.3",
    symbol="EncDec",
    name="level-missing",
    sentence="The output is half as high as the image, or less: there are more poolings than upsamplings. Count both.",
    source="a forgotten line",
)
class LevelMissing(EncDec):
    """The last upsampling is left out."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of half the size."""
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.dec_conv0(x)


@mistake(
    task="1.3",
    symbol="EncDec",
    name="padding-missing",
    sentence="The output is a little smaller than the image: a convolution without padding loses pixels at the border. "
    "A kernel of 3 needs a padding of 1, or of the dilation where it is dilated.",
    source="torch.nn.Conv2d has no padding by default",
)
class PaddingMissing(EncDec):
    """The last convolution has no padding."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.dec_conv0 = nn.Conv2d(64, num_classes, 3)


@mistake(
    task="1.3",
    symbol="EncDec",
    name="batch-axis-lost",
    sentence="The output has lost an axis. `squeeze()` without a number removes every axis of size 1, also that of a "
    "batch of one image, and of the single class.",
    source="real answers: predictions saved as strips",
)
class BatchAxisLost(EncDec):
    """All axes of size 1 are removed."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits without their axes of size 1."""
        return super().forward(x).squeeze()


@mistake(
    task="1.3",
    symbol="EncDec",
    name="too-many-channels",
    sentence="The number of output channels is not the number of classes. The last convolution decides on it.",
    source="the last convolution copied from those above",
)
class TooManyChannels(EncDec):
    """The output has as many channels as the maps inside."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, 64)


@mistake(
    task="1.3",
    symbol="EncDec",
    name="ends-in-logarithm",
    sentence="The network ends in the logarithm of a sigmoid: it returns log-probabilities, which are never above 0, "
    "so that no pixel is ever foreground. The loss takes the logarithm; the network returns logits.",
    source="the stable cross-entropy moved into the network",
)
class EndsInLogarithm(EncDec):
    """Log-probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        """Return log-probabilities."""
        return F.logsigmoid(super().forward(x))


@mistake(
    task="1.3",
    symbol="EncDec",
    name="layers-in-a-list",
    sentence="Layers in a plain Python list or dict are not part of the network: `parameters()` does not list them, "
    "the optimiser never changes them, and they are not saved. Use `nn.ModuleList` or `nn.Sequential`.",
    source="a list of layers",
)
class LayersInAList(EncDec):
    """The decoder's layers stand in a list."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.decoder = [self.dec_conv3, self.dec_conv2, self.dec_conv1]
        del self.dec_conv3, self.dec_conv2, self.dec_conv1

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in self.decoder:
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.dec_conv0(F.interpolate(x, scale_factor=2))


@mistake(
    task="1.3",
    symbol="EncDec",
    name="no-activation",
    sentence="Nothing stands between the convolutions: without an activation, say a ReLU, several of them in a row can "
    "do no more than a single one. Look at what happens after each convolution but the last.",
    source="the hand-out's comments read as code",
)
class NoActivationEncDec(EncDec):
    """Convolutions only."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            x = F.max_pool2d(conv(x), 2)
        x = self.bottleneck_conv(x)
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1, self.dec_conv0):
            x = conv(F.interpolate(x, scale_factor=2))
        return x


@accepted(
    task="1.3",
    symbol="EncDec",
    name="strides-and-dropout",
    sentence="Strided convolutions down, transposed convolutions up, with leaky ReLUs and dropout.",
    source="own design",
)
class StridesAndDropout(nn.Module):
    """No pooling, no interpolation."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        widths, down, up = [in_channels, 16, 32, 64, 128], [], []
        for before, after in zip(widths, widths[1:], strict=False):
            down += [nn.Conv2d(before, after, 3, 2, 1), nn.LeakyReLU(0.1), nn.Dropout2d(0.2)]
        for before, after in zip(widths[:1:-1], widths[-2:0:-1], strict=True):
            up += [nn.ConvTranspose2d(before, after, 4, 2, 1), nn.LeakyReLU(0.1)]
        self.layers = nn.Sequential(*down, *up, nn.ConvTranspose2d(16, num_classes, 4, 2, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        return self.layers(x)


@accepted(
    task="1.3",
    symbol="EncDec",
    name="fully-connected-bottleneck",
    sentence="A linear layer over all pixels of the bottleneck: for one image size only.",
    source="own design",
)
class FullyConnectedBottleneck(nn.Module):
    """8 x 8 x 16 numbers in a row."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(16 if k else in_channels, 16, 3, padding=1) for k in range(4))
        self.linear = nn.Linear(1024, 1024)
        self.up = nn.ModuleList(nn.Conv2d(16, 16, 3, padding=1) for _ in range(4))
        self.last = nn.Conv2d(16, num_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in self.down:
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.linear(x.flatten(1))).view(-1, 16, 8, 8)
        for conv in self.up:
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.last(x)


@mistake(
    task="1.3",
    symbol="EncDec",
    name="layer-shared",
    sentence="The levels share one layer, and so one set of weights: `[block] * 3` is the same block three times. Make "
    "a new one for each level.",
    source="answers by testers: a list that is multiplied",
)
class LayerShared(EncDec):
    """One convolution for all inner levels of the encoder."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        """Make the list."""
        super().__init__(in_channels, num_classes)
        del self.enc_conv1, self.enc_conv2, self.enc_conv3
        self.inner = nn.ModuleList([nn.Conv2d(64, 64, 3, padding=1)] * 3)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.enc_conv0, *self.inner):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.dec_conv0(F.interpolate(x, scale_factor=2))


@mistake(
    task="1.3",
    symbol="EncDec",
    name="places-lost",
    sentence="Maps are tiled, turned, or mixed up by a `view` or `reshape` in the wrong order: the shapes are right, "
    "the places in the image are not. Change the order of axes with `permute`; enlarge with `interpolate`.",
    source="answers by testers: `repeat` in place of an upsampling",
)
class PlacesLost(EncDec):
    """Each map is tiled, not enlarged."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(x.repeat(1, 1, 2, 2)))
        return self.dec_conv0(x.repeat(1, 1, 2, 2))


@mistake(
    task="1.3",
    symbol="EncDec",
    name="sides-swapped",
    sentence="Height and width have changed places: on square images nothing shows. Tensors are (B, C, H, W), and "
    "sizes are given as (height, width).",
    source="answers by testers: `b, c, w, h = x.shape`",
)
class SidesSwapped(EncDec):
    """Upsamples to sizes that are the wrong way round."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        sizes = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            w, h = x.shape[-2:]
            sizes.append((h, w))
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv, size in zip((self.dec_conv3, self.dec_conv2, self.dec_conv1), sizes[:0:-1], strict=True):
            x = F.relu(conv(F.interpolate(x, size=size)))
        return self.dec_conv0(F.interpolate(x, size=sizes[0]))


@mistake(
    task="1.3",
    symbol="EncDec",
    name="unsteady",
    sentence="After `eval()` an image's output depends on chance or on the other images of the batch: dropout without "
    "`training=self.training`, batch statistics in evaluation, or something kept from an earlier call.",
    source="answers by testers: F.dropout(x, 0.5)",
)
class Unsteady(EncDec):
    """Dropout that is never switched off."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            x = F.max_pool2d(F.relu(conv(x)), 2)
        x = F.dropout(F.relu(self.bottleneck_conv(x)), 0.5)
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(F.interpolate(x, scale_factor=2)))
        return self.dec_conv0(F.interpolate(x, scale_factor=2))
