"""The batched spectrograms on CPU tensors against the ones that work sound by sound."""

import numpy as np
import pytest

from earshot.features.batched import spectrograms
from earshot.features.spectrograms import spectrogram
from earshot.schema import Features
from earshot.seeds import generator


@pytest.mark.parametrize("kind", ["log_mel", "stft", "mfcc"])
@pytest.mark.parametrize("changes", [{}, {"top_db": None}, {"frames": 30}, {"frames": 90}, {"n_fft": 511}])
def test_a_batch_gives_what_each_sound_gives(kind, changes):
    settings = Features(**{"kind": kind, "sample_rate": 8000, "n_fft": 512, "hop_length": 128} | changes)
    signals = generator(0, "sounds").standard_normal((3, 6000))
    signals[1, 2000:] = 0  # a pause
    signals[2] = 0  # silence
    found = spectrograms(signals, settings=settings, device="cpu")
    for signal, array in zip(signals, found, strict=True):
        expected = spectrogram(signal, settings=settings)
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, expected, atol=1e-4)
