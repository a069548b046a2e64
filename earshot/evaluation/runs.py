"""The runs of one model: how each did, and which fell out of line."""

import math

import numpy as np
import pandas as pd

from earshot.evaluation.predictions import checked, right_by_run
from earshot.evaluation.variance import student

FALSE_ALARMS = 0.01  # the share of models with normal runs of which one is called out of line


def run_accuracies(predictions: pd.DataFrame) -> pd.Series:
    """Series from run to accuracy."""
    table = checked(predictions)
    return pd.Series(right_by_run(table).mean(axis=1), index=pd.Index(table["run"].unique(), name="run"))


def out_of_line(accuracies: pd.Series, *, n_test: int) -> list[int]:
    """The runs that lie further from the mean of the others than runs of one procedure do.

    accuracies : as `run_accuracies` gives them
    n_test : the number of test items

    A run is compared with the R - 1 others, of mean m and standard deviation s, by Student's t of
    (A_r - m) / (s √(1 + 1/(R-1))) with R - 2 degrees of freedom, at a level shared by the R runs: the test of an
    outlier by its deleted residual, Cook and Weisberg (1982), "Residuals and influence in regression". s is at least
    √(p (1 - p) / n), what so many test items cannot show any better, with p = (m n + 2) / (n + 4), which is no 1 where
    all are right: Agresti and Coull (1998), "Approximate is better than exact for interval estimation of binomial
    proportions". Three runs are the fewest that can be told apart.
    """
    n_runs = len(accuracies)
    if n_runs < 3:
        return []
    limit = student(n_runs - 2, FALSE_ALARMS / n_runs)
    outliers = []
    for run, accuracy in accuracies.items():
        others = accuracies.drop(run)
        mean = float(others.mean())
        share = (mean * n_test + 2) / (n_test + 4)
        deviation = max(float(np.std(others, ddof=1)), math.sqrt(share * (1 - share) / n_test))
        if abs(accuracy - mean) > limit * deviation * math.sqrt(1 + 1 / (n_runs - 1)) + 1e-12:
            outliers.append(int(str(run)))
    return outliers
