"""Two branches of rectangular filters, one long in time and one tall in frequency, joined late.

The axes of a spectrogram mean different things. A filter that is long in time and one band high sees how a band
comes and goes: rhythm, onsets, decay. One that is tall in frequency and one frame wide sees what sounds at an
instant: timbre, formants, chords. A square filter has to learn both at once and spans little of either.

Pons, Lidy and Serra (2016), "Experimenting with musically motivated convolutional neural networks".
"""

import torch
from torch import Tensor, nn

from earshot.config.base import Count, Dropout
from earshot.models.sizes import Shape, need_size


class TimeFreqCnn(nn.Module):
    """Both branches keep the array's shape, so that the join sees what each found at the same place."""

    cam_layer = "join"

    def __init__(
        self,
        shape: Shape,
        outputs: int,
        *,
        width: int,
        length: int,
        height: int,
        dense: int,
        dropout: float,
    ) -> None:
        super().__init__()
        bands, frames = shape
        self.time = branch(width, (1, length))
        self.frequency = branch(width, (height, 1))
        self.join = nn.Sequential(
            nn.Conv2d(4 * width, 4 * width, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2)
        )
        flat = 4 * width * (bands // 8) * (frames // 8)
        self.classifier = nn.Sequential(
            nn.Linear(flat, dense), nn.ReLU(), nn.Dropout(dropout), nn.Linear(dense, outputs)
        )

    def forward(self, x: Tensor) -> Tensor:
        x = x.unsqueeze(1)  # (batch, 1, bands, frames)
        x = torch.cat([self.time(x), self.frequency(x)], dim=1)  # (batch, 4 width, bands / 4, frames / 4)
        logits: Tensor = self.classifier(self.join(x).flatten(1))  # (batch, outputs)
        return logits


def branch(width: int, kernel: tuple[int, int]) -> nn.Sequential:
    """Two convolutions with filters of one shape, each halving the array."""
    return nn.Sequential(
        nn.Conv2d(1, width, kernel, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(width, 2 * width, kernel, padding="same"),
        nn.ReLU(),
        nn.MaxPool2d(2),
    )


def build(
    *,
    input_shape: Shape,
    outputs: int,
    width: Count = 16,
    length: Count = 15,
    height: Count = 15,
    dense: Count = 64,
    dropout: Dropout = 0.5,
) -> nn.Module:
    """The two-branch CNN. `length` frames and `height` bands are the spans of the filters."""
    need_size("time_freq_cnn", input_shape, bands=8, frames=8)
    return TimeFreqCnn(
        input_shape, outputs, width=width, length=length, height=height, dense=dense, dropout=dropout
    )
