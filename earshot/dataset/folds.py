"""Folds for cross-validation: every item is held out once, groups stay whole, classes keep their shares."""

import pandas as pd
from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

from earshot.core.classes import class_order
from earshot.core.errors import EarshotError, list_problems
from earshot.core.rng import digest


def give_folds(items, *, folds, seed):
    """The name of the fold in which each item is held out, Series of str.

    items : DataFrame with `id, label, group, fold`, one row an item
    folds : int, how many to make; "official", the data set's own, from the column `fold`; or
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


def parts_of_fold(items, names, *, held_out, val, seed):
    """What the items are while one fold is held out: Series of train, val or test.

    names : Series of str, from `give_folds`
    held_out : str, the fold that is tested
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


def _stratified(items, folds, seed):
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


def _deal(items, count, seed):
    """The items dealt to folds "1" to `count`. The order of the rows does not matter.

    scikit-learn's StratifiedGroupKFold stratifies under `shuffle` from 1.9 on, and evens out the folds' sizes
    as well, which the study's greedy split does not. Without groups StratifiedKFold gives as much at once.
    """
    ordered = items.sort_values("id")
    grouped = ordered["group"].duplicated().any()
    splitter = StratifiedGroupKFold if grouped else StratifiedKFold
    dealer = splitter(n_splits=count, shuffle=True, random_state=digest(seed, "folds") % 2**32)
    groups = {"groups": ordered["group"]} if grouped else {}
    names = pd.Series("", index=ordered.index)
    for number, (_, held_out) in enumerate(dealer.split(ordered, ordered["label"], **groups), start=1):
        names.iloc[held_out] = str(number)
    return names.reindex(items.index)


def _official(items):
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


def _one_group_each(items):
    if not items["group"].duplicated().any():
        raise EarshotError(
            f"cv.folds: leave_one_group_out, and each of the {len(items)} items is a group of its own; "
            "set dataset.group, or give cv.folds a number"
        )
    return items["group"]


def _check_training(items, names):
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
