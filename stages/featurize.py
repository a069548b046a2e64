"""Turn every item into the array that the models see, for one view."""

import io
import sys

import numpy as np
import pandas as pd

from earshot import paths
from earshot.errors import run
from earshot.parallel import map_shards
from earshot.params import read_params
from earshot.reading.pictures import read_picture, resize
from earshot.reading.sounds import read_sound
from earshot.shards import read_tar
from earshot.sonification.sonify import read_out, scale_picture
from earshot.tables import read_table, write_bytes, write_json, write_table


def hear(shard, items, settings):
    """What comes back from the sounds of one shard, float32 (items, rows, columns)."""
    wavs = dict(read_tar(paths.shard_file(paths.AUDIO, shard, "tar")))
    signals = np.stack([read_sound(wavs[name], name=name)[0] for name in items["id"] + ".wav"])
    return read_out(signals, settings=settings)


def see(shard, items, settings):
    """The pictures of one shard at the same size and through the same scaling, float32 (items, rows, columns)."""
    sized = [
        resize(read_picture(path), rows=settings.rows, columns=settings.columns) for path in items["path"]
    ]
    return scale_picture(np.stack(sized), settings=settings)


# The floor, `shuffled`, is the sound itself: its labels are permuted in training.
VIEWS = {"sound": hear, "shuffled": hear, "picture": see}


def featurize_shard(task):
    view, shard, items, settings = task
    buffer = io.BytesIO()
    np.save(buffer, VIEWS[view](shard, items, settings))
    write_bytes(paths.shard_file(paths.features(view), shard, "npy"), buffer.getvalue())
    return pd.DataFrame(
        {"shard": shard, "row": range(len(items)), "id": items["id"].to_numpy(), "start_s": 0.0}
    )


def main():
    (view,) = sys.argv[1:]
    settings = read_params("sonify").sonify
    shards = [(view, shard, rows, settings) for shard, rows in read_table(paths.BALANCED).groupby("shard")]
    sizes = [len(rows) for _, _, rows, _ in shards]
    tables = map_shards(featurize_shard, shards, sizes=sizes, description=f"featurize {view}")
    write_table(paths.features(view) / "rows.csv", pd.concat(tables))
    write_json(paths.features(view) / "settings.json", {"view": view, "sonify": settings.model_dump()})


if __name__ == "__main__":
    run(main)
