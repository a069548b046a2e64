"""Make extra variants of the training part's sounds."""

import hashlib

import numpy as np
from pydantic import Field

from earshot.config.augment import Augment
from earshot.config.base import Kind, Natural, SampleRate
from earshot.config.load import StageParams
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_table
from earshot.core.process import run_stage
from earshot.core.rng import generator
from earshot.features.augment import variant
from earshot.features.sources import readable, sources
from earshot.reading.members import source_of
from earshot.reading.sounds import read_sound, write_wav
from earshot.signal.clips import fit_length
from earshot.store.build import assemble
from earshot.store.formats import TAR


def augment_shard(task):
    """Some variants: ([hash], bytes of a WAV file) each."""
    elements, kind, sample_rate, settings, seed = task
    made = []
    for name, copy, source, part in elements:
        signal, _ = read_sound(source_of(source), name=name, sample_rate=sample_rate, **part)
        rng = generator(seed, "augment", name, copy)
        varied = variant(signal, sample_rate=sample_rate, settings=settings, rng=rng)
        if kind == "pictures":  # read back as a picture, whose columns have their places
            varied = fit_length(varied, length=len(signal))
        louder = max(1, np.abs(varied).max())  # than the file holds: scaled down, not clipped
        wav = write_wav(varied / louder, sample_rate)
        made.append(([[hashlib.sha256(wav).hexdigest()]], wav))
    return made


class Params(StageParams):
    seed: Natural
    kind: Kind = Field(alias="dataset.kind")
    sonify_rate: SampleRate = Field(alias="sonify.sample_rate")
    features_rate: SampleRate = Field(alias="features.sample_rate")
    augment: Augment


def main():
    params = Params.read()
    kind, settings = params.kind, params.augment
    if settings.copies and kind == "spectrograms":
        raise EarshotError(
            f"augment.copies: {settings.copies}, and spectrograms hold no sound to vary; set it to 0 and use "
            "train.time_mask, frequency_mask, roll, gain_db or mixup"
        )
    sample_rate = params.sonify_rate if kind == "pictures" else params.features_rate
    split = read_table(paths.SPLIT)
    items = read_table(paths.BALANCED)
    items = items[items["id"].isin(split["id"][split["split"] == "train"])]
    elements = sources(items, kind=kind).loc[lambda table: table.index.repeat(settings.copies)]
    elements = elements.assign(copy=elements.groupby("id", sort=False).cumcount() + 1)
    assemble(
        "augment",
        paths.AUGMENTED,
        elements,
        make=augment_shard,
        task=lambda elements: (readable(elements), kind, sample_rate, settings, params.seed),
        form=TAR,
        columns=["hash"],
        settings=[kind, sample_rate, settings.model_dump(), params.seed],
        description="augment",
    )


if __name__ == "__main__":
    run_stage(main)
