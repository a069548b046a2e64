"""Items that share a source though no group says so, as the names of their files suggest."""

from collections.abc import Callable, Sequence
from math import comb

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.dataset.group_guesses import GroupGuess, guess_groups
from earshot.dataset.items import capture
from earshot.examination.checks import Check, percent, plural

MOST_GUESSES = 2
SURE = 0.001  # the p-value below which accuracy is said to fall


def shared_sources(items: pd.DataFrame, right_with: Callable[[list[str]], NDArray[np.bool_] | None]) -> Check:
    """What the names suggest as groups, and what it costs that they are cut.

    items : DataFrame with `id, path, label, group, split`, whose groups are its files
    right_with : whether a quick classifier is right about each item while it is held out, groups whole, one an item;
        None where there is none
    """
    cut = []
    likely = [guess for guess in guess_groups(list(items["path"]), list(items["label"])) if guess.is_likely]
    for guess in likely[:MOST_GUESSES]:
        groups = capture(items, guess.pattern, key="dataset.group")
        if in_test := _in_test(items, groups):
            cut.append((guess, in_test, groups))
    if not cut:
        return Check(
            "shared_source", "no", "The names of the files suggest no groups that the parts cut in two."
        )
    right = right_with(list(items["group"]))
    tried = []
    for guess, in_test, groups in cut:
        whole = right_with(groups) if right is not None else None
        falls = whole is not None and right is not None and _falls(right, whole)
        tried.append((falls, guess, in_test, whole))
    _, guess, in_test, whole = max(tried, key=lambda one: one[0])
    return _check(items, guess, in_test, right, whole)


def _check(
    items: pd.DataFrame,
    guess: GroupGuess,
    in_test: int,
    right: NDArray[np.bool_] | None,
    whole: NDArray[np.bool_] | None,
) -> Check:
    test = int((items["split"] == "test").sum())
    text = (
        f"The names suggest {plural(guess.groups, 'group')} of items with one source, by {guess.reason} "
        f"({', '.join(guess.examples[:3])}, …), and {in_test:,} of {test:,} test items have one of the same group in "
        "training. Accuracy then speaks of sources that were met before."
    )
    claim = f"{in_test:,} of {test:,} test items may share their source with training items"
    if right is not None and whole is not None:
        before, after = right.mean(), whole.mean()
        text += (
            f" A quick classifier is right on {percent(before)} with such items in training, and on {percent(after)} "
            "without: that is the control, as shuffled labels do not show this."
        )
        if _falls(right, whole):
            claim += f", which lifts a quick classifier from {percent(after)} to {percent(before)}"
    return Check("shared_source", "yes", text, claim, f"Set dataset.group: '{guess.pattern}'")


def _in_test(items: pd.DataFrame, groups: Sequence[str]) -> int:
    """How many test items have one of their group in training or validation."""
    test = items["split"].to_numpy() == "test"
    known = set(np.array(groups)[~test])
    return sum(group in known for group in np.array(groups)[test])


def _falls(right: NDArray[np.bool_], whole: NDArray[np.bool_]) -> bool:
    """Whether fewer are right with groups whole: the sign test on items that are right in one of the two."""
    lost, won = int((right & ~whole).sum()), int((~right & whole).sum())
    if lost <= won:
        return False
    total = lost + won
    if total > 1000:
        return bool(lost - won > 3.1 * total**0.5)
    as_many = sum(comb(total, more) for more in range(lost, total + 1))
    return bool(as_many / 2**total < SURE)
