"""Changing a sound the way a microphone, a speaker or a room would: noise, pitch, tempo."""

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from earshot.config.augment import Augment
from earshot.config.base import Channel
from earshot.core.rng import generator
from earshot.reading.members import source_of
from earshot.reading.sounds import read_sound, write_wav
from earshot.signal.clips import fit_length
from earshot.signal.noise import add_noise
from earshot.signal.vocoder import shift_pitch, stretch_time
from earshot.store.build import Made
from earshot.store.elements import Element

Signal = NDArray[np.float32]  # (samples,)


def augment_elements(
    elements: Sequence[Element],
    *,
    settings: Augment,
    sample_rate: int,
    channel: Channel,
    same_length: bool,
    seed: int,
) -> list[Made]:
    """Variants of sounds, each by its copy: a row of its hash, and the bytes of a WAV file.

    channel : of those that a sound has
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
            channel=channel,
        )
        rng = generator(seed, "augment", element.id, element.copy)
        varied = variant(signal, sample_rate=sample_rate, settings=settings, rng=rng)
        if same_length:
            varied = fit_length(varied, length=len(signal))
        louder = max(1, np.abs(varied).max())  # than the file holds: scaled down, not clipped
        wav = write_wav(varied / louder, sample_rate)
        made.append(([[hashlib.sha256(wav).hexdigest()]], wav))
    return made


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
