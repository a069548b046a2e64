"""What the numbers of a study say of its largest subset: three sentences that may be quoted, and one more for each
finding that changes how to read them.

No model is called better than another where that is not significant. How large a difference is, and how sure, stands in
data/pairs.csv.
"""

from collections.abc import Mapping, Sequence
from typing import Any, cast

import pandas as pd

from earshot.config.base import View
from earshot.config.views import VIEWS, ceiling
from earshot.core.io import records
from earshot.evaluation.compare import EARS_QUESTION, FLOOR_QUESTION, best_row, models_question, ranked
from earshot.evaluation.paired import is_significant
from earshot.evaluation.predictions import Key, Results, aligned, no_skill
from earshot.evaluation.training_length import TrainingLength, note
from earshot.evaluation.warnings import StudyWarning
from earshot.evaluation.wording import interval, listed, percent, without_skill

MOST = 4  # models that the best one is compared with, the nearest ones
Row = dict[str, Any]


def verdict(
    results: Results,
    summary: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    lengths: Mapping[Key, TrainingLength] | None = None,
    claims: Sequence[str] = (),
) -> list[str]:
    """Three sentences: how right the best model is and which others it beats, what the sound keeps of a picture, the
    control. Then one for each finding that changes how to read them: what one run cannot tell, models that were not
    trained equally long, and what in the data set puts it all in doubt.

    Where a pretrained model hears too, a sentence compares it with the sound. Where nothing was a picture, the second
    says how the best model does over classes, and how sure it rightly is.

    results : as `earshot.evaluation.compare` takes them
    summary, pairs : as `earshot.evaluation.compare` gives them
    lengths : how long each model was trained, where that is known
    claims : of data/examined/checks.csv, empty where a check touches none
    """
    subset, part = list(aligned(results).items())[-1]
    rows, own = summary[summary["subset"] == subset], pairs[pairs["subset"] == subset]
    models = _compared(rows, own)
    sentences = [
        _models(rows, own, models, no_skill(part)),
        _retention(rows),
        _control(rows, own, no_skill(part)),
    ]
    sentences += _ears(rows, own)
    if any(row["runs"] == 1 for row in models):
        sentences.append("One run says nothing of what another training of the same model would give.")
    keys = {row["model"]: (row["subset"], row["view"], row["model"]) for row in models}
    sentences += note({name: lengths[key] for name, key in keys.items() if key in lengths} if lengths else {})
    if doubts := "; ".join(filter(None, claims)):
        sentences.append(f"The data set puts this in doubt: {doubts}.")
    return sentences


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


def _compared(rows: pd.DataFrame, pairs: pd.DataFrame) -> list[Row]:
    """The best model and the MOST nearest to it in its view, of the others in the order of params.yaml."""
    best = best_row(rows)
    nearest = sorted(_family(best, pairs), key=lambda pair: abs(pair["difference"]))[:MOST]
    named = {pair[side] for pair in nearest for side in ("first_model", "second_model")}
    others = [
        row
        for row in records(rows[rows["view"] == best["view"]])
        if row["model"] in named and row["model"] != best["model"]
    ]
    return [best, *others]


def _family(best: Row, pairs: pd.DataFrame) -> list[Row]:
    """The pairs of the best model with the others of its view."""
    asked = records(pairs[pairs["question"] == models_question(best["view"])])
    return [pair for pair in asked if best["model"] in (pair["first_model"], pair["second_model"])]


def _models(rows: pd.DataFrame, pairs: pd.DataFrame, models: list[Row], no_skill: float) -> str:
    """How right the best model is, and which of the others that is significantly more than."""
    best, *others = models
    family = _family(best, pairs)
    beaten = {
        name
        for pair in family
        if is_significant(pair)
        for name in (pair["first_model"], pair["second_model"])
    }
    parts = [
        f"On {best['n_test']:,} test items of {round(1 / best['chance'])} classes, {best['model']} on {best['view']} "
        f"is right on {interval(best, 'accuracy')}"
    ]
    for is_beaten, words in ((True, "significantly more than"), (False, "not shown to be more than")):
        named = [
            f"{row['model']} with {interval(row, 'accuracy')}"
            for row in others
            if (row["model"] in beaten) == is_beaten
        ]
        if named:
            parts.append(f"{words} {listed(named)}")
    if len(family) > len(others):
        parts.append(f"and compared with {len(family) - len(others)} more in data/pairs.csv")
    least = without_skill(chance=best["chance"], no_skill=no_skill)
    return f"{', '.join(parts)}: {_trained(models)}, where {least}."


