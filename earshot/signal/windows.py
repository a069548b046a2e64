"""The windows that weigh the samples of a frame before its Fourier transform."""

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from earshot.core.errors import EarshotError

Window = Literal["hann", "rectangular"]


def window_weights(window: Window, n_fft: int) -> NDArray[np.float64]:
    """The window's samples, shape (n_fft,): scipy.signal.get_window(window, n_fft)."""
    if window == "hann":  # periodic, so that shifted copies add up evenly
        return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(n_fft) / n_fft)
    if window == "rectangular":
        return np.ones(n_fft)
    raise EarshotError(f"window = {window!r}: must be 'hann' or 'rectangular'")
