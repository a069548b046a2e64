"""One source file to what a model sees: the same way for a data set's items and for a raw file."""

from pathlib import Path

import numpy as np

from earshot.errors import EarshotError
from earshot.features.clips import cut
from earshot.features.spectrograms import spectrogram
from earshot.reading.arrays import read_array
from earshot.reading.members import source_of
from earshot.reading.pictures import read_picture, resize
from earshot.reading.sounds import SOUND_ENDINGS, read_sound, write_wav
from earshot.schema import Features, Sonify
from earshot.seeds import generator
from earshot.sonification.channel import transmit
from earshot.sonification.sonify import geometry, read_out, scale_picture, sonify


def arrays_of(source, *, name, settings, start_s=None, end_s=None, seed=0):
    """The arrays that a model sees of one source, and where in it each clip starts.

    source : path of a file or of a tar's member, the same with its bytes (`members.Sent`), or bytes of a sound
    name : str, what errors call it; with the seed it decides the phase that a picture's sound starts from
    settings : dict, the content of `data/features/<view>/settings.json`, which model.json keeps as `features`
    start_s, end_s : float or None, the part of a sound that is meant

    Returns float32, shape (clips, bands, frames), and float64 start_s, shape (clips,).

    A data set of pictures takes pictures and, but for the view `picture`, the sounds made from them.
    Raises EarshotError that names the source when it cannot be read.
    """
    if settings["kind"] == "pictures":
        array = _of_picture(source, name, settings["view"], Sonify(**settings["sonify"]), seed)
        return array[np.newaxis], np.zeros(1)
    features = Features(**settings["features"])
    if settings["kind"] == "spectrograms":
        shape = {"bands": features.bands, "frames": features.frames, "pad": features.pad}
        array = read_array(source, name=name, **shape, colormap=features.colormap)
        return array[np.newaxis], np.zeros(1)
    signal, rate = read_sound(
        source_of(source), name=name, sample_rate=features.sample_rate, start_s=start_s, end_s=end_s
    )
    clips, starts = cut(
        signal,
        sample_rate=rate,
        clip_s=features.clip_s,
        clip_hop_s=features.clip_hop_s,
        pad=features.pad,
    )
    return np.stack([spectrogram(clip, settings=features) for clip in clips]), starts


def _of_picture(source, name, view, settings, seed):
    """A picture as it is seen, or as its sound gives it back. (rows, columns)"""
    sound = isinstance(source, bytes) or Path(source).suffix.lower() in SOUND_ENDINGS
    if view == "picture":
        if sound:
            raise EarshotError(f"{name}: a sound, and the view is picture. Give the picture itself.")
        return scale_picture(sized_picture(source, settings=settings), settings=settings)
    if not sound:
        source = wav_of_picture(sized_picture(source, settings=settings), name, seed=seed, settings=settings)
    signal, _ = read_sound(source_of(source), name=name, sample_rate=settings.sample_rate)
    if len(signal) != (samples := geometry(settings).samples):
        raise EarshotError(
            f"{name}: {len(signal)} samples at {settings.sample_rate} Hz, and the sounds of pictures have {samples}. "
            "Give the picture, or the sound that the stage sonify made of it."
        )
    return read_out(signal[np.newaxis], settings=settings)[0]


def sized_picture(path, *, settings):
    """A picture file as brightness at the size that is sonified. float32 (rows, columns)"""
    return resize(read_picture(path), rows=settings.rows, columns=settings.columns)


def wav_of_picture(picture, name, *, seed, settings):
    """The WAV file's bytes of a picture's sound, as it comes out of the channel.

    picture : float32, shape (rows, columns), as `sized_picture` gives it
    name : str, with the seed it decides the phase and the noise
    """
    signal = sonify(picture[np.newaxis], ids=[name], seed=seed, settings=settings)[0]
    signal = transmit(signal, settings=settings, rng=generator(seed, "channel", name))
    return write_wav(signal, settings.sample_rate)
