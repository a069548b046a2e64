"""The level of a sound, which no sound file keeps: its peak at 1."""

import numpy as np
from numpy.typing import NDArray


def normalize_peak(signal: NDArray[np.float32]) -> NDArray[np.float32]:
    """The signal with its peak at 1; silence stays as it is.

    signal : array, shape (samples,)
    """
    peak = np.abs(signal).max()
    return signal / peak if peak > 0 else signal
