"""What the sound of a picture keeps of it, as models can tell: retention, information, agreement, transfer."""

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.errors import EarshotError
from earshot.core.rng import generator
from earshot.evaluation import intervals
from earshot.evaluation.information import information_ratio, usable_information
from earshot.evaluation.predictions import checked, classes_of, codes, is_right

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
Limits = tuple[float, float]


def retention_scores(
    sound: pd.DataFrame,
    picture: pd.DataFrame,
    transferred: pd.DataFrame | None,
    *,
    units: NDArray[np.int64],
    seed: int,
) -> dict[str, float]:
    """The flat dict of `KEYS` for one kind of model, that was trained on sound once and on the picture once.

    sound, picture : tables of predictions of the same items in the same order
    transferred : what the picture model says of the pictures that the sounds give back, or None
    units : the group of each item, shape (items,)
    """
    sound_right, picture_right = is_right(sound), is_right(picture)
    values = [sound_right, picture_right, same_answer(sound, picture)]
    if transferred is not None:
        transferred = checked(transferred, classes_of(sound))
        if list(transferred["id"]) != list(sound["id"]):
            raise EarshotError(
                "data/transfer tells of other items than data/predictions; run the stages transfer and evaluate again"
            )
        values.append(is_right(transferred))
    resampled = intervals.resampled_means(np.column_stack(values), units, rng=generator(seed, "bootstrap"))
    sizes = np.bincount(units)
    chance = 1 / len(classes_of(sound))
    scores = [
        *retention(sound_right, picture_right, resampled[:, 0], resampled[:, 1], sizes=sizes, chance=chance),
        information_ratio(usable_information(sound), usable_information(picture)),
        *agreement(sound, picture, resampled[:, 2], sizes=sizes),
    ]
    if transferred is not None:
        share = float(values[3].mean())
        scores += [share, *_limits(share, resampled[:, 3], sizes)]
    return dict(zip(KEYS, scores, strict=False))


def retention(
    sound_right: NDArray[np.bool_],
    picture_right: NDArray[np.bool_],
    sound_resampled: NDArray[np.float64],
    picture_resampled: NDArray[np.float64],
    *,
    sizes: NDArray[np.int64],
    chance: float,
) -> tuple[float, float, float]:
    """The part of the picture model's accuracy above chance that the sound model has, as (value, low, high).

    sound_right, picture_right : shape (items,)
    sound_resampled, picture_resampled : accuracies on the same resampled groups, shape (resamples,)
    sizes : items in each group

    (sound - chance) / (picture - chance), with Fieller's interval; where neither varies, the limits are those
    of the two accuracies taken together. All NaN where the picture model is not above chance; limits NaN
    where its distance from chance is not shown to differ from 0.
    """
    sound, picture = sound_right.mean() - chance, picture_right.mean() - chance
    if picture <= 1e-12:
        return math.nan, math.nan, math.nan
    value = float(sound / picture)
    if np.ptp(sound_resampled) > 1e-12 or np.ptp(picture_resampled) > 1e-12:
        resampled = sound_resampled - chance, picture_resampled - chance
        return value, *intervals.ratio_interval(sound, picture, *resampled, len(sizes))
    low, high = intervals.proportion_interval(float(sound_right.mean()), 0.0, sizes)
    picture_low, picture_high = intervals.proportion_interval(float(picture_right.mean()), 0.0, sizes)
    if picture_low <= chance:
        return value, math.nan, math.nan
    # Not simply low / high: where the sound is below chance, the larger divisor gives the larger ratio.
    ratios = [
        (limit - chance) / (edge - chance) for limit in (low, high) for edge in (picture_low, picture_high)
    ]
    return value, min(ratios), max(ratios)


def agreement(
    sound: pd.DataFrame, picture: pd.DataFrame, resampled: NDArray[np.float64], *, sizes: NDArray[np.int64]
) -> tuple[float, float, float, float]:
    """How often two models give the same answer, right or wrong, as (agreement, low, high, kappa).

    sound, picture : tables of predictions of the same items in the same order
    resampled : how often they agree on resampled groups, shape (resamples,)
    sizes : items in each group

    Kappa is Cohen's (1960), agreement beyond what the two models' shares of each class give by chance, and NaN
    where both name one class only.
    """
    same = float(same_answer(sound, picture).mean())
    shares = [np.bincount(codes(table)[1], minlength=len(classes_of(table))) for table in (sound, picture)]
    by_chance = shares[0] @ shares[1] / len(sound) ** 2
    kappa = (same - by_chance) / (1 - by_chance) if by_chance < 1 else math.nan
    return same, *_limits(same, resampled, sizes), float(kappa)


def same_answer(sound: pd.DataFrame, picture: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether two tables name the same class, shape (items,)."""
    return (sound["predicted"] == picture["predicted"]).to_numpy()


def _limits(share: float, resampled: NDArray[np.float64], sizes: NDArray[np.int64]) -> Limits:
    return intervals.proportion_interval(share, intervals.standard_error(resampled, len(sizes)), sizes)
