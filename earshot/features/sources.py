"""Where the stages find what an item's arrays are made of."""

import pandas as pd

from earshot import paths
from earshot.reading.members import source_of
from earshot.shards import read_tar


def sources(shard, items, *, kind, view="sound"):
    """What each item of a shard is read from: the data set's file, or the sound that was made of a picture.

    shard : int
    items : DataFrame, the rows of data/balanced.csv of that shard
    kind : "pictures", "sounds" or "spectrograms"

    Yields (id, source, part): the source and the keywords start_s, end_s as `features.extract.arrays_of` takes them.
    """
    wavs = {}
    if kind == "pictures" and view != "picture":
        wavs = dict(read_tar(paths.shard_file(paths.AUDIO, shard, "tar")))
    for item in items.to_dict("records"):
        part = {key: None if pd.isna(item[key]) else item[key] for key in ("start_s", "end_s") if key in item}
        source = wavs.pop(f"{item['id']}.wav") if wavs else item["path"]
        yield item["id"], source_of(source) if kind == "sounds" else source, part


def variants(shard):
    """The extra variants of a shard's training items.

    Yields (id, copy, bytes of a WAV file), copy counted from 1.
    """
    path = paths.shard_file(paths.AUGMENTED, shard, "tar")
    for name, wav in read_tar(path) if path.is_file() else ():
        item, _, copy = name.removesuffix(".wav").rpartition("~")
        yield item, int(copy), wav


def variant_name(item, copy):
    return f"{item}~{copy}.wav"
