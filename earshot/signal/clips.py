"""Cutting sounds into clips, and clips and spectrograms to one length."""

import numpy as np

from earshot.core.errors import EarshotError


def cut(signal, *, sample_rate, clip_s=None, clip_hop_s=None, pad="silence"):
    """Fixed-length stretches of a sound.

    signal : array, shape (samples,), at least one sample
    clip_s : float, seconds of a clip; None takes the whole sound as one
    clip_hop_s : float, seconds from one clip's start to the next one's; None is clip_s, so that none overlap
    pad : "silence" or "repeat", what fills a clip that the sound does not

    Returns the clips, shape (clips, samples), and where each starts in seconds, shape (clips,).

    Every sound gives at least one clip. What is left after the last full clip is kept, padded, when it fills at
    least half a clip, and dropped otherwise.
    """
    signal = np.asarray(signal)
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
    full = max(0, (len(signal) - length) // hop + 1)
    starts = [i * hop for i in range(full)]
    covered = starts[-1] + length if full else 0
    rest = full * hop
    if not full or (covered < len(signal) and 2 * (len(signal) - rest) >= length):
        starts.append(rest)
    clips = np.stack([fit_length(signal[start : start + length], length=length, pad=pad) for start in starts])
    return clips, np.array(starts) / sample_rate


def fit_length(signal, *, length, pad="silence"):
    """Crop at the end, or fill with zeros ("silence") or with the sound again ("repeat").

    signal : array, shape (samples,) -> shape (length,)
    """
    if len(signal) >= length:
        return signal[:length]
    if pad == "repeat":
        return np.resize(signal, length)
    return np.pad(signal, (0, length - len(signal)))


def fit_frames(array, *, frames, pad="silence"):
    """Crop a spectrogram at its end, or fill it there.

    array : shape (bands, frames); frames : int
    pad : "silence" fills with the array's lowest value, which is silence in decibels and brightness alike;
        "repeat" with the array again

    Returns shape (bands, frames).
    """
    found = array.shape[1]
    if found >= frames:
        return array[:, :frames]
    if pad == "repeat":
        return np.take(array, np.arange(frames) % found, axis=1)
    return np.pad(array, ((0, 0), (0, frames - found)), constant_values=array.min())
