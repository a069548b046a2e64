"""What the numbers of a study say: a verdict of three sentences on its largest subset."""

import math
from typing import Any

import pandas as pd

from earshot.core.io import records
from earshot.evaluation.compare import best_row, ranked
from earshot.evaluation.paired import is_significant
from earshot.evaluation.predictions import Results, aligned, no_skill
from earshot.evaluation.warnings import StudyWarning
from earshot.evaluation.wording import interval, p_value, percent

Row = dict[str, Any]


def verdict(results: Results, summary: pd.DataFrame, pairs: pd.DataFrame) -> list[str]:
    """Three sentences: the best model, what the sound keeps of a picture, the control.

    Where nothing was a picture, the second says how the best model does over classes, and how sure it rightly is.

    results : as `earshot.evaluation.compare` takes them
    summary, pairs : as `earshot.evaluation.compare` gives them
    """
    subset, part = list(aligned(results).items())[-1]
    rows = summary[summary["subset"] == subset]
    return [_best(rows, pairs), _retention(rows), _control(rows, no_skill(part))]


def markdown(sentences: list[str], warnings: list[StudyWarning]) -> str:
    """metrics/verdict.md: the verdict, and the warnings where there are any."""
    lines = ["# Verdict", "", *sentences]
    if warnings:
        lines += ["", "## Warnings", "", *(f"- {warning.sentence()}" for warning in warnings)]
    return "\n".join(lines) + "\n"


def sentences_of(text: str) -> list[str]:
    """The sentences of the verdict in metrics/verdict.md."""
    lines = text.partition("\n## ")[0].splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _best(rows: pd.DataFrame, pairs: pd.DataFrame) -> str:
    best = best_row(rows)
    n_classes, name = round(1 / best["chance"]), f"{best['model']} on {best['view']}"
    sentence = (
        f"On {best['n_test']:,} test items of {n_classes} classes, {name} is right on {interval(best, 'accuracy')}, "
        f"where guessing gets {percent(best['chance'])}"
    )
    others = ranked(rows[rows["view"] == best["view"]])[1:]
    if not others:
        return f"{sentence}."
    second = others[0]
    return (
        f"{sentence}; next comes {second['model']} with {interval(second, 'accuracy')}, a difference that is "
        f"{_tested(_pair(pairs, best, second), ahead=best['model'])}."
    )


def _pair(pairs: pd.DataFrame, first: Row, second: Row) -> Row:
    """The pair of two models of one subset, which stands once in `pairs`, in any order."""
    names = {(row["view"], row["model"]) for row in (first, second)}
    return next(
        pair
        for pair in records(pairs[pairs["subset"] == first["subset"]])
        if {(pair["first_view"], pair["first_model"]), (pair["second_view"], pair["second_model"])} == names
    )


def _tested(pair: Row, *, ahead: str) -> str:
    """Whether a pair's difference is significant, and how that was tested.

    ahead : the more accurate model, which the interval counts for
    """
    low, high = 100 * pair["difference_low"], 100 * pair["difference_high"]
    if pair["first_model"] != ahead:
        low, high = -high, -low
    return (
        f"{'significant' if is_significant(pair) else 'not significant'} ({low:+z.1f} to {high:+z.1f} points, "
        f"McNemar's exact test {p_value(pair['p_holm'])} after Holm's correction)"
    )


def _retention(rows: pd.DataFrame) -> str:
    if not rows["view"].eq("picture").any():
        best = best_row(rows)
        return (
            f"Over classes its macro F1 is {interval(best, 'macro_f1')}, and the confidence it states is off by "
            f"{100 * best['ece']:.1f} points on average."
        )
    measured = rows[(rows["view"] == "sound") & rows["retention"].notna()]
    if measured.empty:
        return "What the sound keeps of a picture is not measured: no model has learned from both to good effect."
    best = ranked(measured)[0]
    sentence = (
        f"As sound the pictures keep {interval(best, 'retention')} of what {best['model']} gets out of "
        f"the pictures themselves, counted above chance"
    )
    if not math.isnan(best["transfer"]):
        sentence += (
            f"; trained on the pictures and asked about what the sound gives back, it is right on "
            f"{interval(best, 'transfer')}"
        )
    return f"{sentence}."


def _control(rows: pd.DataFrame, no_skill: float) -> str:
    control = rows[rows["view"] == "shuffled"]
    if control.empty:
        return "No model was trained on shuffled labels, so a leak from test to training is not ruled out."
    worst = ranked(control)[0]
    sentence = f"Trained on shuffled labels, {worst['model']} is right on {interval(worst, 'accuracy')}"
    if worst["accuracy_low"] > no_skill:
        return f"{sentence}, above chance: the test items are not independent of the training items."
    return f"{sentence}, no better than chance, as it should be."
