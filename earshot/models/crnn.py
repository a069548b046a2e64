"""Convolutions that describe each moment, then a recurrent layer that reads the moments in order.

Choi, Fazekas, Sandler and Cho (2017), "Convolutional recurrent neural networks for music classification".
"""

import itertools

from torch import Tensor, nn

from earshot.config.base import Count, Dropout, Layers
from earshot.models.lstm import Cell, Recurrent
from earshot.models.sizes import Shape, need_size


class Crnn(nn.Module):
    """Three times 3x3 convolution, batch norm, ReLU and max pooling, the last along frequency only; then steps."""

    cam_layer = "features"

    def __init__(
        self,
        bands: int,
        outputs: int,
        *,
        width: int,
        cell: Cell,
        hidden: int,
        layers: int,
        dropout: float,
        bidirectional: bool,
    ) -> None:
        super().__init__()
        blocks: list[nn.Module] = []
        channels = [1, width, 2 * width, 2 * width]
        for (before, after), pool in zip(itertools.pairwise(channels), [(2, 2), (2, 2), (2, 1)], strict=True):
            blocks.append(nn.Conv2d(before, after, 3, padding="same", bias=False))
            blocks += [nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(pool)]
        self.features = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.recurrent = Recurrent(
            channels[-1] * (bands // 8),
            outputs,
            cell=cell,
            hidden=hidden,
            layers=layers,
            dropout=dropout,
            bidirectional=bidirectional,
            steps="frames",
        )

    def forward(self, x: Tensor) -> Tensor:
        x = self.features(x.unsqueeze(1))  # (batch, channels, bands / 8, frames / 4)
        x = self.dropout(x).flatten(1, 2)  # (batch, channels * bands / 8, frames / 4)
        logits: Tensor = self.recurrent(x)  # (batch, outputs)
        return logits


def build(
    *,
    input_shape: Shape,
    outputs: int,
    width: Count = 16,
    cell: Cell = "gru",
    hidden: Count = 64,
    layers: Layers = 1,
    dropout: Dropout = 0.3,
    bidirectional: bool = True,
) -> nn.Module:
    """The CRNN. `width` channels after the first convolution, twice as many after the others."""
    need_size("crnn", input_shape, bands=8, frames=4)
    return Crnn(
        input_shape[0],
        outputs,
        width=width,
        cell=cell,
        hidden=hidden,
        layers=layers,
        dropout=dropout,
        bidirectional=bidirectional,
    )
