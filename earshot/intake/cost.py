"""What a study costs on this machine, said before it runs: time, memory, disk, and what would make it cheaper."""

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import pandas as pd

from earshot.config.inputs import input_of
from earshot.config.study import Study
from earshot.config.views import is_embedded
from earshot.core.classes import study_classes
from earshot.dataset.probe import probe
from earshot.features.lengths import resolve_shape
from earshot.models.registry import RUNS, own_models

WORTH_A_PROBE = 300_000  # clips trained on, of small models: fewer are a matter of minutes
LONG_S = 600.0
MOST_OPENED = 16
PROCESS_BYTES = 0.65e9  # of one that trains, before it has any data
COPIES = 3  # of arrays: the output, DVC's cache, `.checkpoints/shards`
SAVES = 0.9  # of the time that is left at most, where a change is worth naming


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
    if not study.epochs or any(is_embedded(view, study.views) for view in study.views):
        return False  # no end is named; or it hangs on a model whose code is not Earshot's
    trained = sum(_training(study, items).values()) * study.epochs * sum(_runs(study).values())
    return trained * len(study.views) >= WORTH_A_PROBE or not set(study.models) <= set(own_models())


def cost_of(study: Study, items: pd.DataFrame, *, cores: int | None = None) -> Cost:
    """The cost of a study, from a probe of a few items and of each model.

    items : of the data set, as `items_of` gives them

    Raises EarshotError as `probe` does for a file that cannot be read.
    """
    began = time.process_time()
    from earshot.intake.estimate import measure, study_s  # imports torch, as each training does

    start_s, cores, kind = time.process_time() - began, cores or os.cpu_count() or 1, study.dataset.kind
    training = _training(study, items)
    count = round(max(training.values()) / study.split.train)
    places = np.unique(np.linspace(0, len(items) - 1, MOST_OPENED).round().astype(int))
    opened = probe(items.iloc[places].reset_index(drop=True), kind=kind)
    features = resolve_shape(study.features, opened, kind=kind)
    model_input = input_of(kind, "sound", sonify=study.sonify, features=features)
    speed = measure(opened, model_input=model_input, study=study, models=study.models, start_s=start_s)

    runs = _runs(study)
    seconds_of = partial(
        study_s,
        speed,
        items=count,
        training=training,
        views=study.views,
        epochs=study.epochs,
        models=study.models,
        runs=runs,
        cores=cores,
    )
    seconds = seconds_of()
    options = {"runs: 1": seconds_of(runs=1)}
    if len(study.models) > 1:
        for name in study.models:
            others = [other for other in study.models if other != name]
            options[f"models without {name}"] = seconds_of(models=others)
    if len(training) > 1:
        largest = max(training)
        few = {subset: number for subset, number in training.items() if subset != largest}
        options[f"subsets without {largest}"] = seconds_of(training=few)
    if "shuffled" in study.views and len(study.views) > 1:
        views = [view for view in study.views if view != "shuffled"]
        options["views without shuffled"] = seconds_of(views=views)
    for name in study.models:
        if name not in own_models() and name not in speed.pass_s:
            # a pass forward is about a third of a step, and each clip has one in the study
            frozen = replace(
                speed,
                clip_s=speed.clip_s | {name: 0.0},
                pass_s=speed.pass_s | {name: speed.clip_s[name] / 3},
            )
            options[f"zoo.{name}.freeze: backbone"] = study_s(frozen, **seconds_of.keywords)
    cheaper = sorted(options.items(), key=lambda option: option[1])
    clip_bytes = 4 * int(np.prod(speed.shape))
    clips = count * speed.clips
    in_memory = min(clips * clip_bytes, study.train.memory_gb * 1e9)
    cells = len(training) * len(study.views)
    weights = sum(speed.weights[name] * runs[name] for name in study.models) * cells
    return Cost(
        seconds,
        memory_bytes=min(cores, cells) * (PROCESS_BYTES + in_memory + max(speed.batch.values())),
        disk_bytes=COPIES * clips * clip_bytes * len(study.views) + 2 * weights,
        cheaper=[(text, left) for text, left in cheaper if left <= SAVES * seconds],
    )


def describe(cost: Cost, *, cores: int) -> str:
    """A cost in two sentences."""
    text = (
        f"this study takes about {duration(cost.seconds)} on the {cores} core(s) of this machine, "
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


def _runs(study: Study) -> dict[str, int]:
    return {name: study.zoo.get(name, {}).get(RUNS) or study.runs for name in study.models}


def _training(study: Study, items: pd.DataFrame) -> Mapping[int, int]:
    """By subset, the items to train on, with their variants."""
    dataset = study.dataset
    classes = study_classes(
        items["label"], classes=dataset.classes, subsets=study.subsets, reject=dataset.reject
    )
    counts = items["label"].value_counts().reindex(classes)
    if study.balance.method == "downsample":
        counts[:] = counts.min()
    share = study.split.train * (1 + study.augment.copies)
    return {subset: int(counts.iloc[:subset].sum() * share) for subset in study.subsets}
