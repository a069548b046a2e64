"""The class probabilities that a trained model gives clips."""

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from earshot.config.base import TorchDevice
from earshot.core import devices
from earshot.models.outputs import probabilities
from earshot.models.temperature import at_temperature
from earshot.training.batches import Clips, cut, reader


@torch.inference_mode()
def predict(
    model: nn.Module, clips: Clips, *, batch_size: int = 64, device: TorchDevice = "auto", threads: int = 1
) -> NDArray[np.float32]:
    """Class probabilities, shape (clips, classes). The model is left in eval mode, on the device.

    model : from `saved.load`, takes raw features
    clips : their labels are not looked at
    """
    place = devices.pick(device)
    with devices.repeatable(place, threads=threads):
        model.to(place).eval()
        read = reader(clips, in_memory=False, device=place)
        batches = cut(np.arange(len(clips)), batch_size)
        return np.concatenate([probabilities(model(read(index))).cpu().numpy() for index in batches])


def predict_item(
    models: Sequence[nn.Module], clips: Clips, *, temperature: float = 1.0
) -> NDArray[np.float64] | None:
    """The class probabilities of one item: the mean over a model's runs and the item's clips, calibrated. (classes,)

    models : the runs
    clips : of the item
    temperature : what the mean is calibrated by

    Returns None where the models' numbers overflow.
    """
    by_run = np.stack([predict(model, clips) for model in models]).astype(float)
    means = by_run.mean(axis=(0, 1))  # over runs and clips
    return at_temperature(means, temperature) if np.isfinite(means).all() else None
