from concurrent.futures import ThreadPoolExecutor

import librosa
import numpy as np
import pytest
import scipy.fft
from hypothesis import given
from hypothesis import strategies as st

from earshot.config.features import Features
from earshot.signal.mel import dct_filters, hz_from_mel, mel_from_hz, mel_matrix, silent_bands
from earshot.signal.spectrogram import is_silence, spectrogram, spectrograms
from earshot.signal.stft import frame_count

RATE = 16000
FLOAT32_DB = 2e-3  # what rounding may come to 80 dB below the loudest band; most in a chirp
TIME = np.arange(RATE) / RATE
RNG = np.random.default_rng(0)
SIGNALS = {
    "noise": 0.1 * RNG.standard_normal(RATE),
    "tone": np.sin(2 * np.pi * 1000 * TIME),
    "loud and quiet": np.sin(2 * np.pi * 60 * TIME) + 1e-3 * np.sin(2 * np.pi * 5000 * TIME),
    "chirp": np.sin(2 * np.pi * (100 + 3500 * TIME) * TIME),
    "click": np.eye(1, 5000, 2500)[0],
    "short": 0.1 * RNG.standard_normal(100),
    "one sample": np.array([0.5]),
    "hop less one": 0.1 * RNG.standard_normal(255),
}
SHAPES = [
    {"n_fft": 1024, "hop_length": 256},
    {"n_fft": 400, "hop_length": 160},
    {"n_fft": 255, "hop_length": 100},
    {"n_fft": 512, "hop_length": 512},
]


def spectrogram_of(kind, signal, **changes):
    return spectrogram(signal, settings=Features(**{"kind": kind, "sample_rate": RATE} | changes))


@pytest.fixture(params=SIGNALS)
def signal(request):
    return SIGNALS[request.param].astype(np.float32)


@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning", "ignore:Empty filters:UserWarning")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("top_db", [80.0, 30.0, None])
def test_log_mel_equals_librosa(signal, shape, top_db):
    power = librosa.feature.melspectrogram(y=signal, sr=RATE, n_mels=64, **shape)
    expected = librosa.power_to_db(power, ref=np.max, top_db=top_db)
    actual = spectrogram_of("log_mel", signal, n_mels=64, top_db=top_db, **shape)
    assert actual.dtype == np.float32
    np.testing.assert_allclose(actual, expected, rtol=0, atol=FLOAT32_DB)


@pytest.mark.parametrize(
    ("n_mels", "fmin", "fmax"), [(1, 0, None), (17, 0, None), (40, 300, 3400), (128, 50, 8000)]
)
def test_log_mel_between_limits_equals_librosa(n_mels, fmin, fmax):
    signal = SIGNALS["noise"].astype(np.float32)
    limits = {"n_fft": 2048, "hop_length": 512, "n_mels": n_mels, "fmin": fmin, "fmax": fmax}
    expected = librosa.power_to_db(librosa.feature.melspectrogram(y=signal, sr=RATE, **limits), ref=np.max)
    np.testing.assert_allclose(spectrogram_of("log_mel", signal, **limits), expected, rtol=0, atol=1e-4)


def test_a_loud_hum_that_is_left_out_costs_no_precision():
    signal = (0.5 * np.sin(2 * np.pi * 50 * TIME) + 0.001 * RNG.standard_normal(RATE)).astype(np.float32)
    limits = {"n_fft": 1024, "hop_length": 256, "n_mels": 40, "fmin": 1500.0}
    expected = librosa.power_to_db(librosa.feature.melspectrogram(y=signal, sr=RATE, **limits), ref=np.max)
    np.testing.assert_allclose(spectrogram_of("log_mel", signal, **limits), expected, rtol=0, atol=1e-3)


@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_stft_equals_librosa(signal, shape):
    expected = librosa.amplitude_to_db(np.abs(librosa.stft(signal, **shape)), ref=np.max, top_db=80)
    np.testing.assert_allclose(
        spectrogram_of("stft", signal, top_db=80.0, **shape), expected, rtol=0, atol=1e-4
    )


@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning", "ignore:Empty filters:UserWarning")
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_mfcc_equals_librosa(signal, shape):
    expected = librosa.feature.mfcc(y=signal, sr=RATE, n_mfcc=13, n_mels=40, **shape)
    actual = spectrogram_of("mfcc", signal, n_mfcc=13, n_mels=40, **shape)
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-3)  # the first one of silence is -632


