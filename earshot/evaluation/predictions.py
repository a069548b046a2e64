"""A table of predictions: `run,id,label,predicted` and one column of probabilities a class, in class order.

One row a run and item. All runs are of the same items; in view `shuffled` each has a permutation of the labels of its
own, so that an item's label may differ between runs.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.config.views import VIEWS
from earshot.core.errors import EarshotError, list_problems
from earshot.evaluation.resampling import units
from earshot.models.temperature import at_temperature

COLUMNS = ["run", "id", "label", "predicted"]
CONFIDENCES = ["id", "group", "label", "predicted", "probability", "of_label"]
DECIMALS = 10  # of a confidence: logarithms differ in their last bit between processors

Key = tuple[int, str, str]  # subset, view, model
Results = Mapping[Key, tuple[Mapping[str, Any], pd.DataFrame]]  # a model's metrics and its predictions
Part = dict[tuple[str, str], pd.DataFrame]  # predictions of one subset by view and model


def classes_of(predictions: pd.DataFrame) -> list[str]:
    """The classes of a table of predictions: its columns after `run,id,label,predicted`."""
    return [column for column in predictions.columns if column not in COLUMNS]


def codes(table: pd.DataFrame) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The place of each row's label and of its predicted class in the class order, as two arrays of int."""
    order = pd.Index(classes_of(table))
    label, predicted = (order.get_indexer(pd.Index(table[column])) for column in ("label", "predicted"))
    return label, predicted


