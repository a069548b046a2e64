"""Copies of test items in training, and one content with two labels."""

import pandas as pd

from earshot.dataset.groups import contents
from earshot.examination.checks import Check, plural, some

LOOKED_FOR = (
    "(copies that were re-encoded, resized, padded, trimmed or cropped by up to a fifth; none that were turned, "
    "mirrored or played at another speed)"
)
MEND_LABELS = "Correct one of the labels (dataset.corrections), or leave both out"


def copies(items: pd.DataFrame, pairs: pd.DataFrame) -> tuple[Check, pd.DataFrame]:
    """The check, and the pairs of which one lies in test and the other does not: `first, second, similarity`.

    items : DataFrame with `id, split`
    pairs : as `earshot.examination.near_duplicates` gives them
    """
    part = dict(zip(items["id"], items["split"], strict=True))
    own = pairs[pairs["first"].isin(part) & pairs["second"].isin(part)]
    in_test = own[["first", "second"]].map(lambda name: part[name] == "test").sum(axis=1) == 1
    crossing = own[in_test].sort_values("similarity", ascending=False, kind="stable")
    if crossing.empty:
        where = "No two items are near-duplicates"
        if len(own):
            where = f"{plural(len(own), 'pair')} of items are near-duplicates, and none of a test item and another"
        return Check("copies", "no", f"{where} {LOOKED_FOR}."), crossing
    names = {name for name in crossing[["first", "second"]].to_numpy().ravel() if part[name] == "test"}
    test = sum(value == "test" for value in part.values())
    examples = [f"{first} and {second}" for first, second in crossing[["first", "second"]].to_numpy()]
    text = (
        f"{len(names):,} of {test:,} test items are near-duplicates of items in training or validation "
        f"({some(examples)}). A model need only remember them."
    )
    claim = f"{len(names):,} of {test:,} test items are near-duplicates of items that the models were trained with"
    return Check("copies", "yes", text, claim, "Set dataset.duplicates: group"), crossing


def two_labels(items: pd.DataFrame, pairs: pd.DataFrame) -> Check:
    """Whether one content has two labels, byte for byte or as a near-duplicate.

    items : DataFrame with `id, label, hash`, and `start_s, end_s` where items are segments of files
    """
    label = dict(zip(items["id"], items["label"], strict=True))
    same = items.assign(content=contents(items)).groupby("content", sort=False)["id"].agg(list)
    sets = [names for names in same if len({label[name] for name in names}) > 1]
    own = pairs[pairs["first"].isin(label) & pairs["second"].isin(label)]
    sets += [
        pair for pair in own[["first", "second"]].to_numpy().tolist() if label[pair[0]] != label[pair[1]]
    ]
    if not sets:
        return Check("contents", "no", "No content has two labels.")
    named = [" is ".join(f"{name} ({label[name]})" for name in names) for names in sets]
    text = f"{plural(len(sets), 'content')} of the data set with two labels, of which one is wrong: {some(named)}."
    return Check("contents", "yes", text, "", MEND_LABELS)
