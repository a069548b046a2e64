import numpy as np
import pytest
from pydantic import ValidationError

from earshot.config.augment import Augment
from earshot.core.rng import generator
from earshot.features.augment import variant

RATE = 16000
SINE = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)
ALL = {"noise_snr_db": [5.0, 20.0], "pitch_semitones": [-2.0, 2.0], "stretch": [0.9, 1.1]}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("samples", [1, 2, 100])
def test_very_short_sounds_have_variants(samples):
    settings = Augment(copies=1, noise_snr_db=[10, 10], pitch_semitones=[-3, -3], stretch=[0.25, 0.25])
    made = variant(SINE[100 : 100 + samples], sample_rate=RATE, settings=settings, rng=generator(0))
    assert len(made) == max(1, round(samples / 4))
    assert np.isfinite(made).all()


def test_a_variant_follows_from_its_seed():
    def made(*names):
        return variant(SINE, sample_rate=RATE, settings=Augment(copies=2, **ALL), rng=generator(42, *names))

    np.testing.assert_array_equal(made("a", 0), made("a", 0))
    assert not np.array_equal(made("a", 0)[:1000], made("a", 1)[:1000])
    assert made("a", 0).dtype == np.float32


def test_draws_fill_the_range():
    lengths = [
        len(
            variant(SINE, sample_rate=RATE, settings=Augment(copies=1, stretch=[0.5, 2]), rng=generator(0, n))
        )
        / RATE
        for n in range(20)
    ]
    assert 0.5 <= min(lengths) < 0.7
    assert 1.8 < max(lengths) <= 2


def test_turning_one_change_off_leaves_the_others():
    stretch = {"copies": 1, "stretch": [0.5, 2.0]}
    alone = variant(SINE, sample_rate=RATE, settings=Augment(**stretch), rng=generator(0))
    noisy = variant(
        SINE, sample_rate=RATE, settings=Augment(**stretch, noise_snr_db=[30, 40]), rng=generator(0)
    )
    assert len(alone) == len(noisy)
    assert np.abs(alone - noisy).max() < 0.2


def test_nothing_set_changes_nothing():
    assert variant(SINE, sample_rate=RATE, settings=Augment(), rng=generator(0)) is SINE


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"stretch": [1.2, 0.8]}, "low at most high"),
        ({"stretch": [0, 1]}, "greater than or equal to 0.25"),
        ({"stretch": [1, 40]}, "less than or equal to 4"),
        ({"pitch_semitones": [-48, 0]}, "greater than or equal to -24"),
        ({"noise_snr_db": [10]}, "at least 2"),
        ({"noise_snr_db": [1, 2, 3]}, "at most 2"),
        ({"noise_snr_db": [float("nan"), 3]}, "finite number"),
        ({"copies": 2}, "copies=2 would repeat the same sound"),
    ],
)
def test_ranges_that_make_no_sense_are_refused(settings, words):
    with pytest.raises(ValidationError, match=words):
        Augment(**settings)
