"""What a study costs on this machine, said before it runs: time, memory, disk, and what would make it cheaper."""

import itertools
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from earshot.config.gradcam import GradCam
from earshot.config.inputs import input_of
from earshot.config.study import Study
from earshot.config.views import is_embedded
from earshot.core.classes import study_classes
from earshot.dataset.probe import probe
from earshot.features.lengths import resolve_shape
from earshot.intake.epochs import expected_epochs
from earshot.models.registry import RUNS, own_models

if TYPE_CHECKING:
    from earshot.intake.estimate import Speed

WORTH_A_PROBE = 300_000  # clips trained on, of small models: fewer are a matter of minutes
LONG_S = 600.0
FOLDS = 10  # of a data set that tells its folds or groups by the paths of its items
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
    epochs = _epochs(study)
    if not all(epochs.values()) or any(is_embedded(view, study.views) for view in study.views):
        return False  # no end is named; or it hangs on a model whose code is not Earshot's
    runs = _runs(study)
    trained = sum(_training(study, items).values()) * sum(epochs[name] * runs[name] for name in study.models)
    clips = trained * len(study.views) + _in_folds(study, items)
    return clips >= WORTH_A_PROBE or not set(study.models) <= set(own_models())


def cost_of(study: Study, items: pd.DataFrame, *, cores: int | None = None) -> Cost:
    """The cost of a study, from a probe of a few items and of each model.

    items : of the data set, as `items_of` gives them

    Raises EarshotError as `probe` does for a file that cannot be read.
    """
    from earshot.intake import estimate  # imports torch, as each training does
    from earshot.intake.explaining import explaining_s

    cores, kind = cores or os.cpu_count() or 1, study.dataset.kind
    training = _training(study, items)
    count = round(max(training.values()) / study.split.train)
    places = np.unique(np.linspace(0, len(items) - 1, MOST_OPENED).round().astype(int))
    opened = probe(items.iloc[places].reset_index(drop=True), kind=kind)
    features = resolve_shape(study.features, opened, kind=kind)
    model_input = input_of(kind, "sound", sonify=study.sonify, features=features)
    folded = [study.cv.model] if study.cv.folds is not None else []
    speed = estimate.measure(
        opened,
        model_input=model_input,
        study=study,
        models=list(dict.fromkeys([*study.models, *folded])),
        start_s=estimate.fresh_start_s(),
    )
    clips_in_folds = _in_folds(study, items) * speed.clips
    folds_s = sum(estimate.PENALTY * clips_in_folds * speed.clip_s[name] / cores for name in folded)

    runs = _runs(study)
    about: dict[str, Any] = dict(
        items=count,
        training=training,
        views=study.views,
        epochs=_epochs(study),
        models=study.models,
        runs=runs,
        cores=cores,
    )

    def seconds_of(speed: "Speed" = speed, gradcam: GradCam = study.gradcam, **changes: Any) -> float:
        wanted = about | changes
        named = {key: wanted[key] for key in ("training", "views", "models", "runs", "cores")}
        maps_s = explaining_s(speed, gradcam, split=study.split, **named)
        return folds_s + maps_s + estimate.study_s(speed, **wanted)

    seconds = seconds_of()
    options = {"runs: 1": seconds_of(runs=dict.fromkeys(runs, 1))}
    if folded and not study.train.from_cv:
        options["cv.folds: null"] = seconds - folds_s
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
            options[f"zoo.{name}.freeze: backbone"] = seconds_of(frozen)
    large = sorted((name for name in study.models if speed.batch[name]), key=lambda name: speed.batch[name])
    if large and study.gradcam.method != "gradcam":
        options["gradcam.method: gradcam"] = seconds_of(
            gradcam=study.gradcam.model_copy(update={"method": "gradcam"})
        )
    if len(large) > 1 and study.gradcam.models is None:
        options[f"gradcam.models: [{large[0]}]"] = seconds_of(
            gradcam=study.gradcam.model_copy(update={"models": large[:1]})
        )
    cheaper = sorted(options.items(), key=lambda option: option[1])
    clip_bytes = 4 * int(np.prod(speed.shape))
    clips = count * speed.clips
    in_memory = min(clips * clip_bytes, study.train.memory_gb * 1e9)
    cells = len(training) * len(study.views)
    weights = sum(speed.weights[name] * runs[name] * cells + speed.shared[name] for name in study.models)
    return Cost(
        seconds,
        memory_bytes=min(cores, cells * len(study.models))
        * (PROCESS_BYTES + in_memory + max(speed.batch.values())),
        disk_bytes=COPIES * clips * clip_bytes * len(study.views) + 2 * weights,
        cheaper=[(text, left) for text, left in cheaper if left <= SAVES * seconds],
    )


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


def _runs(study: Study) -> dict[str, int]:
    return {name: study.zoo.get(name, {}).get(RUNS) or study.runs for name in study.models}


def _epochs(study: Study) -> dict[str, float]:
    """By model, the epochs that are trained; 0 where no end is named."""
    return {name: _epochs_of(study, name, {}) for name in study.models}


def _epochs_of(study: Study, name: str, changes: dict[str, Any]) -> float:
    settings = {"epochs": study.epochs, "patience": study.train.patience} | study.zoo.get(name, {}) | changes
    return expected_epochs(settings["epochs"], settings["patience"])


def _in_folds(study: Study, items: pd.DataFrame) -> float:
    """Items times epochs that cross-validation trains on, in all folds of all configurations together."""
    cv = study.cv
    if cv.folds is None:
        return 0.0
    folds = cv.folds
    if not isinstance(folds, int):
        column = "fold" if folds == "official" else "group"
        folds = items[column].nunique() if column in items else FOLDS
    share = (1 if cv.parts == "all" else 1 - study.split.test) * (1 - 1 / folds) * (1 - cv.val)
    clips = _counts(study, items).iloc[: cv.subset].sum() * share * (1 + study.augment.copies)
    unwatched: dict[str, Any] = {} if cv.val else {"patience": 0}
    grid = [dict(zip(cv.grid, values, strict=True)) for values in itertools.product(*cv.grid.values())]
    return float(clips * folds * sum(_epochs_of(study, cv.model, chosen | unwatched) for chosen in grid))


def _training(study: Study, items: pd.DataFrame) -> Mapping[int, int]:
    """By subset, the items to train on, with their variants."""
    counts = _counts(study, items)
    share = study.split.train * (1 + study.augment.copies)
    return {subset: int(counts.iloc[:subset].sum() * share) for subset in study.subsets}


def _counts(study: Study, items: pd.DataFrame) -> "pd.Series[int]":
    """By class, in their order, the items that are used."""
    dataset = study.dataset
    classes = study_classes(
        items["label"], classes=dataset.classes, subsets=study.subsets, reject=dataset.reject
    )
    counts = items["label"].value_counts().reindex(classes)
    if study.balance.method == "downsample":
        counts[:] = counts.min()
    return counts
