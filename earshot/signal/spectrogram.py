"""Spectrograms of a sound: log-mel, short-time Fourier transform in decibels, MFCC.

Each equals what librosa gives with its defaults (Hann window, centred frames, zeros beyond the ends). They are
written out here for speed: the filters are built once, not once a sound, frames are transformed a cache-sized
block at a time, and librosa's own imports cost longer than a stage may take to start.
"""

import math
import threading
from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from earshot.config.features import Features
from earshot.signal.clips import fit_frames
from earshot.signal.mel import dct_filters, mel_filters, mel_matrix
from earshot.signal.stft import BLOCK_FRAMES, Precision, frame_count, stft_blocks

LOWEST_POWER = 1e-10  # librosa's amin: what counts as silence in decibels

SAME_DB = 1e-3  # of a cosine transform, whose sums are rounded


def spectrogram(signal: NDArray[np.floating], *, settings: Features) -> NDArray[np.float32]:
    """The spectrogram that the settings ask for, cropped or padded to settings.frames where that is set.

    signal : array, shape (samples,), at settings.sample_rate

    Returns shape (bands, frames), by settings.kind:
    log_mel : n_mels bands in decibels below the reference
    stft : n_fft // 2 + 1 magnitudes in decibels below the reference
    mfcc : n_mfcc cepstral coefficients of the mel bands in decibels below a power of 1

    The reference is the loudest value among the frames that are returned, unless settings.reference says otherwise.
    What lies more than settings.top_db below it is raised to there; of MFCC what lies so far below the loudest value.
    Digital silence, what fills up short sounds included, is settings.top_db below it.
    Equal within 1e-3 dB, of pure tones and chirps 2e-3, the stft within 1e-4, to librosa's
    power_to_db(melspectrogram(...), ref=np.max), amplitude_to_db(abs(stft(...)), ref=np.max) and mfcc(...), whose
    top_db is always 80, of all but silence.
    """
    bands: NDArray[np.float32] = spectrograms(signal[np.newaxis], settings=settings)[0]
    return bands


def spectrograms(signals: NDArray[np.floating], *, settings: Features) -> NDArray[np.float32]:
    """The spectrogram of each clip of one item, whose loudest value may be the reference of all of them.

    signals : array, shape (clips, samples), at settings.sample_rate

    Returns shape (clips, bands, frames).
    """
    if settings.reference != "item" and settings.frames is not None:
        signals = signals[:, : samples_below(settings.frames, settings)]
    powers = [_power(signal, settings) for signal in signals]
    loudest = max(float(power.max()) for power in powers)
    return np.stack([from_power(power, loudest_of_item=loudest, settings=settings) for power in powers])


def samples_below(frames: int, settings: Features) -> int:
    """The samples that the first frames of a sound are made of."""
    behind_centre = settings.n_fft - settings.n_fft // 2
    return (frames - 1) * settings.hop_length + behind_centre


def from_power(
    power: NDArray[np.float32], *, loudest_of_item: float, settings: Features
) -> NDArray[np.float32]:
    """The settings' frames of the power in bands, in decibels, and for MFCC the cosine transform of them.

    power : array, shape (n_mels, or n_fft // 2 + 1, frames)
    loudest_of_item : the highest power of all clips of the item
    """
    power = fit_frames(power, frames=settings.frames, pad=settings.pad, silence=0.0)
    loudest = float(power.max())
    if settings.kind == "mfcc":
        return cepstra(to_decibels(power, reference=1.0), settings=settings)
    if loudest <= LOWEST_POWER:
        return np.full(power.shape, silence_db(settings), np.float32)
    match settings.reference:
        case "clip":
            reference = loudest
        case "item":
            reference = loudest_of_item
        case "full_scale":
            reference = full_scale_power(settings)
    decibels = to_decibels(power, reference=reference)
    if settings.top_db is None:
        return decibels
    return np.maximum(decibels, np.float32(-settings.top_db), out=decibels)


def cepstra(decibels: NDArray[np.float32], *, settings: Features) -> NDArray[np.float32]:
    """The cosine transform of mel bands in decibels. (n_mels, frames) -> (n_mfcc, frames)"""
    if settings.top_db is not None:
        decibels = np.maximum(decibels, decibels.max() - settings.top_db)
    # einsum adds up in one order on every processor, as a product by BLAS does not
    coefficients: NDArray[np.float32] = np.einsum(
        "ij,jk->ik", dct_filters(settings.n_mels, settings.n_mfcc), decibels
    )
    return coefficients


def silence_db(settings: Features) -> float:
    """What digital silence is in decibels, where nothing else sounds that it could be compared with."""
    return 10 * math.log10(LOWEST_POWER) if settings.top_db is None else -settings.top_db


