"""White noise at a given distance below a sound."""

import numpy as np
from numpy.typing import NDArray


def add_noise(signal: NDArray[np.float32], *, snr_db: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """Add white Gaussian noise, scaled so that the signal-to-noise ratio is exactly snr_db.

    signal : array, shape (samples,); a silent one has no ratio and comes back as it is
    """
    power = np.mean(np.square(signal, dtype=np.float64))
    if power == 0:
        return signal
    noise = rng.standard_normal(len(signal))
    noise *= np.sqrt(power / np.mean(np.square(noise)) / 10 ** (snr_db / 10))
    return (signal + noise).astype(np.float32)
