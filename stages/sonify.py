"""Turn every picture into a sound, and measure how much of it the sound keeps."""

import numpy as np
import pandas as pd

from earshot import paths
from earshot.errors import run
from earshot.features.extract import sized_picture, wav_of_picture
from earshot.parallel import map_shards
from earshot.params import read_params
from earshot.reading.sounds import read_sound
from earshot.shards import write_tar
from earshot.sonification.fidelity import fidelity, summarize
from earshot.tables import read_table, write_json, write_table


def sonify_shard(task):
    """Write one shard of sounds; return how faithful each is, a table of one row an item."""
    shard, items, seed, settings = task
    pictures = np.stack([sized_picture(path, settings=settings) for path in items["path"]])
    wavs = [
        wav_of_picture(picture, name, seed=seed, settings=settings)
        for picture, name in zip(pictures, items["id"], strict=True)
    ]
    names = [f"{name}.wav" for name in items["id"]]
    write_tar(paths.shard_file(paths.AUDIO, shard, "tar"), zip(names, wavs, strict=True))
    heard = np.stack([read_sound(wav, name=name)[0] for name, wav in zip(names, wavs, strict=True)])
    return fidelity(heard, pictures, settings=settings)


def main():
    params = read_params("seed", "dataset.kind", "sonify")
    items = read_table(paths.BALANCED)
    if params.dataset.kind != "pictures":  # sounds and spectrograms are used where they lie
        write_table(paths.AUDIO / "rows.csv", items.loc[[], ["shard", "id"]])
        write_json(paths.METRICS / "sonify.json", {"items": 0})
        return
    shards = [(shard, rows, params.seed, params.sonify) for shard, rows in items.groupby("shard")]
    tables = map_shards(
        sonify_shard,
        shards,
        sizes=[len(rows) for _, rows, *_ in shards],
        description="sonify",
        unit="picture",
    )
    write_table(paths.AUDIO / "rows.csv", items[["shard", "id"]])
    write_json(paths.METRICS / "sonify.json", summarize(pd.concat(tables)))


if __name__ == "__main__":
    run(main)
