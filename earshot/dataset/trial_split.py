"""The split that a study would make of its items, before any of them is opened."""

from collections.abc import Mapping, Sequence
from typing import Literal, TypeAlias

import pandas as pd

from earshot.config.dataset import Dataset
from earshot.core.classes import reject_classes
from earshot.dataset.balance import balance
from earshot.dataset.items import capture_or_column
from earshot.dataset.parts import parts_named
from earshot.dataset.split import given_parts, split

Method: TypeAlias = Literal["none", "downsample"]


def trial_split(
    items: pd.DataFrame,
    dataset: Dataset,
    *,
    classes: Sequence[str],
    method: Method,
    ratios: Mapping[str, float],
    seed: int,
) -> pd.DataFrame:
    """What the stages index, balance and split come to, where no two files are byte-identical.

    items : as `items_of` gives them, for a block `dataset` that may differ in group, fold, test and columns
    classes : the study's
    Returns DataFrame `id, label, group, split`. Raises EarshotError where no split can be made.
    """
    if dataset.columns.get("group", "") is None:
        items = items.drop(columns="group", errors="ignore")
    groups = capture_or_column(items, "group", pattern=dataset.group, key="dataset.group")
    folds = capture_or_column(items, "fold", pattern=dataset.fold, key="dataset.fold")
    items = items.assign(group=groups or items["path"], fold=folds or "")
    if parts := capture_or_column(items, "split", pattern=dataset.split, key="dataset.split"):
        items = items.assign(split=parts_named(parts, key="dataset.split"))
    rejecting = reject_classes(classes, classes=dataset.classes, reject=dataset.reject)
    items = balance(items, method=method, classes=classes, rejecting=rejecting, seed=seed)
    return split(items, ratios=ratios, seed=seed, given=given_parts(items, test=dataset.test))
