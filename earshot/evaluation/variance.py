"""How far a score would move with other test items and with other runs of training.

Conventions: x_ri says whether run r = 1..R is right on item i, an array of shape (runs, items). Items lie in groups
g = 1..G, whose codes are an array of shape (items,); w_g is the group's share of the items. T_rg is the sum of x_ri
over the group's items divided by the number of all items, A_r the sum of T_rg over groups: the run's accuracy. Â and
T̄_g are their means over runs. Every estimate speaks of the procedure, a model trained anew, on groups drawn anew.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr, stdtrit

LEVEL = 0.95


class Components(NamedTuple):
    """A score and the parts of its variance.

    value : Â, the mean over runs
    v_g : V_G, the variance that the choice of groups brings
    v_r : V_R, the variance between runs, divided by R; 0 for one run, which cannot show it
    v_gr : V_GR, the part of V_R that comes from runs differing on these groups, which V_G holds already
    """

    value: float
    v_g: float
    v_r: float
    v_gr: float
    n_groups: int
    n_runs: int

    @property
    def s(self) -> float:
        """S = V_R - V_GR, the variance that runs bring beyond that of groups; below 0 by chance."""
        return self.v_r - self.v_gr

    def scaled(self, factor: float) -> "Components":
        """The components of the score times a factor."""
        square = factor**2
        return self._replace(
            value=self.value * factor, v_g=self.v_g * square, v_r=self.v_r * square, v_gr=self.v_gr * square
        )


class Spread(NamedTuple):
    """The variance of an estimate as two parts, each with the degrees of freedom that it was estimated with.

    groups, groups_df : V_G and G - 1
    runs, runs_df : max(0, S) and R - 1, or Satterthwaite's number for several procedures
    """

    groups: float
    groups_df: float
    runs: float
    runs_df: float

    def half_width(self, alpha: float = 1 - LEVEL) -> float:
        """h of the interval at the level 1 - α: h² = t²_{G-1} V_G + t²_ν S."""
        square = 0.0
        if self.groups > 0:
            square += student(self.groups_df, alpha) ** 2 * self.groups
        if self.runs > 0:
            square += student(self.runs_df, alpha) ** 2 * self.runs
        return float(np.sqrt(square))

    def p_value(self, distance: float) -> float:
        """The α at which the half-width equals a distance: the interval at 1 - α just reaches the null hypothesis."""
        distance = abs(distance)
        parts = [part for part in ((self.groups, self.groups_df), (self.runs, self.runs_df)) if part[0] > 0]
        if not parts or distance == 0:
            return 1.0 if distance == 0 else 0.0
        if len(parts) == 1:
            ((variance, df),) = parts
            return float(2 * stdtr(df, -distance / np.sqrt(variance)))
        low, high = -700.0, 0.0  # of log α; the half-width falls with α
        for _ in range(60):
            middle = (low + high) / 2
            if self.half_width(float(np.exp(middle))) > distance:
                low = middle
            else:
                high = middle
        return float(np.exp((low + high) / 2))


def components(values: NDArray[Any], groups: NDArray[np.int64]) -> Components:
    """The components of a mean over runs and items.

    values : x_ri, shape (runs, items)
    groups : shape (items,)

    e_g = T̄_g - w_g Â and V_G = G/(G-1) Σ e_g²; V_R = Σ (A_r - Â)² / (R (R-1));
    d_rg = T_rg - T̄_g - w_g (A_r - Â) and V_GR = G/(G-1) Σ d_rg² / (R (R-1)).
    """
    sums = group_sums(values, groups)
    weights = np.bincount(groups) / len(groups)
    accuracies = sums.sum(axis=1)
    mean = float(accuracies.mean())
    n_runs, n_groups = sums.shape
    effects = sums.mean(axis=0) - weights * mean
    deviations = sums - sums.mean(axis=0) - weights * (accuracies - mean)[:, None]
    return Components(
        value=mean,
        v_g=_of_groups(np.sum(effects**2), n_groups),
        v_r=_of_runs(np.sum((accuracies - mean) ** 2), n_runs),
        v_gr=_of_runs(_of_groups(np.sum(deviations**2), n_groups), n_runs),
        n_groups=n_groups,
        n_runs=n_runs,
    )


def resampled_components(
    scores: NDArray[np.float64], resampled: NDArray[np.float64], n_groups: int
) -> Components:
    """The components of a score that is no sum over items, from the group bootstrap.

    scores : of each run, shape (runs,)
    resampled : of each run on resampled groups, shape (runs, resamples), on the same draws for all runs

    V_G is the variance of the mean over runs, V_GR that of each run's distance from it; the factor G/(G-1) undoes the
    bootstrap's division by G: Hesterberg (2015), "What teachers should know about the bootstrap".
    """
    n_runs, mean = len(scores), float(np.mean(scores))
    of_mean = resampled.mean(axis=0)
    return Components(
        value=mean,
        v_g=_of_groups(_variance(of_mean), n_groups),
        v_r=_of_runs(np.sum((scores - mean) ** 2), n_runs),
        v_gr=_of_runs(_of_groups(sum(_variance(own - of_mean) for own in resampled), n_groups), n_runs),
        n_groups=n_groups,
        n_runs=n_runs,
    )


def difference_components(first: NDArray[Any], second: NDArray[Any], groups: NDArray[np.int64]) -> float:
    """V_G of the difference of two scores on the same items, whose runs may differ in number: from e_ga - e_gb."""
    effects = group_effects(first, groups) - group_effects(second, groups)
    return _of_groups(np.sum(effects**2), len(effects))


def covariance(first: NDArray[Any], second: NDArray[Any], groups: NDArray[np.int64]) -> float:
    """C = G/(G-1) Σ e_ga e_gb of two scores on the same items."""
    effects = group_effects(first, groups) * group_effects(second, groups)
    return _of_groups(np.sum(effects), len(effects))


def spread(v_g: float, *procedures: Components) -> Spread:
    """The spread of an estimate that runs of these procedures move.

    v_g : V_G of the estimate
    procedures : their components, scaled as they enter the estimate

    S = max(0, Σ S_a), with Satterthwaite's (1946) ν = (Σ V_Ra)² / Σ (V_Ra² / (R_a - 1)) degrees of freedom.
    """
    variances = [part.v_r for part in procedures]
    total = sum(variances)
    weights = sum(part.v_r**2 / (part.n_runs - 1) for part in procedures if part.v_r > 0)
    return Spread(
        groups=v_g,
        groups_df=procedures[0].n_groups - 1,
        runs=max(0.0, sum(part.s for part in procedures)) if total > 0 else 0.0,
        runs_df=total**2 / weights if weights > 0 else 0.0,
    )


def group_sums(values: NDArray[Any], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """T_rg, shape (runs, groups)."""
    sums = [np.bincount(groups, weights=own) for own in np.atleast_2d(values)]
    return np.stack(sums) / len(groups)


def group_effects(values: NDArray[Any], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """e_g, shape (groups,)."""
    mean = group_sums(values, groups).mean(axis=0)
    effects: NDArray[np.float64] = mean - np.bincount(groups) / len(groups) * mean.sum()
    return effects


def student(df: float, alpha: float = 1 - LEVEL) -> float:
    """The two-sided quantile of Student's t."""
    return float(-stdtrit(df, alpha / 2))


def _of_groups(total: float, n_groups: int) -> float:
    return _without_rounding(total * n_groups / (n_groups - 1)) if n_groups > 1 else np.inf


def _of_runs(total: float, n_runs: int) -> float:
    return _without_rounding(total / (n_runs * (n_runs - 1))) if n_runs > 1 else 0.0


def _variance(values: NDArray[np.float64]) -> float:
    return float(np.var(values)) if np.ptp(values) > 1e-12 else 0.0


def _without_rounding(variance: float) -> float:
    """0 for what only rounding has left."""
    return 0.0 if abs(variance) < 1e-24 else float(variance)
