"""All checks of a data set that is split, and the tables behind them."""

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.classes import class_order
from earshot.dataset.groups import contents, join_groups, name_groups
from earshot.examination.checks import Check
from earshot.examination.classifier import folds_of, held_out_scores
from earshot.examination.contents import copies, two_labels
from earshot.examination.shared_sources import shared_sources
from earshot.examination.shortcuts import shortcuts
from earshot.examination.wrong_labels import wrong_labels


class Examined(NamedTuple):
    """The checks, and the tables of what they found by name: `near_duplicates, shortcuts, wrong_labels`."""

    checks: list[Check]
    tables: dict[str, pd.DataFrame]


def examine(
    items: pd.DataFrame,
    descriptors: NDArray[np.float32],
    pairs: pd.DataFrame,
    *,
    seed: int,
    group: str | None,
) -> Examined:
    """Examine a data set.

    items : rows of data/balanced.csv with the columns of data/described/items.csv, and `split`
    descriptors : (items, values)
    pairs : data/described/near_duplicates.csv
    group : dataset.group, the user's expression
    """
    classes = class_order(items["label"])
    targets = pd.Categorical(items["label"], categories=pd.Index(classes)).codes.astype(np.int64)
    # copies lie in one fold, or a wrong label would vouch for its copy's
    apart = items.assign(group=contents(items))
    apart = apart.assign(group=join_groups(apart, pairs))

    def scores_with(groups: list[str]) -> NDArray[np.float64] | None:
        folds = folds_of(items.assign(group=groups), seed=seed)
        return None if folds is None else held_out_scores(descriptors, targets, folds)

    def right_with(groups: list[str]) -> NDArray[np.bool_] | None:
        whole = items.assign(group=name_groups(items, groups))
        scores = scores_with(join_groups(whole, pairs))
        return None if scores is None else scores.argmax(axis=1) == targets

    scores = scores_with(list(apart["group"]))
    checks = []
    has_groups = not set(items["group"]) <= set(name_groups(items))
    if group is None and not has_groups:
        checks.append(shared_sources(items, right_with))
    copied, crossing = copies(items, pairs)
    given_away, facts = shortcuts(items, folds_of(items, seed=seed))
    doubted, suspects = wrong_labels(items, scores, classes, has_groups=has_groups)
    checks += [copied, two_labels(items, pairs), given_away, doubted]
    tables = {"near_duplicates": crossing, "shortcuts": facts, "wrong_labels": suspects}
    return Examined(checks, tables)
