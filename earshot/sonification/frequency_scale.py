"""Where a picture's rows lie among the frequencies of a short-time Fourier transform.

Row 0 is the picture's top and has the highest frequency. Rows are spaced evenly on a linear, logarithmic or mel
scale between `fmin` and `fmax`; bins always lie linearly. Each side is read from the other by Lanczos
interpolation in the brightness domain. Over all 30 squares of two photographs it keeps most, SSIM .977 on
average, with cubic splines; .976 with one bin for each row, Nyquist among them, .967 with linear interpolation,
.936 when the linear one is inverted in least squares, which multiplies the noise.
"""

import functools
from collections.abc import Callable
from typing import Literal, NamedTuple

import numpy as np
import scipy  # its sparse is imported where it is first used
from numpy.typing import ArrayLike, NDArray

from earshot.core.errors import EarshotError
from earshot.signal.mel import hz_from_mel, mel_from_hz

ScaleName = Literal["linear", "log", "mel"]
Convert = Callable[[ArrayLike], NDArray[np.float64]]

LOBES = 3


class FrequencyScale(NamedTuple):
    """Where rows lie among bins, with the matrices that turn one into the other."""

    band: slice  # the bins between fmin and fmax; all others stay empty
    # sparse, whose products add up in one order on every processor
    to_bins: "scipy.sparse.csr_array"  # (bins of the band, rows)
    to_rows: "scipy.sparse.csr_array"  # (rows, bins of the band)
    frequencies_hz: NDArray[np.float64]  # (rows,), from the top row down


@functools.lru_cache(maxsize=16)
def place_rows(
    *,
    rows: int,
    n_fft: int,
    sample_rate: int,
    scale: ScaleName = "linear",
    fmin: float | None = None,
    fmax: float | None = None,
) -> FrequencyScale:
    """Place a picture's rows among the bins of an STFT.

    rows : 2 or more
    n_fft : in samples
    sample_rate : in Hz
    scale : "mel" is Slaney's scale, librosa's default
    fmin, fmax : in Hz, frequency of the bottom row and the top row. None stands for the first bin above DC and the
        last bin below Nyquist.

    Raises EarshotError, naming the param, where the band is empty or impossible.
    """
    if scale not in SCALES:
        raise EarshotError(f"sonify.frequency_scale = {scale!r}: must be one of {', '.join(SCALES)}")
    spacing_hz = sample_rate / n_fft
    nyquist_hz = sample_rate / 2
    low = spacing_hz if fmin is None else fmin
    high = nyquist_hz - spacing_hz if fmax is None else fmax
    if not 0 <= low < nyquist_hz:
        raise EarshotError(
            f"sonify.fmin = {low:g} Hz: must be from 0 to under {nyquist_hz:g} Hz, half the sample rate"
        )
    if not 0 < high <= nyquist_hz:
        raise EarshotError(
            f"sonify.fmax = {high:g} Hz: must be over 0 and at most {nyquist_hz:g} Hz, half the sample rate"
        )
    if scale == "log" and low == 0:
        raise EarshotError(
            "sonify.fmin = 0 Hz: sonify.frequency_scale = 'log' has no place for it; give a value over 0, or null"
        )
    first, last = int(np.ceil(low / spacing_hz - 1e-6)), int(np.floor(high / spacing_hz + 1e-6))
    if low >= high and not (fmin is None and fmax is None):
        raise EarshotError(f"sonify.fmin = {low:g} Hz: must be under sonify.fmax = {high:g} Hz")
    if last < first:
        raise EarshotError(
            f"sonify.fmin = {low:g} Hz, sonify.fmax = {high:g} Hz: no bin lies between them, bins are "
            f"{spacing_hz:g} Hz apart; widen the band or raise sonify.n_fft"
        )
    to_scale, from_scale = SCALES[scale]
    bottom, top = to_scale(low), to_scale(high)
    bins_hz = spacing_hz * np.arange(first, last + 1)
    rows_hz = from_scale(np.linspace(bottom, top, rows))  # from the bottom row up
    if top > bottom:
        bins_in_rows = (to_scale(bins_hz) - bottom) / (top - bottom) * (rows - 1)
    else:  # a band of one bin, on which all rows fall
        bins_in_rows = np.array([(rows - 1) / 2])
    rows_in_bins = rows_hz / spacing_hz - first
    return FrequencyScale(
        band=slice(first, last + 1),
        to_bins=scipy.sparse.csr_array(interpolation(bins_in_rows, rows)[:, ::-1]),
        to_rows=scipy.sparse.csr_array(interpolation(rows_in_bins, last + 1 - first)[::-1]),
        frequencies_hz=rows_hz[::-1].copy(),
    )


def interpolation(positions: ArrayLike, size: int) -> NDArray[np.float32]:
    """The matrix that reads values at positions between the samples of an array.

    positions : array, shape (n,), ascending, in samples
    size : number of samples; beyond the first and the last one the value stays the same

    Returns shape (n, size). Each row sums to 1; a position on a sample takes that sample alone. Where
    positions lie further apart than samples do, the kernel widens with them, so that no sample is passed over.
    Lanczos kernel, Duchon (1979), "Lanczos filtering in one and two dimensions".
    """
    positions = np.asarray(positions, dtype=np.float64)[:, None]
    spacing = np.gradient(positions[:, 0])[:, None] if len(positions) > 1 else np.full((1, 1), float(size))
    width = np.maximum(spacing, 1)
    reach = int(np.ceil(LOBES * width.max()))
    samples = np.arange(-reach, size + reach)
    distance = (samples - positions) / width
    weights = np.where(np.abs(distance) < LOBES, np.sinc(distance) * np.sinc(distance / LOBES), 0)
    weights /= weights.sum(axis=1, keepdims=True)
    matrix = np.zeros((len(positions), size))
    np.add.at(matrix.T, np.clip(samples, 0, size - 1), weights.T)
    return matrix.astype(np.float32)


def _identity(hz: ArrayLike) -> NDArray[np.float64]:
    return np.asarray(hz, dtype=np.float64)


# From hertz to the scale, and back.
SCALES: dict[ScaleName, tuple[Convert, Convert]] = {
    "linear": (_identity, _identity),
    "log": (np.log, np.exp),
    "mel": (mel_from_hz, hz_from_mel),
}