def is_right(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each row got its label, shape (rows,)."""
    return (table["label"] == table["predicted"]).to_numpy()


def run_count(table: pd.DataFrame) -> int:
    """How many runs a table holds."""
    return int(table["run"].nunique())


def shape_by_run(table: pd.DataFrame, rows: NDArray[Any]) -> NDArray[Any]:
    """What each row of a table that is `checked` has, shape (rows,), as (runs, items)."""
    return rows.reshape(run_count(table), -1)


def right_by_run(table: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether each run of a table that is `checked` is right on each item, shape (runs, items)."""
    return shape_by_run(table, is_right(table))


def runs_of(table: pd.DataFrame) -> list[pd.DataFrame]:
    """The table of each run."""
    return [own.reset_index(drop=True) for _, own in table.groupby("run")]


def averaged(table: pd.DataFrame) -> pd.DataFrame:
    """A table that is `checked`, each run's probabilities in place of which stand those averaged over runs.

    Labels stay: in view `shuffled` each run has its own.
    """
    names, runs = classes_of(table), run_count(table)
    mean = np.mean([run[names].to_numpy(dtype=float) for run in runs_of(table)], axis=0)
    predicted = table["predicted"] if runs == 1 else np.tile(np.array(names)[mean.argmax(axis=1)], runs)
    of_classes = pd.DataFrame(np.tile(mean, (runs, 1)), columns=names, index=table.index)
    return pd.concat([table[["run", "id", "label"]].assign(predicted=predicted), of_classes], axis=1)


def calibrated(table: pd.DataFrame, temperature: float) -> pd.DataFrame:
    """A table that is `averaged`, with its probabilities at the model's temperature."""
    names = classes_of(table)
    probabilities = at_temperature(table[names].to_numpy(dtype=float), temperature)
    of_classes = pd.DataFrame(probabilities, columns=names, index=table.index)
    return pd.concat([table[COLUMNS], of_classes], axis=1)


def confidences(table: pd.DataFrame, groups: pd.Series) -> pd.DataFrame:
    """`id,group,label,predicted,probability,of_label`: how sure a model is of its answer, and of the label.

    table : as `calibrated` gives it; in view `shuffled` the labels of the first run are taken
    groups : Series from id to group
    """
    first = runs_of(table)[0]
    probabilities, rows = first[classes_of(first)].to_numpy(dtype=float), np.arange(len(first))
    label, predicted = codes(first)
    return first[["id", "label", "predicted"]].assign(
        group=groups.loc[first["id"]].to_numpy(),
        probability=probabilities[rows, predicted].round(DECIMALS),
        of_label=probabilities[rows, label].round(DECIMALS),
    )[CONFIDENCES]


def group_codes(table: pd.DataFrame, groups: pd.Series) -> NDArray[np.int64]:
    """What to resample for the items of a table that is `checked`, from the Series id to group."""
    ids = runs_of(table)[0]["id"]
    unknown = sorted(set(ids) - set(groups.index))
    if unknown:
        raise list_problems(
            f"{len(unknown)} predicted items are not in the split. Run the stages split to evaluate again:",
            unknown,
        )
    return units(groups.loc[ids].tolist())


def checked(predictions: pd.DataFrame, classes: Sequence[str] | None = None) -> pd.DataFrame:
    """The table sorted by run and id, or an EarshotError that says what is wrong with it."""
    absent = [column for column in COLUMNS if column not in predictions.columns]
    if absent:
        raise EarshotError(
            f"The predictions lack the columns {', '.join(absent)}; "
            f"they have {', '.join(predictions.columns)}. Run the stage evaluate again."
        )
    present = classes_of(predictions)
    if classes is not None and present != list(classes):
        raise EarshotError(
            f"The predictions are of the classes {', '.join(present)}; "
            f"expected {', '.join(map(str, classes))}. Run the stages train and evaluate again."
        )
    # a class may be called as a column of text is in another table
    kinds = {"label": str, "predicted": str} | dict.fromkeys(present, float)
    table = predictions.sort_values(["run", "id"], ignore_index=True).astype(kinds)
    problems = list(_problems(table, present))
    if problems:
        raise list_problems(
            "The predictions cannot be scored. Run the stages train and evaluate again:", problems
        )
    empty = [name for name in present if not (table["label"] == name).any()]
    if empty:
        raise EarshotError(
            f"No test items of {', '.join(empty)}: a score over classes needs items of each. "
            "Raise split.test, add items, or leave the class out of dataset.classes."
        )
    return table


def aligned(results: Results) -> dict[int, Part]:
    """{subset: {(view, model): predictions}}, all of one subset over the same items in the same order.

    Subsets go by their number of classes, views in the order of `earshot.config.views`, models in the order given.
    """
    if not results:
        raise EarshotError("There is nothing to compare. List subsets, views and models in params.yaml.")
    parts: dict[int, Part] = {}
    for (subset, view, model), (_, predictions) in sorted(results.items(), key=_place):
        parts.setdefault(subset, {})[view, model] = checked(predictions)
    problems = [problem for subset, part in parts.items() for problem in _unequal(subset, part)]
    if problems:
        raise list_problems(
            "These models were tested on different items. Run the stage evaluate again for them:", problems
        )
    return parts


def no_skill(part: Part) -> float:
    """The accuracy that guessing gets at best: 1/k, or the largest class's share of the test items."""
    table = next(iter(part.values()))
    return max(1 / len(classes_of(table)), float(table["label"].value_counts(normalize=True).iloc[0]))


def _place(result: tuple[Key, tuple[Mapping[str, Any], pd.DataFrame]]) -> tuple[int, int]:
    (_, view, _), (_, predictions) = result
    return len(predictions.columns), list[str](VIEWS).index(view)


def _unequal(subset: int, part: Part) -> Iterator[str]:
    first, *others = part
    for other in others:
        # id and label in one, so that an item whose label changed is found too; shuffled labels have to differ
        label = "id" if "shuffled" in (first[0], other[0]) else "label"
        items = [set(zip(part[key]["id"], part[key][label], strict=True)) for key in (first, other)]
        unequal = sorted({name for name, _ in items[0] ^ items[1]})
        if unequal:
            yield (
                f"subset {subset}: {'/'.join(first)} and {'/'.join(other)} differ in {len(unequal)} items, "
                f"{unequal[0]} for one"
            )


def _problems(table: pd.DataFrame, classes: list[str]) -> Iterator[str]:
    for name in table["id"][table.duplicated(["run", "id"])].unique():
        yield f"{name}: predicted more than once in one run"
    runs = run_count(table)
    for name, count in table.drop_duplicates(["run", "id"])["id"].value_counts(sort=False).items():
        if count < runs:
            yield f"{name}: predicted in {count} of {runs} runs"
    for column in ("label", "predicted"):
        for name, value in table.loc[~table[column].isin(classes), ["id", column]].to_numpy():
            yield f"{name}: {column} is {value!r}, not one of {', '.join(classes)}"
    probabilities = table[classes].to_numpy(dtype=float)
    total = probabilities.sum(axis=1)
    valid = (probabilities >= 0).all(axis=1) & (np.abs(total - 1) < 1e-3)  # False for NaN
    for name, row in zip(table["id"][~valid], probabilities[~valid], strict=True):
        values = ", ".join(f"{value:.4g}" for value in row)
        yield f"{name}: {values} are not probabilities that add up to 1"


def by_item(rows: pd.DataFrame, probabilities: NDArray[np.float32], *, classes: list[str]) -> pd.DataFrame:
    """A table of predictions from those of clips: an item's probabilities are the mean over its clips.

    rows : DataFrame with `id, label`, one row a clip
    probabilities : shape (clips, classes)
    """
    table = pd.DataFrame(probabilities.astype(np.float64), columns=classes)
    means = table.groupby(rows["id"].to_numpy(), sort=False).mean()
    labels = rows.drop_duplicates("id").set_index("id")["label"]
    predicted = np.array(classes)[means.to_numpy().argmax(axis=1)]
    means.insert(0, "predicted", predicted)
    means.insert(0, "label", labels[means.index])
    return means.rename_axis("id").reset_index()


def by_run(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """One table of predictions with the column `run`, from those of the runs in the order of their numbers."""
    return pd.concat(
        [table.assign(run=run)[["run", *table.columns]] for run, table in enumerate(tables, 1)],
        ignore_index=True,
    )
