"""The class probabilities that a trained model gives clips."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from earshot.config.base import TorchDevice
from earshot.core import devices
from earshot.models.outputs import probabilities
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
