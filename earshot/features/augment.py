"""Changing a sound the way a microphone, a speaker or a room would: noise, pitch, tempo."""

import hashlib
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from earshot.config.augment import Augment
from earshot.core.rng import generator
from earshot.reading.members import source_of
from earshot.reading.sounds import read_sound, write_wav
from earshot.signal.clips import fit_length
from earshot.signal.noise import add_noise
from earshot.store.build import Made
from earshot.store.elements import Element

Signal = NDArray[np.floating[Any]]  # (samples,)
WINDOW = 2048  # samples: the n_fft of librosa's effects


def augment_elements(
    elements: Sequence[Element], *, settings: Augment, sample_rate: int, same_length: bool, seed: int
) -> list[Made]:
    """Variants of sounds, each by its copy: a row of its hash, and the bytes of a WAV file.

    same_length : as the sound itself, as a picture needs it, whose columns have their places in time
    """
    made = []
    for element in elements:
        signal, _ = read_sound(
            source_of(element.content),
            name=element.path,
            sample_rate=sample_rate,
            start_s=element.start_s,
            end_s=element.end_s,
        )
        rng = generator(seed, "augment", element.id, element.copy)
        varied = variant(signal, sample_rate=sample_rate, settings=settings, rng=rng)
        if same_length:
            varied = fit_length(varied, length=len(signal))
        louder = max(1, np.abs(varied).max())  # than the file holds: scaled down, not clipped
        wav = write_wav(varied / louder, sample_rate)
        made.append(([[hashlib.sha256(wav).hexdigest()]], wav))
    return made


def shift_pitch(signal: Signal, *, sample_rate: int, semitones: float) -> Signal:
    """The same length, its frequencies times 2 ** (semitones / 12). (samples,) -> (samples,)

    librosa.effects.pitch_shift: a phase vocoder, then resampling.
    """
    from librosa.effects import pitch_shift  # 1.5 s to import: only augmentation pays

    return _padded(pitch_shift, signal, sr=sample_rate, n_steps=semitones)[: len(signal)]


def stretch_time(signal: Signal, *, factor: float) -> Signal:
    """The same pitch, `factor` times as long. (samples,) -> (round(samples × factor),), at least one

    librosa.effects.time_stretch, a phase vocoder, at the rate 1 / factor.
    """
    from librosa.effects import time_stretch

    samples = round(len(signal) * factor)
    if samples < 1:
        return signal[:1]
    return _padded(time_stretch, signal, rate=1 / factor)[:samples]


def variant(signal: Signal, *, sample_rate: int, settings: Augment, rng: np.random.Generator) -> Signal:
    """One extra variant of a sound: stretched, then shifted, then noisy, each drawn from its range.

    settings : a range left out changes nothing
    rng : one for each (seed, item, copy)

    Noise comes last, so that its ratio holds for what the model hears. The draws do not depend on which of the
    three are on: turning one off leaves the others as they were.
    """
    stretch, pitch, noise = rng.uniform(size=3)
    if settings.stretch is not None:
        signal = stretch_time(signal, factor=_within(settings.stretch, stretch))
    if settings.pitch_semitones is not None:
        signal = shift_pitch(
            signal, sample_rate=sample_rate, semitones=_within(settings.pitch_semitones, pitch)
        )
    if settings.noise_snr_db is not None:
        signal = add_noise(signal, snr_db=_within(settings.noise_snr_db, noise), rng=rng)
    return signal


def _within(limits: Sequence[float], share: float) -> float:
    low, high = limits
    return low + share * (high - low)


def _padded(effect: Callable[..., Signal], signal: Signal, **options: float) -> Signal:
    """The effect on a sound that silence fills up to its window: shorter ones would hang on librosa's version."""
    return effect(fit_length(signal.astype(np.float32), length=max(len(signal), WINDOW)), **options)
