"""Pictures to sounds and back, through the 16-bit file that a user has."""

import numpy as np
import pytest

from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.reading.sounds import read_sound, write_wav
from earshot.signal.stft import stft
from earshot.sonification.fidelity import fidelity
from earshot.sonification.match_peak import match_peak
from earshot.sonification.sonify import (
    geometry,
    magnitude_of_pictures,
    magnitude_of_signals,
    read_out,
    scale_picture,
    sonify,
)
from tests.sonification.photographs import squares

TOP_ROW = [(0, x) for x in (0, 128, 256, 384, 512)]
SMALL = Sonify(rows=16, columns=12)


def heard(pictures, settings, *, ids=None, seed=42):
    """The sounds of pictures, written as WAV and read back."""
    ids = [str(i) for i in range(len(pictures))] if ids is None else ids
    signals = sonify(pictures, ids=ids, seed=seed, settings=settings)
    return np.stack([read_sound(write_wav(signal, 8000), name="wav")[0] for signal in signals])


def table(pictures, **settings):
    settings = Sonify(rows=pictures.shape[1], columns=pictures.shape[2], **settings)
    return fidelity(heard(pictures, settings), pictures, settings=settings)


def noise(items=3, *, settings=SMALL):
    rng = np.random.default_rng(4)
    return rng.random((items, settings.rows, settings.columns), dtype=np.float32)


def test_sizes_follow_from_rows_and_columns():
    sizes = geometry(Sonify(rows=128, columns=100, sample_rate=8000))
    assert (sizes.n_fft, sizes.hop_length, sizes.bins, sizes.frames) == (256, 128, 129, 100)
    assert sizes.samples == 256 + 99 * 128
    assert sizes.duration_s == sizes.samples / 8000


def test_decibels_keep_the_picture():
    ssim = table(squares(TOP_ROW))["ssim"]
    assert ssim.median() >= 0.97
    assert ssim.min() >= 0.95


def test_linear_brightness_comes_near_the_spectrogram_asked_for():
    assert table(squares(TOP_ROW), brightness="linear")["spectral_convergence"].median() <= -30


def test_all_of_both_photographs():
    # The roofs and crowds of the lower half of china.jpg are finer than the window's own blur: .938 at worst.
    ssim = table(squares())["ssim"]
    assert ssim.median() >= 0.98
    assert ssim.min() >= 0.93


def test_frames_side_by_side_return_the_picture():
    measures = table(squares(TOP_ROW), window="rectangular", hop_length=256, iterations=1)
    assert measures["ssim"].min() >= 0.99


@pytest.mark.parametrize("frequency_scale", ["linear", "log", "mel"])
def test_every_scale_reads_its_own_sound(frequency_scale):
    measures = table(squares([(128, 256)]), frequency_scale=frequency_scale, n_fft=1024, fmin=200)
    assert measures["pearson"].min() > 0.95


def test_a_mel_read_out_needs_mel_rows():
    pictures = squares([(128, 256)])
    made = Sonify(rows=128, columns=128)
    signals = heard(pictures, made)
    mel = fidelity(signals, pictures, settings=made.model_copy(update={"frequency_scale": "mel"}))
    assert mel["pearson"].max() < 0.7


def test_invert_turns_dark_into_loud():
    pictures = noise(settings=SMALL)
    inverted = SMALL.model_copy(update={"invert": True})
    np.testing.assert_array_equal(
        magnitude_of_pictures(pictures, settings=inverted),
        magnitude_of_pictures(1 - pictures, settings=SMALL),
    )


def test_invert_returns_the_picture_the_right_way_round():
    assert table(squares(TOP_ROW), invert=True)["pearson"].min() > 0.95


def test_the_brightest_point_is_1_however_dark_the_picture():
    pictures = noise()
    np.testing.assert_allclose(
        scale_picture(0.2 * pictures, settings=SMALL), scale_picture(pictures, settings=SMALL), atol=1e-6
    )
    np.testing.assert_allclose(scale_picture(pictures, settings=SMALL).max(axis=(1, 2)), 1)


@pytest.mark.parametrize("iterations", [0, 32])
def test_sounds_are_float32_and_fill_the_scale(iterations):
    settings = SMALL.model_copy(update={"iterations": iterations})
    signals = sonify(noise(), ids=list("abc"), seed=1, settings=settings)
    assert signals.dtype == np.float32
    assert signals.shape == (3, geometry(settings).samples)
    np.testing.assert_allclose(np.abs(signals).max(axis=1), 1)


def test_without_iterations_less_is_kept():
    pictures = squares(TOP_ROW)
    assert table(pictures, iterations=0)["ssim"].max() < table(pictures)["ssim"].min()