def is_silence(array: NDArray[np.float32], *, settings: Features) -> bool:
    """Whether a spectrogram shows nothing but silence, or what is too quiet for settings.top_db.

    array : shape (bands, frames)
    """
    if settings.kind == "mfcc":  # all of silence is in the first coefficient, the level
        array = np.concatenate([array[:1] - array[0, 0], array[1:]])
        return bool(np.abs(array).max() < SAME_DB)
    return bool(array.max() <= silence_db(settings))


def full_scale_power(settings: Features) -> float:
    """The power of a sine of full scale, in the bin of its frequency and, of mel bands, in the narrowest of them."""
    in_bin = (settings.n_fft / 4) ** 2  # half of the sum of a Hann window, squared
    return in_bin if settings.kind == "stft" else in_bin * float(mel_matrix(settings).max())


def _power(signal: NDArray[np.floating], settings: Features) -> NDArray[np.float32]:
    if settings.kind == "stft":
        return stft_power(signal, n_fft=settings.n_fft, hop_length=settings.hop_length)
    return mel_power(signal, settings=settings)


def stft_power(signal: NDArray[np.floating], *, n_fft: int, hop_length: int) -> NDArray[np.float32]:
    """The squared magnitudes of a short-time Fourier transform. (samples,) -> (n_fft // 2 + 1, frames)"""
    power = np.empty(
        (n_fft // 2 + 1, frame_count(len(signal), n_fft=n_fft, hop_length=hop_length)), np.float32
    )
    for start, block in _power_blocks(signal, n_fft=n_fft, hop_length=hop_length, precision="float64"):
        power[:, start : start + block.shape[1]] = block
    return power


def mel_power(signal: NDArray[np.floating], *, settings: Features) -> NDArray[np.float32]:
    """The power in mel bands, as librosa.feature.melspectrogram. (samples,) -> (n_mels, frames)"""
    n_fft, hop_length = settings.n_fft, settings.hop_length
    filters = mel_filters(settings)
    power = np.empty(
        (settings.n_mels, frame_count(len(signal), n_fft=n_fft, hop_length=hop_length)), np.float32
    )
    precision: Precision = "float32" if float32_will_do(settings) else "float64"
    for start, block in _power_blocks(signal, n_fft=n_fft, hop_length=hop_length, precision=precision):
        power[:, start : start + block.shape[1]] = filters @ block
    return power


def float32_will_do(settings: Features) -> bool:
    """Whether mel bands may be summed from a transform in float32, which takes half the time.

    Of recordings its rounding comes to 3e-4 dB in bands that lie 80 dB below the loudest one, of a chirp to 2e-3,
    and to ten times as much in the quieter ones that are kept where settings.top_db is null or higher. It follows the
    loudest bin, which may be a hum that settings.fmin leaves out.
    """
    return settings.top_db is not None and settings.top_db <= 80 and settings.fmin == 0


def to_decibels(power: NDArray[np.float32], *, reference: float) -> NDArray[np.float32]:
    """10 log10(power / reference), neither below LOWEST_POWER, as librosa.power_to_db.

    The logarithm is float64 and rounded once: in float32 its last bit hangs on the processor.
    """
    exact = np.log(np.maximum(power, np.float32(LOWEST_POWER)), dtype=np.float64)
    exact -= math.log(max(np.float32(LOWEST_POWER), np.float32(reference)))
    return (exact * (10 / math.log(10))).astype(np.float32)


def _power_blocks(
    signal: NDArray[np.floating], *, n_fft: int, hop_length: int, precision: Precision
) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """The squared magnitudes of the transform of every frame, a block of frames at a time.

    Yields the block's first frame and an array (bins, frames). The next block overwrites it.
    """
    squares_buffer, power_buffer = _buffers(threading.get_ident(), n_fft)
    for start, block in stft_blocks(signal, n_fft=n_fft, hop_length=hop_length, precision=precision):
        frames, bins = block.shape
        squares = squares_buffer[:frames]  # of real and imaginary parts, alternating
        values = block.view(precision)
        if precision == "float64":
            np.copyto(squares, values, casting="same_kind")
            values = squares
        np.multiply(values, values, out=squares)
        power = power_buffer[: bins * frames].reshape(bins, frames)
        yield start, np.add(squares[:, 0::2].T, squares[:, 1::2].T, out=power)


@lru_cache(maxsize=8)
def _buffers(thread: int, n_fft: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Memory for the squares, (frames, 2 × bins), and the power of one block, used for every sound of a thread."""
    bins = n_fft // 2 + 1
    return np.empty((BLOCK_FRAMES, 2 * bins), np.float32), np.empty(BLOCK_FRAMES * bins, np.float32)
