"""A recurrent network over the columns of a spectrogram, or over its rows."""

from typing import Literal

import torch
from torch import Tensor, nn

from earshot.config.base import Count, Dropout, Layers
from earshot.models.sizes import Shape, planes_of

TAKES_VECTORS = True  # one after the other: the frames have an order, the bands need none
TAKES_COLOUR = True  # the colours of a step stand beside each other
Cell = Literal["lstm", "gru"]
Steps = Literal["frames", "bands"]  # what the layers read one after the other


class Recurrent(nn.Module):
    """LSTM or GRU layers, read out at the last step (of each direction)."""

    cam_layer = None

    def __init__(
        self,
        features: int,
        outputs: int,
        *,
        cell: Cell,
        hidden: int,
        layers: int,
        dropout: float,
        bidirectional: bool,
        steps: Steps,
        last_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        kind = nn.LSTM if cell == "lstm" else nn.GRU
        between = dropout if layers > 1 else 0.0
        self.steps = steps
        self.recurrent = kind(
            features, hidden, layers, batch_first=True, dropout=between, bidirectional=bidirectional
        )
        self.last_dropout = nn.Dropout(last_dropout)
        self.classifier = nn.Linear(hidden * (2 if bidirectional else 1), outputs)

    def forward(self, x: Tensor) -> Tensor:
        if x.ndim == 4:  # (batch, colours, bands, frames)
            x = x.flatten(1, 2) if self.steps == "frames" else x.transpose(1, 2).flatten(2)
        if self.steps == "frames":
            x = x.transpose(1, 2)  # (batch, frames, bands)
        _, last = self.recurrent(x)
        hidden = last[0] if isinstance(last, tuple) else last  # (layers * directions, batch, hidden)
        directions = 2 if self.recurrent.bidirectional else 1
        read = self.last_dropout(torch.cat(list(hidden[-directions:]), dim=1))  # (batch, directions * hidden)
        logits: Tensor = self.classifier(read)  # (batch, outputs)
        return logits


def build(
    *,
    input_shape: Shape,
    outputs: int,
    cell: Cell = "lstm",
    hidden: Count = 128,
    layers: Layers = 2,
    dropout: Dropout = 0.3,
    bidirectional: bool = False,
    steps: Steps = "frames",
    last_dropout: Dropout = 0.0,
) -> nn.Module:
    """The LSTM. `steps: frames` reads the columns in order, bands as features; `steps: bands` the rows.

    `dropout` acts between the layers, as in torch, `last_dropout` on what is read at the last step.
    """
    bands, frames = input_shape[-2:]
    features = planes_of(input_shape) * (bands if steps == "frames" else frames)
    return Recurrent(
        features,
        outputs,
        cell=cell,
        hidden=hidden,
        layers=layers,
        dropout=dropout,
        bidirectional=bidirectional,
        steps=steps,
        last_dropout=last_dropout,
    )
