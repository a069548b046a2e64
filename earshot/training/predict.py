"""What a model says of clips."""

import numpy as np
import torch

from earshot.core import devices
from earshot.models.outputs import probabilities
from earshot.training.batches import cut, reader


@torch.inference_mode()
def predict(model, clips, *, batch_size=64, device="auto", threads=1):
    """Class probabilities, float32, shape (clips, classes). The model is left in eval mode.

    model : from `model_files.load`, takes raw features
    clips : Clips; their labels are not looked at
    """
    device = devices.pick(device)
    with devices.repeatable(device, threads=threads):
        model.to(device).eval()
        read = reader(clips, in_memory=False, device=device)
        batches = cut(np.arange(len(clips)), batch_size)
        return np.concatenate([probabilities(model(read(index))).cpu().numpy() for index in batches])
