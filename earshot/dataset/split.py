"""One split for the whole study: stratified by class, groups whole, seeded."""

import numpy as np
import pandas as pd

from earshot.classes import class_order
from earshot.errors import EarshotError, list_problems
from earshot.seeds import digest

PARTS = ("train", "val", "test")


def split(items, *, ratios, seed, test=None):
    """Give every item its part.

    items : DataFrame with `id, label, group`, one row an item
    ratios : dict from part to the share of items asked for, adding up to 1
    test : boolean array or None, the items of the data set's own test part; ratios of train and val
        then share what is left
    Groups go to the part that lacks most of what they bring, the largest first, ties by the seed.
    Returns DataFrame `id, label, group, split`, in the order of `items`.
    Raises EarshotError when a class cannot be in every part.
    """
    parts = [part for part in PARTS if ratios[part] > 0]
    fixed = {}
    if test is not None:
        fixed = _official_test(items, test)
        parts = [part for part in parts if part != "test"]
    free = items[~items["group"].isin(fixed)]
    shares = np.array([ratios[part] for part in parts])
    shares = shares / shares.sum()
    _check_enough(free, shares, parts)
    assigned = {**fixed, **_assign(free, shares, parts, seed)}
    result = items[["id", "label", "group"]].assign(split=items["group"].map(assigned))
    _check_complete(result, {*parts, *fixed.values()})
    return result


def _official_test(items, test):
    crossing = items.assign(test=test).groupby("group")["test"].nunique()
    if len(cut := list(crossing.index[crossing > 1])):
        raise EarshotError(
            f"dataset.test cuts {len(cut)} group(s) in two, {', '.join(map(str, cut[:5]))} among them; "
            f"a group must lie in the test part whole or not at all: mend dataset.test or dataset.group"
        )
    return dict.fromkeys(items["group"][np.asarray(test)], "test")


def _assign(items, shares, parts, seed):
    """Greedy: each group where the squared distance to the wanted counts of its classes falls most."""
    counts = pd.crosstab(items["group"], items["label"])
    brought = dict(zip(counts.index, counts.to_numpy(), strict=True))  # group -> (classes,)
    lack = np.outer(shares, counts.sum().to_numpy())  # (parts, classes)
    assigned = {}
    for group in sorted(brought, key=lambda group: (-brought[group].sum(), digest(seed, "split", group))):
        brings = brought[group]
        gain = (lack**2 - (lack - brings) ** 2).sum(axis=1)  # (parts,)
        part = int(np.argmax(np.round(gain, 9)))
        lack[part] -= brings
        assigned[group] = parts[part]
    return assigned


def _check_enough(items, shares, parts):
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


def _least_groups(shares):
    """The fewest equal groups of which the greedy split gives every part one."""
    count = len(shares)
    while True:
        lack = shares * count
        for _ in range(count):
            lack[np.argmax(np.round(lack, 9))] -= 1
        if (np.round(shares * count - lack) >= 1).all():
            return count
        count += 1


def _check_complete(result, parts):
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


def report(result):
    """What the split gives: items, groups and class shares per part, and groups found in two parts.

    result : DataFrame `id, label, group, split`
    Returns a flat-keyed nested dict for `metrics/split.json`.
    """
    parts = {}
    for part in PARTS:
        rows = result[result["split"] == part]
        shares = rows["label"].value_counts(normalize=True)
        parts[part] = {
            "items": len(rows),
            "groups": int(rows["group"].nunique()),
            "share": len(rows) / len(result),
            "class_share": {label: float(shares.get(label, 0.0)) for label in class_order(result["label"])},
        }
    return {**parts, "groups_in_two_parts": int((result.groupby("group")["split"].nunique() > 1).sum())}
