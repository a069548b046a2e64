"""The right way up, with round numbers where they belong."""

import io

import numpy as np
import pytest
from PIL import Image

from earshot.config.features import Features
from earshot.config.sonify import Sonify
from earshot.plots.figures import column_ticks, figure, png, row_ticks, show_array
from earshot.signal.axes import PIXELS, UNITLESS, of_features
from earshot.sonification.axes import of_sonified

SONIFY = Sonify(rows=64, columns=32, sample_rate=8000)
FEATURES = Features(sample_rate=8000, n_fft=512, hop_length=100, n_mels=40)


@pytest.mark.parametrize("frequency_scale", ["linear", "log", "mel"])
def test_a_sonified_pictures_top_row_is_the_highest_frequency(frequency_scale):
    axes = of_sonified(Sonify(**SONIFY.model_dump() | {"frequency_scale": frequency_scale}))
    places, labels = row_ticks(axes, 64)
    hz = [float(label) for label in labels]
    assert axes.top_first
    assert list(np.argsort(places)) == list(np.argsort(hz))[::-1]
    found = np.interp(places, np.arange(64), axes.rows_hz)
    np.testing.assert_allclose(found, hz, rtol=0.02)


def test_a_log_mel_arrays_first_row_is_the_lowest_frequency():
    axes = of_features(FEATURES)
    places, labels = row_ticks(axes, 40)
    assert not axes.top_first
    np.testing.assert_allclose(np.interp(places, np.arange(40), axes.rows_hz), [float(v) for v in labels])


def test_mel_bands_lie_where_librosa_puts_them():
    from librosa import mel_frequencies

    expected = mel_frequencies(n_mels=42, fmin=0, fmax=4000)[1:-1]
    np.testing.assert_allclose(of_features(FEATURES).rows_hz, expected)


def test_seconds_are_those_of_the_frames():
    # frame t of a centred transform is at t × hop_length; a sonified column's frame starts there
    for axes, first in ((of_features(FEATURES, start_s=2.0), 2.0), (of_sonified(SONIFY), 64 / 8000)):
        places, labels = column_ticks(axes, 32)
        assert [f"{first + place * axes.column_s:g}" for place in places] == labels


@pytest.mark.parametrize(("axes", "upper"), [(PIXELS, True), (UNITLESS, False), (of_sonified(SONIFY), True)])
def test_row_0_is_drawn_where_the_axes_say(axes, upper):
    array = np.zeros((64, 32))
    array[:32] = 1
    drawn = figure(2, 2)
    panel = drawn.add_axes((0, 0, 1, 1))
    show_array(panel, array, axes=axes, colormap="gray", rows=False, columns=False)
    pixels = np.asarray(Image.open(io.BytesIO(png(drawn))))[..., 0]
    assert (pixels[60, 100] > 128) == upper
    assert (pixels[140, 100] > 128) != upper


def test_a_png_has_the_same_bytes_twice_and_names_no_software():
    def draw():
        drawn = figure(2, 2)
        show_array(drawn.add_subplot(), np.eye(5), axes=PIXELS)
        return png(drawn)

    assert draw() == draw()
    assert b"Software" not in draw()
