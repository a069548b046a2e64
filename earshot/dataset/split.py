"""One split for the whole study: stratified by class, groups whole, seeded."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.classes import class_order
from earshot.core.errors import EarshotError, list_problems
from earshot.dataset.groups import deal_groups
from earshot.dataset.patterns import compiled, search_each

PARTS = ("train", "val", "test")


def split(
    items: pd.DataFrame,
    *,
    ratios: Mapping[str, float],
    seed: int,
    test: NDArray[np.bool_] | None = None,
) -> pd.DataFrame:
    """Give every item its part.

    items : DataFrame with `id, label, group`, one row an item
    ratios : from part to the share of items asked for, adding up to 1
    test : the items of the data set's own test part, if it has one; train and val then share the others
    Whole groups go to one part, as `deal_groups` deals them.
    Returns DataFrame `id, label, group, split`, in the order of `items`.
    Raises EarshotError when a class cannot be in every part.
    """
    parts = [part for part in PARTS if ratios[part] > 0]
    fixed: dict[str, str] = {}
    if test is not None:
        fixed = _official_groups(items, test)
        parts = [part for part in parts if part != "test"]
    free = items[~items["group"].isin(fixed)]
    shares = np.array([ratios[part] for part in parts])
    shares = shares / shares.sum()
    _check_enough(free, shares, parts)
    places = deal_groups(pd.crosstab(free["group"], free["label"]), shares, seed=seed, name="split")
    assigned = fixed | {group: parts[place] for group, place in places.items()}
    result = items[["id", "label", "group"]].assign(split=items["group"].map(assigned))
    _check_complete(result, {*parts, *fixed.values()})
    return result


def official_test(items: pd.DataFrame, test: str | int) -> NDArray[np.bool_]:
    """Which items are the data set's own test part.

    items : DataFrame with `path, fold`
    test : one of the folds where the data set has them, else an expression that is searched in each path
    Raises EarshotError when that is none of the items or all of them.
    """
    folds = sorted(set(items["fold"]) - {""})
    if isinstance(test, int) or test in folds:
        chosen = (items["fold"] == str(test)).to_numpy()
    else:
        found = search_each(compiled(test, key="dataset.test"), list(items["path"]), key="dataset.test")
        chosen = np.array([match is not None for match in found])
    if chosen.all() or not chosen.any():
        also = f" The folds are {', '.join(folds)}." if folds else ""
        raise EarshotError(
            f"dataset.test: {test!r} takes {chosen.sum()} of {len(items)} items as the test part; name a part of "
            f"the paths, {items['path'].iloc[0]} for one.{also}"
        )
    return chosen


def _official_groups(items: pd.DataFrame, test: NDArray[np.bool_]) -> dict[str, str]:
    crossing = items.assign(test=test).groupby("group")["test"].nunique()
    if len(cut := list(crossing.index[crossing > 1])):
        raise EarshotError(
            f"dataset.test cuts {len(cut)} group(s) in two, {', '.join(map(str, cut[:5]))} among them; "
            f"a group must lie in the test part whole or not at all: mend dataset.test or dataset.group"
        )
    return dict.fromkeys(items["group"][np.asarray(test)], "test")


def _check_enough(items: pd.DataFrame, shares: NDArray[np.float64], parts: Sequence[str]) -> None:
    problems = []
    for label in class_order(items["label"]):
        rows = items[items["label"] == label]
        groups = rows["group"].nunique()
        needed = _least_groups(shares)
        if groups < needed:
            wanted = ", ".join(f"{part} {share:.0%}" for part, share in zip(parts, shares, strict=True))
            problems.append(
                f"class {label!r} has {len(rows)} item(s) in {groups} group(s); {wanted} take at least {needed}: "
                f"{needed - groups} lacking"
            )
    if problems:
        raise list_problems(
            "The split's ratios cannot be met. Add items or groups, leave the class out (dataset.classes), "
            "or change split in params.yaml:",
            problems,
        )


def _least_groups(shares: NDArray[np.float64]) -> int:
    """The fewest equal groups of which `deal_groups` gives every part one."""
    count = len(shares)
    while True:
        lack = shares * count
        for _ in range(count):
            lack[np.argmax(np.round(lack, 9))] -= 1
        if (np.round(shares * count - lack) >= 1).all():
            return count
        count += 1


def _check_complete(result: pd.DataFrame, parts: Collection[str]) -> None:
    counts = pd.crosstab(result["label"], result["split"]).reindex(columns=sorted(parts), fill_value=0)
    problems = [
        f"class {label!r} has no item in {part}: its groups are too few or too large"
        for label, row in counts.iterrows()
        for part, count in row.items()
        if count == 0
    ]
    if problems:
        raise list_problems(
            "Whole groups cannot give every class a place in every part. Use smaller groups, other ratios "
            "(split in params.yaml), or leave the class out (dataset.classes):",
            problems,
        )


def summarize(result: pd.DataFrame, contents: Sequence[str]) -> dict[str, Any]:
    """The items, groups and class shares of each part, and how much lies in two parts.

    result : as `split` gives it
    contents : one an item, equal for items that are byte for byte the same
    Returns a nested dict for `metrics/split.json`. `duplicates` counts the items that repeat an earlier one;
    `groups_in_two_parts` and `duplicates_in_two_parts`, which counts contents, must be 0.
    """
    parts: dict[str, Any] = {}
    for part in PARTS:
        rows = result[result["split"] == part]
        shares = rows["label"].value_counts(normalize=True)
        parts[part] = {
            "items": len(rows),
            "groups": int(rows["group"].nunique()),
            "share": len(rows) / len(result),
            "class_share": {label: float(shares.get(label, 0.0)) for label in class_order(result["label"])},
        }
    return {
        **parts,
        "groups_in_two_parts": _in_two_parts(result["split"], result["group"]),
        "duplicates": len(contents) - len(set(contents)),
        "duplicates_in_two_parts": _in_two_parts(result["split"], contents),
    }


def _in_two_parts(parts: "pd.Series[str]", keys: "Sequence[str] | pd.Series[str]") -> int:
    return int((parts.groupby(np.asarray(keys)).nunique() > 1).sum())
