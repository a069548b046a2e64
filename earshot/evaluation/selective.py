"""Answers where a model is sure enough, and `none` where it is not: classification with a reject option.

Conventions: `validation` is a table `id,group,label,predicted,probability,of_label`, one row a validation item, as
`predictions.confidences` gives it. An answer is kept where its probability is at or above a threshold.
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NONE = "none"
SHARES = (1.0, 0.99, 0.95, 0.9, 0.8)
OWN = 50  # answers with a class, from which on it has a threshold of its own


def thresholds(validation: pd.DataFrame, *, keep: float, classes: Sequence[str]) -> dict[str, float]:
    """The probability that an answer with each class needs, so that a share of the validation items' answers is kept.

    keep : the share, above 0 to 1

    A class that 50 validation items or more are answered with has a threshold of its own. The others have one together,
    of their answers, or of all answers where they have none.
    """
    of_class = validation.groupby("predicted")["probability"]
    own = {name: _threshold(rows.to_numpy(), keep) for name, rows in of_class if len(rows) >= OWN}
    others = validation[~validation["predicted"].isin(list(own))]
    common = validation if others.empty else others
    together = _threshold(common["probability"].to_numpy(dtype=float), keep)
    return {name: own.get(name, together) for name in classes}


def _threshold(probabilities: NDArray[np.float64], keep: float) -> float:
    """The highest one that at least this share of the probabilities reaches; 0 where there are none."""
    if not len(probabilities):
        return 0.0
    count = math.ceil(keep * len(probabilities) - 1e-9)
    return float(np.sort(probabilities)[-count])


def reaches(answers: pd.DataFrame, needed: Mapping[str, float]) -> NDArray[np.bool_]:
    """Whether each answer is kept, shape (rows,).

    needed : as `thresholds` gives it
    """
    return (answers["probability"] >= answers["predicted"].map(needed)).to_numpy()


def at_shares(validation: pd.DataFrame, answers: pd.DataFrame, *, classes: Sequence[str]) -> pd.DataFrame:
    """What thresholds from the validation items do to other answers: `keep,threshold,kept,accuracy`.

    answers : of the test items, as `validation`

    `threshold` is the lowest of the classes', `kept` the share of the answers that is, `accuracy` that of the kept.
    """
    rows = []
    for keep in SHARES:
        needed = thresholds(validation, keep=keep, classes=classes)
        stay = answers[reaches(answers, needed)]
        right = float((stay["label"] == stay["predicted"]).mean()) if len(stay) else math.nan
        rows.append((keep, min(needed.values()), len(stay) / len(answers), right))
    return pd.DataFrame(rows, columns=["keep", "threshold", "kept", "accuracy"])
