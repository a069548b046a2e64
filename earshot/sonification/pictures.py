"""Picture files to the WAV files of their sounds."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earshot.config.sonify import Sonify
from earshot.core.rng import generator
from earshot.reading.pictures import read_picture, resize
from earshot.reading.sounds import read_sound, write_wav
from earshot.sonification.channel import transmit
from earshot.sonification.fidelity import MEASURES, fidelity
from earshot.sonification.sonify import sonify
from earshot.store.build import Made
from earshot.store.elements import Element

COLUMNS = ["hash", *MEASURES]


def sonify_elements(elements: Sequence[Element], *, seed: int, settings: Sonify) -> list[Made]:
    """The sounds of some pictures, and how faithful each is: the row of `COLUMNS`, and the bytes of a WAV file."""
    pictures = np.stack(
        [sized_picture(element.content, name=element.path, settings=settings) for element in elements]
    )
    names = [element.id for element in elements]
    wavs = wavs_of_pictures(pictures, names, seed=seed, settings=settings)
    heard = np.stack([read_sound(wav, name=name)[0] for wav, name in zip(wavs, names, strict=True)])
    measures = fidelity(heard, pictures, settings=settings)[MEASURES].to_numpy().tolist()
    return [
        ([[hashlib.sha256(wav).hexdigest(), *(None if np.isnan(value) else value for value in values)]], wav)
        for wav, values in zip(wavs, measures, strict=True)
    ]


def sized_picture(
    source: str | Path | bytes, *, name: str, settings: Sonify, colour: bool = False
) -> NDArray[np.float32]:
    """A picture file as brightness at the size that is sonified. (rows, columns)

    source : path of a file, or its bytes
    name : what errors call it
    colour : gives red, green and blue, (3, rows, columns)
    """
    picture = read_picture(source, name=name, white=settings.white, colour=colour)
    return resize(picture, rows=settings.rows, columns=settings.columns)


def wavs_of_pictures(
    pictures: NDArray[np.float32], names: Sequence[str], *, seed: int, settings: Sonify
) -> list[bytes]:
    """The WAV files' bytes of pictures' sounds, as they come out of the channel.

    pictures : shape (items, rows, columns), as `sized_picture` gives them
    names : with the seed they decide the phases and the noise
    """
    signals = sonify(pictures, ids=names, seed=seed, settings=settings)
    arrived = [
        transmit(signal, settings=settings, rng=generator(seed, "channel", name))
        for signal, name in zip(signals, names, strict=True)
    ]
    return [write_wav(signal, settings.sample_rate) for signal in arrived]
