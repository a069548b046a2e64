"""Where the rows and columns of an array lie: hertz and seconds, or pixels, and which way is up."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from earshot.config.features import Features
from earshot.signal.mel import band_edges_hz


class Axes(NamedTuple):
    """The axes of an array."""

    row_name: str  # what the rows count, with the unit
    column_name: str
    top_first: bool  # whether row 0 is drawn at the top
    rows_hz: NDArray[np.float64] | None = None  # (rows,), a row's frequency; None where rows are counted
    first_s: float = 0.0  # the first column's middle
    column_s: float | None = None  # the step from column to column; None where columns are counted


PIXELS = Axes("row (pixels)", "column (pixels)", top_first=True)
STRETCHES = Axes("loudness", "stretch of the sound", top_first=False)
UNITLESS = Axes("band", "frame", top_first=False)


def of_features(settings: Features, *, start_s: float = 0.0) -> Axes:
    """The axes of a sound's spectrogram, its first row the lowest.

    start_s : where in the sound the array starts
    """
    rows_hz, name = None, "frequency (Hz)"
    if settings.kind == "log_mel":
        rows_hz = band_edges_hz(settings)[1:-1]
    elif settings.kind == "stft":
        rows_hz = np.arange(settings.n_fft // 2 + 1) * settings.sample_rate / settings.n_fft
    else:
        name = "cepstral coefficient"
    return Axes(
        name,
        "time (s)",
        top_first=False,
        rows_hz=rows_hz,
        first_s=start_s,
        column_s=settings.hop_length / settings.sample_rate,
    )
