"""Changing a sound the way a microphone, a speaker or a room would: noise, pitch, tempo."""

import warnings

import numpy as np

from earshot.signal.noise import add_noise


def shift_pitch(signal, *, sample_rate, semitones):
    """The same length, its frequencies times 2 ** (semitones / 12). (samples,) -> (samples,)

    librosa.effects.pitch_shift: a phase vocoder, then resampling.
    """
    from librosa.effects import pitch_shift  # 1.5 s to import: only augmentation pays

    return _quietly(pitch_shift, signal, sr=sample_rate, n_steps=semitones)


def stretch_time(signal, *, factor):
    """The same pitch, `factor` times as long. (samples,) -> (round(samples × factor),), at least one

    librosa.effects.time_stretch, a phase vocoder, at the rate 1 / factor.
    """
    from librosa.effects import time_stretch

    if round(len(signal) * factor) < 1:
        return signal[:1]
    return _quietly(time_stretch, signal, rate=1 / factor)


def variant(signal, *, sample_rate, settings, rng):
    """One extra variant of a sound: stretched, then shifted, then noisy, each drawn from its range.

    settings : config.Augment; a range left out changes nothing
    rng : numpy Generator, one for each (seed, item, copy)

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


def _within(limits, share):
    low, high = limits
    return low + share * (high - low)


def _quietly(effect, signal, **options):
    """The effect without its warning that a sound is shorter than librosa's window: padding it is right."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="n_fft=.* is too large", category=UserWarning)
        return effect(np.asarray(signal, dtype=np.float32), **options)
