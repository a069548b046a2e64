"""Operating points of a study of two classes: from which probability on the second one, the positive, is answered.

Conventions: `validation` and `answers` are tables `id,group,label,predicted,probability,of_label`, as
`predictions.confidences` gives them; classes are in class order.
"""

import math
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.evaluation.predictions import DECIMALS

RECALLS = (0.8, 0.9, 0.95, 0.99)
MISS_COSTS = (0.1, 1.0, 10.0)
COLUMNS = [
    "by",
    "asked",
    "threshold",
    "precision",
    "recall",
    "f1",
    "hits",
    "false_alarms",
    "misses",
    "rest",
]


def threshold_of_recall(validation: pd.DataFrame, *, recall: float, classes: Sequence[str]) -> float:
    """The highest threshold at which this share of the validation items of the positive class is found.

    recall : above 0 to 1
    """
    of_positive = of_second(validation, classes)[(validation["label"] == classes[1]).to_numpy()]
    if not len(of_positive):
        return 0.0
    return float(np.sort(of_positive)[-math.ceil(recall * len(of_positive) - 1e-9)])


def threshold_of_cost(miss_cost: float) -> float:
    """The threshold of the least cost on average, where a positive that is missed costs so many false alarms.

    Elkan (2001), "The foundations of cost-sensitive learning". It holds for calibrated probabilities.
    """
    return 1 / (1 + miss_cost)


def of_second(table: pd.DataFrame, classes: Sequence[str]) -> NDArray[np.float64]:
    """The probability of the second of two classes, shape (rows,)."""
    own = table["probability"].to_numpy(dtype=float)
    return np.where(table["predicted"] == classes[1], own, np.round(1 - own, DECIMALS))


def scores_at(answers: pd.DataFrame, threshold: float, *, classes: Sequence[str]) -> list[float]:
    """Precision, recall and F1 of the positive class, and the counts of hits, false alarms, misses and the rest."""
    positive = (answers["label"] == classes[1]).to_numpy()
    answered = of_second(answers, classes) >= threshold
    hits, alarms = int((answered & positive).sum()), int((answered & ~positive).sum())
    misses = int(positive.sum()) - hits
    precision, recall = hits / max(hits + alarms, 1), hits / max(hits + misses, 1)
    f1 = 2 * hits / max(2 * hits + alarms + misses, 1)
    return [precision, recall, f1, hits, alarms, misses, len(answers) - hits - alarms - misses]


def operating_points(
    validation: pd.DataFrame, answers: pd.DataFrame, *, classes: Sequence[str]
) -> pd.DataFrame:
    """What thresholds from the validation items do on the test items: the table of `COLUMNS`.

    answers : of the test items
    """
    points = [("recall", r, threshold_of_recall(validation, recall=r, classes=classes)) for r in RECALLS]
    points += [("miss_cost", cost, threshold_of_cost(cost)) for cost in MISS_COSTS]
    rows = [[*point, *scores_at(answers, point[2], classes=classes)] for point in points]
    return pd.DataFrame(rows, columns=COLUMNS)
