"""What the ways to decide by calibrated probabilities do on the test items, with thresholds from validation items."""

from collections.abc import Sequence

import pandas as pd

from earshot.evaluation import conformal, operating, selective
from earshot.evaluation.predictions import averaged, calibrated, checked, confidences, runs_of
from earshot.evaluation.rounding import rounded


def decisions(
    predictions: pd.DataFrame,
    validation: pd.DataFrame,
    *,
    groups: pd.Series,
    classes: Sequence[str],
    temperature: float,
) -> dict[str, pd.DataFrame]:
    """A table for each way to decide: `keep`, `coverage`, and of two classes `operating`.

    predictions : of the test items
    validation : as `confidences` gives it
    groups : Series from id to group, of the test items
    temperature : the model's
    """
    table = calibrated(averaged(checked(predictions, classes)), temperature)
    answers = confidences(table, groups)
    probabilities = runs_of(table)[0][list(classes)].to_numpy(dtype=float)
    tables = {
        "keep": selective.at_shares(validation, answers, classes=classes),
        "coverage": conformal.at_coverages(validation, answers, probabilities),
    }
    if len(classes) == 2:
        tables["operating"] = operating.operating_points(validation, answers, classes=classes)
    return {name: own.map(rounded) for name, own in tables.items()}
