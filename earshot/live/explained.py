"""Why a model says what it says of one source: the map of its answer, and the part of the sound that the map keeps."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from earshot.config.features import Features
from earshot.config.gradcam import GradCam
from earshot.config.inputs import PicturesInput, SoundsInput
from earshot.core import devices
from earshot.explanation.explain_all import explain_all, tensors
from earshot.explanation.faithfulness import DRAWN
from earshot.explanation.integrated import steps_for
from earshot.explanation.methods import INTEGRATED, Method
from earshot.explanation.places import places_of
from earshot.explanation.sanity import MAP, curves_by_blank, item_gains
from earshot.explanation.sheets import axes_of
from earshot.live.answer import base_picture, has_places
from earshot.live.hear import Changes, Heard, hear
from earshot.live.study import Source, Study
from earshot.models.normalization import Normalized
from earshot.reading.pictures import resize
from earshot.reading.sounds import write_wav
from earshot.report import media
from earshot.signal.mel import mel_matrix
from earshot.signal.peak import normalize_peak
from earshot.signal.stft import istft, stft
from earshot.sonification.apply_mask import apply_mask

BASELINES = ("mean", "lowest")


def explained(study: Study, source: Source, name: str, changes: Changes, *, clip: int = 0) -> dict[str, Any]:
    """The map of a model's first run for the class that its runs together name, as JSON holds it.

    clip : of a recording, the one that is explained, from 0

    `map`, `kept` : the map, and the part of the sound that it keeps, as data URIs; None where there is none
    `over` : the name of the picture that the map lies over
    `where` : the places that the map names, or why there is no map
    `method` : that the map was made by
    """
    model = study.model(name)
    if not has_places(model.card.input):
        why = "No map: the numbers of a pretrained model have no place in the sound. The report explains by stretches."
        return {"over": None, "label": None, "method": None, "map": None, "kept": None, "where": why}
    heard = hear(source, model.card.input, model.card.input_shape, changes)
    clip = min(clip, len(heard.arrays) - 1)
    label = model.answer(heard.arrays).label
    heat, method = map_of(model.runs[0], heard.arrays[clip], model.classes.index(label))
    answer = {"over": base_picture(model.card.input), "label": label, "method": f"{method}, run 1"}
    if heat is None:
        why = "No map: blanking the places that it names changes the answer hardly more than blanking any places."
        return answer | {"map": None, "kept": None, "where": why}
    rows, columns = heard.seen.shape[-2:]
    heat = resize(heat, rows=rows, columns=columns)
    sound = masked_sound(heard, clip, heat)
    return answer | {
        "map": media.picture_uri(media.heat(heat, top_first=isinstance(heard.input, PicturesInput))),
        "kept": None if sound is None else media.sound_uri(write_wav(sound, heard.sample_rate)),
        "where": places_of(heat, axes_of(heard.input, start_s=float(heard.starts[clip]))),
    }


def map_of(
    model: Normalized, array: NDArray[np.float32], target: int
) -> tuple[NDArray[np.float32] | None, str]:
    """How strongly each place of an array speaks for a class, and by which method; None where no places do.

    array : shape (bands, frames), or in colour (3, bands, frames)

    The blanks are the array's own mean and its lowest value, all over: what the study's models were trained on may not
    be here.
    """
    arrays, targets = array[np.newaxis], np.array([target])
    blanks = {"mean": np.full_like(array, array.mean()), "lowest": np.full_like(array, array.min())}
    device = next(model.parameters()).device
    with devices.repeatable(device, threads=1):
        x, classes = torch.from_numpy(arrays).to(device), torch.from_numpy(targets).to(device)
        there = tensors(blanks, device)
        steps = {name: steps_for(model, x, classes, baseline=there[name])[0] for name in BASELINES}
        method = Method(INTEGRATED, None, BASELINES, True, steps)
        maps = explain_all(model, arrays, targets, methods=[method], blanks=blanks)[0]
        by_blank = curves_by_blank(
            model, arrays, targets, {MAP: maps}, blanks=blanks, steps=GradCam().steps, seed=0
        )
    is_drawn = maps.any() and item_gains(by_blank)[0] > DRAWN
    return (maps[0] if is_drawn else None), str(method)


def masked_sound(heard: Heard, clip: int, heat: NDArray[np.float32]) -> NDArray[np.float32] | None:
    """A clip's sound with every place turned down to what the map gives it; None where places are no sound's.

    heat : shape of what is seen, 0 to 1
    """
    if heard.signals is None:
        return None
    signal = heard.signals[clip]
    if isinstance(heard.input, PicturesInput):
        return apply_mask(signal, heat, settings=heard.input.sonify)
    if not isinstance(heard.input, SoundsInput) or heard.input.features.kind == "mfcc":
        return None
    return masked(signal, heat, heard.input.features)


def masked(
    signal: NDArray[np.float32], heat: NDArray[np.float32], settings: Features
) -> NDArray[np.float32] | None:
    """A recording with each place of its spectrogram turned down to a map's weight; None where it has no way back.

    heat : shape (bands, frames), 0 to 1
    """
    if settings.n_fft % 2:
        return None
    weights = heat
    if settings.kind == "log_mel":
        filters = np.asarray(mel_matrix(settings))  # (bands, bins)
        weights = (filters.T @ heat) / np.maximum(filters.sum(axis=0), 1e-12)[:, np.newaxis]
    spectrum = stft(signal, n_fft=settings.n_fft, hop_length=settings.hop_length)
    frames = min(spectrum.shape[1], weights.shape[1])
    mask = np.zeros(spectrum.shape, np.float32)  # frames that the model does not see stay silent
    mask[:, :frames] = weights[:, :frames]
    return normalize_peak(istft(spectrum * mask, n_fft=settings.n_fft, hop_length=settings.hop_length))