@given(
    samples=st.integers(1, 9000),
    n_fft=st.integers(4, 1500),
    share=st.floats(0.05, 1),
    seed=st.integers(0, 2**32 - 1),
)
@pytest.mark.filterwarnings("ignore:n_fft=:UserWarning")
def test_stft_of_any_shape_equals_librosa(samples, n_fft, share, seed):
    shape = {"n_fft": n_fft, "hop_length": max(1, int(share * n_fft))}
    signal = np.random.default_rng(seed).standard_normal(samples).astype(np.float32)
    expected = librosa.amplitude_to_db(np.abs(librosa.stft(signal, **shape)), ref=np.max, top_db=80)
    actual = spectrogram_of("stft", signal, top_db=80.0, **shape)
    assert actual.shape[1] == frame_count(samples, **shape)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-4)


@pytest.mark.parametrize("reference", ["clip", "item", "full_scale"])
@pytest.mark.parametrize("kind", ["log_mel", "stft"])
@pytest.mark.parametrize(("top_db", "silence"), [(80.0, -80), (30.0, -30), (None, -100)])
def test_digital_silence_is_the_lowest_value(kind, top_db, silence, reference):
    silent = np.zeros(5000, np.float32)
    actual = spectrogram_of(kind, silent, top_db=top_db, reference=reference)
    np.testing.assert_allclose(actual, silence)


def test_silence_as_mfcc_is_what_librosa_gives():
    silent = np.zeros(3000, np.float32)
    expected = librosa.feature.mfcc(y=silent, sr=RATE, n_mfcc=13, n_mels=40, n_fft=1024, hop_length=256)
    actual = spectrogram_of("mfcc", silent, n_mfcc=13, n_mels=40, n_fft=1024, hop_length=256)
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=2e-4)  # the first one is -632


def in_front_of(loudness):
    """A quiet second, and one behind it that is so loud."""
    return np.concatenate([SIGNALS["noise"], loudness * SIGNALS["tone"]]).astype(np.float32)


@pytest.mark.parametrize("kind", ["log_mel", "stft", "mfcc"])
@pytest.mark.parametrize("top_db", [30.0, None])
def test_what_frames_leave_out_does_not_change_what_is_left(kind, top_db):
    quiet, loud = (
        spectrogram_of(kind, in_front_of(loudness), frames=50, top_db=top_db) for loudness in (0, 1)
    )
    np.testing.assert_array_equal(quiet, loud)


def test_the_reference_of_an_item_is_its_loudest_moment_also_beyond_frames():
    quiet, loud = (spectrogram_of("stft", in_front_of(loudness), reference="item") for loudness in (0, 1))
    assert quiet.max() == loud.max() == 0
    cropped = spectrogram_of("stft", in_front_of(1), reference="item", frames=50)
    np.testing.assert_array_equal(cropped, loud[:, :50])
    assert cropped.max() < -20


@pytest.mark.parametrize(
    ("reference", "expected"), [("clip", (0, 0)), ("item", (-20, 0)), ("full_scale", (-40, -20))]
)
def test_clips_of_an_item_are_below_the_reference(reference, expected):
    tone = SIGNALS["tone"].astype(np.float32)
    settings = Features(kind="stft", sample_rate=RATE, reference=reference)
    clips = spectrograms(np.stack([0.01 * tone, 0.1 * tone]), settings=settings)
    np.testing.assert_allclose(clips.max(axis=(1, 2)), expected, atol=0.01)


@pytest.mark.parametrize("kind", ["stft", "log_mel"])
def test_a_sine_of_full_scale_reaches_about_0_db(kind):
    settings = Features(kind=kind, sample_rate=RATE, reference="full_scale", n_fft=1024)
    bins = np.arange(5, 60) * RATE / settings.n_fft  # where the mel bands are narrowest
    peaks = [spectrogram(np.sin(2 * np.pi * hz * TIME), settings=settings).max() for hz in bins]
    assert -3 < max(peaks) < 2
    if kind == "stft":
        np.testing.assert_allclose(peaks, 0, atol=0.1)


def test_loudness_does_not_matter():
    signal = SIGNALS["chirp"].astype(np.float32)
    np.testing.assert_allclose(
        spectrogram_of("log_mel", signal * 0.125), spectrogram_of("log_mel", signal), rtol=0, atol=1e-4
    )


def test_the_signal_is_left_as_it_was():
    signal = SIGNALS["noise"].astype(np.float32)
    before = signal.copy()
    for kind in ("log_mel", "stft", "mfcc"):
        spectrogram(signal, settings=Features(kind=kind))
    np.testing.assert_array_equal(signal, before)


def test_threads_do_not_disturb_each_other():
    signals = [RNG.standard_normal(40000).astype(np.float32) for _ in range(32)]
    alone = [spectrogram_of("log_mel", signal) for signal in signals]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda signal: spectrogram_of("log_mel", signal), signals))
    np.testing.assert_array_equal(together, alone)


