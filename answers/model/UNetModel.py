"""Known answers to tasks 3.1 and 4.1, the U-Nets."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from answers.entry import accepted, mistake
from solutions.model.UNetModel import UNet, UNet2


@accepted(
    task="3.1",
    symbol="UNet",
    name="in-loops",
    sentence="The layers are run in loops; a list keeps the encoder's maps.",
    source="real answers",
)
class InLoops(UNet):
    """The reference, level after level."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1)))
        return self.dec_conv0(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1))


@accepted(
    task="3.1",
    symbol="UNet",
    name="heads-beside",
    sentence="It has further heads, whose outputs it keeps for a loss at several heights.",
    source="answers by testers: deep supervision",
)
class HeadsBeside(UNet):
    """One head runs and is kept, one waits for another setting; a branch is dropped at random."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.heads = nn.ModuleList(nn.Conv2d(64, num_classes, 1) for _ in range(2))
        self.branch = nn.Conv2d(64, 64, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = F.relu(self.bottleneck_conv(x))
        if not self.training or torch.rand(()) < 0.05:
            x = x + self.branch(x)
        self.beside = self.heads[0](x)
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1)))
        return self.dec_conv0(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1))


@accepted(
    task="3.1",
    symbol="UNet",
    name="skips-after-pooling",
    sentence="The skips are taken after the pooling: three of them, and none at full resolution.",
    source="real answers, invited by the sheet's starter code",
)
class SkipsAfterPooling(UNet):
    """Skips at half, quarter and eighth size."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.dec_conv3 = nn.Conv2d(64, 64, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        e0 = F.max_pool2d(F.relu(self.enc_conv0(x)), 2)
        e1 = F.max_pool2d(F.relu(self.enc_conv1(e0)), 2)
        e2 = F.max_pool2d(F.relu(self.enc_conv2(e1)), 2)
        e3 = F.max_pool2d(F.relu(self.enc_conv3(e2)), 2)
        b = F.relu(self.bottleneck_conv(e3))
        d2 = F.relu(self.dec_conv3(F.interpolate(b, scale_factor=2)))
        d1 = F.relu(self.dec_conv2(F.interpolate(torch.cat([d2, e2], 1), scale_factor=2)))
        d0 = F.relu(self.dec_conv1(F.interpolate(torch.cat([d1, e1], 1), scale_factor=2)))
        return self.dec_conv0(F.interpolate(torch.cat([d0, e0], 1), scale_factor=2))