def _trained(models: list[Row]) -> str:
    """How many trainings stand for the models: `means of 5 runs`."""
    runs = [int(row["runs"]) for row in models]
    if set(runs) == {1}:
        return "one trained model" + (" each" if len(models) > 1 else "")
    if len(set(runs)) == 1:
        return f"the mean{'s' if len(models) > 1 else ''} of {runs[0]} runs"
    return listed(
        [f"{n} run{'' if n == 1 else 's'} of {row['model']}" for n, row in zip(runs, models, strict=True)]
    )


def _retention(rows: pd.DataFrame) -> str:
    """What the sound keeps of a picture, or grey of colour; else how the best model does over classes."""
    present = set(rows["view"])
    poorer = next((view for view in ("sound", "picture") if view in present and ceiling(view, present)), None)
    if poorer is None:
        best = best_row(rows)
        return (
            f"Over classes {best['model']}'s macro F1 is {interval(best, 'macro_f1')}, and the confidence it states is "
            f"off by {100 * best['ece']:.1f} points on average."
        )
    measured = rows[(rows["view"] == poorer) & rows["retention"].notna()]
    if measured.empty:
        what = (
            "the sound keeps of a picture" if poorer == "sound" else "pictures keep when they are turned grey"
        )
        return f"What {what} is not measured: no model has learned from both to good effect."
    best = ranked(measured)[0]
    who = f"{best['model']}, trained once on each," if best["runs"] == 1 else best["model"]
    of_picture = VIEWS[cast(View, ceiling(poorer, present))].named
    how = "As sound" if poorer == "sound" else "Turned grey"
    sentence = (
        f"{how} the pictures keep {interval(best, 'retention')} of what {who} gets out of the {of_picture} themselves, "
        "counted above chance."
    )
    grey = rows[(rows["view"] == "picture") & (rows["model"] == best["model"]) & rows["retention"].notna()]
    if poorer == "picture" or grey.empty:
        return sentence
    return f"{sentence[:-1]}; turned grey, they keep {interval(records(grey)[0], 'retention')} of it."


def _ears(rows: pd.DataFrame, pairs: pd.DataFrame) -> list[str]:
    """How the best model on the sound and the best on what a pretrained model hears compare, where there are both."""
    by_view = {view: ranked(rows[rows["view"] == view]) for view in ("sound", "embedding")}
    if not all(by_view.values()):
        return []
    sound, embedding = (models[0] for models in by_view.values())
    asked = records(pairs[pairs["question"] == EARS_QUESTION])
    (pair,) = (
        pair
        for pair in asked
        if (pair["first_model"], pair["second_model"]) == (sound["model"], embedding["model"])
    )
    first, second = (sound, embedding) if pair["difference"] >= 0 else (embedding, sound)
    words = "significantly more than" if is_significant(pair) else "not shown to be more than"
    return [
        f"Of sound and embedding, {first['model']} on {first['view']} is right on {interval(first, 'accuracy')}, "
        f"{words} {second['model']} on {second['view']} with {interval(second, 'accuracy')}."
    ]


def _control(rows: pd.DataFrame, pairs: pd.DataFrame, no_skill: float) -> str:
    control = records(rows[rows["view"] == "shuffled"])
    if not control:
        return "No model was trained on shuffled labels, so a leak from test to training is not ruled out."
    family = records(pairs[pairs["question"] == FLOOR_QUESTION])
    leaks = [pair["first_model"] for pair in family if is_significant(pair) and pair["difference"] > 0]
    if leaks:
        shares = [
            f"{row['model']} is right on {interval(row, 'accuracy')}"
            for row in control
            if row["model"] in leaks
        ]
        return (
            f"Trained on shuffled labels, {listed(shares)}, significantly above the {percent(no_skill)} of no skill, "
            "so the test items are not independent of the training items."
        )
    who = f"{control[0]['model']} is not" if len(control) == 1 else "no model is"
    return (
        f"Trained on shuffled labels, {who} shown to beat the {percent(no_skill)} of no skill, as it should be: no "
        "identical items are in both training and test, which says nothing of near-duplicates or of items that share a "
        "source."
    )
