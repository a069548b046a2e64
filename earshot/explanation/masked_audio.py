"""The sounds of sonified pictures with only those places left that a map names, to play."""

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray

from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.reading.sounds import read_sound, write_wav
from earshot.sonification.apply_mask import apply_mask
from earshot.store.formats import member_name, read_tar


def masked_sounds(
    ids: Iterable[str], shards: Iterable[int], maps: NDArray[np.float32], *, settings: Sonify
) -> Iterator[tuple[str, bytes]]:
    """Each item's sound with every place turned down to what the item's map gives it.

    ids, shards : the items, and the shard in which each one's sound lies
    maps : the map of each item, shape (items, rows, columns), 0 to 1

    Yields (file name, bytes of a WAV file).
    """
    wavs: dict[str, bytes] = {}
    for shard in sorted(set(shards)):
        wavs |= dict(read_tar(paths.shard_file(paths.AUDIO, shard, "tar")))
    for name, heat in zip(ids, maps, strict=True):
        file = member_name(name)
        signal, rate = read_sound(wavs[file], name=name)
        yield file, write_wav(apply_mask(signal, heat, settings=settings), rate)
