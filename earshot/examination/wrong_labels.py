"""Labels that look wrong: of items that a classifier which never saw them is sure about, and names otherwise.

How often a classifier contradicts labels falls with its margin, the score of the first class minus that of the second.
Hard items alone let it fall to nothing. Wrong labels do not: it levels off at the share of them. So the share e of
wrong labels is fitted, P(contradicts) = e + (1 - e) / (1 + exp(b r - |a|)) with r the rank of an item's margin, from 0
to 1, and e = 0 is tested by the ratio of likelihoods. Of two classes that tie, the label is contradicted at least half
the time: hence |a|. Of scanned digits, spoken digits and Fashion-MNIST as they are, none reaches a ratio of 4. With 3 %
of the labels exchanged, 48 of 54 are found by 54 suspects, 89 of 90 by 102, and of two spoken digits all 18 by 18.

Classes that look alike hide wrong labels: of shirts that are called T-shirts a classifier is sure, and wrong. So where
nothing is found, it is asked once more whether the label is one of the two likeliest classes, with the score of the
first minus that of the third as margin, and the suspects are the labels of the lowest scores. Where three classes tie,
a label is the third of them one time in three: |a| - log 2 stands for |a|. A right label that comes third by chance
looks wrong, too: less than 2 % are not spoken of. Clean sets of three and four classes that look alike raise no alarm.
Of Fashion-MNIST with 3 % exchanged it speaks in two of four sets, and finds 31 of 45 by 42 suspects and 67 of 90 by 76;
the first question finds none.
"""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.examination.checks import Check, percent, plural, some

COLUMNS = ["id", "label", "suggested", "doubt", "correct"]
LIKELIHOOD_RATIO = 10.83  # chi-squared with one degree of freedom, p = .001
MOST_WRONG = 0.2  # where more is contradicted, the classifier is at fault
DEPTHS = (1, 2)  # likeliest classes that a label is to be one of
# of wrong labels among two classes: that a right one comes third by chance looks like fewer
LEAST_SHARE = 0.02
LEAST_RIGHT = 0.6  # of the items: a classifier that knows less says nothing of labels
MEND = (
    "Look at data/examined/wrong_labels.csv, write the right class into its column correct where a label is wrong, "
    "save it beside the data set as corrections.csv, and set dataset.corrections: corrections.csv"
)


class LabelNoise(NamedTuple):
    """The share of labels that are wrong, 2 log of the likelihood ratio against none, and each item's probability."""

    share: float
    ratio: float
    doubt: NDArray[np.float64]


def wrong_labels(
    items: pd.DataFrame,
    scores: NDArray[np.float64] | None,
    classes: list[str],
    *,
    has_groups: bool = False,
) -> tuple[Check, pd.DataFrame]:
    """The check, and its table of suspects: `id, label, suggested, doubt, correct`, the surest first, correct empty.

    items : DataFrame with `id, label`
    scores : as `held_out_scores` gives them; None where it cannot
    classes : in the order of the scores
    has_groups : whether items share groups, which the scores do not hold out whole
    """
    nothing = pd.DataFrame(columns=COLUMNS)
    if scores is None:
        return Check(
            "labels", "no", "Wrong labels were not looked for: the items of a class are too few."
        ), nothing
    own = pd.Categorical(items["label"], categories=pd.Index(classes)).codes.astype(np.int64)
    right = float((scores.argmax(axis=1) == own).mean())
    beside = " (others of their groups were in its training)" if has_groups else ""
    if right < LEAST_RIGHT:
        text = (
            f"Wrong labels were not looked for: a quick classifier is right on {percent(right)} of items that it was "
            f"not trained on{beside}, too few to doubt a label."
        )
        return Check("labels", "no", text), nothing
    signs = _signs(scores, own)
    if signs is None:
        text = (
            f"No sign of wrong labels: a quick classifier, right on {percent(right)} of items that it was not trained "
            f"on{beside}, contradicts no more labels than hard items explain."
        )
        return Check("labels", "no", text), nothing
    suspects = items[["id", "label"]].assign(
        suggested=np.array(classes)[scores.argmax(axis=1)],
        doubt=signs.noise.doubt.round(3),
        order=signs.order,
        correct="",
    )
    wrong = max(1, round(signs.noise.share * len(items)))
    suspects = suspects[signs.suspected].sort_values("order", ascending=False, kind="stable")
    sure = "another class" if signs.depth == 1 else f"{signs.depth} other classes"
    text = (
        f"About {wrong:,} of {len(items):,} labels seem to be wrong: a quick classifier that was not trained on them "
        f"is sure of {sure}. It suspects {plural(len(suspects), 'item')} ({some(list(suspects['id']))}). "
        "Models learn wrong labels, and are called wrong where they are right."
    )
    claim = (
        f"about {percent(signs.noise.share)} of the labels seem to be wrong, those of test items among them"
    )
    return Check("labels", "yes", text, claim, MEND), suspects[COLUMNS]