def test_a_sound_depends_on_its_id_and_the_seed_alone():
    pictures = noise(5)
    together = sonify(pictures, ids=list("abcde"), seed=1, settings=SMALL)
    np.testing.assert_array_equal(sonify(pictures[[3]], ids=["d"], seed=1, settings=SMALL)[0], together[3])
    np.testing.assert_array_equal(
        sonify(pictures[::-1], ids=list("edcba"), seed=1, settings=SMALL), together[::-1]
    )
    assert (sonify(pictures[[3]], ids=["x"], seed=1, settings=SMALL)[0] != together[3]).any()
    assert (sonify(pictures[[3]], ids=["d"], seed=2, settings=SMALL)[0] != together[3]).any()


@pytest.mark.parametrize("brightness", ["decibels", "linear"])
@pytest.mark.parametrize("invert", [False, True])
def test_what_does_not_sound_is_silent_and_reads_as_it_was(brightness, invert):
    settings = SMALL.model_copy(update={"brightness": brightness, "invert": invert})
    quiet = np.full((1, 16, 12), float(invert), np.float32)
    signals = heard(quiet, settings)
    assert not signals.any()
    np.testing.assert_array_equal(read_out(signals, settings=settings), quiet)
    np.testing.assert_array_equal(scale_picture(quiet, settings=settings), quiet)


@pytest.mark.parametrize("brightness", ["decibels", "linear"])
@pytest.mark.parametrize("value", [0.01, 0.5, 1.0])
def test_a_constant_picture_has_finite_measures(brightness, value):
    measures = table(np.full((1, 16, 12), value, np.float32), brightness=brightness)
    assert measures["pearson"].isna().all()
    assert np.isfinite(measures[["ssim", "psnr", "spectral_convergence"]]).all(axis=None)


@pytest.mark.parametrize(("rows", "columns"), [(2, 2), (3, 2), (2, 50), (5, 3)])
def test_the_smallest_pictures(rows, columns):
    settings = Sonify(rows=rows, columns=columns)
    read = read_out(heard(noise(settings=settings), settings), settings=settings)
    assert read.shape == (3, rows, columns)
    assert read.min() >= 0
    assert read.max() <= 1


@pytest.mark.parametrize(("n_fft", "hop_length"), [(64, 16), (64, 20), (30, 7), (64, 64)])
def test_every_column_is_one_whole_frame(n_fft, hop_length):
    settings = SMALL.model_copy(update={"n_fft": n_fft, "hop_length": hop_length})
    signals = heard(noise(settings=settings), settings)
    assert magnitude_of_signals(signals, settings=settings).shape == (3, n_fft // 2 + 1, 12)
    assert geometry(settings).samples == n_fft + 11 * hop_length


def test_bins_outside_the_band_are_empty():
    settings = Sonify(rows=16, columns=12, n_fft=64, sample_rate=8000, fmin=1000, fmax=2000)
    sounding = magnitude_of_pictures(noise(settings=settings), settings=settings).any(axis=(0, 2))
    assert np.flatnonzero(sounding).tolist() == list(range(8, 17))


def test_a_lone_bright_point_is_read_at_full_brightness():
    pictures = 0.3 * noise(4, settings=Sonify(rows=64, columns=64))
    pictures[:, 20, 30] = 1
    settings = Sonify(rows=64, columns=64, iterations=4)
    read = read_out(heard(pictures, settings), settings=settings)
    # The error of the level shows as a common offset of all pixels.
    assert np.abs(np.median(read - pictures, axis=(1, 2))).max() < 0.03


def test_a_peak_that_matches_is_left_alone():
    rng = np.random.default_rng(6)
    signal = rng.normal(size=64 + 32 * 9).astype(np.float32)
    transform = {"n_fft": 64, "hop_length": 32}
    target = np.abs(stft(signal, **transform, center=False))
    matched = match_peak(signal, target=target / target.max(), band=slice(0, 33), **transform)
    np.testing.assert_array_equal(matched, signal)


@pytest.mark.parametrize(
    ("pictures", "message"),
    [
        (np.zeros((1, 16, 13)), r"pictures: shape \(1, 16, 13\), expected \(1, 16, 12\)"),
        (np.zeros((2, 16, 12)), r"pictures: shape \(2, 16, 12\), expected \(1, 16, 12\)"),
        (np.full((1, 16, 12), 255.0), "picture 7/0013: values from 255 to 255, expected 0 to 1"),
        (np.full((1, 16, 12), -0.1), "picture 7/0013: values from -0.1"),
        (np.full((1, 16, 12), np.nan), "picture 7/0013: values from nan"),
    ],
)
def test_bad_pictures_are_named(pictures, message):
    with pytest.raises(EarshotError, match=message):
        sonify(pictures, ids=["7/0013"], seed=1, settings=SMALL)


def test_a_hop_longer_than_the_frame_is_named():
    with pytest.raises(EarshotError, match=r"sonify.hop_length = 65: must be at most n_fft = 64"):
        geometry(Sonify(rows=32, columns=8, hop_length=65))


def test_a_sound_made_with_other_settings_is_named():
    with pytest.raises(EarshotError, match="100 samples, the sonify settings make 208"):
        read_out(np.zeros((1, 100)), settings=SMALL)
