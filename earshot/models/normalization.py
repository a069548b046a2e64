"""Normalization of the arrays as a part of the model, so that saved weights predict from raw features."""

import numpy as np
import torch
from torch import nn


class Normalized(nn.Module):
    """A model behind (x - mean) / std.

    mean, std : tensors that broadcast over (batch, bands, frames); saved with the weights
    by_item : bool, each clip by its own mean and deviation instead
    """

    def __init__(self, model, *, mean=None, std=None, by_item=False):
        super().__init__()
        self.model = model
        self.by_item = by_item
        self.register_buffer("mean", torch.zeros(1, 1, 1) if mean is None else mean)
        self.register_buffer("std", torch.ones(1, 1, 1) if std is None else std)

    @property
    def cam_layer(self):
        """The dotted name of the layer that Grad-CAM looks at; None where there is none."""
        layer = getattr(self.model, "cam_layer", None)
        return layer and f"model.{layer}"

    def penalty(self):
        """What the model adds to its training loss; 0 for most."""
        return self.model.penalty() if hasattr(self.model, "penalty") else 0.0

    def normalize(self, x):
        if self.by_item:
            std, mean = torch.std_mean(x, dim=(1, 2), keepdim=True, correction=0)
            return (x - mean) / std.clamp_min(1e-5)
        return (x - self.mean) / self.std

    def forward(self, x):
        return self.model(self.normalize(x))


def normalized(model, clips, *, how):
    """The model behind the normalization that `how` names, with the statistics of these (training) clips.

    how : "train", one mean and deviation over all clips; "band", one for each band; "item", each clip by its
        own; "none"
    """
    if how not in ("train", "band"):
        return Normalized(model, by_item=how == "item")
    mean, std = statistics(clips, by_band=how == "band")
    return Normalized(model, mean=torch.from_numpy(mean), std=torch.from_numpy(std))


def statistics(clips, *, by_band):
    """Mean and standard deviation of the clips, float32, shape (1, bands or 1, 1).

    A deviation is at least a tenth of the whole array's: an edge that is always silent would blow up noise.
    """
    count, total, squares = 0, 0.0, 0.0
    for start in range(0, len(clips), 256):
        batch = clips.take(np.arange(start, min(start + 256, len(clips))))
        count += batch.shape[0] * batch.shape[2]
        total = total + batch.sum(axis=(0, 2), dtype=np.float64)  # (bands,)
        squares = squares + np.square(batch).sum(axis=(0, 2), dtype=np.float64)
    mean, square = total / count, squares / count
    whole = np.sqrt(max(square.mean() - mean.mean() ** 2, 0.0)) or 1.0
    if not by_band:
        mean, square = mean.mean(keepdims=True), square.mean(keepdims=True)
    std = np.maximum(np.sqrt(np.maximum(square - mean**2, 0.0)), whole / 10)
    return mean.reshape(1, -1, 1).astype(np.float32), std.reshape(1, -1, 1).astype(np.float32)
