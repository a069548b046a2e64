"""A sound's tempo and pitch, changed one without the other by a phase vocoder.

They are librosa's `time_stretch` and `pitch_shift`, written with additions, products, quotients and roots of float64
alone: the bytes are then the same on every processor, as angles, cosines and complex products are not.
"""

import math

import numpy as np
import soxr
from numpy.typing import NDArray

from earshot.signal.clips import fit_length
from earshot.signal.stft import istft, stft

N_FFT = 2048
HOP_LENGTH = 512


def stretch_time(signal: NDArray[np.float32], *, factor: float) -> NDArray[np.float32]:
    """The same pitch, `factor` times as long. (samples,) -> (round(samples × factor),), at least one

    librosa.effects.time_stretch at the rate 1 / factor.
    """
    length = round(len(signal) * factor)
    if length < 1:
        return signal[:1]
    padding = N_FFT // 2
    spectrum = stft(np.pad(_whole_frame(signal), padding), n_fft=N_FFT, hop_length=HOP_LENGTH, center=False)
    stretched = istft(_at_rate(spectrum, 1 / factor), n_fft=N_FFT, hop_length=HOP_LENGTH, center=False)
    return fit_length(stretched[padding:], length=length)


def shift_pitch(signal: NDArray[np.float32], *, sample_rate: int, semitones: float) -> NDArray[np.float32]:
    """The same length, its frequencies times 2 ** (semitones / 12). (samples,) -> (samples,)

    librosa.effects.pitch_shift: stretched, then resampled by soxr, HQ.
    """
    ratio = round(2 ** (semitones / 12), 9)  # the last bits of a power hang on the processor
    longer = stretch_time(_whole_frame(signal), factor=ratio)
    resampled = soxr.resample(longer, sample_rate * ratio, sample_rate, quality="HQ")
    return fit_length(resampled[: math.ceil(len(longer) / ratio)], length=len(signal))


def _whole_frame(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    """The sound, with silence after it where it is shorter than a frame."""
    return fit_length(signal, length=max(len(signal), N_FFT))


def _at_rate(spectrum: NDArray[np.complex64], rate: float) -> NDArray[np.complex64]:
    """The transform of a sound `rate` times as fast. (bins, frames) -> (bins, ceil(frames / rate))

    A frame between two others has a magnitude between theirs, and its phase goes on as it does from the one to the
    other. Phases are complex numbers of magnitude 1 here, and a difference of phases is a quotient of them.
    Flanagan and Golden (1966), "Phase vocoder"; librosa.phase_vocoder.
    """
    silence = np.zeros((2, len(spectrum)))
    real = np.concatenate([spectrum.real.T, silence]).astype(np.float64)  # (frames + 2, bins)
    imag = np.concatenate([spectrum.imag.T, silence]).astype(np.float64)
    magnitude = np.sqrt(real * real + imag * imag)
    silent = magnitude == 0
    divisor = np.where(silent, 1, magnitude)
    real, imag = np.where(silent, 1, real / divisor), imag / divisor
    advance_real = real[1:] * real[:-1] + imag[1:] * imag[:-1]  # of each frame's phase to the next one's
    advance_imag = imag[1:] * real[:-1] - real[1:] * imag[:-1]
    steps = np.arange(0, spectrum.shape[1], rate)
    result = np.empty((len(steps), len(spectrum)), np.complex64)
    phase_real, phase_imag = real[0], imag[0]
    for frame, step in zip(result, steps.tolist(), strict=True):
        before = int(step)
        share = step - before
        between = (1 - share) * magnitude[before] + share * magnitude[before + 1]
        frame.real, frame.imag = between * phase_real, between * phase_imag
        turn_real, turn_imag = advance_real[before], advance_imag[before]
        phase_real, phase_imag = (
            phase_real * turn_real - phase_imag * turn_imag,
            phase_real * turn_imag + phase_imag * turn_real,
        )
    return result.T
