"""Reading a sound: whatever libsndfile decodes, in mono, at the sample rate asked for."""

import io
import math
import wave
from pathlib import Path
from typing import TypedDict

import numpy as np
import soxr
from numpy.typing import ArrayLike, NDArray

from earshot.config.base import MOST_SAMPLES, Channel
from earshot.core.errors import EarshotError
from earshot.reading.decoder_notes import named_notes
from earshot.reading.decoding import mono_blocks, open_sound
from earshot.reading.ffmpeg import FFMPEG_ENDINGS, ffmpeg_version, is_for_ffmpeg

CANCELLED = 1e-3  # of the channels' power is left in their mean: -30 dB
# What libsndfile reads by its content, whichever of them a file ends in, and what ffmpeg decodes.
SOUND_ENDINGS = FFMPEG_ENDINGS | frozenset(
    {
        ".wav",
        ".wave",
        ".flac",
        ".ogg",
        ".oga",
        ".opus",
        ".mp3",
        ".mp2",
        ".aif",
        ".aiff",
        ".aifc",
        ".au",
        ".snd",
        ".caf",
        ".w64",
        ".rf64",
        ".sph",
    }
)


class SoundFacts(TypedDict):
    """What decoding a sound once tells."""

    duration_s: float
    sample_rate: int  # Hz
    channels: int
    samples: int  # of one channel
    decoder: str  # libsndfile, or ffmpeg and its version
    silent: bool  # whether every sample is zero, of the channels' mean or the one that is read
    cancels: bool  # whether the channels' mean loses nearly all of what they hold


def read_sound(
    source: str | Path | bytes,
    *,
    name: str,
    sample_rate: int | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    channel: Channel = "mix",
) -> tuple[NDArray[np.float32], int]:
    """A sound, or the stretch of it from start_s to end_s, in mono.

    source : path, or bytes of a whole file
    name : what errors call it
    sample_rate : Hz; resampled by soxr at quality HQ where the file has another. None keeps the file's
    channel : "mix" for the mean of the channels, or the one that is taken

    Returns the signal, shape (samples,), at least one sample, and its sample rate.

    Raises EarshotError for what is not a sound, is cut short, is empty, or holds NaN or infinite samples.
    """
    with named_notes(name), open_sound(source, name) as file:
        blocks = [mono for mono, _ in mono_blocks(file, name, start_s, end_s, channel)]
        file_rate = file.samplerate
    signal = blocks[0] if len(blocks) == 1 else np.concatenate(blocks)
    if sample_rate is None or sample_rate == file_rate:
        return signal, file_rate
    return resample(signal, file_rate, sample_rate, name=name), sample_rate


def probe_sound(
    source: str | Path | bytes,
    *,
    name: str,
    start_s: float | None = None,
    end_s: float | None = None,
    channel: Channel = "mix",
) -> SoundFacts:
    """Decode a sound without keeping it, and raise what `read_sound`, whose arguments these are, would."""
    samples, silent, power, power_of_channels = 0, True, 0.0, 0.0
    with named_notes(name), open_sound(source, name) as file:
        for mono, channels in mono_blocks(file, name, start_s, end_s, channel):
            samples += len(mono)
            silent = silent and not mono.any()
            if channel == "mix" and file.channels > 1:
                scale = 32768.0 if channels.dtype == np.int16 else 1.0
                power += float(np.square(mono, dtype=np.float64).sum())
                power_of_channels += (
                    float(np.square(channels / scale, dtype=np.float64).sum()) / file.channels
                )
        return {
            "duration_s": samples / file.samplerate,
            "sample_rate": file.samplerate,
            "channels": file.channels,
            "samples": samples,
            "decoder": ffmpeg_version()
            if is_for_ffmpeg(name if isinstance(source, bytes) else source)
            else "libsndfile",
            "silent": silent,
            "cancels": power < CANCELLED * power_of_channels,
        }


def write_wav(signal: ArrayLike, sample_rate: int) -> bytes:
    """The bytes of a PCM16 WAV file: nothing in them but the format and the samples.

    signal : shape (samples,); what lies outside -1 to 32767/32768 is clipped

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


def resample(signal: NDArray[np.float32], from_rate: int, to_rate: int, *, name: str) -> NDArray[np.float32]:
    """soxr, HQ, to as many samples as librosa.resample gives: the ceiling of length × ratio, never none."""
    length = math.ceil(len(signal) * to_rate / from_rate)
    if length > MOST_SAMPLES:
        raise EarshotError(
            f"{name}: from {from_rate} to {to_rate} Hz it has {length} samples, more than {MOST_SAMPLES}. "
            "Cut it into shorter files, or lower features.sample_rate."
        )
    resampled: NDArray[np.float32] = soxr.resample(signal, from_rate, to_rate, quality="HQ")[:length]
    return np.pad(resampled, (0, length - len(resampled))) if len(resampled) < length else resampled
