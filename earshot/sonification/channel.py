"""What a sound meets on its way to the listener: noise, and a line that carries a part of the frequencies only."""

import numpy as np

from earshot.signal.noise import add_noise

ORDER = 8  # of the Butterworth filter; run forwards and backwards, it falls twice as steeply


def transmit(signal, *, settings, rng):
    """The sound as it arrives, on a scale of its own: its peak is at 1.

    signal : float32, shape (samples,); a silent one arrives as it is
    settings : config.Sonify; `noise_snr_db` is added first, over all frequencies, and `band_hz` passes last
    rng : numpy Generator, one for each (seed, item)

    Returns float32, shape (samples,).
    """
    if settings.noise_snr_db is None and settings.band_hz is None:
        return signal
    if settings.noise_snr_db is not None:
        signal = add_noise(signal, snr_db=settings.noise_snr_db, rng=rng)
    if settings.band_hz is not None:
        signal = pass_band(signal, sample_rate=settings.sample_rate, band_hz=settings.band_hz)
    peak = np.abs(signal).max()
    return (signal / peak).astype(np.float32) if peak > 0 else signal


def pass_band(signal, *, sample_rate, band_hz):
    """The sound without what lies outside a band, and without delay: 6 dB down at the band's edges.

    signal : array, shape (samples,)
    band_hz : (low, high); 0 and half the sample rate cut nothing off

    Returns float32, shape (samples,). scipy.signal.sosfiltfilt over a Butterworth filter.
    """
    from scipy.signal import butter, sosfiltfilt  # 0.4 s to import: only a band limit pays

    low, high = band_hz
    edges = {"highpass": low} if high >= sample_rate / 2 else {"lowpass": high}
    if low > 0 and high < sample_rate / 2:
        edges = {"bandpass": (low, high)}
    for kind, edge in edges.items():
        if not np.any(edge):
            continue
        sections = butter(ORDER, edge, kind, fs=sample_rate, output="sos")
        signal = sosfiltfilt(sections, signal, padlen=min(3 * ORDER, len(signal) - 1))
    return np.asarray(signal, dtype=np.float32)
