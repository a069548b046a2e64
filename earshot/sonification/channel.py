"""What a sound meets on its way to the listener: noise, and a line that carries a part of the frequencies only."""

import numpy as np
from numpy.typing import NDArray

from earshot.config.sonify import Sonify
from earshot.signal.noise import add_noise
from earshot.signal.peak import normalize_peak

ORDER = 8  # of the Butterworth filter; run forwards and backwards, it falls twice as steeply


def transmit(
    signal: NDArray[np.float32], *, settings: Sonify, rng: np.random.Generator
) -> NDArray[np.float32]:
    """The sound as it arrives, on a scale of its own: its peak is at 1.

    signal : array, shape (samples,); a silent one arrives as it is
    settings : `noise_snr_db` is added first, over all frequencies, and `band_hz` passes last
    rng : one for each (seed, item)
    """
    if settings.noise_snr_db is None and settings.band_hz is None:
        return signal
    if settings.noise_snr_db is not None:
        signal = add_noise(signal, snr_db=settings.noise_snr_db, rng=rng)
    if settings.band_hz is not None:
        low, high = settings.band_hz
        signal = pass_band(signal, sample_rate=settings.sample_rate, band_hz=(low, high))
    return normalize_peak(signal)


def pass_band(
    signal: NDArray[np.float32], *, sample_rate: int, band_hz: tuple[float, float]
) -> NDArray[np.float32]:
    """The sound without what lies outside a band, and without delay: 6 dB down at the band's edges.

    signal : array, shape (samples,)
    band_hz : (low, high); 0 and half the sample rate cut nothing off

    scipy.signal.sosfiltfilt over a Butterworth filter.
    """
    from scipy.signal import butter, sosfiltfilt  # 0.4 s to import: only a band limit pays

    low, high = band_hz
    cuts_low, cuts_high = low > 0, high < sample_rate / 2
    if cuts_low and cuts_high:
        sections = butter(ORDER, (low, high), "bandpass", fs=sample_rate, output="sos")
    elif cuts_low:
        sections = butter(ORDER, low, "highpass", fs=sample_rate, output="sos")
    elif cuts_high:
        sections = butter(ORDER, high, "lowpass", fs=sample_rate, output="sos")
    else:
        return signal
    # to eleven digits: the last bits of the design hang on the processor
    sections = np.array([[float(f"{value:.10e}") for value in section] for section in sections])
    filtered = sosfiltfilt(sections, signal, padlen=min(3 * ORDER, len(signal) - 1))
    return np.asarray(filtered, dtype=np.float32)
