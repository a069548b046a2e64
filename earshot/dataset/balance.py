"""The same number of items for every class, so that accuracy is not confounded by class size."""

from collections.abc import Iterator, Sequence
from typing import Literal

import pandas as pd

from earshot.core.errors import EarshotError
from earshot.core.rng import shuffled


def balance(
    index: pd.DataFrame,
    *,
    method: Literal["none", "downsample"],
    classes: Sequence[str],
    rejecting: Sequence[str] = (),
    seed: int,
) -> pd.DataFrame:
    """Keep the study's classes and, with `downsample`, the same number of items of each.

    index : DataFrame with `id, label, group`, one row an item
    classes : the classes to keep
    rejecting : those of them that stand for none of the others: they may have fewer items
    A group's items of one class stay or go together. The count is the largest that whole groups make
    in every class. Returns the rows kept, in the order of `index`.
    """
    index = index[index["label"].isin(classes)]
    if method == "none":
        return index
    sizes = {
        str(label): rows.groupby("group").size().loc[shuffled(set(rows["group"]), seed, "balance", label)]
        for label, rows in index.groupby("label")
    }
    limit = min(counts.sum() for label, counts in sizes.items() if label not in rejecting)
    reachable = {label: _reachable_counts(counts, limit) for label, counts in sizes.items()}
    common = -1
    for label, sums in reachable.items():
        common &= -1 if label in rejecting else sums[-1]
    count = common.bit_length() - 1
    most = (1 << count + 1) - 1
    counts_of = {label: (sums[-1] & most).bit_length() - 1 for label, sums in reachable.items()}
    if not all(counts_of.values()):
        raise EarshotError(
            "balance.method: downsample finds no number of items that whole groups make in every class; "
            "use none, or smaller groups. Items per group: "
            + "; ".join(f"{label} {sorted(map(int, counts))}" for label, counts in sizes.items())
        )
    chosen = {
        (label, group)
        for label in classes
        for group in _choose(sizes[label], reachable[label], counts_of[label])
    }
    return index[[pair in chosen for pair in zip(index["label"], index["group"], strict=True)]]


def _reachable_counts(sizes: "pd.Series[int]", limit: int) -> list[int]:
    """After each group, the counts up to `limit` that the groups so far can add up to: an integer's set bits."""
    mask = (1 << int(limit) + 1) - 1
    sums = [1]
    for size in sizes:
        sums.append((sums[-1] | sums[-1] << int(size)) & mask)
    return sums


def _choose(sizes: "pd.Series[int]", sums: list[int], count: int) -> Iterator[str]:
    """The groups that add up to `count`, the earliest ones that can, walking back through the sums."""
    for group, size, before in reversed(list(zip(sizes.index, map(int, sizes), sums[:-1], strict=True))):
        if not before >> count & 1:
            count -= size
            yield group
