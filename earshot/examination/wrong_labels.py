"""Labels that look wrong: of items that a classifier which never saw them is sure about, and names otherwise.

How often a classifier contradicts labels falls with its margin, the score of the first class minus that of the second.
Hard items alone let it fall to nothing. Wrong labels do not: it levels off at the share of them. So the share e of
wrong labels is fitted, P(contradicts) = e + (1 - e) / (1 + exp(b r - |a|)) with r the rank of an item's margin, from 0
to 1, and e = 0 is tested by the ratio of likelihoods. Of two classes that tie, the label is contradicted at least half
the time: hence |a|. Of scanned digits, spoken digits and Fashion-MNIST as they are, none reaches a ratio of 4. With 3 %
of the labels exchanged, 48 of 54 are found by 54 suspects, 89 of 90 by 102, and of two spoken digits all 18 by 18.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.examination.checks import Check, percent, plural, some

COLUMNS = ["id", "label", "suggested", "doubt", "correct"]
LIKELIHOOD_RATIO = 10.83  # chi-squared with one degree of freedom, p = .001
MOST_WRONG = 0.2  # where more is contradicted, the classifier is at fault
LEAST_RIGHT = 0.6  # of the items: a classifier that knows less says nothing of labels
MEND = (
    "Look at data/examined/wrong_labels.csv, write the right class into its column correct where a label is wrong, "
    "save it beside the data set as corrections.csv, and set dataset.corrections: corrections.csv"
)


class Lapses(NamedTuple):
    """The share of labels that are wrong, 2 log of the likelihood ratio against none, and each item's probability."""

    share: float
    ratio: float
    doubt: NDArray[np.float64]


def wrong_labels(
    items: pd.DataFrame, scores: NDArray[np.float64] | None, classes: list[str]
) -> tuple[Check, pd.DataFrame]:
    """The check, and its table of suspects: `id, label, suggested, doubt, correct`, the surest first, correct empty.

    items : DataFrame with `id, label`
    scores : as `held_out_scores` gives them; None where it cannot
    classes : in the order of the scores
    """
    nothing = pd.DataFrame(columns=COLUMNS)
    if scores is None:
        return Check(
            "labels", "no", "Wrong labels were not looked for: the items of a class are too few."
        ), nothing
    own = pd.Categorical(items["label"], categories=pd.Index(classes)).codes.astype(np.int64)
    ordered = np.sort(scores, axis=1)
    margin, contradicts = ordered[:, -1] - ordered[:, -2], scores.argmax(axis=1) != own
    right = 1 - float(contradicts.mean())
    if right < LEAST_RIGHT:
        text = (
            f"Wrong labels were not looked for: a quick classifier is right on {percent(right)} of items that it was "
            "not trained on, too few to doubt a label."
        )
        return Check("labels", "no", text), nothing
    lapses = lapses_of(margin.argsort(kind="stable").argsort() / len(margin), contradicts)
    if lapses.ratio < LIKELIHOOD_RATIO or lapses.share > MOST_WRONG:
        text = (
            f"No sign of wrong labels: a quick classifier, right on {percent(right)} of items that it was not trained "
            "on, contradicts no more labels than hard items explain."
        )
        return Check("labels", "no", text), nothing
    suspects = items[["id", "label"]].assign(
        suggested=np.array(classes)[scores.argmax(axis=1)],
        doubt=lapses.doubt.round(3),
        margin=margin,
        correct="",
    )
    suspects = suspects[suspects["doubt"] > 0.5].sort_values("margin", ascending=False, kind="stable")
    wrong = max(1, round(lapses.share * len(items)))
    text = (
        f"About {wrong:,} of {len(items):,} labels seem to be wrong: a quick classifier that was not trained on them "
        f"is sure of another class. It suspects {plural(len(suspects), 'item')} ({some(list(suspects['id']))}). "
        "Models learn wrong labels, and are called wrong where they are right."
    )
    claim = f"about {percent(lapses.share)} of the labels seem to be wrong, those of test items among them"
    return Check("labels", "yes", text, claim, MEND), suspects[COLUMNS]


def lapses_of(rank: NDArray[np.float64], contradicts: NDArray[np.bool_]) -> Lapses:
    """The fit of this module's formula. rank, contradicts : one an item"""
    from scipy.optimize import minimize

    def loss(numbers: NDArray[Any]) -> float:
        share, hard = _curve(rank, numbers)
        likelihood = np.clip(share + (1 - share) * hard, 1e-9, 1 - 1e-9)
        return -float(np.log(np.where(contradicts, likelihood, 1 - likelihood)).sum())

    def fit(*start: float) -> Any:
        options: Any = {"maxiter": 2000, "maxfev": 2000}
        return minimize(loss, np.array(start), method="Nelder-Mead", options=options)

    fits = [[fit(0.0, slope, *more) for slope in (3.0, 10.0)] for more in ([], [-4.0])]
    without, fitted = (min(own, key=lambda fit: float(fit.fun)) for own in fits)
    share, hard = _curve(rank, fitted.x)
    doubt = np.where(contradicts, share / (share + (1 - share) * hard), 0)
    return Lapses(share, 2 * float(without.fun - fitted.fun), doubt)


def _curve(rank: NDArray[np.float64], numbers: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
    """e, and how often a hard item is contradicted. numbers : a, b and, unless e is 0, its log odds"""
    start, slope, *odds = numbers
    share = float(1 / (1 + np.exp(-np.clip(odds[0], -50, 50)))) if odds else 0.0
    hard: NDArray[np.float64] = 1 / (1 + np.exp(np.clip(slope * rank - abs(start), -50, 50)))
    return share, hard
