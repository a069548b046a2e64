"""Folds for cross-validation: every item is held out once, groups stay whole, classes keep their shares."""

from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from sklearn.model_selection import StratifiedKFold

from earshot.core.classes import class_order
from earshot.core.errors import EarshotError, list_problems
from earshot.core.rng import digest
from earshot.dataset.groups import deal_groups

Folds: TypeAlias = "pd.Series[str]"  # the name of the fold in which each item is held out
Parts: TypeAlias = "pd.Series[str]"  # train, val or test, one an item


def give_folds(
    items: pd.DataFrame, *, folds: int | Literal["official", "leave_one_group_out"], seed: int
) -> Folds:
    """The name of the fold in which each item is held out.

    items : DataFrame with `id, label, group, fold`, one row an item
    folds : how many to make; "official", the data set's own, from the column `fold`; or
        "leave_one_group_out", one for each group

    Raises EarshotError where folds are too few, cut a group in two, or leave a class without training items.
    """
    if folds == "official":
        names = _official(items)
    elif folds == "leave_one_group_out":
        names = _one_group_each(items)
    else:
        names = _stratified(items, folds, seed)
    _check_training(items, names)
    return names


def parts_of_fold(items: pd.DataFrame, names: Folds, *, held_out: str, val: float, seed: int) -> Parts:
    """The part that each item plays while one fold is held out.

    names : as `give_folds` gives them
    held_out : the fold that is tested
    val : float, the share of the training folds that early stopping watches. Whole groups, so it may come out
        larger; where a class has no two groups in training, there is no val part
    """
    parts = pd.Series("train", index=items.index).mask(names == held_out, "test")
    training = items[names != held_out]
    fewest = training.groupby("label")["group"].nunique().min()
    slices = min(round(1 / val), int(fewest)) if val else 0
    if slices < 2:
        return parts
    watched = _deal(training, slices, seed) == "1"
    if training["label"][~watched].nunique() < training["label"].nunique():
        return parts
    return parts.mask(watched.reindex(items.index, fill_value=False), "val")


def _stratified(items: pd.DataFrame, folds: int, seed: int) -> Folds:
    problems = []
    for label in class_order(items["label"]):
        rows = items[items["label"] == label]
        if (groups := rows["group"].nunique()) < folds:
            problems.append(
                f"class {label!r} has {len(rows)} item(s) in {groups} group(s): {folds} are wanted"
            )
    if not problems:
        names = _deal(items, folds, seed)
        if names.nunique() == folds:
            return names
        problems.append(f"the groups are too unequal: they fill {names.nunique()} of {folds} folds")
    raise list_problems(
        f"cv.folds: {folds} folds cannot be made of whole groups. Lower cv.folds, add items or groups, or leave "
        "the class out (dataset.classes, cv.subset):",
        problems,
    )


def _deal(items: pd.DataFrame, count: int, seed: int) -> Folds:
    """The items dealt to folds "1" to `count`. The order of the rows does not matter."""
    if items["group"].duplicated().any():
        counts = pd.crosstab(items["group"], items["label"])
        counts = counts.assign(items=counts.sum(axis=1))  # folds are to be of one size, too
        places = deal_groups(counts, np.full(count, 1 / count), seed=seed, name="folds")
        return items["group"].map({group: str(place + 1) for group, place in places.items()})
    ordered = items.sort_values("id")
    splitter = StratifiedKFold(n_splits=count, shuffle=True, random_state=digest(seed, "folds") % 2**32)
    names = pd.Series("", index=ordered.index)
    for number, (_, held_out) in enumerate(splitter.split(ordered, ordered["label"]), start=1):
        names.iloc[held_out] = str(number)
    return names.reindex(items.index)


def _official(items: pd.DataFrame) -> Folds:
    if (empty := items["fold"] == "").any():
        raise EarshotError(
            f"cv.folds: official, and {empty.sum()} of {len(items)} items have no fold, "
            f"{items['id'][empty].iloc[0]} for one; set dataset.fold, or give cv.folds a number"
        )
    crossing = items.groupby("group")["fold"].nunique()
    if len(cut := list(crossing.index[crossing > 1])):
        raise EarshotError(
            f"cv.folds: official, and the data set's folds cut {len(cut)} group(s) in two, "
            f"{', '.join(cut[:5])} among them; mend dataset.fold or dataset.group"
        )
    return items["fold"]


def _one_group_each(items: pd.DataFrame) -> Folds:
    if not items["group"].duplicated().any():
        raise EarshotError(
            f"cv.folds: leave_one_group_out, and each of the {len(items)} items is a group of its own; "
            "set dataset.group, or give cv.folds a number"
        )
    return items["group"]


def _check_training(items: pd.DataFrame, names: Folds) -> None:
    if names.nunique() < 2:
        raise EarshotError(
            f"cv.folds: one fold only ({names.iloc[0]}); 2 is the least, to train on the other"
        )
    within = pd.crosstab(items["label"], names)  # (classes, folds)
    problems = [
        f"class {label!r} lies in fold {row.idxmax()} alone, {row.sum()} item(s)"
        for label, row in within.iterrows()
        if (row > 0).sum() < 2
    ]
    if problems:
        raise list_problems(
            "cv.folds: some classes could not be trained on while their only fold is held out. Give cv.folds a "
            "number, add items, or leave the class out (dataset.classes, cv.subset):",
            problems,
        )
