"""What a study costs on this machine, said before it runs: time, memory, disk, and what would make it cheaper."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from earshot.config.inputs import input_of
from earshot.config.study import Study
from earshot.config.views import is_embedded
from earshot.dataset.probe import probe
from earshot.features.lengths import resolve_shape
from earshot.intake.workload import Workload, epochs_of, workload_of
from earshot.models.registry import own_models

if TYPE_CHECKING:
    from earshot.intake.estimate import Speed

WORTH_A_PROBE = 300_000  # clips trained on, of small models: fewer are a matter of minutes
LONG_S = 600.0
MOST_OPENED = 16
PROCESS_BYTES = 0.65e9  # of one that trains, before it has any data
COPIES = 3  # of arrays: the output, DVC's cache, `.checkpoints/shards`


@dataclass(frozen=True)
class Cost:
    """What a study takes.

    cheaper : what would make it cheaper, as a change of params.yaml, and the seconds that are left; the most first
    """

    seconds: float
    memory_bytes: float
    disk_bytes: float
    cheaper: list[tuple[str, float]]


def is_worth_a_probe(study: Study, items: pd.DataFrame) -> bool:
    """Whether the study may take long. A probe imports torch and takes seconds, more than some studies do."""
    if not all(epochs_of(study).values()) or any(is_embedded(view, study.views) for view in study.views):
        return False  # no end is named; or it hangs on a model whose code is not Earshot's
    work = workload_of(study, items)
    trained = sum(work.training.values()) * sum(work.epochs[name] * work.runs[name] for name in work.models)
    clips = trained * len(work.views) + sum(work.in_folds.values())
    return clips >= WORTH_A_PROBE or not set(work.models) <= set(own_models())


def cost_of(study: Study, items: pd.DataFrame, *, cores: int | None = None) -> Cost:
    """The cost of a study, from a probe of a few items and of each model.

    items : of the data set, as `items_of` gives them

    Raises EarshotError as `probe` does for a file that cannot be read.
    """
    from earshot.intake.cheaper import cheaper_changes  # imports torch, as each training does
    from earshot.intake.total_time import total_s

    cores = cores or os.cpu_count() or 1
    work = workload_of(study, items)
    speed = _measured(study, items, models=list(dict.fromkeys([*work.models, *work.in_folds])))
    return Cost(
        total_s(work, speed, cores=cores),
        memory_bytes=_memory_bytes(work, speed, cores=cores, most_of_arrays=study.train.memory_gb * 1e9),
        disk_bytes=_disk_bytes(work, speed),
        cheaper=cheaper_changes(study, work, speed, cores=cores),
    )


def _measured(study: Study, items: pd.DataFrame, *, models: Sequence[str]) -> "Speed":
    """How fast this machine reads a few of the items and trains each model on them."""
    from earshot.intake import estimate

    kind = study.dataset.kind
    places = np.unique(np.linspace(0, len(items) - 1, MOST_OPENED).round().astype(int))
    opened = probe(items.iloc[places].reset_index(drop=True), kind=kind)
    features = resolve_shape(study.features, opened, kind=kind)
    return estimate.measure(
        opened,
        model_input=input_of(kind, "sound", sonify=study.sonify, features=features),
        study=study,
        models=models,
        start_s=estimate.fresh_start_s(),
    )


def _memory_bytes(work: Workload, speed: "Speed", *, cores: int, most_of_arrays: float) -> float:
    """Of all processes that train at a time, each with its arrays and one batch of the largest network.

    most_of_arrays : bytes of them that a process holds; what is more, it reads from disk
    """
    processes = min(cores, work.cells * len(work.models))
    arrays = min(_array_bytes(work, speed), most_of_arrays)
    return processes * (PROCESS_BYTES + arrays + max(speed.batch.values()))


def _disk_bytes(work: Workload, speed: "Speed") -> float:
    """Of the arrays of all views, and of the weights, which the output and DVC's cache hold."""
    weights = sum(
        speed.weights[name] * work.runs[name] * work.cells + speed.shared[name] for name in work.models
    )
    return COPIES * _array_bytes(work, speed) * len(work.views) + 2 * weights


def _array_bytes(work: Workload, speed: "Speed") -> float:
    """Of one view's arrays, float32."""
    return work.items * speed.clips * 4 * int(np.prod(speed.shape))


def describe(cost: Cost, *, cores: int) -> str:
    """A cost in two sentences."""
    text = (
        f"from scratch, this study takes about {duration(cost.seconds)} on the {cores} CPU core(s) of this machine, "
        f"{_gigabytes(cost.memory_bytes)} of memory and {_gigabytes(cost.disk_bytes)} of disk"
    )
    if not cost.cheaper:
        return f"{text}; several machines share it, docs/cluster.md"
    named = "; ".join(f"{change}, {duration(left)}" for change, left in cost.cheaper[:3])
    return f"{text}. Cheaper: {named}; several machines share it, docs/cluster.md"


def duration(seconds: float) -> str:
    """A duration in words."""
    if seconds < 90:
        return "a minute or two"
    if seconds < 5400:
        return f"{seconds / 60:.0f} minutes"
    return f"{seconds / 3600:.1f} hours" if seconds < 48 * 3600 else f"{seconds / 86400:.0f} days"


def _gigabytes(count: float) -> str:
    return f"{count / 1e9:.1f} GB"
