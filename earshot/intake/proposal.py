"""The whole study that fits a data set and this machine: its settings, each with the reason why."""

import copy
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

from earshot.config.inputs import input_of
from earshot.config.load import with_setting
from earshot.config.study import Study
from earshot.config.views import VIEWS
from earshot.core.classes import reject_classes, study_classes
from earshot.core.errors import EarshotError
from earshot.dataset.group_guesses import GroupGuess
from earshot.dataset.trial_split import Method
from earshot.features.lengths import resolve_shape
from earshot.intake.arrays import array_guesses
from earshot.intake.colour import colour_guesses
from earshot.intake.cost import duration
from earshot.intake.epochs import expected_epochs
from earshot.intake.estimate import Speed, measure
from earshot.intake.grouping import Grouping, choose_grouping
from earshot.intake.guess import Guess
from earshot.intake.survey import Survey
from earshot.intake.total_time import total_s
from earshot.intake.workload import Workload
from earshot.models.validate import validate

SUBSETS = (2, 4, 10)  # beside all classes: of pictures it is asked how much survives with how many
UNEQUAL = 1.5  # times as many items in the largest class as in the smallest: then none are thrown away


class Plan(NamedTuple):
    """What is trained on each view of each subset."""

    models: tuple[str, ...]
    epochs: int
    runs: int


# The first that fits the time is taken: a model goes first, then epochs, then runs.
PLANS = (
    Plan(("cnn", "lstm", "linear"), 30, 5),
    Plan(("cnn", "linear"), 30, 5),
    Plan(("cnn", "linear"), 20, 5),
    Plan(("cnn", "linear"), 20, 3),
    Plan(("cnn", "linear"), 10, 3),
)


@dataclass(frozen=True)
class Proposal:
    """A study that fits.

    guesses : the settings that the data set and the machine decide
    study : all settings
    counts : the items of each class, in the order of the classes
    seconds : about how long the study takes on this machine
    """

    survey: Survey
    guesses: list[Guess]
    study: Study
    grouping: Grouping
    counts: "pd.Series[int]"
    seconds: float


def propose(
    survey: Survey,
    base: Mapping[str, Any],
    *,
    plans: bool,
    minutes: float,
    start_s: float,
    group: str | None = None,
    colour: bool | None = None,
    cores: int | None = None,
) -> Proposal:
    """The settings that fit a data set.

    base : the settings to start from, as `config.load.load` gives them
    plans : whether models, epochs and arrays are free; False keeps those of the base
    minutes : that the study may take
    start_s : as `estimate.measure` takes it
    group : the user's answer, as `choose_grouping` takes it
    colour : the user's answer, as `colour_guesses` takes it
    Raises EarshotError where no study can be made of it.
    """
    named, met = survey.dataset.classes, survey.items["label"]
    rejecting = reject_classes(met, classes=named, reject=survey.dataset.reject)
    count = len(named or set(met) - set(rejecting))
    classes = study_classes(met, classes=named, subsets=[count], reject=survey.dataset.reject)
    counts = survey.items["label"].value_counts().reindex(classes)
    method: Method = "none" if counts.max() > UNEQUAL * counts.min() else base["balance"]["method"]
    grouping = choose_grouping(
        survey, classes=classes, balance_method=method, ratios=base["split"], seed=base["seed"], answer=group
    )
    guesses = [*_of_dataset(survey, grouping), *_of_classes(survey, count, base), *_of_parts(grouping)]
    if method != base["balance"]["method"]:
        guesses += _of_unequal(counts)
    if plans or not _fits(with_guesses(base, guesses), survey):
        guesses += array_guesses(survey)
    if plans:
        guesses.append(Guess("zoo.linear", {}))
    guesses += colour_guesses(survey, with_guesses(base, guesses), answer=colour)
    study = validate(with_guesses(base, guesses))
    models = PLANS[0].models if plans else tuple(study.models)
    speed = _measure(survey, study, models, start_s)
    offered = PLANS if plans else [Plan(models, study.epochs, study.runs)]
    seconds = [_planned_s(speed, study, grouping, len(survey.items), plan, cores) for plan in offered]
    place = next((n for n, value in enumerate(seconds) if value <= 60 * minutes), len(offered) - 1)
    if plans:
        guesses += _of_plan(offered[place], seconds[place], minutes)
        study = validate(with_guesses(base, guesses))
    return Proposal(survey, guesses, study, grouping, counts, seconds[place])


def with_guesses(base: Mapping[str, Any], guesses: list[Guess]) -> dict[str, Any]:
    """The settings with the guesses in the place of the base's."""
    content = copy.deepcopy(dict(base))
    for guess in guesses:
        content = with_setting(content, guess.key, guess.value)
    return content


