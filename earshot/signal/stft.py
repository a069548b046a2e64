"""The short-time Fourier transform and its inverse.

Inside, a spectrum lies as (frames, bins), so that every FFT reads contiguous memory. The frames of one sound are
transformed a block at a time, so that a block's arrays stay in the cache.
"""

import functools
import threading
from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, TypedDict, TypeVar

import numpy as np
import scipy  # its fft is imported where it is first used, for 0.1 s
from numpy.typing import ArrayLike, NDArray

from earshot.core.errors import EarshotError
from earshot.signal.windows import Window, window_weights

Precision = Literal["float32", "float64"]
Scalar = TypeVar("Scalar", bound=np.generic)
Samples = TypeVar("Samples", int, NDArray[np.int64])

BLOCK_FRAMES = 64  # transformed at once; their arrays stay in the cache


class Transform(TypedDict):
    """The arguments that a transform and its inverse must share."""

    n_fft: int
    hop_length: int
    window: Window


def stft(
    signals: ArrayLike, *, n_fft: int, hop_length: int, window: Window = "hann", center: bool = True
) -> NDArray[np.complex64]:
    """Short-time Fourier transform.

    signals : array, shape (..., samples)
    n_fft, hop_length : in samples
    center : whether frame t is centred on sample t × hop_length, with silence beyond both ends; otherwise it
        starts there

    Returns shape (..., bins, frames), equal to `librosa.stft(pad_mode="constant")`.
    Raises EarshotError on a bad argument, or on signals shorter than one frame.
    """
    signals = np.asarray(signals, dtype=np.float32)
    check_transform(n_fft, hop_length)
    frames = frame_count(signals.shape[-1], n_fft=n_fft, hop_length=hop_length, center=center)
    if frames < 1:
        raise EarshotError(f"signals: {signals.shape[-1]} samples, fewer than n_fft = {n_fft}")
    flat = merge_leading_axes(signals, 1)
    spectra = np.empty((len(flat), frames, n_fft // 2 + 1), np.complex64)
    for signal, spectrum in zip(flat, spectra, strict=True):
        blocks = stft_blocks(
            signal, n_fft=n_fft, hop_length=hop_length, window=window, center=center, precision="float32"
        )
        for start, block in blocks:
            spectrum[start : start + len(block)] = block
    return spectra.reshape(*signals.shape[:-1], *spectra.shape[1:]).swapaxes(-1, -2)


def stft_blocks(
    signal: NDArray[np.floating],
    *,
    n_fft: int,
    hop_length: int,
    window: Window = "hann",
    center: bool = True,
    precision: Precision,
) -> Iterator[tuple[int, NDArray[np.complexfloating]]]:
    """The transform of one sound, a block of frames at a time.

    signal : array, shape (samples,)
    n_fft : in samples; an odd one, which has no inverse here, is centred as librosa centres it
    hop_length, window, center : as in `stft`
    precision : of the transform. The rounding of float32 reaches 1e-3 dB in bins that lie 60 dB below
        the loudest one.

    Yields the block's first frame, and complex values of that precision, shape (frames, bins). The next block may
    overwrite them.
    """
    frames = frame_count(len(signal), n_fft=n_fft, hop_length=hop_length, center=center)
    padding = n_fft // 2 if center else 0
    space = _workspace(threading.get_ident(), n_fft, hop_length, window, precision)
    for start in range(0, frames, BLOCK_FRAMES):
        count = min(BLOCK_FRAMES, frames - start)
        _copy_span(signal, start * hop_length - padding, space.span[: (count - 1) * hop_length + n_fft])
        windowed = np.multiply(space.framed[:count], space.weights, out=space.windowed[:count])
        if precision == "float64":
            yield start, np.fft.rfft(windowed, out=space.spectrum[:count])  # scipy's takes no `out`
        else:
            yield start, scipy.fft.rfft(windowed)  # numpy's does not compute in float32


def magnitude_of(spectra: NDArray[np.complex64]) -> NDArray[np.float32]:
    """The absolute values of complex numbers, the same to the bit on every processor, as numpy's `abs` is not."""
    magnitude: NDArray[np.float32] = np.sqrt(np.square(spectra.real) + np.square(spectra.imag))
    return magnitude


def istft(
    spectra: ArrayLike, *, n_fft: int, hop_length: int, window: Window = "hann", center: bool = True
) -> NDArray[np.float32]:
    """The signal whose short-time Fourier transform is nearest to the one given, in least squares.

    spectra : complex array, shape (..., bins, frames)
    n_fft, hop_length, window, center : as in `stft`

    Returns shape (..., samples), equal to `librosa.istft`.
    Griffin and Lim (1984), "Signal estimation from modified short-time Fourier transform", equation 6.
    """
    from earshot.signal.compiled_loops import resynthesize  # 0.25 s to import: only making sounds pays

    spectra = np.asarray(spectra, dtype=np.complex64)
    check_transform(n_fft, hop_length)
    check_bins("spectra", spectra, n_fft)
    weights = window_weights(window, n_fft).astype(np.float32)
    factor, inner = overlap_normalization(window, n_fft, hop_length, spectra.shape[-1], center)
    flat = merge_leading_axes(spectra, 2)
    signals = np.empty((len(flat), inner.stop - inner.start), np.float32)
    for spectrum, signal in zip(flat, signals, strict=True):
        whole = np.zeros(len(factor), np.float32)
        pieces = scipy.fft.irfft(np.ascontiguousarray(spectrum.T), n_fft)  # (frames, n_fft)
        resynthesize(pieces, weights, factor, whole, np.float32(0), hop_length)
        signal[:] = whole[inner]
    return signals.reshape(*spectra.shape[:-2], signals.shape[-1])


def frame_count(samples: Samples, *, n_fft: int, hop_length: int, center: bool = True) -> Samples:
    """How many frames a sound has, one every hop_length. Centred ones reach half a frame beyond both ends."""
    padding = n_fft // 2 if center else 0
    return 1 + (samples + 2 * padding - n_fft) // hop_length


@functools.lru_cache(maxsize=64)
def overlap_normalization(
    window: Window, n_fft: int, hop_length: int, frames: int, center: bool
) -> tuple[NDArray[np.float32], slice]:
    """What each sample of overlapping, windowed frames is multiplied by, and which samples are the signal's.

    Returns the factors, shape (hop_length × (frames + overlap − 1),): one over the sum of the squared windows that
    cover a sample; and the slice of them from the first frame's centre (or start, with center False) to the last
    one's. Samples outside the slice have the factor 0: the next transform sees silence there.
    """
    overlap = -(-n_fft // hop_length)
    factor = np.zeros(hop_length * (frames + overlap - 1))
    squares = window_weights(window, n_fft).astype(np.float32).astype(np.float64) ** 2
    for frame in range(frames):
        factor[frame * hop_length :][:n_fft] += squares
    covered = factor > np.finfo(np.float32).tiny
    factor[covered] = 1 / factor[covered]
    factor[~covered] = 1
    padding = n_fft // 2 if center else 0
    inner = slice(padding, n_fft + hop_length * (frames - 1) - padding)
    if inner.stop <= inner.start:
        raise EarshotError(
            f"{frames} centred frames of n_fft = {n_fft} leave no sample: give 2 frames or more"
        )
    factor[: inner.start] = factor[inner.stop :] = 0
    return factor.astype(np.float32), inner


def check_transform(n_fft: int, hop_length: int) -> None:
    """Raise EarshotError for sizes that cannot be transformed and inverted."""
    if n_fft < 2 or n_fft % 2:
        raise EarshotError(f"n_fft = {n_fft}: must be an even number, 2 or more")
    if hop_length < 1:
        raise EarshotError(f"hop_length = {hop_length}: must be 1 or more")


def check_bins(name: str, spectra: NDArray[Any], n_fft: int) -> None:
    """Raise EarshotError where the argument `name` is not of shape (..., n_fft / 2 + 1 bins, frames)."""
    if spectra.ndim < 2 or spectra.shape[-2] != n_fft // 2 + 1 or spectra.shape[-1] < 1:
        raise EarshotError(
            f"{name}: shape {spectra.shape}, expected (..., {n_fft // 2 + 1}, frames) for n_fft = {n_fft}"
        )


def merge_leading_axes(array: NDArray[Scalar], ndim: int) -> NDArray[Scalar]:
    """The array with all axes before the last `ndim` made one."""
    leading = array.shape[: array.ndim - ndim]
    return array.reshape(int(np.prod(leading)), *array.shape[len(leading) :])


class _Workspace(NamedTuple):
    """The arrays of one block of frames, used again for every sound: fresh memory takes a tenth of the time."""

    span: NDArray[np.floating]  # (samples,), what lies under the block's frames
    framed: NDArray[np.floating]  # (frames, n_fft), a view of span
    weights: NDArray[np.floating]  # (n_fft,), the window's
    windowed: NDArray[np.floating]  # (frames, n_fft)
    spectrum: NDArray[np.complex128]  # (frames, bins), of the transform in float64


@functools.lru_cache(maxsize=8)
def _workspace(thread: int, n_fft: int, hop_length: int, window: Window, precision: Precision) -> _Workspace:
    """One for each thread, so that threads do not write into each other's."""
    span = np.zeros((BLOCK_FRAMES - 1) * hop_length + n_fft, precision)
    return _Workspace(
        span=span,
        framed=np.lib.stride_tricks.sliding_window_view(span, n_fft)[::hop_length],
        weights=window_weights(window, n_fft).astype(precision),
        windowed=np.empty((BLOCK_FRAMES, n_fft), precision),
        spectrum=np.empty((BLOCK_FRAMES if precision == "float64" else 0, n_fft // 2 + 1), np.complex128),
    )


def _copy_span(signal: NDArray[np.floating], first: int, span: NDArray[np.floating]) -> None:
    """Copy signal[first : first + len(span)] into span, with zeros where the signal has no samples."""
    low, high = max(first, 0), min(first + len(span), len(signal))
    if high - low < len(span):
        span[:] = 0
    if low < high:
        span[low - first : high - first] = signal[low:high]
