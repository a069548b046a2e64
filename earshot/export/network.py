"""A trained model as one torch module, from sounds to calibrated probabilities."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from earshot.models.outputs import probabilities
from earshot.models.temperature import LEAST


class Exported(nn.Module):
    """A front end, the model's runs behind it, and the temperature behind their average.

    front_end : makes arrays of a batch, (batch, clips, bands, frames)
    runs : networks that take (batch, bands, frames) and give logits
    temperature : what the average is calibrated by
    """

    def __init__(self, front_end: nn.Module, runs: Sequence[nn.Module], *, temperature: float) -> None:
        super().__init__()
        self.front_end, self.runs, self.temperature = front_end, nn.ModuleList(runs), temperature

    def forward(self, batch: Tensor) -> tuple[Tensor, Tensor]:
        """The probabilities of each item, (batch, classes), and of each of its clips, (batch, clips, classes)."""
        arrays = self.front_end(batch)  # (batch, clips, bands, frames)
        clips = arrays.flatten(0, 1)
        of_runs = torch.stack([probabilities(run(clips)) for run in self.runs])  # (runs, all clips, classes)
        of_clips = of_runs.mean(0).reshape(*arrays.shape[:2], -1)
        return self._calibrated(of_clips.mean(1)), self._calibrated(of_clips)

    def _calibrated(self, values: Tensor) -> Tensor:
        """As `models.temperature.at_temperature`. (..., classes)"""
        return (values.double().clamp(min=LEAST).log() / self.temperature).softmax(-1).float()