@accepted(
    task="3.1",
    symbol="UNet",
    name="double-convolutions",
    sentence="Two convolutions with batch norm a level, transposed convolutions, width that doubles at each level.",
    source="real answers; Ronneberger et al. 2015 with padding and batch norm",
)
class DoubleConvolutions(nn.Module):
    """The well-known design; `width=64` gives the well-known 31 million parameters."""

    def __init__(self, n_channels: int = 3, n_classes: int = 2, width: int = 8) -> None:
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

        widths = [width * 2**level for level in range(5)]
        self.first = block(n_channels, width)
        self.down = nn.ModuleList(nn.Sequential(nn.MaxPool2d(2), block(w, 2 * w)) for w in widths[:-1])
        self.grow = nn.ModuleList(nn.ConvTranspose2d(2 * w, w, 2, stride=2) for w in reversed(widths[:-1]))
        self.up = nn.ModuleList(block(2 * w, w) for w in reversed(widths[:-1]))
        self.outc = nn.Conv2d(width, n_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = [self.first(x)]
        for down in self.down:
            kept.append(down(kept[-1]))
        x = kept.pop()
        for grow, up in zip(self.grow, self.up, strict=True):
            x = up(torch.cat([kept.pop(), grow(x)], dim=1))
        return self.outc(x)


@accepted(
    task="3.1",
    symbol="UNet",
    name="unused-batch-norm",
    sentence="It holds batch-norm layers that it never calls.",
    source="real answers",
)
class UnusedBatchNorm(UNet):
    """Layers without a part in it, and a required size."""

    def __init__(self, img_size: int, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.img_size = img_size
        self.norm0 = nn.BatchNorm2d(64)
        self.norm1 = nn.BatchNorm2d(64)


@accepted(
    task="3.1",
    symbol="UNet",
    name="residual-blocks",
    sentence="Its levels are residual blocks; skips are concatenated as they should be.",
    source="real answers",
)
class ResidualBlocks(UNet):
    """A sum around every convolution between maps of equal width."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = [F.relu(self.enc_conv0(x))]
        for conv in (self.enc_conv1, self.enc_conv2, self.enc_conv3, self.bottleneck_conv):
            pooled = F.max_pool2d(kept[-1], 2)
            kept.append(F.relu(pooled + conv(pooled)))
        x = kept.pop()
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            grown = F.interpolate(x, scale_factor=2)
            x = F.relu(grown + conv(torch.cat([grown, kept.pop()], 1)))
        return self.dec_conv0(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], 1))


@accepted(
    task="3.1",
    symbol="UNet",
    name="unpadded",
    sentence="It has no padding, as in the paper, and crops the encoder's maps before it concatenates them.",
    source="Ronneberger et al. 2015; real answers",
)
class Unpadded(nn.Module):
    """The paper's network, thin: 188 x 188 pixels in, 4 x 4 out."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()

        def block(before: int, after: int) -> nn.Sequential:
            return nn.Sequential(nn.Conv2d(before, after, 3), nn.ReLU(), nn.Conv2d(after, after, 3), nn.ReLU())

        self.down = nn.ModuleList([block(in_channels, 8), *(block(8, 8) for _ in range(4))])
        self.grow = nn.ModuleList(nn.ConvTranspose2d(8, 8, 2, stride=2) for _ in range(4))
        self.up = nn.ModuleList(block(16, 8) for _ in range(4))
        self.last = nn.Conv2d(8, num_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits of the image's middle."""
        kept = [self.down[0](x)]
        for block in self.down[1:]:
            kept.append(block(F.max_pool2d(kept[-1], 2)))
        x = kept.pop()
        for grow, block in zip(self.grow, self.up, strict=True):
            x, skip = grow(x), kept.pop()
            margin = (skip.shape[-1] - x.shape[-1]) // 2
            skip = skip[..., margin : margin + x.shape[-2], margin : margin + x.shape[-1]]
            x = block(torch.cat([skip, x], 1))
        return self.last(x)


@mistake(
    task="3.1",
    symbol="UNet",
    name="no-skips",
    sentence="This is the encoder-decoder of exercise 1.3: nothing leads from the encoder to the decoder but the "
    "bottleneck. A U-Net hands each level's map across.",
    source="real answers: EncDec copied under the name UNet",
)
class NoSkips(nn.Module):
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
    task="3.1",
    symbol="UNet",
    name="concatenation-unused",
    sentence="Maps are concatenated, but the encoder's are not among them, or the result never reaches the output. "
    "Follow each result of `torch.cat`: which maps went in, and which line uses it?",
    source="real answers",
)
class ConcatenationUnused(UNet):
    """The concatenated map is made, and the next line uses another one."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        for name in ("dec_conv3", "dec_conv2", "dec_conv1"):
            setattr(self, name, nn.Conv2d(64, 64, 3, padding=1))
        self.dec_conv0 = nn.Conv2d(64, num_classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            grown = F.interpolate(x, scale_factor=2)
            torch.cat([grown, kept.pop()], dim=1)
            x = F.relu(conv(grown))
        return self.dec_conv0(F.interpolate(x, scale_factor=2))


@mistake(
    task="3.1",
    symbol="UNet",
    name="skip-missing",
    sentence="Some levels have a skip connection and others have none. Count the concatenations, and check that each "
    "one takes the encoder's map of its own level.",
    source="a forgotten line",
)
class SkipMissing(UNet):
    """Skips at the two lowest levels only."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.dec_conv1 = nn.Conv2d(64, 64, 3, padding=1)
        self.dec_conv0 = nn.Conv2d(64, num_classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        e1 = F.max_pool2d(F.relu(self.enc_conv0(x)), 2)
        e2 = F.relu(self.enc_conv2(F.max_pool2d(F.relu(self.enc_conv1(e1)), 2)))
        e3 = F.relu(self.enc_conv3(F.max_pool2d(e2, 2)))
        b = F.relu(self.bottleneck_conv(F.max_pool2d(e3, 2)))
        d3 = F.relu(self.dec_conv3(torch.cat([F.interpolate(b, scale_factor=2), e3], dim=1)))
        d2 = F.relu(self.dec_conv2(torch.cat([F.interpolate(d3, scale_factor=2), e2], dim=1)))
        d1 = F.relu(self.dec_conv1(F.interpolate(d2, scale_factor=2)))
        return self.dec_conv0(F.interpolate(d1, scale_factor=2))


@mistake(
    task="3.1",
    symbol="UNet",
    name="skips-detached",
    sentence="The skip connections hand over values, but no gradient comes back through them. Look for `.detach()` or "
    "`.data` where the encoder's maps are kept.",
    source="a trick against memory errors",
)
class SkipsDetached(UNet):
    """The encoder's maps are kept without their history."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            x = F.relu(conv(x))
            kept.append(x.detach())
            x = F.max_pool2d(x, 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1)))
        return self.dec_conv0(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1))


@mistake(
    task="3.1",
    symbol="UNet",
    name="concatenated-along-height",
    sentence="The output is not as wide as it is high: maps were concatenated along the height or the width. Channels "
    "are axis 1.",
    source="torch.cat with the wrong axis",
)
class ConcatenatedAlongHeight(UNet):
    """Axis 2 instead of axis 1."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        for name in ("dec_conv3", "dec_conv2", "dec_conv1"):
            setattr(self, name, nn.Conv2d(64, 64, 3, padding=1))
        self.dec_conv0 = nn.Conv2d(64, num_classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return logits of twice the height."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = self.bottleneck_conv(x)
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1, self.dec_conv0):
            skip = kept.pop()
            x = conv(torch.cat([F.interpolate(F.relu(x), size=skip.shape[2:]), skip], dim=2))
        return x


@mistake(
    task="3.1",
    symbol="UNet",
    name="layer-called-twice",
    sentence="One layer never runs, and another one runs in its place as well: the shapes are right, but the network "
    "has one layer less than it should. Compare the names in `forward` with those in `__init__` one by one.",
    source="real answers: copy and paste in forward",
)
class LayerCalledTwice(UNet):
    """The decoder's layer of the second level runs for the third one as well."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv2):
            x = F.relu(conv(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1)))
        return self.dec_conv0(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1))


@mistake(
    task="3.1",
    symbol="UNet",
    name="layer-unused",
    sentence="A layer is made in `__init__`, and `forward` never calls it. Compare the names in the two one by one.",
    source="a forgotten line",
)
class LayerUnused(UNet):
    """The bottleneck's convolution is forgotten."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1)))
        return self.dec_conv0(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1))


@mistake(
    task="3.1",
    symbol="UNet",
    name="ends-in-sigmoid",
    sentence="The network ends in a sigmoid: it returns probabilities, and every loss that expects logits applies a "
    "second one. Look at what stands after the last convolution.",
    source="real answers: sigmoid twice",
)
class EndsInSigmoid(UNet):
    """Probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        """Return probabilities."""
        return torch.sigmoid(super().forward(x))


@mistake(
    task="3.1",
    symbol="UNet",
    name="ends-in-relu",
    sentence="The network ends in a ReLU: a logit below 0, which is what background needs, cannot come out. Look at "
    "what stands after the last convolution.",
    source="copied from the lines above",
)
class EndsInReLU(UNet):
    """Logits cut off at 0."""

    def forward(self, x: Tensor) -> Tensor:
        """Return rectified logits."""
        return F.relu(super().forward(x))


@accepted(
    task="4.1",
    symbol="UNet2",
    name="in-loops",
    sentence="The layers are run in loops; a list keeps the encoder's maps.",
    source="real answers",
)
class InLoops2(UNet2):
    """The reference, level after level."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        downs = (self.down0, self.down1, self.down2, self.down3)
        for conv, down in zip((self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3), downs, strict=True):
            kept.append(F.relu(conv(x)))
            x = down(kept[-1])
        x = F.relu(self.bottleneck_conv(x))
        ups, convs = (self.up3, self.up2, self.up1), (self.dec_conv3, self.dec_conv2, self.dec_conv1)
        for up, conv in zip(ups, convs, strict=True):
            x = F.relu(conv(torch.cat([up(x), kept.pop()], dim=1)))
        return self.dec_conv0(torch.cat([self.up0(x), kept.pop()], dim=1))


@accepted(
    task="4.1",
    symbol="UNet2",
    name="three-skips-and-a-tuple",
    sentence="Three levels with skips, concatenated before they are enlarged; it returns the logits in a tuple.",
    source="real answers",
)
class ThreeSkips(nn.Module):
    """Strided 3x3 convolutions, transposed 4x4 ones."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(in_channels, 32, 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(32, 32, 3, stride=2, padding=1) for _ in range(4))
        self.up = nn.ModuleList(nn.ConvTranspose2d(32 + 32 * (k > 0), 32, 4, stride=2, padding=1) for k in range(4))
        self.last = nn.Conv2d(32, num_classes, 3, padding=1)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits, and the map of the bottleneck."""
        x = F.relu(self.first(x))
        kept = []
        for down in self.down:
            x = F.relu(down(x))
            kept.append(x)
        bottom = kept.pop()
        x = F.relu(self.up[0](bottom))
        for up in self.up[1:]:
            x = F.relu(up(torch.cat([x, kept.pop()], dim=1)))
        return self.last(x), bottom


@mistake(
    task="4.1",
    symbol="UNet2",
    name="pooling-kept",
    sentence="The network still shrinks its maps by pooling. Here a convolution with stride 2 has to take its place, "
    "so that the network learns how to shrink.",
    source="only the decoder was changed",
)
class PoolingKept(UNet2):
    """The U-Net's encoder."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = F.relu(self.bottleneck_conv(x))
        ups, convs = (self.up3, self.up2, self.up1), (self.dec_conv3, self.dec_conv2, self.dec_conv1)
        for up, conv in zip(ups, convs, strict=True):
            x = F.relu(conv(torch.cat([up(x), kept.pop()], dim=1)))
        return self.dec_conv0(torch.cat([self.up0(x), kept.pop()], dim=1))


@mistake(
    task="4.1",
    symbol="UNet2",
    name="interpolation-kept",
    sentence="The network still enlarges its maps by interpolation. Here a transposed convolution with stride 2 has to "
    "take its place, so that the network learns how to enlarge.",
    source="only the encoder was changed",
)
class InterpolationKept(UNet2):
    """The U-Net's decoder."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        convs, downs = (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3), (self.down0, self.down1)
        for conv, down in zip(convs, (*downs, self.down2, self.down3), strict=True):
            kept.append(F.relu(conv(x)))
            x = down(kept[-1])
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1)))
        return self.dec_conv0(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1))


