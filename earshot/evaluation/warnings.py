"""What puts a claim of the study in doubt: the rows of data/warnings.csv.

A difference that is not significant is no warning: data/pairs.csv holds every pair with its p-value.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any, Literal, NamedTuple

import pandas as pd

from earshot.core.io import records
from earshot.evaluation.predictions import Results, aligned, no_skill
from earshot.evaluation.wording import interval, percent

FEW_GROUPS = 6

Kind = Literal["leak", "watched", "groups", "guessing", "retention", "maps"]


class StudyWarning(NamedTuple):
    """One doubt. `view` and `model` are empty where it is about all models of a subset.

    kind : `leak` between training and test, `watched` test part, few `groups`, not better than `guessing`,
        `retention` that cannot be told, `maps` that say little
    """

    kind: Kind
    subset: int
    view: str
    model: str
    text: str

    def sentence(self) -> str:
        """The warning with what it is about in front."""
        about = [f"subset {self.subset}"] + ([f"{self.model} on {self.view}"] if self.model else [])
        return ": ".join([*about, self.text])


def warnings(
    results: Results,
    summary: pd.DataFrame,
    *,
    groups: pd.Series,
    watched: Iterable[tuple[int, str, str]] = (),
) -> list[StudyWarning]:
    """All that puts the study in doubt, by subset.

    results, groups : as `earshot.evaluation.compare` takes them
    summary : as `earshot.evaluation.compare` gives it
    watched : the models whose test part was scored after every epoch of training
    """
    found = [StudyWarning("watched", *model, "its test part was watched in training.") for model in watched]
    for subset, part in aligned(results).items():
        found += _about_groups(subset, next(iter(part.values())), groups)
        rows = summary[summary["subset"] == subset]
        for row in records(rows):
            found += _about_chance(row, no_skill(part))
            if (rows["view"].eq("picture") & rows["model"].eq(row["model"])).any():
                found += _about_retention(row)
    return found


def warnings_table(warnings: list[StudyWarning]) -> pd.DataFrame:
    """The rows of data/warnings.csv."""
    return pd.DataFrame(warnings, columns=list(StudyWarning._fields))


def warnings_of(table: pd.DataFrame) -> list[StudyWarning]:
    """The warnings of data/warnings.csv."""
    return [StudyWarning(**row) for row in records(table)]


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


def _about_chance(row: dict[str, Any], no_skill: float) -> Iterator[StudyWarning]:
    low, high = row["accuracy_low"], row["accuracy_high"]
    accuracy = f"accuracy {interval(row, 'accuracy')}"
    about = row["subset"], row["view"], row["model"]
    if row["view"] == "shuffled":
        if low > no_skill:
            text = (
                f"{accuracy} although its training labels are shuffled, more than the {percent(no_skill)} of no skill: "
                "test items leak into training. Look for duplicates and for items that share a source."
            )
            yield StudyWarning("leak", *about, text)
        elif high < row["chance"]:
            chance = percent(row["chance"])
            text = f"{accuracy} with shuffled labels, less than chance ({chance}): look at the split."
            yield StudyWarning("leak", *about, text)
    elif low <= no_skill:
        text = f"{accuracy}, which is not shown to be better than the {percent(no_skill)} of no skill."
        yield StudyWarning("guessing", *about, text)


def _about_retention(row: dict[str, Any]) -> Iterator[StudyWarning]:
    if row["view"] != "sound":
        return
    if math.isnan(row["retention"]):
        text = "retention is undefined, as the picture model is no better than chance."
    elif math.isnan(row["retention_low"]):
        text = "retention has no limits, as the picture model is not shown to beat chance."
    else:
        return
    yield StudyWarning("retention", row["subset"], row["view"], row["model"], text)
