"""Cutting sounds into clips, and clips and spectrograms to one length."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from earshot.core.errors import EarshotError

Pad = Literal["silence", "repeat"]


def cut(
    signal: NDArray[np.float32],
    *,
    sample_rate: int,
    clip_s: float | None = None,
    clip_hop_s: float | None = None,
    pad: Pad = "silence",
) -> tuple[NDArray[np.float32], NDArray[np.float64]]:
    """Cut a sound into clips of one length.

    signal : array, shape (samples,), at least one sample
    sample_rate : in Hz
    clip_s : seconds of a clip; None takes the whole sound as one
    clip_hop_s : seconds from one clip's start to the next one's; None is clip_s, so that none overlap
    pad : what fills a clip that is longer than what is left of the sound

    Returns the clips, shape (clips, samples), and where each starts in seconds, shape (clips,).

    Every sound gives at least one clip. What is left after the last full clip is kept, padded, when it fills at
    least half a clip, and dropped otherwise.
    """
    if not len(signal):
        raise ValueError("signal has no samples")
    if clip_s is None:
        return signal[np.newaxis], np.zeros(1)
    length, hop = round(clip_s * sample_rate), round((clip_hop_s or clip_s) * sample_rate)
    if length < 1 or hop < 1:
        raise EarshotError(
            f"features.clip_s={clip_s} and features.clip_hop_s={clip_hop_s} are less than one sample "
            f"at {sample_rate} Hz. Expected more than {1 / sample_rate:g} s."
        )
    starts = window_starts(len(signal), length, hop)
    clips = np.stack([fit_length(signal[start : start + length], length=length, pad=pad) for start in starts])
    return clips, np.array(starts) / sample_rate


def window_starts(samples: int, length: int, hop: int) -> list[int]:
    """The sample at which each clip of `cut` starts, of a sound of so many samples."""
    full = max(0, (samples - length) // hop + 1)
    starts = [i * hop for i in range(full)]
    covered = starts[-1] + length if full else 0
    rest = full * hop
    if not full or (covered < samples and 2 * (samples - rest) >= length):
        starts.append(rest)
    return starts


def fit_length(signal: NDArray[np.float32], *, length: int, pad: Pad = "silence") -> NDArray[np.float32]:
    """Crop at the end, or fill with zeros ("silence") or with the sound again ("repeat").

    signal : array, shape (samples,) -> shape (length,)
    """
    if len(signal) >= length:
        return signal[:length]
    if pad == "repeat":
        return np.resize(signal, length)
    return np.pad(signal, (0, length - len(signal)))


def fit_frames(
    array: NDArray[np.float32], *, frames: int | None, pad: Pad = "silence", silence: float | None = None
) -> NDArray[np.float32]:
    """Crop a spectrogram at its end, or fill it there. With frames None it stays as it is.

    array : shape (bands, frames)
    pad : "silence" or "repeat", which fills with the array again
    silence : the value that is silence; None takes the array's lowest, which it is in brightness
    """
    present = array.shape[1]
    if frames is None or present == frames:
        return array
    if present > frames:
        return array[:, :frames]
    if pad == "repeat":
        repeated: NDArray[np.float32] = np.take(array, np.arange(frames) % present, axis=1)
        return repeated
    return np.pad(
        array, ((0, 0), (0, frames - present)), constant_values=array.min() if silence is None else silence
    )
