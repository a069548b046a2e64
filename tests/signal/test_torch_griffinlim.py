"""The batched transforms on CPU tensors against the ones that work item by item."""

import numpy as np
import pytest

from earshot.core.rng import generator
from earshot.signal import torch_griffinlim
from earshot.signal.griffinlim import griffin_lim
from earshot.signal.stft import stft
from earshot.signal.torch_stft import stft_magnitude

FRAMES = 20


def spectrograms(n_fft, items=3):
    rng = generator(0, "batched")
    shape = (items, n_fft // 2 + 1, FRAMES)
    return rng.random(shape, dtype=np.float32), np.exp(2j * np.pi * rng.random(shape)).astype(np.complex64)


@pytest.mark.parametrize("center", [True, False])
@pytest.mark.parametrize(
    ("n_fft", "hop_length", "window"),
    [(64, 32, "hann"), (64, 16, "hann"), (32, 32, "rectangular"), (60, 25, "hann")],
)
@pytest.mark.parametrize("iterations", [0, 1, 32])
def test_a_batch_gives_what_each_item_gives(n_fft, hop_length, window, iterations, center):
    magnitude, start = spectrograms(n_fft)
    settings = {"n_fft": n_fft, "hop_length": hop_length, "window": window, "center": center}
    settings |= {"iterations": iterations, "momentum": 0.9, "start": start}
    expected = griffin_lim(magnitude, **settings)
    actual = torch_griffinlim.griffin_lim(magnitude, **settings, device="cpu")
    assert actual.dtype == np.float32
    np.testing.assert_allclose(actual, expected, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize(("n_fft", "hop_length"), [(64, 32), (64, 16), (30, 7)])
def test_magnitudes_are_those_of_the_transform(n_fft, hop_length):
    signals = generator(1, "signals").standard_normal((4, n_fft + 9 * hop_length)).astype(np.float32)
    settings = {"n_fft": n_fft, "hop_length": hop_length}
    expected = np.abs(stft(signals, **settings, center=False))
    actual = stft_magnitude(signals, **settings, device="cpu")
    np.testing.assert_allclose(actual, expected, atol=1e-4)
