"""The class probabilities that a trained model gives clips."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from earshot.config.base import TorchDevice
from earshot.core import devices
from earshot.models.outputs import probabilities
from earshot.models.temperature import at_temperature
from earshot.store.kept_outputs import KeptOutputs
from earshot.training import frozen
from earshot.training.batches import Clips, cut, reader

Predict: TypeAlias = Callable[[nn.Module, Clips], NDArray[np.float32]]


def predictor(name: str, *, device: TorchDevice) -> Predict:
    """`predict` for the runs of a model of the study: a frozen backbone's outputs are kept.

    name : the model's in the study, `10-sound-cnn`
    """
    return partial(predict, device=device, kept_outputs=KeptOutputs(name))


@torch.inference_mode()
def predict(
    model: nn.Module,
    clips: Clips,
    *,
    batch_size: int = 64,
    device: TorchDevice = "auto",
    threads: int = 1,
    kept_outputs: KeptOutputs | None = None,
) -> NDArray[np.float32]:
    """Class probabilities, shape (clips, classes). The model is left in eval mode, on the device.

    model : from `saved.load`, takes raw features
    clips : their labels are not looked at
    kept_outputs : where a frozen backbone's outputs lie, and are put; without, it runs

    All is of float32, whatever the precision of training: a model is scored as it answers anywhere.
    """
    place = devices.pick(device)
    with devices.repeatable(place, threads=threads):
        model.to(place).eval()
        ask: nn.Module = model
        if kept_outputs is not None and frozen.is_frozen(model):
            clips = frozen.backbone_outputs(model, clips, device=place, kept_outputs=kept_outputs)
            ask = frozen.head_of(model)
        read = reader(clips, in_memory=False, device=place)
        batches = cut(np.arange(len(clips)), batch_size)
        return np.concatenate([probabilities(ask(read(index))).cpu().numpy() for index in batches])


def predict_item(
    models: Sequence[nn.Module],
    clips: Clips,
    *,
    temperature: float = 1.0,
    device: TorchDevice = "auto",
) -> NDArray[np.float64] | None:
    """The class probabilities of one item: the mean over a model's runs and the item's clips, calibrated. (classes,)

    models : the runs
    clips : of the item
    temperature : what the mean is calibrated by

    Returns None where the models' numbers overflow.
    """
    by_run = np.stack([predict(model, clips, device=device) for model in models]).astype(float)
    means = by_run.mean(axis=(0, 1))  # over runs and clips
    return at_temperature(means, temperature) if np.isfinite(means).all() else None