def _of_dataset(survey: Survey, grouping: Grouping) -> list[Guess]:
    dataset = grouping.dataset
    reasons = {
        "kind": f"{len(survey.items):,} items, {survey.layout}",
        "group": group_reason(survey, grouping),
    }
    if dataset.test is not None and survey.dataset.test is None:
        reasons["test"] = (
            "the last of the data set's own folds; to test on each of them in turn, set cv.folds: official and "
            "cv.parts: all"
        )
    if dataset.split is not None:
        reasons["split"] = "the data set's own parts"
    settings = dataset.model_dump(exclude={"shard_size"})
    return [Guess("dataset.samples", [])] + [
        Guess(f"dataset.{key}", value, reasons.get(key, "")) for key, value in settings.items()
    ]


def group_reason(survey: Survey, grouping: Grouping) -> str:
    """What the groups are and what they cost, or why there are none."""
    taken, table = grouping.guess, grouping.table
    has_column = "group" in survey.items and grouping.dataset.columns.get("group", "") is not None
    if taken is not None:
        tested = table[table["split"] == "test"]
        names = ", ".join(taken.examples) + (", …" if taken.groups > len(taken.examples) else "")
        text = (
            f"{taken.groups} groups by {taken.reason}: {names}. None is cut in two, and the test part has "
            f"{tested['group'].nunique()} of them, which no model has met; null splits them at random"
        )
    elif grouping.dataset.group is not None:
        text = f"{table['group'].nunique()} groups, as you said"
    elif has_column:
        text = f"the table's own column, {table['group'].nunique()} groups"
    else:
        text = "none is likely by the names"
    taken_or_refused = (grouping.dataset.group, *(guess.pattern for guess in grouping.refused))
    return ". ".join(
        [
            text,
            *(f"{_quoted(guess)}, cannot be dealt out to three parts" for guess in grouping.refused),
            *(
                f"Not taken: {_quoted(guess)} by {guess.reason}"
                for guess in survey.groups
                if guess.pattern not in taken_or_refused and not has_column
            ),
        ]
    )


def _quoted(guess: GroupGuess) -> str:
    return f"'{guess.pattern}', {guess.groups} groups"


def _of_classes(survey: Survey, count: int, base: Mapping[str, Any]) -> list[Guess]:
    fewer = [size for size in SUBSETS if size < count] if survey.dataset.kind == "pictures" else []
    views = [view for view in base["views"] if survey.dataset.kind in VIEWS[view].kinds]
    reason = f"the data set has {count} classes"
    return [
        Guess("subsets", [*fewer, count], reason),
        Guess("views", views),
        Guess("cv.subset", count),
    ]


def _of_parts(grouping: Grouping) -> list[Guess]:
    counts = grouping.table["split"].value_counts()
    reason = ", ".join(f"{part} {counts[part]:,} items" for part in grouping.ratios)
    (first, ratio), *others = grouping.ratios.items()
    return [
        Guess(f"split.{first}", ratio, reason),
        *(Guess(f"split.{part}", ratio) for part, ratio in others),
    ]


def _of_unequal(counts: "pd.Series[int]") -> list[Guess]:
    least, most = str(counts.idxmin()), str(counts.idxmax())
    reason = f"{most} has {counts[most]:,} items and {least} {counts[least]:,}: all are kept, and the rare weigh more"
    return [Guess("balance.method", "none", reason), Guess("train.imbalance", "class_weights")]


def _of_plan(plan: Plan, seconds: float, minutes: float) -> list[Guess]:
    reason = f"about {duration(seconds)} on this machine, all in all"
    if seconds > 60 * minutes:
        asked = f"{minutes:g} minute" + ("" if minutes == 1 else "s")
        reason += f", more than the {asked} asked for: name fewer classes, or give it the time"
    return [
        Guess("models", list(plan.models), reason),
        Guess("epochs", plan.epochs),
        Guess("runs", plan.runs),
    ]


def _fits(content: dict[str, Any], survey: Survey) -> bool:
    """Whether the arrays of the settings hold these items."""
    study = validate(content)
    try:
        resolve_shape(study.features, survey.opened, kind=survey.dataset.kind)
    except EarshotError:
        return False
    return True


def _measure(survey: Survey, study: Study, models: tuple[str, ...], start_s: float) -> Speed:
    features = resolve_shape(study.features, survey.opened, kind=survey.dataset.kind)
    model_input = input_of(survey.dataset.kind, "sound", sonify=study.sonify, features=features)
    return measure(survey.opened, model_input=model_input, study=study, models=models, start_s=start_s)


def _planned_s(
    speed: Speed, study: Study, grouping: Grouping, items: int, plan: Plan, cores: int | None
) -> float:
    per_class = (grouping.table["split"] == "train").sum() / grouping.table["label"].nunique()
    work = Workload(
        items=items,
        training={subset: math.ceil(subset * per_class) for subset in study.subsets},
        views=study.views,
        models=plan.models,
        runs=dict.fromkeys(plan.models, plan.runs),
        epochs=dict.fromkeys(plan.models, expected_epochs(plan.epochs, study.train.patience)),
        in_folds={},
        split=study.split,
        gradcam=study.gradcam,
    )
    return total_s(work, speed, cores=cores or os.cpu_count() or 1)
