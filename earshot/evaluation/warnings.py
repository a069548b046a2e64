"""What puts a claim of the study in doubt: the rows of data/warnings.csv.

A difference that is not significant is no warning: data/pairs.csv holds every comparison with its p-value.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import pandas as pd

from earshot.config.base import View
from earshot.config.views import ceiling
from earshot.core.io import records
from earshot.evaluation.compare import FLOOR_QUESTION
from earshot.evaluation.paired import is_significant
from earshot.evaluation.predictions import Results, aligned, no_skill, run_count
from earshot.evaluation.runs import out_of_line, run_accuracies
from earshot.evaluation.wording import interval, listed, percent

FEW_GROUPS = 6

Kind = Literal[
    "leak",
    "watched",
    "groups",
    "run",
    "guessing",
    "retention",
    "maps",
    "beyond",
    "silent",
    "shared_source",
    "copies",
    "contents",
    "shortcut",
    "labels",
    "listeners",
]


class StudyWarning(NamedTuple):
    """One doubt. `view` and `model` are empty where it is about all models of a subset, `subset` is None where it is
    about the data set.

    kind : `leak` between training and test, `watched` test part, few `groups`, a `run` that fell out of line, not
        better than `guessing`, `retention` that cannot be told, `maps` that say little, recordings that reach `beyond`
        what the models see, `silent` clips; and what the stage examine found: `copies` of test items in training, a
        `shared_source` with items there, `contents` with two labels, a `shortcut` to the classes, wrong `labels`; files
        of `listeners` that are left out
    """

    kind: Kind
    subset: int | None
    view: str
    model: str
    text: str

    def sentence(self) -> str:
        """The warning with what it is about in front."""
        about = [] if self.subset is None else [f"subset {self.subset}"]
        about += [f"{self.model} on {self.view}"] if self.model else []
        return ": ".join([*about, self.text])


def warnings(
    results: Results,
    summary: pd.DataFrame,
    pairs: pd.DataFrame,
    *,
    groups: pd.Series,
    watched: Iterable[tuple[int, str, str]] = (),
) -> list[StudyWarning]:
    """All that puts the study in doubt, by subset.

    results, groups : as `earshot.evaluation.compare` takes them
    summary, pairs : as `earshot.evaluation.compare` gives them
    watched : the models whose test part was scored after every epoch of training
    """
    doubts = [StudyWarning("watched", *model, "its test part was watched in training.") for model in watched]
    for subset, part in aligned(results).items():
        doubts += _about_groups(subset, next(iter(part.values())), groups)
        rows = summary[summary["subset"] == subset]
        own = pairs[(pairs["subset"] == subset) & (pairs["question"] == FLOOR_QUESTION)]
        floor = {pair["first_model"]: pair for pair in records(own)}
        for row in records(rows):
            doubts += _about_runs(row, part[row["view"], row["model"]])
            if row["view"] == "shuffled":
                doubts += _about_floor(row, floor[row["model"]], no_skill(part))
            else:
                doubts += _about_chance(row, no_skill(part))
            if fuller := ceiling(row["view"], set(rows.loc[rows["model"] == row["model"], "view"])):
                doubts += _about_retention(row, fuller)
    return doubts


def of_features(doubts: Iterable[tuple[Kind, str]]) -> list[StudyWarning]:
    """What the models do not get to see of the data set, and what tells them nothing."""
    return [StudyWarning(kind, None, "", "", text) for kind, text in doubts]


def of_data_set(checks: pd.DataFrame) -> list[StudyWarning]:
    """What the stage examine found in the data set.

    checks : data/examined/checks.csv
    """
    faults = records(checks[checks["found"] == "yes"])
    return [StudyWarning(row["kind"], None, "", "", f"{row['text']} {row['mend']}.") for row in faults]


def warnings_table(warnings: list[StudyWarning]) -> pd.DataFrame:
    """The rows of data/warnings.csv."""
    return pd.DataFrame(warnings, columns=list(StudyWarning._fields)).astype({"subset": "Int64"})


def warnings_of(table: pd.DataFrame) -> list[StudyWarning]:
    """The warnings of data/warnings.csv."""
    subsets = [None if pd.isna(subset) else int(subset) for subset in table["subset"]]
    rows = records(table)
    return [StudyWarning(**row | {"subset": subset}) for row, subset in zip(rows, subsets, strict=True)]


def _about_groups(subset: int, table: pd.DataFrame, groups: pd.Series) -> Iterator[StudyWarning]:
    n_groups = groups.loc[table["id"]].nunique()
    if n_groups == 1:
        text = "all test items are of one group, so the intervals speak of that group only."
    elif n_groups < FEW_GROUPS:
        text = (
            f"the test items are of {n_groups} groups only, which is why the intervals are wide: they speak of "
            "groups not met before."
        )
    else:
        return
    yield StudyWarning("groups", subset, "", "", text)


def _about_runs(row: dict[str, Any], table: pd.DataFrame) -> Iterator[StudyWarning]:
    accuracies = run_accuracies(table)
    runs = out_of_line(accuracies, n_test=row["n_test"])
    if runs:
        others = accuracies.drop(runs)
        text = (
            f"{listed([f'run {run} is right on {percent(accuracies[run])}' for run in runs])}, where the other "
            f"{run_count(table) - len(runs)} runs are right on {percent(others.min())} to {percent(others.max())}: "
            "look at its curves. The mean counts it."
        )
        yield StudyWarning("run", row["subset"], row["view"], row["model"], text)


def _about_floor(row: dict[str, Any], pair: dict[str, Any], no_skill: float) -> Iterator[StudyWarning]:
    if not is_significant(pair):
        return
    accuracy = f"accuracy {interval(row, 'accuracy')}"
    if pair["difference"] > 0:
        text = (
            f"{accuracy} although its training labels are shuffled, more than the {percent(no_skill)} of no skill: "
            "test items leak into training. Look for duplicates and for items that share a source."
        )
    elif row["accuracy_high"] < row["chance"]:
        chance = percent(row["chance"])
        text = f"{accuracy} with shuffled labels, less than chance ({chance}): look at the split."
    else:
        return
    yield StudyWarning("leak", row["subset"], row["view"], row["model"], text)


def _about_chance(row: dict[str, Any], no_skill: float) -> Iterator[StudyWarning]:
    if row["accuracy_low"] <= no_skill:
        text = (
            f"accuracy {interval(row, 'accuracy')}, which is not shown to be better than the {percent(no_skill)} of no "
            "skill."
        )
        yield StudyWarning("guessing", row["subset"], row["view"], row["model"], text)


def _about_retention(row: dict[str, Any], fuller: View) -> Iterator[StudyWarning]:
    if math.isnan(row["retention"]):
        text = f"retention is undefined, as the {fuller} model is no better than chance."
    elif math.isnan(row["retention_low"]):
        text = f"retention has no limits, as the {fuller} model is not shown to beat chance."
    else:
        return
    yield StudyWarning("retention", row["subset"], row["view"], row["model"], text)
