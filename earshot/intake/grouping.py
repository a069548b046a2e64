"""Which candidate for `dataset.group` a split can be made of, and what it comes to."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from earshot.config.dataset import Dataset
from earshot.core.errors import EarshotError
from earshot.core.ordering import natural_key
from earshot.dataset.group_guesses import GroupGuess
from earshot.dataset.split import PARTS
from earshot.dataset.trial_split import Method, trial_split
from earshot.intake.survey import Survey

NONE = "none"  # the answer that no items belong together
# Ratios for three or four groups in the class that has fewest, of which not every part would get one by 70, 15, 15 %.
OF_FEW = ((0.5, 0.25, 0.25), (0.4, 0.3, 0.3))


@dataclass(frozen=True)
class Grouping:
    """A group and a test part that go together.

    dataset : the block with `group`, `columns` and `test` as they are to be
    ratios : of the split
    table : DataFrame `id, label, group, split`, as the study will split it where no two files are byte-identical
    guess : the candidate that was taken; None where a table has the groups, the user said them, or there are none
    refused : likelier candidates that cannot be dealt out to three parts
    """

    dataset: Dataset
    ratios: dict[str, float]
    table: pd.DataFrame
    guess: GroupGuess | None
    refused: list[GroupGuess]


def choose_grouping(
    survey: Survey,
    *,
    classes: Sequence[str],
    balance_method: Method,
    ratios: Mapping[str, float],
    seed: int,
    answer: str | None = None,
) -> Grouping:
    """The likeliest group that a split can be made of, with the data set's own test part where it has one.

    answer : what the user says of the group, an expression or "none"
    Raises EarshotError where no split can be made, or none with the user's answer or the groups of the table.
    """
    refused: list[GroupGuess] = []
    last = EarshotError("")
    for dataset, guess in _candidates(survey, answer):
        for test in _tests(survey):
            for shares in (tuple(ratios[part] for part in PARTS), *OF_FEW):
                trial = dataset.model_copy(update={"test": test})
                by_part = dict(zip(PARTS, shares, strict=True))
                try:
                    table = trial_split(
                        survey.items, trial, classes=classes, method=balance_method, ratios=by_part, seed=seed
                    )
                except EarshotError as error:
                    last = error
                    continue
                return Grouping(trial, by_part, table, guess, refused)
        if guess is not None:
            refused.append(guess)
    if answer is None and _has_own(survey):
        raise EarshotError(
            f"{last}\nThe table itself names these groups; --group {NONE} splits them all the same"
        )
    raise last


def _has_own(survey: Survey) -> bool:
    """Whether the groups are declared, and not to be guessed."""
    return survey.dataset.group is not None or "group" in survey.items


def _candidates(survey: Survey, answer: str | None) -> Iterator[tuple[Dataset, GroupGuess | None]]:
    """The block `dataset` with each group that could be, the likeliest first, and none at last.

    What the user or the table says is the only one: without it, items of one source would lie in two parts.
    """
    dataset = survey.dataset
    columns = {**dataset.columns, "group": None} if "group" in survey.items else dataset.columns
    without = dataset.model_copy(update={"group": None, "columns": columns})
    if answer == NONE:
        yield without, None
        return
    if answer is not None or _has_own(survey):
        yield dataset.model_copy(update={"group": answer or dataset.group}), None
        return
    for guess in survey.groups:
        if guess.is_likely:
            yield dataset.model_copy(update={"group": guess.pattern}), guess
    yield without, None


def _tests(survey: Survey) -> list[str | int | None]:
    """What `dataset.test` could be: what it is, or the last of the data set's folds."""
    dataset, items = survey.dataset, survey.items
    if dataset.test is not None or dataset.split is not None or "split" in items or "fold" not in items:
        return [dataset.test]
    return [max(set(items["fold"]), key=natural_key), None]