@mistake(
    task="4.1",
    symbol="UNet2",
    name="no-strides",
    sentence="The maps are not halved by convolutions with stride 2: the stride of a convolution is 1 unless it is "
    "given. Look at the arguments of the layers that are to replace the poolings.",
    source="subsampling by slices",
)
class NoStrides(UNet2):
    """Every other row and column is thrown away after a convolution of full resolution."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        for name in ("down0", "down1", "down2", "down3"):
            setattr(
                self, name, nn.Sequential(nn.Conv2d(64, 64, 3, padding=1), nn.UpsamplingNearest2d(scale_factor=0.5))
            )


@mistake(
    task="4.1",
    symbol="UNet2",
    name="no-transposed-convolutions",
    sentence="The maps are not enlarged by transposed convolutions with stride 2. Look at the layers that are to "
    "replace the upsamplings.",
    source="sub-pixel convolution",
)
class NoTransposedConvolutions(UNet2):
    """Channels are folded out into pixels instead."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.fold = nn.ModuleList(nn.Conv2d(64, 256, 1) for _ in range(4))
        del self.up0, self.up1, self.up2, self.up3

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        convs, downs = (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3), (self.down0, self.down1)
        for conv, down in zip(convs, (*downs, self.down2, self.down3), strict=True):
            kept.append(F.relu(conv(x)))
            x = down(kept[-1])
        x = F.relu(self.bottleneck_conv(x))
        convs = (self.dec_conv3, self.dec_conv2, self.dec_conv1, self.dec_conv0)
        for fold, conv in zip(self.fold, convs, strict=True):
            x = conv(torch.cat([F.pixel_shuffle(fold(F.relu(x)), 2), kept.pop()], dim=1))
        return x