@pytest.mark.parametrize(("kind", "bands"), [("log_mel", 64), ("stft", 513), ("mfcc", 20)])
@pytest.mark.parametrize("frames", [None, 10, 63, 100])
@pytest.mark.parametrize("pad", ["silence", "repeat"])
def test_spectrogram_has_the_frames_asked_for(kind, bands, frames, pad):
    signal = SIGNALS["noise"].astype(np.float32)
    reference = "clip" if kind == "mfcc" else "item"  # of MFCC a power of 1
    settings = Features(kind=kind, frames=frames, pad=pad, reference=reference)
    actual = spectrogram(signal, settings=settings)
    whole = spectrogram(signal, settings=Features(kind=kind))
    assert whole.shape == (bands, 63)
    assert actual.shape == (bands, frames or 63)
    shared = min(63, frames or 63)
    np.testing.assert_allclose(actual[:, :shared], whole[:, :shared], rtol=0, atol=1e-4)


def test_mfcc_is_padded_with_silence():
    tone = SIGNALS["tone"].astype(np.float32)
    padded = spectrogram(tone, settings=Features(kind="mfcc", frames=70))[:, 63:]
    assert (padded[0] < 0).all()  # sqrt(n_mels) times the quietest level
    np.testing.assert_allclose(padded[1:], 0, atol=1e-3)


@pytest.mark.parametrize("kind", ["log_mel", "stft"])
def test_what_fills_up_a_sound_is_digital_silence(kind):
    noise = SIGNALS["noise"].astype(np.float32)
    padded = spectrogram_of(kind, noise, frames=100)
    np.testing.assert_array_equal(padded[:, 63:], -80)
    zeros = np.pad(noise, (0, 37 * 256))
    np.testing.assert_allclose(spectrogram_of(kind, zeros)[:, 66:100], padded[:, 66:], atol=1e-4)


@pytest.mark.filterwarnings("ignore:Empty filters:UserWarning")
@pytest.mark.parametrize("rate", [8000, 22050, 48000])
@pytest.mark.parametrize(("n_fft", "n_mels"), [(256, 128), (1024, 64), (2048, 1), (401, 40)])
def test_mel_matrix_equals_librosa(rate, n_fft, n_mels):
    actual = mel_matrix(Features(sample_rate=rate, n_fft=n_fft, n_mels=n_mels, fmin=20.0, fmax=3800.0))
    expected = librosa.filters.mel(sr=rate, n_fft=n_fft, n_mels=n_mels, fmin=20.0, fmax=3800.0)
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-7)


@pytest.mark.filterwarnings("ignore:Empty filters")
@pytest.mark.parametrize(("n_fft", "n_mels"), [(1024, 64), (256, 128), (512, 128)])
def test_silent_bands_are_those_that_librosa_leaves_empty(n_fft, n_mels):
    expected = (librosa.filters.mel(sr=16000, n_fft=n_fft, n_mels=n_mels).max(axis=1) == 0).sum()
    assert silent_bands(Features(n_fft=n_fft, n_mels=n_mels)) == expected
    assert silent_bands(Features(n_fft=n_fft, n_mels=n_mels, kind="stft")) == 0


def test_mel_scale_equals_librosa_and_inverts():
    hz = np.array([0, 1, 440, 999, 1000, 1001, 8000, 20000])
    np.testing.assert_allclose(mel_from_hz(hz), librosa.hz_to_mel(hz), rtol=1e-12)
    np.testing.assert_allclose(hz_from_mel(mel_from_hz(hz)), hz, rtol=1e-12)


@pytest.mark.parametrize(("n_in", "n_out"), [(1, 1), (40, 13), (64, 64)])
def test_dct_equals_scipy(n_in, n_out):
    columns = RNG.standard_normal((n_in, 5))
    expected = scipy.fft.dct(columns, axis=0, norm="ortho")[:n_out]
    np.testing.assert_allclose(dct_filters(n_in, n_out) @ columns, expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["log_mel", "stft", "mfcc"])
def test_what_is_silent_is_told_from_what_sounds(kind):
    settings = Features(kind=kind, sample_rate=RATE, n_mels=40)
    for name, signal in SIGNALS.items():
        assert not is_silence(spectrogram(signal, settings=settings), settings=settings), name
    assert is_silence(spectrogram(np.zeros(9000), settings=settings), settings=settings)


def test_what_is_too_quiet_for_the_range_is_silent():
    settings = Features(kind="stft", sample_rate=RATE, reference="full_scale", top_db=40.0)
    array = spectrogram(1e-3 * SIGNALS["tone"], settings=settings)
    assert is_silence(array, settings=settings)
