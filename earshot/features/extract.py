"""One source file to what a model sees: the same way for a data set's items and for a raw file."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from earshot.config.base import Kind
from earshot.config.features import Features
from earshot.config.inputs import (
    EmbeddingInput,
    ModelInput,
    PicturesInput,
    SoundsInput,
    SpectrogramsInput,
    is_heard,
)
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.embedding.embed import embed
from earshot.embedding.workers import check_runtime
from earshot.reading.arrays import read_array
from earshot.reading.margins import NONE, Margins, margins_of
from earshot.reading.members import source_of
from earshot.reading.pictures import PICTURE_ENDINGS, open_picture
from earshot.reading.sounds import SOUND_ENDINGS, read_sound, resample
from earshot.signal.clips import cut
from earshot.signal.spectrogram import is_silence, spectrograms
from earshot.sonification.pictures import sized_picture, wavs_of_pictures
from earshot.sonification.sonify import geometry, read_out, scale_picture
from earshot.store.build import Made
from earshot.store.elements import Element

# float32 (clips, bands, frames), or in colour (clips, 3, bands, frames), and the second at which each clip starts,
# float64 (clips,)
Clips = tuple[NDArray[np.float32], NDArray[np.float64]]


def columns_of(kind: Kind) -> list[str]:
    """What rows.csv tells of each clip: the second at which it starts, and of a recording's whether it is silent."""
    return ["start_s", "silent"] if kind == "sounds" else ["start_s"]


def featurize_elements(elements: Sequence[Element], *, model_input: ModelInput, device: str) -> list[Made]:
    """The clips of some items or variants: a row of `columns_of` each, and float32 (clips, bands, frames)."""
    if isinstance(model_input, EmbeddingInput):
        check_runtime(model_input)
        return [_embedded(element, model_input) for element in elements]
    made = arrays_of_many(elements, model_input=model_input, device=device)
    if not isinstance(model_input, SoundsInput):
        return [([[start] for start in starts.tolist()], clips) for clips, starts in made]
    features = model_input.features
    return [
        (
            [
                [start, int(is_silence(clip, settings=features))]
                for start, clip in zip(starts, clips, strict=True)
            ],
            clips,
        )
        for clips, starts in made
    ]


def _embedded(element: Element, model_input: EmbeddingInput) -> Made:
    """What `featurize_elements` makes of one element for a pretrained model."""
    own = model_input.model_copy(update={"features": _features_of(element, model_input.features)})
    signals, starts = signals_of(
        element.content,
        name=element.path,
        model_input=own,
        start_s=element.start_s,
        end_s=element.end_s,
    )
    arrays = transformed(signals, items=[0] * len(signals), model_input=own, name=element.path)
    silent = [[] if own.sonify else [int(not signal.any())] for signal in signals]
    return [[start, *of_clip] for start, of_clip in zip(starts.tolist(), silent, strict=True)], arrays


def check_shape(arrays: NDArray[np.float32], shape: tuple[int, ...], *, name: str) -> None:
    """Raises EarshotError for arrays that a trained model does not take.

    arrays : (clips, bands, frames), or (clips, 3, bands, frames)
    shape : of one clip that the model takes
    name : what the error calls their source
    """
    if arrays.shape[1:] != shape:
        axes = "(bands, frames)" if len(shape) == 2 else "(colours, bands, frames)"
        raise EarshotError(f"{name}: an array of {arrays.shape[1:]} {axes}, the model takes {shape}")


def arrays_of(
    source: str | Path | bytes,
    *,
    name: str,
    model_input: ModelInput,
    start_s: float | None = None,
    end_s: float | None = None,
    seed: int = 0,
) -> Clips:
    """The arrays that a model sees of one source, and where in it each clip starts.

    source : path of a file or of a tar's member, or the bytes of a file, which is a sound unless `name` ends as
        pictures' names do
    name : what errors call it; with the seed it decides the phase that a picture's sound starts from
    start_s, end_s : the part of a sound that is meant

    Returns float32, shape (clips, bands, frames), of colours (clips, 3, bands, frames), and float64 start_s, shape
    (clips,).

    A data set of pictures takes pictures and, in the view `sound`, the sounds made from them.
    Raises EarshotError that names the source when it cannot be read.
    """
    if is_heard(model_input):
        signals, starts = signals_of(
            source, name=name, model_input=model_input, start_s=start_s, end_s=end_s, seed=seed
        )
        arrays = transformed(signals, items=[0] * len(signals), model_input=model_input, name=name)
        return arrays, starts
    if isinstance(model_input, PicturesInput):
        if _is_sound(source, name):
            raise EarshotError(
                f"{name}: a sound, and the view is {model_input.view}. Give the picture itself."
            )
        sonified = model_input.sonify
        sized = sized_picture(source, name=name, settings=sonified, colour=model_input.view == "colour")
        # all colours as one picture: they share a brightest point
        planes = sized.reshape(-1, sized.shape[-1])
        array = scale_picture(planes, settings=sonified).reshape(sized.shape)
    else:
        features = model_input.features
        array = read_array(
            source,
            name=name,
            bands=features.bands,
            frames=features.frames,
            pad=features.pad,
            colormap=features.colormap,
            margins=_margins(features, source, name),
            colour=features.colour,
        )
    return array[np.newaxis], np.zeros(1)


