"""Where the stages find what an item's arrays are made of, and what tells that it is another than before."""

from earshot.core import paths
from earshot.core.io import read_table
from earshot.dataset.groups import contents
from earshot.store.executor import sent
from earshot.store.formats import member_name

COLUMNS = ["shard", "id", "copy", "source", "path", "start_s", "end_s"]
MADE = ["id", "copy", "hash"]  # of a sound that a stage made


def sources(items, *, kind, view="sound"):
    """What each item is read from: the data set's file, or the sound that was made of a picture.

    items : DataFrame, rows of data/balanced.csv
    kind : "pictures", "sounds" or "spectrograms"

    Returns DataFrame `shard, id, copy, source, path, start_s, end_s` in the order of the items: source is a hash of
    what is read, path that of a file or of a tar's member, the seconds the part that is meant, where it is one.
    """
    items = items.assign(copy=0, source=contents(items))
    if kind == "pictures" and view != "picture":
        return _of_tars(items, paths.AUDIO, read_table(paths.AUDIO / "rows.csv", columns=MADE))
    return items.reindex(columns=COLUMNS)


def variants():
    """The extra variants of the training items, as `sources` gives them, copy counted from 1."""
    rows = read_table(paths.AUGMENTED / "rows.csv", columns=["shard", *MADE])
    return _of_tars(rows, paths.AUGMENTED, rows)


def _of_tars(elements, folder, made):
    """The elements with the sounds that a stage made of them, which `made`, its rows.csv, tells the hashes of."""
    hashes = dict(zip(_keys(made), made["hash"].tolist(), strict=True))
    keys = _keys(elements)
    tars = {shard: paths.shard_file(folder, shard, "tar").as_posix() for shard in elements["shard"].unique()}
    return elements.assign(
        source=[hashes[key] for key in keys],
        path=[
            f"{tars[shard]}/{member_name(*key)}"
            for shard, key in zip(elements["shard"].tolist(), keys, strict=True)
        ],
    ).reindex(columns=COLUMNS)


def _keys(table):
    """(id, copy) of each row. Iterating over a column of text costs ten times as much as over its list."""
    return list(zip(table["id"].tolist(), table["copy"].tolist(), strict=True))


def readable(elements):
    """Elements as a worker takes them: (id, copy, source, part) each, for the readers of sounds and arrays.

    elements : DataFrame, as `sources` gives it
    part : dict of start_s and end_s, None where the whole is meant
    """
    parts = elements[["start_s", "end_s"]].astype(object).where(elements[["start_s", "end_s"]].notna(), None)
    return [
        (name, copy, sent(path), part)
        for name, copy, path, part in zip(
            elements["id"], elements["copy"], elements["path"], parts.to_dict("records"), strict=True
        )
    ]
