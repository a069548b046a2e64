"""A recipe's model: with fresh weights before training, and its card after."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor

from earshot.config.base import View
from earshot.core.chunks import chunks
from earshot.models.build import build_model
from earshot.models.card import ModelCard, RunFacts
from earshot.models.normalization import Normalized, normalized
from earshot.models.outputs import outputs_of
from earshot.training.batches import Clips
from earshot.training.data import ModelData
from earshot.training.kept_runs import TrainedRun
from earshot.training.recipe import Recipe


def start_model(recipe: Recipe, train: Clips, *, n_classes: int, seed: int) -> Normalized:
    """The recipe's model with fresh weights, behind the statistics of its training clips.

    A model that has a method `start_from` is given its training clips, normalized, and their labels.
    """
    network = build_model(
        recipe.architecture,
        input_shape=train.shape,
        outputs=outputs_of(n_classes),
        seed=seed,
        **recipe.settings,
    )
    model = normalized(network, train, how=recipe.normalize)
    if start_from := getattr(network, "start_from", None):
        start_from(_normalized_batches(model, train))
    return model


def _normalized_batches(model: Normalized, clips: Clips) -> Iterator[tuple[Tensor, Tensor]]:
    for some in chunks(range(len(clips)), 256):
        index = np.array(some)
        yield model.normalize(torch.from_numpy(clips.take(index))), torch.from_numpy(clips.labels[index])


def card_of(
    recipe: Recipe,
    runs: Sequence[TrainedRun],
    data: ModelData,
    *,
    view: View,
    from_cv: dict[str, Any],
    reject: Sequence[str],
    groups_named: bool,
) -> ModelCard:
    """The card of a model that was trained on this data.

    runs : one for each training, in the order of their numbers
    from_cv : the settings that cross-validation chose; empty where it did not
    reject : the classes that stand for none of the others
    groups_named : whether the data set brings groups
    """
    *planes, bands, frames = data.clips(data.table).shape
    return ModelCard(
        architecture=recipe.architecture,
        settings=recipe.settings,
        trainer=recipe.trainer,
        runs=[RunFacts(epoch=run.epoch, epochs_trained=len(run.history)) for run in runs],
        classes=data.classes,
        view=view,
        input_shape=(3, bands, frames) if planes else (bands, frames),
        normalize=recipe.normalize,
        input=data.input(),
        parameters=runs[0].parameters,
        from_cv=from_cv or None,
        reject=list(reject),
        groups_named=groups_named,
    )
