"""What one model gets to see: the rows of the features that belong to a subset's classes, with label and part."""

import numpy as np
import pandas as pd

from earshot.classes import class_order
from earshot.errors import EarshotError
from earshot.seeds import generator


def subset_classes(split, *, subset, classes):
    """The subset's class names, in the order that labels are counted by.

    split : DataFrame of data/split.csv
    subset : int, the number of classes
    classes : list of str or None, the order asked for (`dataset.classes`)
    """
    order = class_order(split["label"], classes=classes)
    if subset > len(order):
        raise EarshotError(
            f"subset {subset} has more classes than the split, which has {len(order)}: {order}"
        )
    return order[:subset]


def labelled_rows(rows, split, *, classes):
    """The clips of the subset, with what the split says of their items. Variants are for training alone.

    rows : DataFrame of data/features/<view>/rows.csv
    split : DataFrame of data/split.csv
    classes : list of str
    Returns DataFrame `shard, row, id, start_s, copy, label, group, split, target`, the target an index into classes.
    """
    table = rows.merge(split[split["label"].isin(classes)], on="id", validate="many_to_one")
    if missing := set(split.loc[split["label"].isin(classes), "id"]) - set(table["id"]):
        raise EarshotError(
            f"{len(missing)} item(s) have no features, {min(missing)} for one; run `dvc repro featurize`"
        )
    table = table[(table["copy"] == 0) | (table["split"] == "train")].reset_index(drop=True)
    return table.assign(target=pd.Categorical(table["label"], categories=classes).codes.astype(np.int64))


def permute_targets(table, *, seed):
    """Permute the targets over the items of train and of val, each part for itself: the floor.

    Test keeps its labels: a model that learned from permuted ones must be at chance there.
    """
    items = table.drop_duplicates("id")
    permuted = {}
    for part in ("train", "val"):
        rows = items[items["split"] == part]
        targets = generator(seed, "shuffled", part).permutation(rows["target"].to_list())
        permuted |= dict(zip(rows["id"], targets, strict=True))
    targets = [permuted.get(name, target) for name, target in zip(table["id"], table["target"], strict=True)]
    return table.assign(target=np.array(targets, dtype=np.int64))
