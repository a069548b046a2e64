"""Rows among bins, and brightness as magnitude."""

import librosa
import numpy as np
import pytest

from earshot.core.errors import EarshotError
from earshot.sonification.brightness import from_magnitude, relative, to_magnitude
from earshot.sonification.frequency_scale import interpolation, place_rows
from tests.sonification.photographs import squares

SCALES = ["linear", "log", "mel"]


@pytest.mark.parametrize("name", SCALES)
def test_frequencies_fall_from_the_top_row_down_between_the_limits(name):
    scale = place_rows(rows=48, n_fft=256, sample_rate=8000, scale=name, fmin=100, fmax=3500)
    assert (np.diff(scale.frequencies_hz) < 0).all()
    np.testing.assert_allclose(scale.frequencies_hz[[-1, 0]], [100, 3500])


@pytest.mark.parametrize(
    ("name", "to_scale"),
    [("linear", lambda hz: hz), ("log", np.log), ("mel", librosa.hz_to_mel)],
)
def test_rows_are_even_on_their_scale(name, to_scale):
    scale = place_rows(rows=48, n_fft=256, sample_rate=8000, scale=name, fmin=100, fmax=3500)
    steps = np.diff(to_scale(scale.frequencies_hz))
    np.testing.assert_allclose(steps, steps[0], rtol=1e-6)


def test_by_default_dc_and_nyquist_stay_empty():
    scale = place_rows(rows=128, n_fft=256, sample_rate=8000)
    assert scale.band == slice(1, 128)
    assert scale.to_bins.shape == (127, 128)
    assert scale.to_rows.shape == (128, 127)


def test_the_band_holds_the_bins_between_the_limits():
    assert place_rows(rows=8, n_fft=80, sample_rate=8000, fmin=500, fmax=1000).band == slice(5, 11)
    assert place_rows(rows=8, n_fft=80, sample_rate=8000, fmin=501, fmax=999).band == slice(6, 10)


def test_as_many_rows_as_bins_map_one_to_one():
    scale = place_rows(rows=513, n_fft=1024, sample_rate=22050, fmin=0, fmax=11025)
    np.testing.assert_allclose(scale.to_bins.toarray(), np.eye(513)[::-1], atol=1e-6)
    np.testing.assert_allclose(scale.to_rows.toarray(), np.eye(513)[::-1], atol=1e-6)


@pytest.mark.parametrize("name", SCALES)
@pytest.mark.parametrize("n_fft", [4, 64, 128, 512])
def test_a_constant_picture_stays_constant(name, n_fft):
    scale = place_rows(rows=64, n_fft=n_fft, sample_rate=8000, scale=name)
    np.testing.assert_allclose(scale.to_bins.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(scale.to_rows.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("name", "n_fft"), [("linear", 256), ("mel", 2048), ("log", 4096)])
def test_a_picture_comes_back_through_the_bins(name, n_fft):
    picture = squares([(128, 256)])[1]
    scale = place_rows(rows=128, n_fft=n_fft, sample_rate=8000, scale=name, fmin=60)
    back = scale.to_rows @ (scale.to_bins @ picture)
    assert np.sqrt(np.mean((back - picture) ** 2)) < 0.01


@pytest.mark.parametrize("name", SCALES)
def test_a_bright_row_lies_at_its_frequency(name):
    scale = place_rows(rows=32, n_fft=1024, sample_rate=8000, scale=name, fmin=200, fmax=3800)
    picture = np.zeros((32, 1), np.float32)
    picture[20] = 1
    loudest = scale.band.start + (scale.to_bins @ picture).argmax()
    assert loudest * 8000 / 1024 == pytest.approx(scale.frequencies_hz[20], abs=8000 / 1024)


def test_a_ramp_is_read_between_samples():
    positions = np.linspace(4, 11, 29)
    np.testing.assert_allclose(interpolation(positions, 16) @ np.arange(16.0), positions, atol=0.02)


def test_wide_steps_pass_over_no_sample():
    # Linear Hz at 128 bins, logarithmic rows: many rows share the lowest bins.
    weights = place_rows(rows=512, n_fft=256, sample_rate=8000, scale="log").to_bins
    assert (np.abs(weights).sum(axis=0) > 0).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"fmin": 2000, "fmax": 1000}, "sonify.fmin = 2000 Hz: must be under sonify.fmax = 1000 Hz"),
        ({"fmin": 1000, "fmax": 1000}, "sonify.fmin = 1000 Hz: must be under sonify.fmax"),
        ({"fmax": 4001}, "sonify.fmax = 4001 Hz: must be over 0 and at most 4000 Hz"),
        ({"fmin": 4000}, "sonify.fmin = 4000 Hz: must be from 0 to under 4000 Hz"),
        ({"fmin": 1001, "fmax": 1010}, "no bin lies between them, bins are 62.5 Hz apart"),
        (
            {"fmin": 0, "scale": "log"},
            "sonify.fmin = 0 Hz: sonify.frequency_scale = 'log' has no place for it",
        ),
        ({"scale": "bark"}, "sonify.frequency_scale = 'bark': must be one of linear, log, mel"),
    ],
)
def test_bad_limits_are_named(change, message):
    with pytest.raises(EarshotError, match=message):
        place_rows(**({"rows": 64, "n_fft": 128, "sample_rate": 8000} | change))


@pytest.mark.parametrize(("value", "decibels"), [(1.0, 0.0), (0.5, -20.0), (0.0, -40.0)])
def test_brightness_is_a_share_of_the_range(value, decibels):
    picture = np.array([[1.0, value]], np.float32)
    magnitude = to_magnitude(picture, brightness="decibels", range_db=40)
    np.testing.assert_allclose(20 * np.log10(magnitude), [[0, decibels]], atol=1e-4)


@pytest.mark.parametrize("brightness", ["decibels", "linear"])
def test_brightness_comes_back_from_any_level(brightness):
    picture = relative(squares([(0, 0)]))
    magnitude = to_magnitude(picture, brightness=brightness, range_db=40)
    back = from_magnitude(0.003 * magnitude, brightness=brightness, range_db=40)
    np.testing.assert_allclose(back, picture, atol=1e-5)


@pytest.mark.parametrize("brightness", ["decibels", "linear"])
def test_black_is_silence_both_ways(brightness):
    black = np.zeros((2, 3, 4), np.float32)
    assert not to_magnitude(black, brightness=brightness, range_db=40).any()
    assert not from_magnitude(black, brightness=brightness, range_db=40).any()
