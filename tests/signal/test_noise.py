import numpy as np
import pytest

from earshot.core.rng import generator
from earshot.signal.noise import add_noise

RATE = 16000
SINE = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)


@pytest.mark.parametrize("snr_db", [-10, 0, 3.5, 20, 60])
def test_noise_has_the_ratio_asked_for(snr_db):
    noisy = add_noise(SINE, snr_db=snr_db, rng=generator(0, "noise"))
    noise = noisy.astype(np.float64) - SINE
    actual = 10 * np.log10(np.mean(SINE.astype(np.float64) ** 2) / np.mean(noise**2))
    assert noisy.dtype == np.float32
    assert actual == pytest.approx(snr_db, abs=1e-3)


def test_noise_is_white():
    noise = add_noise(SINE, snr_db=0, rng=generator(0, "noise")) - SINE
    halves = np.abs(np.fft.rfft(noise)[1:]).reshape(2, -1) ** 2
    assert halves[0].mean() == pytest.approx(halves[1].mean(), rel=0.05)


def test_a_silent_sound_stays_silent():
    assert not add_noise(np.zeros(100, np.float32), snr_db=10, rng=generator(0)).any()
