"""How long a study takes on this machine, from a short probe of its models and of its items.

Measured is the processor's time, so that other work on the machine at the moment is no matter.
"""

import os
import time
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch.nn import functional as F

from earshot.config.inputs import ModelInput
from earshot.config.study import Study
from earshot.features.extract import arrays_of
from earshot.models.build import build_model
from earshot.models.outputs import outputs_of
from earshot.models.registry import resolve

ITEMS = 8  # that are read and transformed
BATCHES = 3
STAGES_A_CELL = 4  # train, evaluate, gradcam, and what gathers them
EPOCHS_USED = 0.7  # of those allowed: most trainings stop early
PENALTY = 1.5  # for validation, scores, and processes that share memory


@dataclass(frozen=True)
class Speed:
    """What was measured.

    start_s : a process that imports what training needs
    item_s : reading an item and making its arrays
    clips : of an item, the mean
    clip_s : by model, training on one clip
    """

    start_s: float
    item_s: float
    clips: float
    clip_s: dict[str, float]


def measure(
    opened: pd.DataFrame, *, model_input: ModelInput, study: Study, models: Sequence[str], start_s: float
) -> Speed:
    """Make the arrays of a few items, and train each model for a few batches.

    opened : DataFrame with `path`, and `start_s`, `end_s` where items are segments
    """
    places = np.unique(np.linspace(0, len(opened) - 1, ITEMS).round().astype(int))
    made = []
    for row in opened.iloc[places].to_dict("records"):
        began = time.process_time()
        clips, _ = arrays_of(
            row["path"],
            name=row["path"],
            model_input=model_input,
            start_s=_seconds(row, "start_s"),
            end_s=_seconds(row, "end_s"),
        )
        made.append((time.process_time() - began, clips))
    bands, frames = made[0][1].shape[1:]
    trainer = study.model_dump(include={"lr", "batch_size", "epochs", "weight_decay"})
    trainer |= study.train.model_dump(exclude={"from_cv"})
    return Speed(
        start_s=start_s,
        item_s=float(np.median([seconds for seconds, _ in made])),
        clips=float(np.mean([len(clips) for _, clips in made])),
        clip_s={
            name: _training_s(name, (bands, frames), trainer, study.zoo.get(name, {}), max(study.subsets))
            for name in models
        },
    )


def _seconds(row: Mapping[Hashable, Any], column: str) -> float | None:
    value = row.get(column)
    return None if value is None or pd.isna(value) else float(value)


def _training_s(
    name: str,
    shape: tuple[int, int],
    trainer: Mapping[str, object],
    block: Mapping[str, object],
    classes: int,
) -> float:
    """Seconds to train a model on one clip, with one thread as the stages do."""
    settings, own = resolve(name, trainer=trainer, block=block)
    outputs = outputs_of(classes)
    model = build_model(name, input_shape=shape, outputs=outputs, **own).train()
    optimizer = torch.optim.Adam((p for p in model.parameters() if p.requires_grad), lr=1e-3)
    size = min(settings.batch_size, 64)
    batch = torch.randn(size, *shape)
    before = torch.get_num_threads()
    torch.set_num_threads(settings.threads)
    times = []
    for _ in range(1 + BATCHES):
        began = time.process_time()
        loss = F.mse_loss(model(batch), torch.zeros(size, outputs))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        times.append(time.process_time() - began)
    torch.set_num_threads(before)
    return min(times[1:]) / size


def study_s(
    speed: Speed,
    *,
    items: int,
    training: Mapping[int, int],
    views: Sequence[str],
    epochs: int,
    runs: int,
    models: Sequence[str],
    cores: int | None = None,
) -> float:
    """Seconds that the whole study takes.

    items : of all parts
    training : by subset, the items to train on
    """
    cores = cores or os.cpu_count() or 1
    cells = len(training) * len(views) * len(models)
    starting = (12 + STAGES_A_CELL * cells / cores) * speed.start_s
    arrays = items * speed.item_s * len({"picture", "sound"} & set(views)) / cores
    trained = sum(training.values()) * speed.clips * epochs * EPOCHS_USED * runs * len(views)
    return starting + arrays + PENALTY * trained * sum(speed.clip_s[name] for name in models) / cores
