"""Sets of classes that hold the label of a stated share of items: split conformal prediction.

A class is in the set where its probability is at or above a threshold that the validation items give (Sadinle, Lei and
Wasserman 2019, "Least ambiguous set-valued classifiers with bounded error levels"); the most probable one always is.
That promises the share for items that are drawn as the validation items are. Items of one group are alike, so that for
items of groups not met before a group counts once, however many items it has (Lee, Barber and Willett 2023,
"Distribution-free inference with hierarchical data"). That takes 1 / (1 - coverage) - 1 groups.

Conventions: `validation` is a table `id,group,label,predicted,probability,of_label`, as `predictions.confidences` gives
it; coverage is a share above 0 and below 1.
"""

import math
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from earshot.evaluation.predictions import DECIMALS

COVERAGES = (0.8, 0.9, 0.95, 0.99)
ROUNDING = 1e-9  # of sums of weights


class Promise(NamedTuple):
    """What sets are made by, and of which items they hold it.

    threshold : the probability from which on a class is in the set
    enough : whether there are validation items enough; where not, the threshold is 0 and every class in the set
    known_groups : whether there are too few groups to say anything of others
    """

    threshold: float
    enough: bool
    known_groups: bool


def promise(validation: pd.DataFrame, *, coverage: float) -> Promise:
    """The threshold at which sets hold the label of this share of items."""
    of_label = validation["of_label"].to_numpy(dtype=float)
    groups = validation["group"].to_numpy()
    n_groups, alone = len(set(groups)), np.arange(len(groups))
    if n_groups / (n_groups + 1) >= coverage - ROUNDING:
        return Promise(*_threshold(of_label, groups, coverage), known_groups=False)
    return Promise(*_threshold(of_label, alone, coverage), known_groups=n_groups < len(groups))


def _threshold(
    of_label: NDArray[np.float64], groups: NDArray[np.generic], coverage: float
) -> tuple[float, bool]:
    """The highest value that this share of the labels' probabilities reaches, and whether one does.

    Each group counts once, however many items it has, and so does one that is to come.
    """
    _, place, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    order = np.argsort(-of_label, kind="stable")
    reached = np.cumsum(1 / sizes[place[order]]) / (len(sizes) + 1)
    first = int(np.searchsorted(reached, coverage - ROUNDING))
    return (float(of_label[order[first]]), True) if first < len(order) else (0.0, False)


def members(probabilities: ArrayLike, threshold: float) -> NDArray[np.bool_]:
    """Whether each class is in the set, shape (..., classes).

    probabilities : calibrated, shape (..., classes)
    """
    table = np.round(np.asarray(probabilities, dtype=np.float64), DECIMALS)  # as the threshold is
    return np.asarray((table >= threshold) | (table == table.max(axis=-1, keepdims=True)))


def at_coverages(
    validation: pd.DataFrame, answers: pd.DataFrame, probabilities: NDArray[np.float64]
) -> pd.DataFrame:
    """What sets made by the validation items hold of others: `coverage,known_groups,threshold,covered,classes`.

    answers : of the test items, as `validation`
    probabilities : of the same items, calibrated, shape (items, classes)

    `covered` is the share of items whose label is in its set, `classes` the mean number of classes in a set.
    """
    sure = answers["label"] == answers["predicted"]  # the most probable class is always in the set
    rows = []
    for coverage in COVERAGES:
        promised = promise(validation, coverage=coverage)
        covered = (sure | (answers["of_label"] >= promised.threshold)).mean()
        size = members(probabilities, promised.threshold).sum(axis=-1).mean()
        rows.append((coverage, int(promised.known_groups), promised.threshold, float(covered), float(size)))
    return pd.DataFrame(rows, columns=["coverage", "known_groups", "threshold", "covered", "classes"])


def words(validation: pd.DataFrame, *, coverage: float, groups_named: bool) -> str:
    """Of which items the sets hold the label, in a sentence.

    groups_named : whether the data set brings groups; otherwise each file is one, and nothing is known of sources
    """
    promised = promise(validation, coverage=coverage)
    share, groups = f"{100 * coverage:g} %", validation["group"].nunique()
    if not promised.enough:
        return f"{len(validation)} validation items are too few for {share}: every set holds all classes."
    if not groups_named:
        return (
            f"Sets hold the label of {share} of items drawn as the validation items are; no groups were named, and of "
            "other sources that says nothing."
        )
    if promised.known_groups:
        return (
            f"For known groups, sets hold the label of {share} of the items: the validation items are of {groups} of "
            f"the {math.ceil(1 / (1 - coverage) - 1 - ROUNDING)} groups that it takes to say so of others."
        )
    return f"Sets hold the label of {share} of the items, those of groups not met before too."
