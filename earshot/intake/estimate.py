"""How long a study takes on this machine, from a short probe of its models and of its items.

Measured is the processor's time, so that other work on the machine at the moment is no matter.
"""

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn
from torch.nn import functional as F

from earshot.config.inputs import ModelInput
from earshot.config.study import Study
from earshot.core.fingerprint import ROOT
from earshot.features.extract import arrays_of
from earshot.models.backbone import Backbone
from earshot.models.build import build_model, parameter_count
from earshot.models.outputs import outputs_of
from earshot.models.registry import resolve
from earshot.training.memory import step_bytes

ITEMS = 8  # that are read and transformed
BATCHES = 3
BATCH, BATCH_OF_LARGE = 64, 2  # a large network takes seconds a clip


@dataclass(frozen=True)
class Speed:
    """What was measured.

    start_s : a process that imports what training needs
    item_s : reading an item and making its arrays
    clips : of an item, the mean
    clip_s : by model, training on one clip
    pass_s : by model with a frozen backbone, which sees each clip of a view once in the study; `clip_s` is its head's
    shape : of a clip's array, (bands, frames) or (dimensions, frames)
    weights : by model, bytes of a run's own weights
    shared : by model, bytes of a frozen backbone that is the same in all runs and cells, else 0
    batch : by model, bytes that training on one batch takes; 0 of small networks
    """

    start_s: float
    item_s: float
    clips: float
    clip_s: dict[str, float]
    pass_s: dict[str, float]
    shape: tuple[int, ...]
    weights: dict[str, int]
    shared: dict[str, int]
    batch: dict[str, int]


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
    shape = made[0][1].shape[1:]
    trainer = study.model_dump(include={"lr", "batch_size", "epochs", "weight_decay"})
    trainer |= study.train.model_dump(exclude={"from_cv"})
    clip_s, pass_s, weights, shared, batch = {}, {}, {}, {}, {}
    for name in models:
        settings, own = resolve(name, trainer=trainer, block=study.zoo.get(name, {}))
        outputs = outputs_of(max(study.subsets))
        network = build_model(name, input_shape=shape, outputs=outputs, **own).train()
        shared[name] = batch[name] = 0
        if isinstance(network, Backbone) and network.shared:
            shared[name] = 4 * parameter_count(network.backbone)
        weights[name] = 4 * parameter_count(network) - shared[name]
        if isinstance(network, Backbone):
            batch[name] = settings.batch_size * step_bytes(network, shape)
        # on one thread, few clips of a large network take longer each than the many of a study; on two they do not
        with _threads(max(settings.threads, 2) if isinstance(network, Backbone) else settings.threads):
            if isinstance(network, Backbone) and network.frozen:
                pass_s[name] = _pass_s(network, shape)
                clip_s[name] = _training_s(network.head, (network.features,), settings.batch_size, outputs)
            else:
                size = BATCH_OF_LARGE if isinstance(network, Backbone) else settings.batch_size
                clip_s[name] = _training_s(network, shape, size, outputs)
    return Speed(
        start_s=start_s,
        item_s=float(np.median([seconds for seconds, _ in made])),
        clips=float(np.mean([len(clips) for _, clips in made])),
        clip_s=clip_s,
        pass_s=pass_s,
        shape=shape,
        weights=weights,
        shared=shared,
        batch=batch,
    )


def _seconds(row: Mapping[Hashable, Any], column: str) -> float | None:
    value = row.get(column)
    return None if value is None or pd.isna(value) else float(value)


def _training_s(network: nn.Module, shape: tuple[int, ...], batch_size: int, outputs: int) -> float:
    """Seconds to train a network on one clip of this shape."""
    optimizer = torch.optim.Adam((p for p in network.parameters() if p.requires_grad), lr=1e-3)
    size = min(batch_size, BATCH)
    batch = torch.randn(size, *shape)

    def step() -> None:
        loss = F.mse_loss(network(batch), torch.zeros(size, outputs))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]  # torch types it in part
        optimizer.step()

    return _least_s(step) / size


@torch.inference_mode()
def _pass_s(network: Backbone, shape: tuple[int, ...]) -> float:
    """Seconds that a frozen backbone takes for one clip."""
    batch = torch.randn(BATCH_OF_LARGE, *shape)
    return _least_s(lambda: network.body(batch)) / BATCH_OF_LARGE


def _least_s(work: Callable[[], object]) -> float:
    """The least processor time of a few times, a first one left out."""
    times = []
    for _ in range(1 + BATCHES):
        began = time.process_time()
        work()
        times.append(time.process_time() - began)
    return min(times[1:])


@contextlib.contextmanager
def _threads(count: int) -> Iterator[None]:
    """As many threads as the stages give torch."""
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    yield
    torch.set_num_threads(before)


def fresh_start_s() -> float:
    """Seconds that a process takes to import what training needs: this one has imported much of it."""
    before = os.times()
    subprocess.run(
        [sys.executable, "-c", "import earshot.training.train_model"],
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])},
        check=True,
    )
    after = os.times()
    spent = after.children_user + after.children_system - before.children_user - before.children_system
    return max(0.0, spent)  # the clock is that coarse