class Signs(NamedTuple):
    """Signs of wrong labels. order : by which the suspects are sorted, the greatest first; one an item"""

    depth: int
    noise: LabelNoise
    suspected: NDArray[np.bool_]
    order: NDArray[np.float64]


def _signs(scores: NDArray[np.float64], own: NDArray[np.int64]) -> Signs | None:
    """What the first question finds, or the second where the first finds nothing."""
    for depth in DEPTHS:
        if depth > 1 and scores.shape[1] < depth + 2:
            return None
        signs = _noise_at(depth, scores, own)
        if signs is not None:
            return signs if signs.noise.share <= MOST_WRONG else None
    return None


def _noise_at(depth: int, scores: NDArray[np.float64], own: NDArray[np.int64]) -> Signs | None:
    """The labels that are none of so many likeliest classes, where hard items do not explain as many."""
    ordered, of_label = np.sort(scores, axis=1), scores[np.arange(len(own)), own]
    margin = ordered[:, -1] - ordered[:, -1 - depth]
    contradicts = scores.argmax(axis=1) != own if depth == 1 else of_label < ordered[:, -depth]
    noise = fit_label_noise(margin.argsort(kind="stable").argsort() / len(margin), contradicts, depth=depth)
    if noise.ratio < LIKELIHOOD_RATIO:
        return None
    if depth > 1 and noise.share < LEAST_SHARE:
        return None
    if depth == 1:
        return Signs(depth, noise, noise.doubt > 0.5, margin)
    rank = np.where(contradicts, of_label, np.inf).argsort(kind="stable").argsort()
    return Signs(depth, noise, contradicts & (rank < max(1, round(noise.share * len(own)))), -of_label)


def fit_label_noise(
    rank: NDArray[np.float64], contradicts: NDArray[np.bool_], *, depth: int = 1
) -> LabelNoise:
    """The fit of this module's formula.

    rank, contradicts : one an item
    depth : likeliest classes that a label is to be one of
    """
    from scipy.optimize import minimize

    def loss(numbers: NDArray[Any]) -> float:
        share, hard = _curve(rank, numbers, depth)
        likelihood = np.clip(share + (1 - share) * hard, 1e-9, 1 - 1e-9)
        return -float(np.log(np.where(contradicts, likelihood, 1 - likelihood)).sum())

    def fit(*start: float) -> Any:
        options: Any = {"maxiter": 2000, "maxfev": 2000}
        return minimize(loss, np.array(start), method="Nelder-Mead", options=options)

    fits = [[fit(0.0, slope, *more) for slope in (3.0, 10.0)] for more in ([], [-4.0])]
    without, with_noise = (min(own, key=lambda fit: float(fit.fun)) for own in fits)
    share, hard = _curve(rank, with_noise.x, depth)
    doubt = np.where(contradicts, share / (share + (1 - share) * hard), 0)
    return LabelNoise(share, 2 * float(without.fun - with_noise.fun), doubt)


def _curve(
    rank: NDArray[np.float64], numbers: NDArray[np.float64], depth: int
) -> tuple[float, NDArray[np.float64]]:
    """e, and how often a hard item is contradicted. numbers : a, b and, unless e is 0, its log odds"""
    start, slope, *odds = numbers
    share = float(1 / (1 + np.exp(-np.clip(odds[0], -50, 50)))) if odds else 0.0
    level = abs(start) - np.log(depth)
    hard: NDArray[np.float64] = 1 / (1 + np.exp(np.clip(slope * rank - level, -50, 50)))
    return share, hard
