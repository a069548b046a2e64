"""The short-time Fourier transform and its inverse against librosa."""

import librosa
import numpy as np
import pytest

from earshot.core.errors import EarshotError
from earshot.signal.stft import frame_count, istft, stft, stft_blocks

GEOMETRIES = [(256, 128), (256, 64), (100, 30), (16, 8)]
SIDE_BY_SIDE = [("rectangular", n_fft, n_fft) for n_fft in (256, 30)]
LIBROSA_WINDOW = {"hann": "hann", "rectangular": "boxcar"}


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize(
    ("window", "n_fft", "hop_length"), [("hann", *sizes) for sizes in GEOMETRIES] + SIDE_BY_SIDE
)
def test_transforms_equal_librosa(window, n_fft, hop_length, center):
    signals = np.random.default_rng(3).normal(size=(2, 1000)).astype(np.float32)
    ours = {"n_fft": n_fft, "hop_length": hop_length, "window": window, "center": center}
    theirs = ours | {"window": LIBROSA_WINDOW[window]}
    spectra = stft(signals, **ours)
    reference = librosa.stft(signals, pad_mode="constant", **theirs)
    assert spectra.dtype == np.complex64
    np.testing.assert_allclose(spectra, reference, atol=2e-5 * np.abs(reference).max())
    back = istft(spectra, **ours)
    assert back.dtype == np.float32
    # Uncentred, both divide by a window that vanishes at the ends: compare where it does not.
    inner = slice(n_fft // 2, -n_fft // 2) if not center else slice(None)
    np.testing.assert_allclose(back[:, inner], librosa.istft(reference, **theirs)[:, inner], atol=1e-4)


def test_the_transforms_leave_what_they_are_given_as_it_is():
    signals = np.random.default_rng(3).normal(size=1000).astype(np.float32)
    spectra = stft(signals, n_fft=64, hop_length=32)
    before = spectra.copy()
    istft(spectra, n_fft=64, hop_length=32)
    np.testing.assert_array_equal(spectra, before)


def test_the_inverse_returns_the_signal():
    signals = np.random.default_rng(3).normal(size=(3, 1024)).astype(np.float32)
    back = istft(stft(signals, n_fft=128, hop_length=64), n_fft=128, hop_length=64)
    np.testing.assert_allclose(back, signals, atol=1e-5)


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize("samples", [256, 5000, 70 * 64])  # one block of frames, or two
def test_float64_blocks_equal_the_transform(samples, center):
    signal = np.random.default_rng(3).normal(size=samples)
    transform = {"n_fft": 256, "hop_length": 64, "center": center}
    blocks = [(start, block.copy()) for start, block in stft_blocks(signal, **transform, precision="float64")]
    assert [start for start, _ in blocks] == list(range(0, frame_count(samples, **transform), 64))
    actual = np.concatenate([block for _, block in blocks]).T
    assert actual.dtype == np.complex128
    np.testing.assert_allclose(actual, stft(signal, **transform), atol=1e-4)


def test_a_signal_shorter_than_a_frame_is_named():
    with pytest.raises(EarshotError, match="10 samples, fewer than n_fft = 64"):
        stft(np.zeros(10), n_fft=64, hop_length=32, center=False)
