"""What items have in common: content and group. And the shards that they are worked on in."""

import pandas as pd


def contents(items):
    """What each item is made of: its file's hash, and which part of the file it is where it is one.

    items : DataFrame with `hash`, and `start_s`, `end_s` where items are parts of files
    Returns a list of str, equal for items that are byte for byte the same.
    """
    if "start_s" not in items:
        return list(items["hash"])
    parts = zip(items["hash"], items["start_s"], items["end_s"], strict=True)
    return [f"{content}@{start}-{end}" for content, start, end in parts]


def name_groups(items, groups=None):
    """Give every item its group, byte-identical items the same one.

    items : DataFrame with `hash`
    groups : list of str or None, the groups that the data set brings; None makes each file a group, named after
        its content, so that the name stays when other files come or go; the parts of one file share it
    Returns a list of str. Groups that share a byte-identical item become one, named after the first by name.
    """
    if groups is None:
        return [content[:16] for content in items["hash"]]
    merged = {group: group for group in groups}

    def root(group):
        while merged[group] != group:
            group = merged[group]
        return group

    for _, same in pd.Series(groups).groupby(contents(items)):
        first, *others = sorted({root(group) for group in same})
        merged.update(dict.fromkeys(others, first))
    return [root(group) for group in groups]


def duplicates(items):
    """The byte-identical items, as lists of ids."""
    same = pd.Series(list(items["id"])).groupby(contents(items), sort=False)
    return [list(ids) for _, ids in same if len(ids) > 1]


def with_shards(items, *, shard_size):
    """Number the shards: `shard_size` items each, in the order of the table."""
    return items.assign(shard=[position // shard_size for position in range(len(items))])
