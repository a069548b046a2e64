"""What is measured of a sound is what was put into it."""

import numpy as np
import pytest

from earshot.examination.measure import _bandwidth_hz, _encoding

RATE = 8000


def tone(hz, samples):
    return np.sin(2 * np.pi * hz / RATE * np.arange(samples)).astype(np.float32)


def test_the_bandwidth_is_that_of_a_sound_in_the_last_samples_only():
    signal = np.concatenate([np.zeros(1024, np.float32), tone(300, 400) * np.hanning(400)]).astype(np.float32)
    assert _bandwidth_hz(signal, RATE) <= 1000


@pytest.mark.parametrize("samples", [512, 1000, 1100, 1536])
def test_the_bandwidth_of_a_tone_does_not_depend_on_where_it_is_cut(samples):
    assert _bandwidth_hz(tone(300, samples), RATE) == 500


def test_the_encoding_of_a_file_that_ffmpeg_decodes_is_its_ending():
    assert _encoding(b"as a telephone writes it", "folder/a.M4A") == "m4a"
