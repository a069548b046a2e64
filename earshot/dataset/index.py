"""Every item of the data set opened once, so that what is bad is known before anything expensive starts."""

import hashlib
from pathlib import Path

import pandas as pd

from earshot.errors import EarshotError, list_problems
from earshot.parallel import chunks, map_shards
from earshot.reading.pictures import brightness_of, open_picture

CHUNK = 64


def probe_picture(path):
    """What opening a picture tells: width and height in pixels, Pillow's mode."""
    picture = open_picture(path)
    brightness_of(picture, name=path)
    return {"width": picture.width, "height": picture.height, "mode": picture.mode}


PROBES = {"pictures": probe_picture}


def probe(items, *, kind):
    """Open every item on all cores.

    items : DataFrame with `path`
    Returns a DataFrame of the items' rows with what opening them told, and `hash`, the content's SHA-256.
    Raises one EarshotError that lists every bad file.
    """
    shards = list(chunks([(path, kind) for path in items["path"]], CHUNK))
    told = [
        row
        for rows in map_shards(
            _probe_chunk, shards, sizes=[len(shard) for shard in shards], description="index", unit="file"
        )
        for row in rows
    ]
    if problems := [row["problem"] for row in told if "problem" in row]:
        raise list_problems(
            f"{len(problems)} of {len(items)} files cannot be used; mend or remove them:", problems
        )
    return pd.concat([items.reset_index(drop=True), pd.DataFrame(told)], axis=1)


def _probe_chunk(files):
    return [_probe_file(path, kind) for path, kind in files]


def _probe_file(path, kind):
    try:
        return {"hash": hashlib.sha256(Path(path).read_bytes()).hexdigest(), **PROBES[kind](path)}
    except EarshotError as error:
        return {"problem": str(error)}


def name_groups(items, groups=None):
    """Give every item its group, byte-identical items the same one.

    items : DataFrame with `hash`
    groups : list of str or None, the groups that the data set brings; None makes each item its own group,
        named after its content, so that the name stays when other files come or go
    Returns a list of str. Groups that share a byte-identical item become one, named after the first by name.
    """
    if groups is None:
        return [content[:16] for content in items["hash"]]
    merged = {group: group for group in groups}

    def root(group):
        while merged[group] != group:
            group = merged[group]
        return group

    for _, same in pd.Series(groups).groupby(items["hash"].to_numpy()):
        first, *others = sorted({root(group) for group in same})
        merged.update(dict.fromkeys(others, first))
    return [root(group) for group in groups]


def duplicates(items):
    """The byte-identical items, as lists of ids."""
    same = items[items["hash"].duplicated(keep=False)]
    return [list(rows["id"]) for _, rows in same.groupby("hash", sort=False)]


def with_shards(items, *, shard_size):
    """Number the shards: `shard_size` items each, in the order of the table."""
    return items.assign(shard=[position // shard_size for position in range(len(items))])
