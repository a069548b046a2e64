"""Groups of items, and what a score becomes when they are drawn anew: the group bootstrap."""

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2000
CELLS = 2**21  # weights held at once: bounds the memory, 8 MB of float32


def units(groups: Sequence[Hashable]) -> NDArray[np.int64]:
    """What is resampled: a code 0..G-1 for each item, in the order in which groups first appear.

    groups : one for each item

    One group alone cannot be resampled. Then each item is a unit, and an interval speaks of that group only.
    """
    numbers = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    if len(numbers) == 1:
        return np.arange(len(groups))
    return np.array([numbers[group] for group in groups])


def resampled_sums(
    counts: NDArray[Any], groups: NDArray[np.int64], *, rng: np.random.Generator, resamples: int = RESAMPLES
) -> NDArray[np.float64]:
    """Sums over the items of resampled groups, shape (resamples, columns).

    counts : whole numbers, shape (items, columns)
    groups : the code of each item's group, as `units` gives it

    Each resample draws as many groups as there are, with replacement; all columns share the draws, so that
    differences between columns are paired. float32 holds whole sums up to 16.7 million exactly, whatever the
    order of addition, so the result is the same on every machine.
    """
    sizes = np.bincount(groups)
    firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
    order = np.argsort(groups, kind="stable")
    sums = np.add.reduceat(np.asarray(counts, dtype=np.float32)[order], firsts)  # (groups, columns)
    n_groups = len(sizes)
    rows = max(1, CELLS // n_groups)
    parts = []
    for start in range(0, resamples, rows):
        rows = min(rows, resamples - start)
        drawn = rng.integers(n_groups, size=(rows, n_groups)) + np.arange(rows)[:, None] * n_groups
        weights = np.bincount(drawn.ravel(), minlength=rows * n_groups).reshape(rows, n_groups)
        parts.append(weights.astype(np.float32) @ sums)
    return np.concatenate(parts).astype(np.float64)
