import numpy as np
import pytest
from pydantic import ValidationError

from earshot.config.sonify import Sonify
from earshot.core.rng import generator
from earshot.reading.sounds import read_sound
from earshot.sonification.channel import pass_band, transmit
from earshot.sonification.fidelity import pearson
from earshot.sonification.pictures import wavs_of_pictures
from earshot.sonification.sonify import read_out, scale_picture

RATE = 8000
TONES = np.arange(RATE) / RATE


def tone(hz):
    return np.sin(2 * np.pi * hz * TONES).astype(np.float32)


def level_db(signal):
    middle = signal[RATE // 4 : -RATE // 4].astype(np.float64)
    return 10 * np.log10(2 * np.mean(middle**2))


def test_without_a_channel_the_sound_is_untouched():
    np.testing.assert_array_equal(transmit(tone(440), settings=Sonify(), rng=None), tone(440))


@pytest.mark.parametrize(
    ("hz", "expected_db"), [(100, -60), (300, -6.02), (1000, 0), (3000, -6.02), (3600, -60)]
)
def test_a_band_passes_what_lies_in_it(hz, expected_db):
    actual = level_db(pass_band(tone(hz), sample_rate=RATE, band_hz=(300, 3000)))
    if expected_db == -60:
        assert actual < expected_db
    else:
        assert actual == pytest.approx(expected_db, abs=0.1)


@pytest.mark.parametrize(
    ("band_hz", "hz"), [((0, 4000), 20), ((0, 4000), 3900), ((0, 1000), 20), ((1000, 4000), 3900)]
)
def test_an_edge_at_the_end_of_the_scale_cuts_nothing_off(band_hz, hz):
    assert level_db(pass_band(tone(hz), sample_rate=RATE, band_hz=band_hz)) == pytest.approx(0, abs=0.1)


def test_noise_and_band_leave_the_peak_at_one():
    settings = Sonify(noise_snr_db=0.0, band_hz=[300.0, 3000.0])
    arrived = transmit(tone(440), settings=settings, rng=generator(1))
    assert arrived.dtype == np.float32
    assert np.abs(arrived).max() == 1


def test_a_silent_sound_arrives_silent():
    settings = Sonify(noise_snr_db=10.0, band_hz=[0.0, 1000.0])
    assert not transmit(np.zeros(500, np.float32), settings=settings, rng=generator(1)).any()


def test_less_of_a_picture_arrives_through_more_noise():
    ramp = np.linspace(0, 1, 32, dtype=np.float32)
    picture = np.outer(np.sin(9 * ramp) ** 2, ramp)
    correlations = []
    for snr_db in (None, 20.0, 0.0, -20.0):
        settings = Sonify(rows=32, columns=32, noise_snr_db=snr_db)
        (wav,) = wavs_of_pictures(picture[np.newaxis], ["a"], seed=1, settings=settings)
        heard = read_out(read_sound(wav, name="a")[0][np.newaxis], settings=settings)
        correlations.append(float(pearson(heard, scale_picture(picture, settings=settings)[np.newaxis])[0]))
    assert correlations == sorted(correlations, reverse=True)
    assert correlations[0] > 0.99
    assert abs(correlations[-1]) < 0.2


def test_the_noise_is_the_items_own():
    picture = np.random.default_rng(0).uniform(size=(16, 16)).astype(np.float32)
    settings = Sonify(rows=16, columns=16, iterations=0, noise_snr_db=0.0)
    first, again, other = (
        wavs_of_pictures(picture[np.newaxis], [name], seed=1, settings=settings) for name in ("a", "a", "b")
    )
    assert first == again != other


@pytest.mark.parametrize("band_hz", [[300.0, 300.0], [300.0, 5000.0], [900.0, 300.0], [-1.0, 300.0], [300.0]])
def test_a_band_that_cannot_be_is_refused(band_hz):
    with pytest.raises(ValidationError, match="band_hz"):
        Sonify(band_hz=band_hz)
