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
    given: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Give every item its part.

    items : DataFrame with `id, label, group`, one row an item
    ratios : from part to the share of items asked for, adding up to 1
    given : the part that the data set itself gives each item, as `given_parts` says; "" for those to be dealt
    Whole groups go to one part, as `deal_groups` deals them.
    Returns DataFrame `id, label, group, split`, in the order of `items`.
    Raises EarshotError when a class cannot be in every part.
    """
    given = [""] * len(items) if given is None else given
    fixed = _given_groups(items, given)
    parts = [part for part in PARTS if part not in fixed.values()]
    free = items[~items["group"].isin(fixed)]
    if len(free):
        shares = np.array([ratios[part] for part in parts])
        shares = shares / shares.sum()
        _check_enough(free, shares, parts)
        places = deal_groups(pd.crosstab(free["group"], free["label"]), shares, seed=seed, name="split")
        fixed |= {group: parts[place] for group, place in places.items()}
    result = items[["id", "label", "group"]].assign(split=items["group"].map(fixed))
    _check_complete(result, PARTS)
    return result


def given_parts(items: pd.DataFrame, *, test: str | int | None) -> list[str]:
    """The part that the data set itself gives each item, "" where the split is to deal it.

    items : DataFrame with `path, fold`, and `split` where the data set names parts
    test : `dataset.test`, as `official_test` takes it
    The parts that the data set lacks are dealt out of its training part.
    """
    named = list(items["split"]) if "split" in items else [""] * len(items)
    if test is not None:
        if "test" in named:
            raise EarshotError(
                "dataset.test and the data set's own split both say which items are the test part; set "
                "dataset.test: null, or dataset.columns: {split: null}"
            )
        chosen = official_test(items, test)
        named = ["test" if is_test else part for part, is_test in zip(named, chosen, strict=True)]
    met = set(named) - {""}
    if met and met <= {"val", "test"} and "" not in named:
        raise EarshotError(
            f"the data set's own split names {' and '.join(sorted(met))} and no training part; mend it, or leave it "
            "alone: dataset.split: null, dataset.columns: {split: null}"
        )
    if met == set(PARTS):
        return named
    return ["" if part == "train" else part for part in named]


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
        matches = search_each(compiled(test, key="dataset.test"), list(items["path"]), key="dataset.test")
        chosen = np.array([match is not None for match in matches])
    if chosen.all() or not chosen.any():
        also = f" The folds are {', '.join(folds)}." if folds else ""
        raise EarshotError(
            f"dataset.test: {test!r} takes {chosen.sum()} of {len(items)} items as the test part; name a part of "
            f"the paths, {items['path'].iloc[0]} for one.{also}"
        )
    return chosen


def _given_groups(items: pd.DataFrame, given: Sequence[str]) -> dict[str, str]:
    """The part of each group that the data set itself places."""
    crossing = items.assign(given=list(given)).groupby("group")["given"].nunique()
    if len(cut := list(crossing.index[crossing > 1])):
        raise EarshotError(
            f"the data set's own parts (dataset.test, dataset.split or a column split) cut {len(cut)} group(s) in two, "
            f"{', '.join(map(str, cut[:5]))} among them; a group must lie in one part: mend the parts or "
            "dataset.group, which holds byte-identical items together in any case"
        )
    return {group: part for group, part in zip(items["group"], given, strict=True) if part}


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
