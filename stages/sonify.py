"""Turn every picture into a sound, and measure how much of it the sound keeps."""

import hashlib

import numpy as np
from pydantic import Field

from earshot.config.base import Kind, Natural
from earshot.config.load import StageParams
from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.core.io import read_table, write_json
from earshot.core.process import run_stage
from earshot.features.extract import sized_picture, wavs_of_pictures
from earshot.features.sources import readable, sources
from earshot.reading.sounds import read_sound
from earshot.sonification.fidelity import MEASURES, fidelity, summarize
from earshot.store.build import assemble
from earshot.store.formats import TAR


def sonify_shard(task):
    """The sounds of some pictures, and how faithful each is: ([hash, measures], bytes of a WAV file) each."""
    items, seed, settings = task
    pictures = np.stack([sized_picture(source, settings=settings) for _, _, source, _ in items])
    names = [name for name, *_ in items]
    wavs = wavs_of_pictures(pictures, names, seed=seed, settings=settings)
    heard = np.stack([read_sound(wav, name=name)[0] for wav, name in zip(wavs, names, strict=True)])
    kept = fidelity(heard, pictures, settings=settings)[MEASURES]
    return [
        ([[hashlib.sha256(wav).hexdigest(), *(None if np.isnan(value) else value for value in values)]], wav)
        for wav, values in zip(wavs, kept.to_numpy().tolist(), strict=True)
    ]


class Params(StageParams):
    seed: Natural
    kind: Kind = Field(alias="dataset.kind")
    sonify: Sonify


def main():
    params = Params.read()
    if params.sonify.device != "cpu":
        from earshot.core.devices import pick  # imports torch, for 2 s

        pick(params.sonify.device, setting="sonify.device")
    items = read_table(paths.BALANCED)
    if params.kind != "pictures":  # sounds and spectrograms are used where they lie
        items = items.iloc[:0]
    assemble(
        "sonify",
        paths.AUDIO,
        sources(items, kind="pictures", view="picture"),
        make=sonify_shard,
        task=lambda elements: (readable(elements), params.seed, params.sonify),
        form=TAR,
        columns=["hash", *MEASURES],
        settings=[params.seed, params.sonify.model_dump()],
        description="sonify",
        unit="picture",
    )
    kept = read_table(paths.AUDIO / "rows.csv", columns=MEASURES)
    write_json(paths.FIDELITY, summarize(kept) if len(kept) else {"items": 0})


if __name__ == "__main__":
    run_stage(main)
