"""A proposal in about ten lines."""

from collections.abc import Iterator

import pandas as pd

from earshot.intake.cost import duration
from earshot.intake.proposal import Proposal, group_reason

MOST_CLASSES = 8  # that are named


def describe(proposal: Proposal) -> list[tuple[str, str]]:
    """What was found, and what is made of it: a word and a sentence each."""
    return list(_lines(proposal))


def _lines(proposal: Proposal) -> Iterator[tuple[str, str]]:
    survey, study, grouping = proposal.survey, proposal.study, proposal.grouping
    guessed = {guess.key: guess for guess in proposal.guesses}
    kind = survey.dataset.kind
    yield "kind", f"{kind}, {len(survey.items):,} items"
    yield "layout", "; ".join([f"{survey.layout}, {survey.dataset.path}", *survey.notes])
    yield "classes", _classes(proposal.counts)
    yield "sizes", _sizes(survey.opened)
    for key in (
        "features.sample_rate",
        "features.frames",
        "features.clip_s",
        "features.bands",
        "sonify.rows",
    ):
        if key in guessed and guessed[key].reason:
            value = "null" if guessed[key].value is None else guessed[key].value
            yield key.partition(".")[2], f"{value}: {guessed[key].reason}"
    if guessed.get("sonify.invert") and study.sonify.invert:
        yield "invert", f"true: {guessed['sonify.invert'].reason}"
    for key in ("views", "features.colour"):
        if key in guessed and guessed[key].reason:
            value = ", ".join(study.views) if key == "views" else str(study.features.colour).lower()
            yield "colour", f"{value}: {guessed[key].reason}"
    group = grouping.dataset.group
    yield "group", (f"'{group}': " if group else "null: ") + group_reason(survey, grouping)
    yield "parts", _parts(proposal)
    yield (
        "models",
        f"{', '.join(study.models)}, {study.epochs or 'any number of'} epochs, {study.runs} runs of each",
    )
    planned = guessed.get(
        "models"
    )  # whose reason also says where it is more than the time that was asked for
    yield "time", planned.reason if planned else f"about {duration(proposal.seconds)} on this machine"


def _classes(counts: "pd.Series[int]") -> str:
    named = ", ".join(f"{label} ({count:,})" for label, count in counts.iloc[:MOST_CLASSES].items())
    more = len(counts) - MOST_CLASSES
    return f"{len(counts)}: {named}" + (f" and {more} more" if more > 0 else "")


def _sizes(opened: pd.DataFrame) -> str:
    if "duration_s" in opened:
        seconds = opened["duration_s"].astype(float)
        rates = ", ".join(f"{rate} Hz" for rate in sorted(set(opened["sample_rate"].astype(int))))
        return f"{seconds.min():.3g} to {seconds.max():.3g} s, half of them up to {seconds.median():.3g} s; {rates}"
    low, high = opened[["width", "height"]].min(), opened[["width", "height"]].max()
    size = f"{low['width']:.0f} wide and {low['height']:.0f} high"
    if (low == high).all():
        return f"all {size}"
    return f"{size} to {high['width']:.0f} wide and {high['height']:.0f} high"


def _parts(proposal: Proposal) -> str:
    table, dataset = proposal.grouping.table, proposal.grouping.dataset
    counts = table.groupby("split")[["id", "group"]].nunique()
    text = ", ".join(
        f"{part} {counts['id'][part]:,} items of {counts['group'][part]:,} group(s)"
        for part in proposal.grouping.ratios
    )
    if counts["group"]["test"] == 1 < counts["id"]["test"]:
        text += (
            "; the test part is one group, so that intervals and tests speak of that group alone: `cv.folds: "
            "leave_one_group_out` and `cv.parts: all` test on each in turn"
        )
    if proposal.survey.dataset.test is not None:
        return f"{text}; test is {dataset.test!r}, as you said"
    if dataset.test is not None:
        return f"{text}; test is the data set's own fold {dataset.test}"
    own = dataset.split is not None or "split" in proposal.survey.items
    return f"{text}; as the data set has them" if own else text
