"""How much work a study is, counted from its settings and its items, on whatever machine."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from earshot.config.base import View
from earshot.config.gradcam import GradCam
from earshot.config.split import Split
from earshot.config.study import Study
from earshot.core.classes import study_classes
from earshot.intake.epochs import expected_epochs
from earshot.models.registry import RUNS

FOLDS = 10  # of a data set that tells its folds or groups by the paths of its items


@dataclass(frozen=True)
class Workload:
    """What of a study takes time.

    items : of all parts, with their variants
    training : by subset, the items to train on, with their variants
    runs, epochs : by model; of epochs those that are trained, 0 where no end is named
    in_folds : by the model of cross-validation, items times epochs in all folds of all configurations; empty without
    gradcam : the settings of the maps
    """

    items: int
    training: Mapping[int, int]
    views: Sequence[View]
    models: Sequence[str]
    runs: Mapping[str, int]
    epochs: Mapping[str, float]
    in_folds: Mapping[str, float]
    split: Split
    gradcam: GradCam

    @property
    def cells(self) -> int:
        """How often each model is trained anew, its runs aside: in each subset and view."""
        return len(self.training) * len(self.views)


def workload_of(study: Study, items: pd.DataFrame) -> Workload:
    """The work that a study is.

    items : of the data set, as `items_of` gives them
    """
    counts = _counts(study, items)
    share = study.split.train * (1 + study.augment.copies)
    training = {subset: int(counts.iloc[:subset].sum() * share) for subset in study.subsets}
    return Workload(
        items=round(max(training.values()) / study.split.train),
        training=training,
        views=study.views,
        models=study.models,
        runs={name: study.zoo.get(name, {}).get(RUNS) or study.runs for name in study.models},
        epochs=epochs_of(study),
        in_folds=_in_folds(study, items, counts),
        split=study.split,
        gradcam=study.gradcam,
    )


def epochs_of(study: Study) -> dict[str, float]:
    """By model, the epochs that are trained; 0 where no end is named."""
    return {name: _epochs_of_model(study, name, {}) for name in study.models}


def _epochs_of_model(study: Study, name: str, changes: dict[str, Any]) -> float:
    """changes : what a configuration of cross-validation sets otherwise"""
    settings = {"epochs": study.epochs, "patience": study.train.patience} | study.zoo.get(name, {}) | changes
    return expected_epochs(settings["epochs"], settings["patience"])


def _in_folds(study: Study, items: pd.DataFrame, counts: "pd.Series[int]") -> dict[str, float]:
    """As `Workload.in_folds`.

    counts : by class, the items that are used
    """
    cv = study.cv
    if cv.folds is None:
        return {}
    folds = cv.folds
    if not isinstance(folds, int):
        column = "fold" if folds == "official" else "group"
        folds = items[column].nunique() if column in items else FOLDS
    share = (1 if cv.parts == "all" else 1 - study.split.test) * (1 - 1 / folds) * (1 - cv.val)
    clips = counts.iloc[: cv.subset].sum() * share * (1 + study.augment.copies)
    unwatched: dict[str, Any] = {} if cv.val else {"patience": 0}
    grid = [dict(zip(cv.grid, values, strict=True)) for values in itertools.product(*cv.grid.values())]
    epochs = sum(_epochs_of_model(study, cv.model, chosen | unwatched) for chosen in grid)
    return {cv.model: float(clips * folds * epochs)}


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