def _margins(features: Features, source: str | Path | bytes, name: str) -> Margins:
    """What is cut off a drawn spectrogram; `auto` is for one by itself, as a data set's margins are resolved."""
    if isinstance(features.margin, list):
        return Margins(*features.margin)
    is_drawn = Path(name).suffix.lower() in PICTURE_ENDINGS
    return margins_of(open_picture(source, name=name)) if features.margin and is_drawn else NONE


def arrays_of_many(elements: Sequence[Element], *, model_input: ModelInput, device: str) -> list[Clips]:
    """What `arrays_of` gives for each of some elements, sounds of one length transformed together on a torch device.

    device : "cpu", where each is transformed by itself, or "cuda"
    """
    if device == "cpu" or not is_heard(model_input):
        return [
            arrays_of(
                element.content,
                name=element.path,
                model_input=_input_of(element, model_input),
                start_s=element.start_s,
                end_s=element.end_s,
            )
            for element in elements
        ]
    heard = [
        signals_of(
            element.content,
            name=element.path,
            model_input=_input_of(element, model_input),
            start_s=element.start_s,
            end_s=element.end_s,
        )
        for element in elements
    ]
    clips = [(item, signal) for item, (signals, _) in enumerate(heard) for signal in signals]
    arrays: list[list[NDArray[np.float32]]] = [[] for _ in elements]
    for samples in {len(signal): None for _, signal in clips}:
        alike = [(item, signal) for item, signal in clips if len(signal) == samples]
        batch = np.stack([signal for _, signal in alike])
        items = [item for item, _ in alike]
        transforms = transformed(batch, items=items, model_input=model_input, device=device)
        for (item, _), array in zip(alike, transforms, strict=True):
            arrays[item].append(array)
    return [(np.stack(own), starts) for own, (_, starts) in zip(arrays, heard, strict=True)]


def _input_of(element: Element, model_input: ModelInput) -> ModelInput:
    """What the model reads of an element."""
    if not isinstance(model_input, SoundsInput):
        return model_input
    return model_input.model_copy(update={"features": _features_of(element, model_input.features)})


def _features_of(element: Element, features: Features) -> Features:
    """The settings for an element: of a variant, which is in mono, its one channel is taken."""
    return features.model_copy(update={"channel": "mix"}) if element.copy else features


def signals_of(
    source: str | Path | bytes,
    *,
    name: str,
    model_input: ModelInput,
    start_s: float | None = None,
    end_s: float | None = None,
    seed: int = 0,
) -> Clips:
    """The sounds that the arrays of a source are made of: float32 (clips, samples), and start_s.

    The arguments are those of `arrays_of`, for a source that is heard.
    """
    if isinstance(model_input, PicturesInput):
        return _sound_of_picture(source, name, model_input.sonify, seed)[np.newaxis], np.zeros(1)
    if isinstance(model_input, EmbeddingInput) and model_input.sonify:
        signal = _sound_of_picture(source, name, model_input.sonify, seed)
        heard = resample(signal, model_input.sonify.sample_rate, model_input.sample_rate, name=name)
        return heard[np.newaxis], np.zeros(1)
    assert not isinstance(model_input, SpectrogramsInput)  # which nobody hears
    features = model_input.features
    signal, rate = read_sound(
        source_of(source),
        name=name,
        sample_rate=model_input.sample_rate,
        start_s=start_s,
        end_s=end_s,
        channel=features.channel,
    )
    return cut(
        signal,
        sample_rate=rate,
        clip_s=features.clip_s,
        clip_hop_s=features.clip_hop_s,
        pad=features.pad,
    )


def transformed(
    signals: NDArray[np.float32],
    *,
    items: Sequence[int],
    model_input: ModelInput,
    device: str = "cpu",
    name: str = "a sound",
) -> NDArray[np.float32]:
    """The arrays of sounds of one length. (clips, samples) -> float32 (clips, bands, frames)

    items : the number of each clip's item; on the device "cpu" there is one item
    name : what errors call the sounds, where a pretrained model hears them
    """
    if isinstance(model_input, EmbeddingInput):
        pad = model_input.features.pad if model_input.features else "silence"
        return embed(signals, settings=model_input.embedding, sha256=model_input.sha256, name=name, pad=pad)
    if isinstance(model_input, PicturesInput):
        sonified = model_input.sonify.model_copy(update={"device": device})
        return read_out(signals, settings=sonified)
    features = model_input.features
    if device == "cpu":
        return spectrograms(signals, settings=features)
    from earshot.signal import torch_spectrogram  # imports torch, for 2 s

    return np.stack(torch_spectrogram.spectrograms(signals, items=items, settings=features, device=device))


def _is_sound(source: str | Path | bytes, name: str) -> bool:
    if isinstance(source, bytes):
        return Path(name).suffix.lower() not in PICTURE_ENDINGS
    return Path(source).suffix.lower() in SOUND_ENDINGS


def _sound_of_picture(
    source: str | Path | bytes, name: str, settings: Sonify, seed: int
) -> NDArray[np.float32]:
    """The sound itself where it is one, else that of the picture. (samples,)"""
    if not _is_sound(source, name):
        picture = sized_picture(source, name=name, settings=settings)
        (source,) = wavs_of_pictures(picture[np.newaxis], [name], seed=seed, settings=settings)
    signal, _ = read_sound(source_of(source), name=name, sample_rate=settings.sample_rate)
    if len(signal) != (samples := geometry(settings).samples):
        raise EarshotError(
            f"{name}: {len(signal)} samples at {settings.sample_rate} Hz, and the sounds of pictures have {samples}. "
            "Give the picture, or the sound that the stage sonify made of it."
        )
    return signal
