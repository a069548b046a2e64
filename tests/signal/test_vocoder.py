"""The phase vocoder: what it does to a tone, and librosa's as the reference."""

import librosa
import numpy as np
import pytest

from earshot.signal.vocoder import shift_pitch, stretch_time

RATE = 16000
SINE = np.sin(2 * np.pi * 440 * np.arange(RATE) / RATE).astype(np.float32)
NOISE = (0.1 * np.random.default_rng(3).standard_normal(9000)).astype(np.float32)


def peak_hz(signal):
    spectrum = np.abs(np.fft.rfft(signal * np.hanning(len(signal)), 8 * RATE))
    return np.fft.rfftfreq(8 * RATE, 1 / RATE)[spectrum.argmax()]


@pytest.mark.parametrize("semitones", [-12, -2.5, 0, 1, 7])
def test_pitch_moves_the_peak_by_the_ratio(semitones):
    shifted = shift_pitch(SINE, sample_rate=RATE, semitones=semitones)
    assert shifted.shape == SINE.shape
    assert peak_hz(shifted) / peak_hz(SINE) == pytest.approx(2 ** (semitones / 12), rel=0.005)


@pytest.mark.parametrize("factor", [0.5, 0.9, 1, 1.25, 2])
def test_stretch_changes_the_length_and_not_the_pitch(factor):
    stretched = stretch_time(SINE, factor=factor)
    assert len(stretched) == round(factor * len(SINE))
    assert peak_hz(stretched) == pytest.approx(peak_hz(SINE), rel=0.005)


def stretched_by_librosa(signal, factor):
    """librosa.effects.time_stretch with the phases in float64: in its float32 they are off after some frames."""
    spectrum = librosa.stft(signal).astype(np.complex128)
    return librosa.istft(librosa.phase_vocoder(spectrum, rate=1 / factor), length=round(factor * len(signal)))


@pytest.mark.parametrize("factor", [0.5, 0.83, 1, 1.25, 2])
def test_stretched_as_librosa_stretches(factor):
    expected = stretched_by_librosa(NOISE, factor)
    np.testing.assert_allclose(stretch_time(NOISE, factor=factor), expected, atol=1e-5)


@pytest.mark.parametrize("semitones", [-7, -2.5, 1, 12])
def test_shifted_as_librosa_shifts(semitones):
    ratio = 2 ** (semitones / 12)
    expected = librosa.resample(
        stretched_by_librosa(NOISE, ratio), orig_sr=RATE * ratio, target_sr=RATE, res_type="soxr_hq"
    )[: len(NOISE)]
    shifted = shift_pitch(NOISE, sample_rate=RATE, semitones=semitones)
    np.testing.assert_allclose(shifted[: len(expected)], expected, atol=1e-4)
    assert shifted.shape == NOISE.shape


@pytest.mark.parametrize("samples", [1, 2, 100, 2047])
def test_sounds_shorter_than_a_frame_keep_their_length_and_are_finite(samples):
    short = NOISE[:samples]
    assert len(stretch_time(short, factor=0.25)) == max(1, round(samples / 4))
    shifted = shift_pitch(short, sample_rate=RATE, semitones=-3)
    assert len(shifted) == samples
    assert np.isfinite(shifted).all()


@pytest.mark.parametrize(
    "effect",
    [
        lambda signal: shift_pitch(signal, sample_rate=RATE, semitones=-3),
        lambda signal: stretch_time(signal, factor=0.5),
    ],
    ids=["pitch", "stretch"],
)
def test_a_very_short_sound_changes_as_one_with_silence_after_it(effect):
    padded = np.zeros(2048, np.float32)
    padded[:100] = SINE[:100]
    short = effect(SINE[:100])
    np.testing.assert_array_equal(short, effect(padded)[: len(short)])
    assert np.abs(short).max() > 0.1


def test_silence_stays_silent():
    assert not stretch_time(np.zeros(5000, np.float32), factor=1.5).any()
