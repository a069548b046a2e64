"""A trained model's embeddings: the numbers that its last layer draws the classes from."""

from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch import Tensor, nn

from earshot.config.base import TorchDevice
from earshot.core.rng import run_seed
from earshot.evaluation.principal_axes import on_two_axes
from earshot.models import saved
from earshot.store.kept_outputs import KeptOutputs
from earshot.training.batches import Clips
from earshot.training.data import ModelData
from earshot.training.predict import predict

RUN = 1  # the one whose items are mapped: the dimensions of two runs have nothing to do with each other


def embed(
    model: nn.Module, clips: Clips, *, device: TorchDevice = "auto", kept: KeptOutputs | None = None
) -> NDArray[np.float32]:
    """What goes into the model's last linear layer, shape (clips, numbers); of a model without one, its logits.

    model : one run, from `saved.load`, takes raw features
    clips : their labels are not looked at
    kept : as for `predict`
    """
    seen: list[NDArray[np.float32]] = []

    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    watched = linear[-1] if linear else model

    def note(module: nn.Module, given: tuple[Tensor, ...], logits: Tensor) -> None:
        if module is watched:  # and no copy of it, which a frozen backbone is measured by
            seen.append((given[0] if linear else logits).flatten(1).float().cpu().numpy())

    hook = watched.register_forward_hook(note)
    try:
        predict(model, clips, device=device, kept=kept)
    finally:
        hook.remove()
    return np.concatenate(seen)


def map_items(
    folder: Path, data: ModelData, part: str, *, name: str, seed: int, device: TorchDevice
) -> pd.DataFrame:
    """The items of a part on the two principal axes of the model's embedding: `id, x, y`, by id.

    folder : the model's
    part : train, val or test
    name : the model's in the study, `10-sound-cnn`
    seed : the study's

    An item is the mean over its clips. `evaluation.principal_axes` says what the coordinates mean.
    """
    model, _ = saved.load(folder, RUN)
    rows = data.of_run(run_seed(seed, RUN)).rows(part)
    vectors = embed(model, data.clips(rows), device=device, kept=KeptOutputs(name))
    of_items = pd.DataFrame(vectors.astype(np.float64)).groupby(rows["id"].to_numpy()).mean()
    places = on_two_axes(of_items)
    return pd.DataFrame({"id": of_items.index, "x": places[:, 0], "y": places[:, 1]})
