"""What one model gets to see: the rows of the features that belong to a subset's classes, with label and part."""

from collections.abc import Hashable, Mapping, Sequence

import numpy as np
import pandas as pd

from earshot.core.errors import EarshotError
from earshot.core.rng import generator


def labelled_rows(rows: pd.DataFrame, split: pd.DataFrame, *, classes: Sequence[str]) -> pd.DataFrame:
    """The clips of the subset, with what the split says of their items. Variants are for training alone.

    rows : data/features/<view>/rows.csv
    split : data/split.csv
    Returns DataFrame `shard, row, id, start_s, copy, label, group, split, target`, the target an index into classes.
    """
    table = rows.merge(split[split["label"].isin(classes)], on="id", validate="many_to_one")
    if missing := set(split.loc[split["label"].isin(classes), "id"]) - set(table["id"]):
        raise EarshotError(
            f"{len(missing)} item(s) have no features, {min(missing)} for one; run `dvc repro featurize`"
        )
    table = table[(table["copy"] == 0) | (table["split"] == "train")].reset_index(drop=True)
    return table.assign(
        target=pd.Categorical(table["label"], categories=pd.Index(classes)).codes.astype(np.int64)
    )


def permute_labels(table: pd.DataFrame, content_of: Mapping[str, Hashable], *, seed: int) -> pd.DataFrame:
    """Permute the labels over the contents of each part, the test part's too: the floor.

    Permuted test labels are independent of whatever a model learned, so that its accuracy is chance but for
    sampling, which its interval covers. With true test labels it is not: similar items are all answered alike,
    and the answer is right by luck for a whole class at a time. Identical contents keep one label in common, so
    that a model which was trained on test items is found out.

    table : as `labelled_rows` gives it
    content_of : from id to what is equal for equal contents
    """
    table = table.assign(content=table["id"].map(content_of))
    first = table.drop_duplicates("content").sort_values("content")
    permuted: dict[str, str] = {}
    for part, rows in first.groupby("split"):
        drawn = generator(seed, "shuffled", part).permutation(rows["label"].to_list())
        permuted |= dict(zip(rows["content"], drawn, strict=True))
    labels = table["content"].map(permuted)
    targets = dict(zip(table["label"], table["target"], strict=True))
    return table.assign(label=labels, target=labels.map(targets)).drop(columns="content")
