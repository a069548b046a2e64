"""95 % intervals of scores, of their differences and of their ratios, and the p-values that agree with them.

They count the test items and the runs of training, and respect groups: items of one group are alike. A p-value is the
α at which the interval at 1 - α just reaches the null hypothesis, so that it is below .05 where the 95 % interval
leaves the null hypothesis out. With one run, what another run would give is not in them: they speak of one trained
model. `benchmarks/coverage.py` measures how often they hold the true value.
"""

import math

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtr

from earshot.evaluation.variance import Components, Spread, spread, student

ALIKE = 0.1  # intraclass correlation taken for granted where the data show no variation at all
Limits = tuple[float, float]
UNKNOWN = (math.nan, math.nan)


def proportion_interval(estimate: float, spread: Spread, sizes: NDArray[np.int64]) -> Limits:
    """Wilson's interval of a score in [0, 1], as (low, high).

    spread : the estimate's, with the half-width h
    sizes : items in each group

    With k = h² / (Â (1 - Â)) the limits are (Â + k/2 ± √(k Â (1 - Â) + k²/4)) / (1 + k): Korn and Graubard (1998),
    "Confidence intervals for proportions with small expected number of positive counts estimated from survey data".
    Without variation, as when every item is right, the data cannot say how alike the items of a group are: k is
    then t²/n with n of `effective_size`. So 100 % is never [1, 1].
    """
    if len(sizes) < 2:
        return 0.0, 1.0
    variance = estimate * (1 - estimate)
    h = spread.half_width()
    k = h**2 / variance if h > 0 and variance > 0 else student(len(sizes) - 1) ** 2 / effective_size(sizes)
    half = math.sqrt(k * variance + k**2 / 4)
    low, high = ((estimate + k / 2 + side * half) / (1 + k) for side in (-1, 1))
    return max(0.0, min(low, estimate)), min(1.0, max(high, estimate))


def proportion_p(estimate: float, null: float, spread: Spread, sizes: NDArray[np.int64]) -> float:
    """p of the hypothesis that a score is a given number in (0, 1): the α at which `proportion_interval` reaches it."""
    if len(sizes) < 2:
        return 1.0
    variance, at_null = estimate * (1 - estimate), null * (1 - null)
    if spread.half_width() > 0 and variance > 0:
        return spread.p_value((estimate - null) * math.sqrt(variance / at_null))
    t = abs(estimate - null) * math.sqrt(effective_size(sizes) / at_null)
    return float(2 * stdtr(len(sizes) - 1, -t))


def difference_interval(estimate: float, spread: Spread, sizes: NDArray[np.int64]) -> Limits:
    """Interval of a paired difference of two accuracies, as (low, high): D ± h.

    It is [0, 0] where the two are right on the same items in every run. A difference that is the same in every group
    and run shows no variation; it gets the limits of `_without_variation`.
    """
    if len(sizes) < 2:
        return -1.0, 1.0
    centre, spread = _without_variation(estimate, spread, sizes)
    half = spread.half_width()
    return max(-1.0, min(estimate, centre - half)), min(1.0, max(estimate, centre + half))


def difference_p(estimate: float, spread: Spread, sizes: NDArray[np.int64]) -> float:
    """p of the hypothesis that two procedures are equally accurate: the α at which `difference_interval` reaches 0."""
    if len(sizes) < 2:
        return 1.0
    centre, spread = _without_variation(estimate, spread, sizes)
    return spread.p_value(centre)


def ratio_interval(first: Components, second: Components, covariance: float) -> Limits:
    """Fieller's interval of a ratio of two scores on the same items, as (low, high); NaN where it has no limits.

    first, second : the components of numerator s and denominator p, with what both are counted from taken off their
        `value`
    covariance : C of the two

    Fieller (1954), "Some problems in interval estimation": all ratios r for which s - r p is within its half-width of
    0. With r̂ = s/p and κ = t²_ν max(0, S_s + r̂² S_p) / (V_Rs + r̂² V_Rp): m_ss = t²_{G-1} V_Gs + κ V_Rs,
    m_pp likewise, m_sp = t²_{G-1} C; the limits are (b ± √(b² - a c)) / a of a = p² - m_pp, b = s p - m_sp and
    c = s² - m_ss. They exist only if the denominator itself differs from 0.
    """
    if first.n_groups < 2:
        return UNKNOWN
    ratio = first.value / second.value
    runs = spread(0.0, first, second.scaled(ratio))
    between = first.v_r + ratio**2 * second.v_r
    kappa = runs.half_width() ** 2 / between if between > 0 else 0.0
    t2 = student(first.n_groups - 1) ** 2
    a = second.value**2 - t2 * second.v_g - kappa * second.v_r
    b = first.value * second.value - t2 * covariance
    c = first.value**2 - t2 * first.v_g - kappa * first.v_r
    if a <= 1e-12:
        return UNKNOWN
    half = math.sqrt(max(0.0, b**2 - a * c))
    return (b - half) / a, (b + half) / a


def effective_size(sizes: NDArray[np.int64]) -> float:
    """How many independent items groups are worth whose items correlate at `ALIKE`: Kish (1965), Survey sampling."""
    mean_size = np.sum(np.square(sizes)) / np.sum(sizes)  # of the group that an item is in
    return float(np.sum(sizes) / (1 + (mean_size - 1) * ALIKE))


def _without_variation(estimate: float, spread: Spread, sizes: NDArray[np.int64]) -> tuple[float, Spread]:
    """The centre and the spread of a difference's interval.

    Where nothing varies though there is a difference, they are those of one item more on either side, of as many
    items as the groups are worth: Bonett and Price (2012), "Adjusted Wald confidence interval for a difference of
    binomial proportions based on paired data".
    """
    if estimate == 0 or spread.half_width() > 0:
        return estimate, spread
    n = effective_size(sizes)
    more, less = (n * abs(estimate) + 1) / (n + 2), 1 / (n + 2)
    centre = math.copysign(more - less, estimate)
    return centre, spread._replace(groups=(more + less - centre**2) / (n + 2))
