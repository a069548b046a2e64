"""A recurrent network over the columns of a spectrogram, or over its rows."""

from typing import Literal

import torch
from torch import nn

from earshot.config.base import Count, Dropout, Layers


class Recurrent(nn.Module):
    """LSTM or GRU layers, read out at the last step (of each direction)."""

    cam_layer = None

    def __init__(self, features, outputs, cell, hidden, layers, dropout, bidirectional, steps):
        super().__init__()
        kind = {"lstm": nn.LSTM, "gru": nn.GRU}[cell]
        between = dropout if layers > 1 else 0.0
        self.steps = steps
        self.recurrent = kind(
            features, hidden, layers, batch_first=True, dropout=between, bidirectional=bidirectional
        )
        self.classifier = nn.Linear(hidden * (2 if bidirectional else 1), outputs)

    def forward(self, x):
        if self.steps == "frames":
            x = x.transpose(1, 2)  # (batch, frames, bands)
        _, last = self.recurrent(x)
        hidden = last[0] if isinstance(last, tuple) else last  # (layers * directions, batch, hidden)
        directions = 2 if self.recurrent.bidirectional else 1
        return self.classifier(torch.cat(list(hidden[-directions:]), dim=1))  # (batch, outputs)


def build(
    *,
    input_shape,
    outputs,
    cell: Literal["lstm", "gru"] = "lstm",
    hidden: Count = 128,
    layers: Layers = 2,
    dropout: Dropout = 0.3,
    bidirectional: bool = False,
    steps: Literal["frames", "bands"] = "frames",
):
    """The LSTM. `steps: frames` reads the columns in order, bands as features; `steps: bands` the rows.

    Dropout acts between the layers, as in torch.
    """
    bands, frames = input_shape
    features = bands if steps == "frames" else frames
    return Recurrent(features, outputs, cell, hidden, layers, dropout, bidirectional, steps)
