"""The sounds of sonified pictures with only those places left that a map names, to play."""

from collections.abc import Iterator

from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.explanation.maps import ExplainedItems
from earshot.reading.sounds import read_sound, write_wav
from earshot.sonification.apply_mask import apply_mask
from earshot.store.formats import member_name, read_tar


def masked_sounds(explained: ExplainedItems, *, settings: Sonify) -> Iterator[tuple[str, bytes]]:
    """Of each item whose map is drawn its sound, with every place turned down to what the map gives it.

    Yields (file name, bytes of a WAV file).
    """
    wavs: dict[str, bytes] = {}
    drawn = explained.items["drawn"].to_numpy(bool)
    for shard in sorted(set(explained.items["shard"][drawn])):
        wavs |= dict(read_tar(paths.shard_file(paths.AUDIO, shard, "tar")))
    for name, heat in zip(explained.items["id"][drawn], explained.maps[drawn], strict=True):
        file = member_name(name)
        signal, rate = read_sound(wavs[file], name=name)
        yield file, write_wav(apply_mask(signal, heat, settings=settings), rate)
