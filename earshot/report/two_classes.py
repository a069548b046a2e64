"""A model of two classes: how what it finds trades against its false alarms, and where thresholds stand on that."""

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import average_precision_score, precision_recall_curve, roc_auc_score, roc_curve

from earshot.core.io import records
from earshot.evaluation.predictions import averaged, checked, classes_of, runs_of

MOST = 200  # points of a curve
NAMES = {"recall": "recall of {:.0%} in validation", "miss_cost": "a miss costs {:g} false alarms"}
DOTS = {
    True: "Dots are thresholds: of a recall from validation items, of a cost by formula.",
    False: "Dots are thresholds of a cost, by formula; there are no validation items to take those of a recall from.",
}


def two_classes(predictions: pd.DataFrame, operating: pd.DataFrame, *, validated: bool) -> dict[str, Any]:
    """`positive, auc, averagePrecision, dots`, and the rows `kind, x, y, name` of the two curves, `roc` and `found`.

    predictions : by a model of two classes, of all its runs, whose probabilities are averaged
    operating : what thresholds do on the test items, `data/decisions/…/operating.csv`
    validated : whether there were validation items; without any no threshold keeps a recall

    Kind is `curve` or `point`, and `dots` says in a sentence what the points are. A threshold that finds nothing has no
    precision and is no point. The second class is the positive one.
    """
    table = runs_of(averaged(checked(predictions)))[0]
    positive = classes_of(table)[1]
    truth, scores = (table["label"] == positive).to_numpy(), table[positive].to_numpy(dtype=float)
    false_rate, true_rate, _ = roc_curve(truth, scores)
    precision, recall, _ = precision_recall_curve(truth, scores)
    negatives = int((~truth).sum())
    points = [
        {
            "kind": "point",
            "name": NAMES[row["by"]].format(row["asked"]),
            "recall": row["recall"],
            "precision": row["precision"],
            "alarms": row["false_alarms"] / max(negatives, 1),
        }
        for row in records(operating)
        if row["hits"] + row["false_alarms"] and (validated or row["by"] != "recall")
    ]
    return {
        "positive": positive,
        "auc": round(float(roc_auc_score(truth, scores)), 4),
        "averagePrecision": round(float(average_precision_score(truth, scores)), 4),
        "dots": DOTS[validated],
        "roc": _rows(false_rate, true_rate) + [_point(point, "alarms", "recall") for point in points],
        "found": _rows(recall[::-1], precision[::-1])
        + [_point(point, "recall", "precision") for point in points],
    }


def _rows(x: Any, y: Any) -> list[dict[str, Any]]:
    """A curve's points, `MOST` of them at the most, its ends among them."""
    places = np.unique(np.linspace(0, len(x) - 1, min(MOST, len(x))).astype(int))
    return [
        {"kind": "curve", "order": order, "x": round(float(x[place]), 4), "y": round(float(y[place]), 4)}
        for order, place in enumerate(places)
    ]


def _point(point: dict[str, Any], x: str, y: str) -> dict[str, Any]:
    return {
        "kind": "point",
        "order": 0,
        "name": point["name"],
        "x": round(float(point[x]), 4),
        "y": round(float(point[y]), 4),
    }