@mistake(
    task="4.1",
    symbol="UNet2",
    name="no-skips",
    sentence="Nothing leads from the encoder to the decoder but the bottleneck: with learned sampling a U-Net keeps "
    "its skip connections.",
    source="EncDec changed instead of UNet",
)
class LearnedEncDec(nn.Module):
    """An encoder-decoder with learned sampling."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        down, up = [nn.Conv2d(in_channels, 64, 3, padding=1)], []
        for _ in range(4):
            down += [nn.ReLU(), nn.Conv2d(64, 64, 2, stride=2)]
            up += [nn.ReLU(), nn.ConvTranspose2d(64, 64, 2, stride=2)]
        self.layers = nn.Sequential(*down, *up, nn.ReLU(), nn.Conv2d(64, num_classes, 3, padding=1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        return self.layers(x)


@mistake(
    task="4.1",
    symbol="UNet2",
    name="skip-missing",
    sentence="Some levels have a skip connection and others have none. Count the concatenations, and check that each "
    "one takes the encoder's map of its own level.",
    source="a forgotten line",
)
class OneSkip(nn.Module):
    """A skip connection at full resolution only."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(in_channels, 64, 3, padding=1)
        self.down = nn.ModuleList(nn.Conv2d(64, 64, 2, stride=2) for _ in range(4))
        self.up = nn.ModuleList(nn.ConvTranspose2d(64, 64, 2, stride=2) for _ in range(4))
        self.last = nn.Conv2d(128, num_classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        first = x = F.relu(self.first(x))
        for layer in (*self.down, *self.up):
            x = F.relu(layer(x))
        return self.last(torch.cat([x, first], dim=1))


@mistake(
    task="4.1",
    symbol="UNet2",
    name="layer-called-twice",
    sentence="One layer never runs, and another one runs in its place as well: the shapes are right, but the network "
    "has one layer less than it should. Compare the names in `forward` with those in `__init__` one by one.",
    source="real answers: copy and paste in forward",
)
class StridedTwice(UNet2):
    """The second strided convolution runs for the third level as well."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.forgotten = self.down2
        self.down2 = self.down1


@mistake(
    task="4.1",
    symbol="UNet2",
    name="ends-in-sigmoid",
    sentence="The network ends in a sigmoid: it returns probabilities, and every loss that expects logits applies a "
    "second one. Look at what stands after the last convolution.",
    source="real answers: sigmoid twice",
)
class EndsInSigmoid2(UNet2):
    """Probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        """Return probabilities."""
        return torch.sigmoid(super().forward(x))


@mistake(
    task="6.2",
    symbol="UNet",
    name="classes-ignored",
    sentence="`num_classes` has no effect: the number of output channels is written into the last convolution.",
    source="classic slip",
)
class ClassesIgnored(UNet):
    """One logit for each pixel, however many classes are asked for."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, 1)


@mistake(
    task="6.2",
    symbol="UNet",
    name="class-for-background-added",
    sentence="There is one output more than classes. Unlabelled pixels are ignored: they need no output of their own.",
    source="errata S4-15: a way around class numbers that start at 1",
)
class ClassForBackgroundAdded(UNet):
    """Thirteen logits for twelve classes."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes + 1)


@mistake(
    task="6.2",
    symbol="UNet",
    name="ends-in-softmax",
    sentence="The network ends in a softmax: it returns probabilities, and the cross-entropy applies a second one. "
    "Look at what stands after the last convolution.",
    source="real answers: sigmoid twice",
)
class EndsInSoftmax(UNet):
    """Probabilities."""

    def forward(self, x: Tensor) -> Tensor:
        """Return probabilities."""
        return torch.softmax(super().forward(x), 1)


@mistake(
    task="6.2",
    symbol="UNet",
    name="ends-in-argmax",
    sentence="The network ends in an argmax: it returns class numbers, from which nothing can be learned. The loss "
    "wants the logits; take the argmax where you predict.",
    source="classic slip",
)
class EndsInArgmax(UNet):
    """Class numbers."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the number of the largest logit."""
        return super().forward(x).argmax(1)


@mistake(
    task="3.1",
    symbol="UNet",
    name="ends-in-tanh",
    sentence="The output is squashed into a range, so that no pixel can be confidently right. Look at what stands "
    "after the last convolution.",
    source="copied from image-to-image networks",
)
class TanhUNet(UNet):
    """Squashed logits."""

    def forward(self, x: Tensor) -> Tensor:
        """Return squashed logits."""
        return super().forward(x).tanh()


@mistake(
    task="3.1",
    symbol="UNet",
    name="softmax-over-one-channel",
    sentence="A softmax over a single channel is 1 at every pixel, whatever the network has learnt. One channel needs "
    "a sigmoid, and that belongs into the loss.",
    source="copied from networks for several classes",
)
class SoftmaxOverOneUNet(UNet):
    """Ones."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ones."""
        return F.softmax(super().forward(x), dim=1)


@mistake(
    task="3.1",
    symbol="UNet",
    name="constant-output",
    sentence="The output does not depend on the image. Follow the image through `forward`, and look for the line at "
    "which it gets lost.",
    source="a variable overwritten",
)
class ConstantUNet(UNet):
    """The image is replaced on its way."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the same for all images."""
        return super().forward(0 * x)


@mistake(
    task="3.1",
    symbol="UNet",
    name="batch-axis-lost",
    sentence="The output has lost an axis. `squeeze()` without a number removes every axis of size 1, also that of a "
    "batch of one image, and of the single class.",
    source="real answers: predictions saved as strips",
)
class SqueezedUNet(UNet):
    """All axes of size 1 are removed."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits without their axes of size 1."""
        return super().forward(x).squeeze()


@mistake(
    task="3.1",
    symbol="UNet",
    name="too-many-channels",
    sentence="The number of output channels is not the number of classes. The last convolution decides on it.",
    source="the last convolution copied from those above",
)
class ManyChannelsUNet(UNet):
    """The output has as many channels as the maps inside."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, 64)


@mistake(
    task="3.1",
    symbol="UNet",
    name="padding-missing",
    sentence="The output is a little smaller than the image: a convolution without padding loses pixels at the border. "
    "A kernel of 3 needs a padding of 1, or of the dilation where it is dilated.",
    source="torch.nn.Conv2d has no padding by default",
)
class UnpaddedUNet(UNet):
    """The last convolution has no padding."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.dec_conv0 = nn.Conv2d(128, num_classes, 3)


@mistake(
    task="4.1",
    symbol="UNet2",
    name="ends-in-tanh",
    sentence="The output is squashed into a range, so that no pixel can be confidently right. Look at what stands "
    "after the last convolution.",
    source="copied from image-to-image networks",
)
class TanhUNet2(UNet2):
    """Squashed logits."""

    def forward(self, x: Tensor) -> Tensor:
        """Return squashed logits."""
        return super().forward(x).tanh()


@mistake(
    task="4.1",
    symbol="UNet2",
    name="softmax-over-one-channel",
    sentence="A softmax over a single channel is 1 at every pixel, whatever the network has learnt. One channel needs "
    "a sigmoid, and that belongs into the loss.",
    source="copied from networks for several classes",
)
class SoftmaxOverOneUNet2(UNet2):
    """Ones."""

    def forward(self, x: Tensor) -> Tensor:
        """Return ones."""
        return F.softmax(super().forward(x), dim=1)


@mistake(
    task="4.1",
    symbol="UNet2",
    name="constant-output",
    sentence="The output does not depend on the image. Follow the image through `forward`, and look for the line at "
    "which it gets lost.",
    source="a variable overwritten",
)
class ConstantUNet2(UNet2):
    """The image is replaced on its way."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the same for all images."""
        return super().forward(0 * x)


@mistake(
    task="4.1",
    symbol="UNet2",
    name="batch-axis-lost",
    sentence="The output has lost an axis. `squeeze()` without a number removes every axis of size 1, also that of a "
    "batch of one image, and of the single class.",
    source="real answers: predictions saved as strips",
)
class SqueezedUNet2(UNet2):
    """All axes of size 1 are removed."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits without their axes of size 1."""
        return super().forward(x).squeeze()


@mistake(
    task="4.1",
    symbol="UNet2",
    name="too-many-channels",
    sentence="The number of output channels is not the number of classes. The last convolution decides on it.",
    source="the last convolution copied from those above",
)
class ManyChannelsUNet2(UNet2):
    """The output has as many channels as the maps inside."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, 64)


@mistake(
    task="4.1",
    symbol="UNet2",
    name="ends-in-relu",
    sentence="The network ends in a ReLU: a logit below 0, which is what background needs, cannot come out. Look at "
    "what stands after the last convolution.",
    source="copied from the lines above",
)
class EndsInReLUUNet2(UNet2):
    """Logits cut off at 0."""

    def forward(self, x: Tensor) -> Tensor:
        """Return rectified logits."""
        return F.relu(super().forward(x))


@mistake(
    task="3.1",
    symbol="UNet",
    name="no-activation",
    sentence="Nothing stands between the convolutions: without an activation, say a ReLU, several of them in a row can "
    "do no more than a single one. Look at what happens after each convolution but the last.",
    source="the hand-out's comments read as code",
)
class NoActivationUNet(UNet):
    """Convolutions only."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(conv(x))
            x = F.max_pool2d(kept[-1], 2)
        x = self.bottleneck_conv(x)
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1, self.dec_conv0):
            x = conv(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()], dim=1))
        return x


