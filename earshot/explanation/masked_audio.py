"""What the maps of sonified pictures keep of their sounds, as sounds to play."""

import numpy as np

from earshot.core import paths
from earshot.reading.sounds import read_sound, write_wav
from earshot.sonification.apply_mask import apply_mask
from earshot.store.formats import read_tar


def kept_sounds(ids, shards, maps, *, settings):
    """The part of each item's sound that its map keeps.

    ids, shards : the items, and the shard in which each one's sound lies
    maps : the map of each item, shape (rows, columns), 0 to 1
    settings : config.Sonify

    Yields (file name, bytes of a WAV file).
    """
    wavs = {}
    for shard in np.unique(shards):
        wavs |= dict(read_tar(paths.shard_file(paths.AUDIO, shard, "tar")))
    for name, heat in zip(ids, maps, strict=True):
        signal, rate = read_sound(wavs[f"{name}.wav"], name=name)
        yield f"{name}.wav", write_wav(apply_mask(signal, heat, settings=settings), rate)
