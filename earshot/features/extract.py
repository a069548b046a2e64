"""One source file to what a model sees: the same way for a data set's items and for a raw file."""

from pathlib import Path

import numpy as np

from earshot.config.inputs import ModelInput, PicturesInput, is_heard
from earshot.core.errors import EarshotError
from earshot.core.rng import generator
from earshot.reading.arrays import read_array
from earshot.reading.members import source_of
from earshot.reading.pictures import read_picture, resize
from earshot.reading.sounds import SOUND_ENDINGS, read_sound, write_wav
from earshot.signal.clips import cut
from earshot.signal.spectrogram import spectrogram
from earshot.sonification.channel import transmit
from earshot.sonification.sonify import geometry, read_out, scale_picture, sonify


def arrays_of(source, *, name, model_input: ModelInput, start_s=None, end_s=None, seed=0):
    """The arrays that a model sees of one source, and where in it each clip starts.

    source : path of a file or of a tar's member, the same with its bytes (`members.Sent`), or bytes of a sound
    name : str, what errors call it; with the seed it decides the phase that a picture's sound starts from
    start_s, end_s : float or None, the part of a sound that is meant

    Returns float32, shape (clips, bands, frames), and float64 start_s, shape (clips,).

    A data set of pictures takes pictures and, but for the view `picture`, the sounds made from them.
    Raises EarshotError that names the source when it cannot be read.
    """
    if is_heard(model_input):
        signals, starts = signals_of(
            source, name=name, model_input=model_input, start_s=start_s, end_s=end_s, seed=seed
        )
        return transformed(signals, model_input=model_input), starts
    if isinstance(model_input, PicturesInput):
        if _is_sound(source):
            raise EarshotError(f"{name}: a sound, and the view is picture. Give the picture itself.")
        sonified = model_input.sonify
        array = scale_picture(sized_picture(source, settings=sonified), settings=sonified)
    else:
        features = model_input.features
        shape = {"bands": features.bands, "frames": features.frames, "pad": features.pad}
        array = read_array(source, name=name, **shape, colormap=features.colormap)
    return array[np.newaxis], np.zeros(1)


def arrays_of_many(elements, *, model_input: ModelInput, device):
    """What `arrays_of` gives for each of some elements, sounds of one length transformed together on a torch device.

    elements : list of (name, copy, source, part), as `features.sources.readable` gives them
    device : "cpu", where each is transformed by itself, or "cuda"
    """
    if device == "cpu" or not is_heard(model_input):
        return [
            arrays_of(source, name=name, model_input=model_input, **part)
            for name, _, source, part in elements
        ]
    heard = [
        signals_of(source, name=name, model_input=model_input, **part) for name, _, source, part in elements
    ]
    clips = [(item, signal) for item, (signals, _) in enumerate(heard) for signal in signals]
    arrays = [[] for _ in elements]
    for samples in {len(signal): None for _, signal in clips}:
        alike = [(item, signal) for item, signal in clips if len(signal) == samples]
        batch = np.stack([signal for _, signal in alike])
        for (item, _), array in zip(
            alike, transformed(batch, model_input=model_input, device=device), strict=True
        ):
            arrays[item].append(array)
    return [(np.stack(found), starts) for found, (_, starts) in zip(arrays, heard, strict=True)]


def signals_of(source, *, name, model_input: ModelInput, start_s=None, end_s=None, seed=0):
    """The sounds that the arrays of a source are made of: float32 (samples,) each, all of one length, and start_s.

    The arguments are those of `arrays_of`, for a source that is heard.
    """
    if isinstance(model_input, PicturesInput):
        return _sound_of_picture(source, name, model_input.sonify, seed)[np.newaxis], np.zeros(1)
    features = model_input.features
    signal, rate = read_sound(
        source_of(source), name=name, sample_rate=features.sample_rate, start_s=start_s, end_s=end_s
    )
    shape = {"clip_s": features.clip_s, "clip_hop_s": features.clip_hop_s, "pad": features.pad}
    return cut(signal, sample_rate=rate, **shape)


def transformed(signals, *, model_input: ModelInput, device="cpu"):
    """The arrays of sounds of one length. (clips, samples) -> float32 (clips, bands, frames)"""
    if isinstance(model_input, PicturesInput):
        sonified = model_input.sonify.model_copy(update={"device": device})
        return read_out(signals, settings=sonified)
    features = model_input.features
    if device == "cpu":
        return np.stack([spectrogram(signal, settings=features) for signal in signals])
    from earshot.signal.torch_spectrogram import spectrograms  # imports torch, for 2 s

    return np.stack(spectrograms(signals, settings=features, device=device))


def _is_sound(source):
    return isinstance(source, bytes) or Path(source).suffix.lower() in SOUND_ENDINGS


def _sound_of_picture(source, name, settings, seed):
    """The sound itself where it is one, else that of the picture. (samples,)"""
    if not _is_sound(source):
        picture = sized_picture(source, settings=settings)
        (source,) = wavs_of_pictures(picture[np.newaxis], [name], seed=seed, settings=settings)
    signal, _ = read_sound(source_of(source), name=name, sample_rate=settings.sample_rate)
    if len(signal) != (samples := geometry(settings).samples):
        raise EarshotError(
            f"{name}: {len(signal)} samples at {settings.sample_rate} Hz, and the sounds of pictures have {samples}. "
            "Give the picture, or the sound that the stage sonify made of it."
        )
    return signal


def sized_picture(path, *, settings):
    """A picture file as brightness at the size that is sonified. float32 (rows, columns)"""
    return resize(read_picture(path), rows=settings.rows, columns=settings.columns)


def wavs_of_pictures(pictures, names, *, seed, settings):
    """The WAV files' bytes of pictures' sounds, as they come out of the channel.

    pictures : float32, shape (items, rows, columns), as `sized_picture` gives them
    names : list of str, with the seed they decide the phases and the noise
    """
    signals = sonify(pictures, ids=names, seed=seed, settings=settings)
    arrived = [
        transmit(signal, settings=settings, rng=generator(seed, "channel", name))
        for signal, name in zip(signals, names, strict=True)
    ]
    return [write_wav(signal, settings.sample_rate) for signal in arrived]
