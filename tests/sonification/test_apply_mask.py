"""What a map keeps of a sound."""

import numpy as np
import pytest

from earshot.config.sonify import Sonify
from earshot.sonification.apply_mask import apply_mask
from earshot.sonification.sonify import read_out, sonify

SETTINGS = Sonify(rows=32, columns=24, sample_rate=8000, iterations=8)


@pytest.fixture(scope="module")
def signal():
    """The sound of a bright square in each corner."""
    picture = np.zeros((32, 24), np.float32)
    for rows in (slice(4, 10), slice(22, 28)):
        for columns in (slice(3, 8), slice(16, 21)):
            picture[rows, columns] = 1
    return sonify(picture[None], ids=["corners"], seed=1, settings=SETTINGS)[0]


def test_weights_of_1_give_the_sound_itself(signal):
    masked = apply_mask(signal, np.ones((32, 24)), settings=SETTINGS)
    assert masked.shape == signal.shape
    # the bins beyond the band, DC and Nyquist, are empty but for rounding
    assert np.abs(masked - signal).max() < 0.01


def test_weights_of_0_give_silence(signal):
    assert not apply_mask(signal, np.zeros((32, 24)), settings=SETTINGS).any()


def test_the_top_left_of_a_map_is_what_sounds_high_and_early(signal):
    weights = np.zeros((32, 24))
    weights[:16, :12] = 1
    heard = read_out(apply_mask(signal, weights, settings=SETTINGS)[None], settings=SETTINGS)[0]
    assert heard[5:9, 4:7].mean() > 0.8
    assert heard[23:27].mean() < 0.1
    assert heard[:, 17:20].mean() < 0.1


def test_the_edges_do_not_drown_the_rest(signal):
    weights = np.random.default_rng(0).uniform(size=(32, 24))
    masked = apply_mask(signal, weights, settings=SETTINGS)
    assert np.abs(masked).max() == pytest.approx(1)
    ends = np.abs(np.concatenate([masked[:32], masked[-32:]])).max()
    assert ends < 0.5
