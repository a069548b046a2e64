"""What the sound of a picture keeps of it, as models can tell: retention, information, agreement, transfer."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.errors import EarshotError
from earshot.evaluation.information import information_ratio, usable_information
from earshot.evaluation.intervals import Limits, proportion_interval, ratio_interval
from earshot.evaluation.predictions import checked, classes_of, codes, right_by_run, runs_of, shape_by_run
from earshot.evaluation.rounding import rounded_values
from earshot.evaluation.variance import Components, Spread, components, covariance, spread

KEYS = [
    "retention",
    "retention_low",
    "retention_high",
    "information_ratio",
    "agreement",
    "agreement_low",
    "agreement_high",
    "kappa",
    "transfer",
    "transfer_low",
    "transfer_high",
]


def retention_scores(
    sound: pd.DataFrame, picture: pd.DataFrame, transferred: pd.DataFrame | None, *, units: NDArray[np.int64]
) -> dict[str, float]:
    """The flat dict of `KEYS` for one kind of model, whose runs were trained on sound and on the picture.

    sound, picture : tables of predictions of the same items in the same order; their runs may differ in number. They
        may be of any view and its ceiling
    transferred : what the picture model says of the pictures that the sounds give back, or None
    units : the group of each item, shape (items,)
    """
    chance = 1 / len(classes_of(sound))
    scores = [
        *retention(right_by_run(sound), right_by_run(picture), units, chance=chance),
        information_ratio(usable_information(sound), usable_information(picture)),
        *agreement(sound, picture, units),
    ]
    if transferred is not None:
        transferred = checked(transferred, classes_of(sound))
        if list(runs_of(transferred)[0]["id"]) != list(runs_of(sound)[0]["id"]):
            raise EarshotError(
                "data/transfer tells of other items than data/predictions; run the stages transfer and evaluate again"
            )
        parts = components(right_by_run(transferred), units)
        scores += [
            parts.value,
            *proportion_interval(parts.value, spread(parts.v_g, parts), np.bincount(units)),
        ]
    return rounded_values(dict(zip(KEYS, scores, strict=False)))


def retention(
    sound_right: NDArray[np.bool_],
    picture_right: NDArray[np.bool_],
    units: NDArray[np.int64],
    *,
    chance: float,
) -> tuple[float, float, float]:
    """The part of the picture model's accuracy above chance that the sound model has, as (value, low, high).

    sound_right, picture_right : whether each run is right on each item, shape (runs, items)
    units : shape (items,)

    (sound - chance) / (picture - chance), with Fieller's interval; where neither varies, the limits are those
    of the two accuracies taken together. All NaN where the picture model is not above chance; limits NaN
    where its distance from chance is not shown to differ from 0.
    """
    sound, picture = components(sound_right, units), components(picture_right, units)
    if picture.value - chance <= 1e-12:
        return math.nan, math.nan, math.nan
    value = (sound.value - chance) / (picture.value - chance)
    if any(part.v_g or part.v_r for part in (sound, picture)):
        numerator, denominator = (part._replace(value=part.value - chance) for part in (sound, picture))
        shared = covariance(sound_right, picture_right, units)
        return value, *ratio_interval(numerator, denominator, shared)
    low, high = _without_variation(sound, units)
    picture_low, picture_high = _without_variation(picture, units)
    if picture_low <= chance:
        return value, math.nan, math.nan
    # Not simply low / high: where the sound is below chance, the larger divisor gives the larger ratio.
    ratios = [
        (limit - chance) / (edge - chance) for limit in (low, high) for edge in (picture_low, picture_high)
    ]
    return value, min(ratios), max(ratios)


def agreement(
    sound: pd.DataFrame, picture: pd.DataFrame, units: NDArray[np.int64]
) -> tuple[float, float, float, float]:
    """How often two models give the same answer, right or wrong, as (agreement, low, high, kappa).

    sound, picture : tables of predictions of the same items in the same order
    units : shape (items,)

    It is the mean over all pairs of a run on sound and a run on the picture. Runs of both move it, each by its mean
    over the runs of the other. Kappa is Cohen's (1960), agreement beyond what the two models' shares of each class give
    by chance, and NaN where both name one class only.
    """
    heard, seen = (shape_by_run(table, codes(table)[1]) for table in (sound, picture))
    of_heard = np.mean([heard == run for run in seen], axis=0)  # each (runs, items)
    of_seen = np.mean([seen == run for run in heard], axis=0)
    parts = components(of_heard, units), components(of_seen, units)
    same = parts[0].value
    low, high = proportion_interval(same, spread(parts[0].v_g, *parts), np.bincount(units))
    k = len(classes_of(sound))
    shares = [np.bincount(answers.ravel(), minlength=k) / answers.size for answers in (heard, seen)]
    by_chance = float(shares[0] @ shares[1])
    kappa = (same - by_chance) / (1 - by_chance) if by_chance < 1 else math.nan
    return same, low, high, kappa


def _without_variation(parts: Components, units: NDArray[np.int64]) -> Limits:
    return proportion_interval(parts.value, Spread(0.0, 0.0, 0.0, 0.0), np.bincount(units))
