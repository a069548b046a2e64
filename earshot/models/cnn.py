"""Convolutions and a dense layer: the plain network that spectrogram studies start from, or one of residual blocks."""

import itertools
from typing import Literal

from torch import Tensor, nn

from earshot.config.base import Count, Dropout, Layers
from earshot.models.sizes import Shape, need_size, planes_of, with_planes

TAKES_COLOUR = True
Blocks = Literal["plain", "residual"]


class Residual(nn.Module):
    """Two 3x3 convolutions whose result is added to what went in, by a 1x1 convolution where channels change.

    He, Zhang, Ren and Sun (2016), "Deep residual learning for image recognition".
    """

    def __init__(self, before: int, after: int, *, batch_norm: bool) -> None:
        super().__init__()
        self.body = nn.Sequential(
            *convolution(before, after, batch_norm=batch_norm),
            nn.ReLU(),
            *convolution(after, after, batch_norm=batch_norm),
        )
        self.shortcut = nn.Identity() if before == after else nn.Conv2d(before, after, 1)

    def forward(self, x: Tensor) -> Tensor:
        added: Tensor = self.body(x) + self.shortcut(x)
        return added


class Cnn(nn.Module):
    """Blocks of 3x3 convolutions, each with ReLU and 2x2 max pooling; then a dense layer, dropout and the output."""

    cam_layer = "features"

    def __init__(
        self,
        shape: Shape,
        outputs: int,
        *,
        width: int,
        dense: int,
        dropout: float,
        batch_norm: bool,
        blocks: Blocks,
        depth: int,
    ) -> None:
        super().__init__()
        channels = [planes_of(shape), *(width * 2**number for number in range(depth))]
        layers: list[nn.Module] = []
        for before, after in itertools.pairwise(channels):
            if blocks == "residual":
                layers.append(Residual(before, after, batch_norm=batch_norm))
            else:
                layers += convolution(before, after, batch_norm=batch_norm)
            layers += [nn.ReLU(), nn.MaxPool2d(2)]
        self.features = nn.Sequential(*layers)
        bands, frames = shape[-2:]
        self.flat = channels[-1] * (bands // 2**depth) * (frames // 2**depth)
        self.classifier = nn.Sequential(
            nn.Linear(self.flat, dense), nn.ReLU(), nn.Dropout(dropout), nn.Linear(dense, outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(with_planes(x))  # (batch, channels, bands / 2^depth, frames / 2^depth)
        logits: Tensor = self.classifier(x.flatten(1))  # (batch, outputs)
        return logits


def convolution(before: int, after: int, *, batch_norm: bool) -> list[nn.Module]:
    """A 3x3 convolution that keeps the array's shape, and its batch norm."""
    return [
        nn.Conv2d(before, after, 3, padding="same"),
        *([nn.BatchNorm2d(after)] if batch_norm else []),
    ]


def build(
    *,
    input_shape: Shape,
    outputs: int,
    width: Count = 16,
    dense: Count = 128,
    dropout: Dropout = 0.5,
    batch_norm: bool = False,
    blocks: Blocks = "plain",
    depth: Layers = 3,
) -> nn.Module:
    """The CNN. `width` channels after the first of `depth` blocks, twice as many after each other.

    blocks : "plain", a convolution each, or "residual", two and a way past them
    """
    need_size("cnn", input_shape, bands=2**depth, frames=2**depth)
    return Cnn(
        input_shape,
        outputs,
        width=width,
        dense=dense,
        dropout=dropout,
        batch_norm=batch_norm,
        blocks=blocks,
        depth=depth,
    )
