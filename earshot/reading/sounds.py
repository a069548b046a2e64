"""Reading a sound: whatever libsndfile decodes, in mono, at the sample rate asked for."""

import io
import math
import wave

import numpy as np
import soxr

from earshot.core.errors import EarshotError
from earshot.reading.decoding import MOST_SAMPLES, mono_blocks, opened

SOUND_ENDINGS = (".wav", ".flac", ".ogg", ".oga", ".opus", ".mp3", ".aif", ".aiff", ".au", ".caf", ".w64")


def read_sound(source, *, name, sample_rate=None, start_s=None, end_s=None):
    """A sound, or the part of it from start_s to end_s, mixed to mono.

    source : path, or bytes of a whole file
    name : str, what errors call it
    sample_rate : int, Hz; resampled by soxr at quality HQ where the file has another. None keeps the file's

    Returns the signal, float32, shape (samples,), at least one sample, and its sample rate.

    Raises EarshotError for what is not a sound, is cut short, is empty, or holds NaN or infinite samples.
    """
    with opened(source, name) as file:
        blocks = [mono for mono, _ in mono_blocks(file, name, start_s, end_s)]
        found = file.samplerate
    signal = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    if sample_rate is None or sample_rate == found:
        return signal, found
    return _resampled(signal, found, sample_rate, name), sample_rate


def probe_sound(source, *, name, start_s=None, end_s=None):
    """What decoding a sound once tells, without keeping it: raises whatever read_sound would.

    Returns a dict: duration_s (float), sample_rate (Hz), channels, samples (of one channel), and silent,
    True where every sample is zero.
    """
    samples, silent = 0, True
    with opened(source, name) as file:
        for mono, channels in mono_blocks(file, name, start_s, end_s):
            samples += len(mono)
            silent = silent and not channels.any()
        return {
            "duration_s": samples / file.samplerate,
            "sample_rate": file.samplerate,
            "channels": file.channels,
            "samples": samples,
            "silent": silent,
        }


def write_wav(signal, sample_rate):
    """The bytes of a PCM16 WAV file: nothing in them but the format and the samples.

    signal : array, shape (samples,); what lies outside -1 to 32767/32768 is clipped

    Reading it back gives the signal rounded to the nearest 1/32768.
    """
    rounded = np.clip(np.round(np.asarray(signal, dtype=np.float64) * 32768), -32768, 32767).astype("<i2")
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sample_rate)
        file.writeframes(rounded.tobytes())
    return buffer.getvalue()


def _resampled(signal, found, sample_rate, name):
    """soxr, HQ, to as many samples as librosa.resample gives: the ceiling of length × ratio, never none."""
    length = math.ceil(len(signal) * sample_rate / found)
    if length > MOST_SAMPLES:
        raise EarshotError(
            f"{name}: from {found} to {sample_rate} Hz it has {length} samples, more than {MOST_SAMPLES}. "
            "Cut it into shorter files, or lower features.sample_rate."
        )
    resampled = soxr.resample(signal, found, sample_rate, quality="HQ")[:length]
    return np.pad(resampled, (0, length - len(resampled))) if len(resampled) < length else resampled