@mistake(
    task="4.1",
    symbol="UNet2",
    name="no-activation",
    sentence="Nothing stands between the convolutions: without an activation, say a ReLU, several of them in a row can "
    "do no more than a single one. Look at what happens after each convolution but the last.",
    source="the hand-out's comments read as code",
)
class NoActivationUNet2(UNet2):
    """Convolutions only."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for level, conv in enumerate((self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3)):
            kept.append(conv(x))
            x = getattr(self, f"down{level}")(kept[-1])
        x = self.bottleneck_conv(x)
        for level in (3, 2, 1, 0):
            x = torch.cat([getattr(self, f"up{level}")(x), kept.pop()], dim=1)
            x = getattr(self, f"dec_conv{level}")(x)
        return x


@accepted(
    task="3.1",
    symbol="UNet",
    name="skips-added",
    sentence="The encoder's maps are added, not concatenated.",
    source="LinkNet, Chaurasia and Culurciello 2017",
)
class SkipsAdded(nn.Module):
    """Sums in place of `torch.cat`."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(24 if k else in_channels, 24, 3, padding=1) for k in range(4))
        self.bottom = nn.Conv2d(24, 24, 3, padding=1)
        self.up = nn.ModuleList(nn.Conv2d(24, 24, 3, padding=1) for _ in range(4))
        self.last = nn.Conv2d(24, num_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in self.down:
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = F.relu(self.bottom(x))
        for conv in self.up:
            x = F.relu(conv(F.interpolate(x, scale_factor=2) + kept.pop()))
        return self.last(x)


@accepted(
    task="3.1",
    symbol="UNet",
    name="attention-gates",
    sentence="Each skip passes through a gate that the decoder's map opens and closes.",
    source="Attention U-Net, Oktay et al. 2018",
)
class AttentionGates(nn.Module):
    """A sigmoid in the middle of the network, none at its end."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(24 if k else in_channels, 24, 3, padding=1) for k in range(4))
        self.bottom = nn.Conv2d(24, 24, 3, padding=1)
        self.gate = nn.ModuleList(nn.Conv2d(48, 1, 1) for _ in range(4))
        self.up = nn.ModuleList(nn.Conv2d(48, 24, 3, padding=1) for _ in range(4))
        self.last = nn.Conv2d(24, num_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in self.down:
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = F.relu(self.bottom(x))
        for gate, conv in zip(self.gate, self.up, strict=True):
            x, skip = F.interpolate(x, scale_factor=2), kept.pop()
            skip = skip * torch.sigmoid(gate(torch.cat([x, skip], dim=1)))
            x = F.relu(conv(torch.cat([x, skip], dim=1)))
        return self.last(x)


@accepted(
    task="3.1",
    symbol="UNet",
    name="borrowed-encoder",
    sentence="The encoder is torchvision's ResNet-18, whose classifier is left over.",
    source="transfer learning, question Q2",
)
class BorrowedEncoder(nn.Module):
    """Five levels, the highest of half the image's height."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        from torchvision.models import resnet18

        self.encoder = resnet18(weights=None)
        widths = [512, 256, 128, 64, 64]
        self.up = nn.ModuleList(nn.Conv2d(a + b, b, 3, padding=1) for a, b in zip(widths, widths[1:], strict=False))
        self.last = nn.Conv2d(64, num_classes, 1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        size, e = x.shape[2:], self.encoder
        x = e.relu(e.bn1(e.conv1(x)))
        kept = [x]
        x = e.maxpool(x)
        for layer in (e.layer1, e.layer2, e.layer3, e.layer4):
            x = layer(x)
            kept.append(x)
        x = kept.pop()
        for conv in self.up:
            skip = kept.pop()
            x = F.relu(conv(torch.cat([F.interpolate(x, size=skip.shape[2:]), skip], dim=1)))
        return F.interpolate(self.last(x), size=size)


@accepted(
    task="4.1",
    symbol="UNet2",
    name="strides-in-the-encoder",
    sentence="The encoder's own convolutions have the stride, the decoder's are transposed: concatenated before they "
    "are enlarged, at half the height and below.",
    source="real answers",
)
class StridesInTheEncoder(nn.Module):
    """Eight layers and a bottleneck."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__()
        self.down = nn.ModuleList(nn.Conv2d(32 if k else in_channels, 32, 3, stride=2, padding=1) for k in range(4))
        self.bottom = nn.Conv2d(32, 32, 3, padding=1)
        outputs = (32, 32, 32, num_classes)
        self.up = nn.ModuleList(nn.ConvTranspose2d(64, out, 4, stride=2, padding=1) for out in outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in self.down:
            x = F.relu(conv(x))
            kept.append(x)
        x = self.bottom(x)
        for conv in self.up:
            x = conv(torch.cat([F.relu(x), kept.pop()], dim=1))
        return x


@accepted(
    task="4.1",
    symbol="UNet2",
    name="odd-kernels",
    sentence="Kernels of 3 x 3 everywhere: a transposed one overlaps itself on every other pixel, which draws a "
    "checkerboard.",
    source="real answers",
)
class OddKernels(UNet2):
    """With the padding that makes 32 of 16."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        for level in range(4):
            setattr(self, f"down{level}", nn.Conv2d(64, 64, 3, stride=2, padding=1))
            setattr(self, f"up{level}", nn.ConvTranspose2d(64, 64, 3, stride=2, padding=1, output_padding=1))


@mistake(
    task="3.1",
    symbol="UNet",
    name="places-lost",
    sentence="Maps are turned or mixed up by a `permute`, `view` or `reshape` in the wrong order: the shapes are right "
    "where images are square, the places are not. Is every axis back where it was?",
    source="answers by testers: a skip whose height and width have changed places",
)
class SkipsTurned(UNet):
    """Every skip is transposed."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(torch.cat([F.interpolate(x, scale_factor=2), kept.pop().mT], dim=1)))
        return self.dec_conv0(torch.cat([F.interpolate(x, scale_factor=2), kept.pop().mT], dim=1))


@mistake(
    task="3.1",
    symbol="UNet",
    name="layer-shared",
    sentence="The levels share one layer, and so one set of weights: `[block] * 3` is the same block three times. Make "
    "a new one for each level.",
    source="answers by testers: a list that is multiplied",
)
class DecoderShared(UNet):
    """One convolution for all inner levels of the decoder."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.dec_conv1 = self.dec_conv2 = self.dec_conv3


@mistake(
    task="3.1",
    symbol="UNet",
    name="concatenated-along-batch",
    sentence="The skip is concatenated along the batch, which is dimension 0: more images come out than went in. The "
    "channels are dimension 1.",
    source="answers by testers",
)
class ConcatenatedAlongBatch(UNet):
    """Without a dimension, `torch.cat` takes the first."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.dec_conv3, self.dec_conv2 = nn.Conv2d(64, 64, 3, padding=1), nn.Conv2d(64, 64, 3, padding=1)
        self.dec_conv1, self.dec_conv0 = nn.Conv2d(64, 64, 3, padding=1), nn.Conv2d(64, num_classes, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        kept = []
        for conv in (self.enc_conv0, self.enc_conv1, self.enc_conv2, self.enc_conv3):
            kept.append(F.relu(conv(x)))
            x = F.max_pool2d(kept[-1], 2)
        x = F.relu(self.bottleneck_conv(x))
        for conv in (self.dec_conv3, self.dec_conv2, self.dec_conv1):
            x = F.relu(conv(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()])))
        return self.dec_conv0(torch.cat([F.interpolate(x, scale_factor=2), kept.pop()]))


@accepted(
    task="6.2",
    symbol="UNet",
    name="ends-in-log-softmax",
    sentence="It ends in a log-softmax: a softmax of that gives the same probabilities, so that the loss is right.",
    source="answers by testers",
)
class EndsInLogSoftmax(UNet):
    """Logarithms of probabilities, where there are several classes."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, num_classes)
        self.num_classes = num_classes

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, or logarithms of probabilities."""
        logits = super().forward(x)
        return F.log_softmax(logits, dim=1) if self.num_classes > 1 else logits


@mistake(
    task="6.2",
    symbol="UNet",
    name="ends-in-sigmoid",
    sentence="The network ends in a sigmoid: every class gets a number from 0 to 1, and the softmax of the loss can "
    "hardly tell such numbers apart. Look at what stands after the last convolution.",
    source="answers by testers",
)
class ClassesInSigmoid(UNet):
    """One probability for each class."""

    def forward(self, x: Tensor) -> Tensor:
        """Return probabilities."""
        return torch.sigmoid(super().forward(x))


@mistake(
    task="6.2",
    symbol="UNet",
    name="places-lost",
    sentence="Pixels and classes are mixed up: `view` and `reshape` do not move axes. From (B, H, W, K) to "
    "(B, K, H, W) it takes `permute`. With one class nothing shows.",
    source="answers by testers: a linear layer for each pixel, reshaped",
)
class HeadReshaped(UNet):
    """A linear layer at the end, whose classes come last."""

    def __init__(self, in_channels: int = 3, num_classes: int = 1) -> None:
        super().__init__(in_channels, 64)
        self.head = nn.Linear(64, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the logits."""
        x = F.relu(super().forward(x))
        return self.head(x.permute(0, 2, 3, 1)).reshape(len(x), -1, *x.shape[2:])
