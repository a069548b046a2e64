"""The elements of a study, as `store.build` takes them: what each item's sounds and arrays are made from."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from earshot.config.base import Kind, View
from earshot.config.views import VIEWS
from earshot.core import paths
from earshot.core.io import read_table
from earshot.dataset.groups import contents
from earshot.store.formats import member_name

COLUMNS = ["shard", "id", "copy", "source", "path", "start_s", "end_s"]
MADE = ["id", "copy", "hash"]  # of a sound that a stage made


def sources(items: pd.DataFrame, *, kind: Kind, view: View = "sound") -> pd.DataFrame:
    """What each item is read from: the data set's file, or the sound that was made of a picture.

    items : rows of data/balanced.csv

    Returns `shard, id, copy, source, path, start_s, end_s` in the order of the items: source is a hash of what is
    read, path that of a file or of a tar's member, the seconds the part that is meant, where it is one.
    """
    items = items.assign(copy=0, source=contents(items))
    if kind == "pictures" and VIEWS[view].is_heard:
        return _of_tars(items, paths.AUDIO, read_table(paths.AUDIO / "rows.csv", columns=MADE))
    return items.reindex(columns=COLUMNS)


def with_copies(elements: pd.DataFrame, copies: int) -> pd.DataFrame:
    """So many variants of each element, copy counted from 1."""
    repeated = elements.loc[elements.index.repeat(copies)]
    return repeated.assign(copy=repeated.groupby("id", sort=False).cumcount() + 1)


def with_variants(elements: pd.DataFrame, *, view: View) -> pd.DataFrame:
    """The elements of a view with the variants that the stage augment made, each shard's after its items."""
    rows = read_table(paths.AUGMENTED / "rows.csv", columns=["shard", *MADE])
    if not VIEWS[view].is_heard or rows.empty:
        return elements
    variants = _of_tars(rows, paths.AUGMENTED, rows)
    return pd.concat([elements, variants]).sort_values("shard", kind="stable", ignore_index=True)


def _of_tars(elements: pd.DataFrame, folder: Path, made: pd.DataFrame) -> pd.DataFrame:
    """The elements with the sounds that a stage made of them.

    made : the stage's rows.csv, which holds the hashes of the sounds
    """
    hashes = dict(zip(_keys(made), made["hash"].tolist(), strict=True))
    keys = _keys(elements)
    tars = {shard: paths.shard_file(folder, shard, "tar").as_posix() for shard in elements["shard"].unique()}
    files = [
        f"{tars[shard]}/{member_name(*key)}"
        for shard, key in zip(elements["shard"].tolist(), keys, strict=True)
    ]
    return elements.assign(source=[hashes[key] for key in keys], path=files).reindex(columns=COLUMNS)


def _keys(table: pd.DataFrame) -> Sequence[tuple[str, int]]:
    """(id, copy) of each row. Iterating over a column of text costs ten times as much as over its list."""
    return list(zip(table["id"].tolist(), table["copy"].tolist(), strict=True))
