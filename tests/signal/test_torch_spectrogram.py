"""The batched spectrograms on CPU tensors against the ones that work sound by sound."""

import numpy as np
import pytest

from earshot.config.features import Features
from earshot.config.inputs import PicturesInput, SoundsInput
from earshot.config.sonify import Sonify
from earshot.core.rng import generator
from earshot.features.extract import arrays_of_many
from earshot.reading.sounds import write_wav
from earshot.signal import spectrogram as spectrogram_module
from earshot.signal.spectrogram import spectrogram
from earshot.signal.torch_spectrogram import spectrograms
from earshot.sonification.pictures import wavs_of_pictures
from earshot.store.elements import Element


@pytest.mark.parametrize("kind", ["log_mel", "stft", "mfcc"])
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"top_db": None},
        {"frames": 30},
        {"frames": 90},
        {"frames": 90, "pad": "repeat"},
        {"n_fft": 511},
    ],
)
def test_a_batch_gives_what_each_sound_gives(kind, changes):
    settings = Features(**{"kind": kind, "sample_rate": 8000, "n_fft": 512, "hop_length": 128} | changes)
    signals = generator(0, "sounds").standard_normal((3, 6000))
    signals[1, 2000:] = 0  # a pause
    signals[2] = 0  # silence
    actual = spectrograms(signals, items=range(3), settings=settings, device="cpu")
    for signal, array in zip(signals, actual, strict=True):
        expected = spectrogram(signal, settings=settings)
        assert array.dtype == np.float32
        np.testing.assert_allclose(array, expected, atol=1e-4)


@pytest.mark.parametrize("kind", ["log_mel", "stft"])
@pytest.mark.parametrize("reference", ["item", "full_scale"])
@pytest.mark.parametrize("frames", [None, 10])
def test_clips_of_items_have_the_reference_that_is_asked_for(kind, reference, frames):
    settings = Features(
        kind=kind, sample_rate=8000, n_fft=512, hop_length=128, reference=reference, frames=frames
    )
    signals = generator(0, "sounds").standard_normal((4, 3000))
    signals[0, 2000:] *= 100  # behind the frames
    signals[2] *= 0.01
    signals[3] = 0
    actual = spectrograms(signals, items=[0, 0, 1, 1], settings=settings, device="cpu")
    expected = [
        spectrogram_module.spectrograms(signals[clips], settings=settings) for clips in ([0, 1], [2, 3])
    ]
    np.testing.assert_allclose(actual, np.concatenate(expected), atol=1e-4)


TORCH = "cpu:0"  # CPU tensors, which take the path of a GPU


def elements(wavs):
    return [Element(str(number), 0, f"{number}.wav", wav, None, None) for number, wav in enumerate(wavs)]


def assert_alike(actual, expected):
    for (arrays, starts), (others, other_starts) in zip(actual, expected, strict=True):
        np.testing.assert_allclose(arrays, others, atol=1e-4)
        np.testing.assert_array_equal(starts, other_starts)


def test_recordings_of_several_lengths_give_what_they_give_alone():
    rng = generator(1, "sounds")
    features = Features(sample_rate=8000, n_fft=256, hop_length=128, n_mels=16, frames=20)
    heard = SoundsInput(features=features)
    wavs = [write_wav(rng.uniform(-0.5, 0.5, size), 8000) for size in (3000, 4000, 3000, 900)]
    assert_alike(
        arrays_of_many(elements(wavs), model_input=heard, device=TORCH),
        arrays_of_many(elements(wavs), model_input=heard, device="cpu"),
    )


def test_sonified_pictures_come_back_alike():
    sonified = Sonify(rows=16, columns=12)
    ramp = np.linspace(0, 1, 16, dtype=np.float32)
    pictures = np.stack([np.outer(ramp, ramp[:12]), np.outer(ramp[::-1], ramp[:12]), np.zeros((16, 12))])
    names = ["a", "b", "dark"]
    wavs = wavs_of_pictures(pictures, names, seed=1, settings=sonified)
    on_device = sonified.model_copy(update={"device": TORCH})
    for wav, other in zip(wavs, wavs_of_pictures(pictures, names, seed=1, settings=on_device), strict=True):
        signals = [np.frombuffer(content[44:], "<i2") / 2**15 for content in (wav, other)]
        np.testing.assert_allclose(*signals, atol=1e-4)
    heard = PicturesInput(view="sound", sonify=sonified)
    assert_alike(
        arrays_of_many(elements(wavs), model_input=heard, device=TORCH),
        arrays_of_many(elements(wavs), model_input=heard, device="cpu"),
    )
