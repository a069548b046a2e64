"""Convolutions that describe each moment, then a recurrent layer that reads the moments in order.

Choi, Fazekas, Sandler and Cho (2017), "Convolutional recurrent neural networks for music classification".
"""

import itertools
from typing import Literal

from torch import nn

from earshot.config.base import Count, Dropout, Layers
from earshot.models.lstm import Recurrent
from earshot.models.sizes import need_size


class Crnn(nn.Module):
    """Three times 3x3 convolution, batch norm, ReLU and max pooling, the last along frequency only; then steps."""

    cam_layer = "features"

    def __init__(self, bands, outputs, width, cell, hidden, layers, dropout, bidirectional):
        super().__init__()
        blocks = []
        channels = [1, width, 2 * width, 2 * width]
        for (before, after), pool in zip(itertools.pairwise(channels), [(2, 2), (2, 2), (2, 1)], strict=True):
            blocks.append(nn.Conv2d(before, after, 3, padding="same", bias=False))
            blocks += [nn.BatchNorm2d(after), nn.ReLU(), nn.MaxPool2d(pool)]
        self.features = nn.Sequential(*blocks)
        self.dropout = nn.Dropout(dropout)
        self.recurrent = Recurrent(
            channels[-1] * (bands // 8), outputs, cell, hidden, layers, dropout, bidirectional, "frames"
        )

    def forward(self, x):
        x = self.features(x.unsqueeze(1))  # (batch, channels, bands / 8, frames / 4)
        x = self.dropout(x).flatten(1, 2)  # (batch, channels * bands / 8, frames / 4)
        return self.recurrent(x)  # (batch, outputs)


def build(
    *,
    input_shape,
    outputs,
    width: Count = 16,
    cell: Literal["lstm", "gru"] = "gru",
    hidden: Count = 64,
    layers: Layers = 1,
    dropout: Dropout = 0.3,
    bidirectional: bool = True,
):
    """The CRNN. `width` channels after the first convolution, twice as many after the others."""
    need_size("crnn", input_shape, bands=8, frames=4)
    return Crnn(input_shape[0], outputs, width, cell, hidden, layers, dropout, bidirectional)
