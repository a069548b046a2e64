"""Normalization of the arrays as a part of the model, so that saved weights predict from raw features."""

import math
from collections.abc import Callable
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from earshot.config.base import Normalize

LEAST = 1e-5  # what a clip that varies less is divided by


class ArraySource(Protocol):
    """Arrays that are read by position, as `training.batches.Clips`."""

    def __len__(self) -> int: ...

    def take(self, index: NDArray[np.int64]) -> NDArray[np.float32]:
        """The arrays at these positions, shape (len(index), bands, frames), or (len(index), 3, bands, frames)."""
        ...


class Normalized(nn.Module):
    """A model behind (x - mean) / std. All colours of an array share them, so that a hue stays what it is.

    mean, std : tensors that broadcast over (batch, bands, frames); saved with the weights
    how : "item" takes each clip's own mean and deviation instead, "min_max" its own smallest value to 0 and its largest
        to 1
    shares_backbone : whether the model's backbone is the same in every run, and is saved once for all of them
    """

    mean: Tensor
    std: Tensor
    shares_backbone: bool

    def __init__(
        self,
        model: nn.Module,
        *,
        mean: Tensor | None = None,
        std: Tensor | None = None,
        how: Normalize = "train",
    ) -> None:
        super().__init__()
        self.model = model
        self.how = how
        self.shares_backbone = bool(getattr(model, "shared", False))
        self.register_buffer("mean", torch.zeros(1, 1, 1) if mean is None else mean)
        self.register_buffer("std", torch.ones(1, 1, 1) if std is None else std)

    @property
    def cam_layer(self) -> str | None:
        """The dotted name of the layer that Grad-CAM looks at; None where there is none."""
        layer = getattr(self.model, "cam_layer", None)
        return layer and f"model.{layer}"

    def penalty(self) -> Tensor | float:
        """What the model adds to its training loss; 0 for most."""
        own: Callable[[], Tensor | float] | None = getattr(self.model, "penalty", None)
        return own() if own else 0.0

    def normalize(self, x: Tensor) -> Tensor:
        """The arrays, shape (batch, bands, frames) or (batch, 3, bands, frames), as the model is trained on them."""
        values = tuple(range(1, x.ndim))  # the axes of one array
        if self.how == "item":
            std, mean = torch.std_mean(x, dim=values, keepdim=True, correction=0)
            return (x - mean) / std.clamp_min(LEAST)
        if self.how == "min_max":
            low, high = x.amin(dim=values, keepdim=True), x.amax(dim=values, keepdim=True)
            return (x - low) / (high - low).clamp_min(LEAST)
        return (x - self.mean) / self.std

    def forward(self, x: Tensor) -> Tensor:
        logits: Tensor = self.model(self.normalize(x))
        return logits


def normalized(model: nn.Module, clips: ArraySource, *, how: Normalize) -> Normalized:
    """The model behind the normalization that `how` names, with the statistics of these (training) clips.

    how : "train", one mean and deviation over all clips; "item", each clip by its own; "min_max", each clip to 0 to 1;
        "none"
    """
    if how != "train":
        return Normalized(model, how=how)
    mean, std = statistics(clips)
    return Normalized(model, mean=torch.full((1, 1, 1), mean), std=torch.full((1, 1, 1), std))


def statistics(clips: ArraySource) -> tuple[float, float]:
    """Mean and standard deviation of all values of the clips; the deviation of a constant is taken as 0.1."""
    count, total, squares = 0, np.zeros(1), np.zeros(1)
    for start in range(0, len(clips), 256):
        batch = clips.take(np.arange(start, min(start + 256, len(clips))))
        batch = batch.reshape(len(batch), -1, batch.shape[-1])  # (clips, bands, frames), those of all colours
        count += batch.shape[0] * batch.shape[2]
        total = total + batch.sum(axis=(0, 2), dtype=np.float64)  # (bands,)
        squares = squares + np.square(batch).sum(axis=(0, 2), dtype=np.float64)
    mean, square = float((total / count).mean()), float((squares / count).mean())
    return mean, math.sqrt(max(square - mean * mean, 0.0)) or 0.1
