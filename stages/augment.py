"""Make extra variants of the training part's sounds."""

import numpy as np
import pandas as pd

from earshot import paths
from earshot.errors import EarshotError, run
from earshot.features.augment import variant
from earshot.features.clips import fit_length
from earshot.features.sources import sources, variant_name
from earshot.parallel import map_shards
from earshot.params import read_params
from earshot.reading.sounds import read_sound, write_wav
from earshot.seeds import generator
from earshot.shards import write_tar
from earshot.tables import read_table, write_table

COLUMNS = ["shard", "id", "copy"]


def augment_shard(task):
    """Write one shard of variants, `<id>~<copy>.wav`; return what is in it."""
    shard, items, kind, sample_rate, settings, seed = task
    members, rows = [], []
    for name, source, part in sources(shard, items, kind=kind):
        signal, _ = read_sound(source, name=name, sample_rate=sample_rate, **part)
        for copy in range(1, settings.copies + 1):
            rng = generator(seed, "augment", name, copy)
            varied = variant(signal, sample_rate=sample_rate, settings=settings, rng=rng)
            if kind == "pictures":  # read back as a picture, whose columns have their places
                varied = fit_length(varied, length=len(signal))
            louder = max(1, np.abs(varied).max())  # than the file holds: scaled down, not clipped
            members.append((variant_name(name, copy), write_wav(varied / louder, sample_rate)))
            rows.append((shard, name, copy))
    write_tar(paths.shard_file(paths.AUGMENTED, shard, "tar"), members)
    return pd.DataFrame(rows, columns=COLUMNS)


def main():
    params = read_params("seed", "dataset.kind", "sonify.sample_rate", "features.sample_rate", "augment")
    kind = params.dataset.kind
    if not params.augment.copies:
        write_table(paths.AUGMENTED / "rows.csv", pd.DataFrame(columns=COLUMNS))
        return
    if kind == "spectrograms":
        raise EarshotError(
            f"augment.copies: {params.augment.copies}, and spectrograms hold no sound to vary; set it to 0 and use "
            "train.time_mask, frequency_mask, roll, gain_db or mixup"
        )
    sample_rate = params.sonify.sample_rate if kind == "pictures" else params.features.sample_rate
    split = read_table(paths.SPLIT)
    items = read_table(paths.BALANCED)
    items = items[items["id"].isin(split["id"][split["split"] == "train"])]
    shards = [
        (shard, rows, kind, sample_rate, params.augment, params.seed)
        for shard, rows in items.groupby("shard")
    ]
    sizes = [len(rows) for _, rows, *_ in shards]
    tables = map_shards(augment_shard, shards, sizes=sizes, description="augment")
    write_table(paths.AUGMENTED / "rows.csv", pd.concat(tables))


if __name__ == "__main__":
    run(main)
