"""Where the rows and columns of an array lie: hertz and seconds, or pixels, and which way is up."""

from typing import NamedTuple

import numpy as np

from earshot.signal.mel import hz_from_mel, mel_from_hz


class Axes(NamedTuple):
    """The axes of an array.

    row_name, column_name : str, what they count, with the unit
    top_first : bool, whether row 0 is drawn at the top
    rows_hz : array, shape (rows,), a row's frequency; None where rows are counted
    first_s, column_s : float, the first column's middle and the step to the next; None where columns are counted
    """

    row_name: str
    column_name: str
    top_first: bool
    rows_hz: np.ndarray | None = None
    first_s: float = 0.0
    column_s: float | None = None


PIXELS = Axes("row (pixels)", "column (pixels)", top_first=True)
UNITLESS = Axes("band", "frame", top_first=False)


def of_features(settings, *, start_s=0.0):
    """The axes of a sound's spectrogram, its first row the lowest.

    settings : config.Features
    start_s : float, where in the sound the array starts
    """
    rows_hz, name = None, "frequency (Hz)"
    if settings.kind == "log_mel":
        top = settings.sample_rate / 2 if settings.fmax is None else settings.fmax
        edges = np.linspace(mel_from_hz(settings.fmin), mel_from_hz(top), settings.n_mels + 2)
        rows_hz = hz_from_mel(edges[1:-1])
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
