"""What the numbers of a study say: a verdict of three paragraphs on its largest subset.

No model is called better than another where that is not significant; models are named in the order of params.yaml.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from earshot.core.io import records
from earshot.evaluation.compare import FLOOR_QUESTION, best_row, models_question, ranked
from earshot.evaluation.paired import MCNEMAR, is_significant, of_trained_models
from earshot.evaluation.predictions import Key, Results, aligned, no_skill
from earshot.evaluation.training_length import TrainingLength, note
from earshot.evaluation.warnings import StudyWarning
from earshot.evaluation.wording import interval, listed, p_value, percent, procedure, studies

MOST = 4  # comparisons that are told
Row = dict[str, Any]


def verdict(
    results: Results,
    summary: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    lengths: Mapping[Key, TrainingLength] | None = None,
    claims: Sequence[str] = (),
) -> list[str]:
    """Three paragraphs: how right the models are and which is better, what the sound keeps of a picture, the control.
    A fourth one says what in the data set puts them in doubt, where something does.

    Where nothing was a picture, the second says how the best model does over classes, and how sure it rightly is.

    results : as `earshot.evaluation.compare` takes them
    summary, pairs : as `earshot.evaluation.compare` gives them
    lengths : how long each model was trained, where that is known
    claims : of data/examined/checks.csv, empty where a check touches none
    """
    subset, part = list(aligned(results).items())[-1]
    rows, own = summary[summary["subset"] == subset], pairs[pairs["subset"] == subset]
    paragraphs = [_models(rows, own, lengths or {}), _retention(rows), _control(rows, own, no_skill(part))]
    if told := "; ".join(filter(None, claims)):
        paragraphs.append(f"The data set puts this in doubt: {told}.")
    return paragraphs


def markdown(sentences: list[str], warnings: list[StudyWarning]) -> str:
    """metrics/verdict.md: the verdict, and the warnings where there are any."""
    lines = ["# Verdict", "", *sentences]
    if warnings:
        lines += ["", "## Warnings", "", *(f"- {warning.sentence()}" for warning in warnings)]
    return "\n".join(lines) + "\n"


def sentences_of(text: str) -> list[str]:
    """The paragraphs of the verdict in metrics/verdict.md."""
    lines = text.partition("\n## ")[0].splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _models(rows: pd.DataFrame, pairs: pd.DataFrame, lengths: Mapping[Key, TrainingLength]) -> str:
    """How right the models of the view that the verdict speaks of are, and what is shown of their order."""
    best = best_row(rows)
    view = best["view"]
    family = records(pairs[pairs["question"] == models_question(view)])
    compared = [pair for pair in family if best["model"] in (pair["first_model"], pair["second_model"])]
    told = sorted(compared, key=lambda pair: abs(pair["difference"]))[:MOST]
    named = {pair[side] for pair in told for side in ("first_model", "second_model")} | {best["model"]}
    models = [row for row in records(rows[rows["view"] == view]) if row["model"] in named]
    shares = [f"{row['model']} on {interval(row, 'accuracy')}" for row in models]
    shares[0] = f"{models[0]['model']} on {view} is right on {interval(models[0], 'accuracy')}"
    sentences = [
        f"On {best['n_test']:,} test items of {round(1 / best['chance'])} classes, {listed(shares)}, "
        f"{_trained(models)}, where guessing gets {percent(best['chance'])}.",
        *(_order(pair, best["model"], len(family)) for pair in compared if pair in told),
    ]
    if len(compared) > len(told):
        sentences.append(f"data/pairs.csv compares it with {len(compared) - len(told)} more.")
    if any(row["runs"] == 1 for row in models):
        sentences.append("One run says nothing of what another training of the same model would give.")
    keys = {row["model"]: (row["subset"], view, row["model"]) for row in models}
    sentences += note({name: lengths[key] for name, key in keys.items() if key in lengths})
    return " ".join(sentences)


def _trained(models: list[Row]) -> str:
    """How many trainings stand for the models: `means of 5 runs`."""
    runs = [int(row["runs"]) for row in models]
    if set(runs) == {1}:
        return "one trained model" + (" each" if len(models) > 1 else "")
    if len(set(runs)) == 1:
        return f"the mean{'s' if len(models) > 1 else ''} of {runs[0]} runs"
    return "with " + listed(
        [f"{n} run{'' if n == 1 else 's'} of {row['model']}" for n, row in zip(runs, models, strict=True)]
    )


def _order(pair: Row, best: str, family: int) -> str:
    """What is shown of two models, one of them the most accurate, and how sure it is."""
    sides = [(pair["first_model"], pair["first_runs"]), (pair["second_model"], pair["second_runs"])]
    sign = 1
    if is_significant(pair) and pair["first_model"] != best:
        sides, sign = sides[::-1], -1
    first, second = (procedure(*side) for side in sides)
    ends = sorted(100 * sign * pair[f"difference_{end}"] for end in ("low", "high"))
    by = f"{100 * sign * pair['difference']:+z.1f} points ({ends[0]:+z.1f} to {ends[1]:+z.1f})"
    if is_significant(pair):
        return f"That {first} is better than {second} is significant: by {by}{_sure(pair, family)}."
    return (
        f"Whether {first} or {second} is better is not shown: {by} for {sides[0][0]}, not significant"
        f"{_sure(pair, family)}."
    )


def _sure(pair: Row, family: int) -> str:
    """How often equals would differ as much, in words; of two trained models, by what test."""
    counted = {1: "", 2: ", both comparisons counted"}.get(family, f", all {family} comparisons counted")
    if of_trained_models(pair):
        test = "McNemar's exact test " if pair["test"] == MCNEMAR else ""
        return f", {test}{p_value(pair['p_holm'])}{counted}"
    return f", as two equally good models would differ as much in {studies(pair['p_holm'])}{counted}"


def _retention(rows: pd.DataFrame) -> str:
    if not rows["view"].eq("picture").any():
        best = best_row(rows)
        return (
            f"Over classes {best['model']}'s macro F1 is {interval(best, 'macro_f1')}, and the confidence it states is "
            f"off by {100 * best['ece']:.1f} points on average."
        )
    measured = rows[(rows["view"] == "sound") & rows["retention"].notna()]
    if measured.empty:
        return "What the sound keeps of a picture is not measured: no model has learned from both to good effect."
    best = ranked(measured)[0]
    who = f"{best['model']}, trained once on each," if best["runs"] == 1 else best["model"]
    sentence = (
        f"As sound the pictures keep {interval(best, 'retention')} of what {who} gets out of the pictures themselves, "
        f"counted above chance"
    )
    if not math.isnan(best["transfer"]):
        sentence += (
            f"; trained on the pictures and asked about what the sound gives back, it is right on "
            f"{interval(best, 'transfer')}"
        )
    return f"{sentence}."


def _control(rows: pd.DataFrame, pairs: pd.DataFrame, no_skill: float) -> str:
    control = records(rows[rows["view"] == "shuffled"])
    if not control:
        return "No model was trained on shuffled labels, so a leak from test to training is not ruled out."
    first, *others = control
    shares = [f"{first['model']} is right on {interval(first, 'accuracy')}"]
    shares += [f"{row['model']} on {interval(row, 'accuracy')}" for row in others]
    sentence = f"Trained on shuffled labels, {listed(shares)}"
    family = records(pairs[pairs["question"] == FLOOR_QUESTION])
    leaks = [pair["first_model"] for pair in family if is_significant(pair) and pair["difference"] > 0]
    if leaks:
        return (
            f"{sentence}: {listed(leaks)} above the {percent(no_skill)} of no skill, so the test items are not "
            "independent of the training items."
        )
    counted = {1: "", 2: ", both counted"}.get(len(family), f", all {len(family)} counted")
    p = p_value(min(pair["p_holm"] for pair in family))
    return (
        f"{sentence}, not shown to beat the {percent(no_skill)} of no skill ({p}{counted}), as it should be: no "
        "identical items are in both training and test. Near-duplicates, and items that share a source, would not show."
    )
