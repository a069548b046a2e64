"""A trained model's embeddings: the numbers that its last layer draws the classes from."""

from collections.abc import Callable
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

WIDEST = 2048  # numbers of an embedding that is mapped
RUN = 1  # the one whose items are mapped: the dimensions of two runs have nothing to do with each other


def embed(
    model: nn.Module, clips: Clips, *, device: TorchDevice = "auto", kept_outputs: KeptOutputs | None = None
) -> NDArray[np.float32]:
    """What goes into the model's last linear layer, shape (clips, numbers); of a model without one, its logits.

    model : one run, from `saved.load`, takes raw features
    clips : their labels are not looked at
    kept_outputs : as for `predict`
    """
    seen: list[NDArray[np.float32]] = []
    _watch(model, clips, seen.append, device=device, kept_outputs=kept_outputs)
    return np.concatenate(seen)


def map_items(
    folder: Path, data: ModelData, part: str, *, name: str, seed: int, device: TorchDevice
) -> pd.DataFrame:
    """The items of a part on the two principal axes of the model's embedding: `id, x, y`, by id.

    folder : the model's
    part : train, val or test
    name : the model's in the study, `10-sound-cnn`
    seed : the study's

    An item is the mean over its clips. `evaluation.principal_axes` says what the coordinates mean. A model whose last
    layer sees more than WIDEST numbers, as `linear` sees a whole array, is mapped by its logits: time and memory grow
    with the numbers.
    """
    model, _ = saved.load(folder, RUN)
    rows = data.of_run(run_seed(seed, RUN)).rows(part)
    item, ids = pd.factorize(rows["id"].to_numpy(), sort=True)
    sums: list[NDArray[np.float64]] = []  # of an item's clips, once their numbers are counted
    read = 0

    def add(vectors: NDArray[np.float32]) -> None:
        nonlocal read
        if not sums:
            sums.append(np.zeros((len(ids), vectors.shape[1])))
        np.add.at(sums[0], item[read : read + len(vectors)], vectors)
        read += len(vectors)

    _watch(model, data.clips(rows), add, widest=WIDEST, device=device, kept_outputs=KeptOutputs(name))
    places = on_two_axes(sums[0] / np.bincount(item)[:, None])
    return pd.DataFrame({"id": ids, "x": places[:, 0], "y": places[:, 1]})


def _watch(
    model: nn.Module,
    clips: Clips,
    take: Callable[[NDArray[np.float32]], None],
    *,
    widest: float = np.inf,
    device: TorchDevice,
    kept_outputs: KeptOutputs | None,
) -> None:
    """Predict, and hand over each batch's embeddings, or its logits where they are more than `widest` numbers."""
    linear = [layer for layer in model.modules() if isinstance(layer, nn.Linear)]
    watched = linear[-1] if linear else model

    def note(module: nn.Module, given: tuple[Tensor, ...], logits: Tensor) -> None:
        if module is watched:  # and no copy of it, which a frozen backbone is measured by
            inside = bool(linear) and given[0].flatten(1).shape[1] <= widest
            take((given[0] if inside else logits).flatten(1).float().cpu().numpy())

    hook = watched.register_forward_hook(note)
    try:
        predict(model, clips, device=device, kept_outputs=kept_outputs)
    finally:
        hook.remove()
