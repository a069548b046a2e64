"""Griffin-Lim against librosa."""

import librosa
import numpy as np
import pytest

from earshot.core.errors import EarshotError
from earshot.signal.griffinlim import griffin_lim
from earshot.signal.stft import istft, stft
from earshot.sonification.fidelity import spectral_convergence

GEOMETRIES = [(256, 128), (256, 64), (100, 30), (16, 8)]


class Phases(np.random.RandomState):
    """Gives librosa.griffinlim the phases to start from."""

    def __init__(self, phase):
        super().__init__()
        self.phase = phase

    def random(self, size=None):
        return self.phase / (2 * np.pi)


def magnitude_and_phase(n_fft, *, frames=24, items=()):
    rng = np.random.default_rng(5)
    shape = (*items, n_fft // 2 + 1, frames)
    return rng.random(shape, dtype=np.float32), 2 * np.pi * rng.random(shape, dtype=np.float32)


@pytest.mark.parametrize("momentum", [0.0, 0.9, 0.99])
@pytest.mark.parametrize(("n_fft", "hop_length"), GEOMETRIES)
def test_as_near_the_target_as_librosa(n_fft, hop_length, momentum):
    magnitude, phase = magnitude_and_phase(n_fft)
    transform = {"n_fft": n_fft, "hop_length": hop_length}
    ours = griffin_lim(magnitude, **transform, iterations=32, momentum=momentum, start=np.exp(1j * phase))
    theirs = librosa.griffinlim(
        magnitude, **transform, n_iter=32, momentum=momentum, random_state=Phases(phase)
    )
    assert ours.dtype == np.float32
    assert ours.shape == theirs.shape
    reached = [
        spectral_convergence(np.abs(librosa.stft(signal, **transform)), magnitude)
        for signal in (ours, theirs)
    ]
    assert abs(reached[0] - reached[1]) < 0.1


def test_the_first_steps_are_librosas_sample_by_sample():
    magnitude, phase = magnitude_and_phase(256)
    transform = {"n_fft": 256, "hop_length": 128}
    ours = griffin_lim(magnitude, **transform, iterations=3, momentum=0.9, start=np.exp(1j * phase))
    theirs = librosa.griffinlim(magnitude, **transform, n_iter=3, momentum=0.9, random_state=Phases(phase))
    np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_no_iteration_is_one_inverse_transform():
    magnitude, phase = magnitude_and_phase(64)
    signal = griffin_lim(magnitude, n_fft=64, hop_length=32, iterations=0, start=np.exp(1j * phase))
    expected = istft(magnitude * np.exp(1j * phase), n_fft=64, hop_length=32)
    np.testing.assert_allclose(signal, expected, atol=1e-6)


def test_frames_side_by_side_are_exact_after_one_step():
    magnitude, phase = magnitude_and_phase(256)
    transform = {"n_fft": 256, "hop_length": 256, "window": "rectangular", "center": False}
    signal = griffin_lim(magnitude, **transform, iterations=1, start=np.exp(1j * phase))
    assert spectral_convergence(np.abs(stft(signal, **transform)), magnitude) <= -100


def test_more_iterations_come_nearer():
    magnitude, phase = magnitude_and_phase(64)
    transform = {"n_fft": 64, "hop_length": 32}
    reached = [
        spectral_convergence(
            np.abs(
                stft(griffin_lim(magnitude, **transform, iterations=n, start=np.exp(1j * phase)), **transform)
            ),
            magnitude,
        )
        for n in (0, 1, 4, 16, 64)
    ]
    assert reached == sorted(reached, reverse=True)


def test_an_item_does_not_depend_on_its_batch():
    magnitude, phase = magnitude_and_phase(64, items=(2, 3))
    together = griffin_lim(magnitude, n_fft=64, hop_length=32, start=np.exp(1j * phase))
    alone = griffin_lim(magnitude[1, 2], n_fft=64, hop_length=32, start=np.exp(1j * phase[1, 2]))
    assert together.shape == (2, 3, 32 * 23)
    np.testing.assert_array_equal(together[1, 2], alone)


def test_silence_stays_silent():
    magnitude = np.zeros((33, 8), np.float32)
    assert not griffin_lim(magnitude, n_fft=64, hop_length=32, start=magnitude).any()


def test_no_items_give_no_signals():
    nothing = np.zeros((0, 33, 8), np.float32)
    assert griffin_lim(nothing, n_fft=64, hop_length=32, start=nothing).shape == (0, 224)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_fft": 63}, "n_fft = 63: must be an even number"),
        ({"n_fft": 128}, r"magnitude: shape \(33, 8\), expected \(..., 65, frames\)"),
        ({"hop_length": 0}, "hop_length = 0: must be 1 or more"),
        ({"window": "kaiser"}, "window = 'kaiser': must be 'hann' or 'rectangular'"),
        ({"iterations": -1}, "iterations = -1: must be 0 or more"),
        ({"momentum": 1.0}, "momentum = 1.0: must be at least 0 and under 1"),
        ({"start": np.zeros((33, 9))}, r"start: shape \(33, 9\), the magnitude has \(33, 8\)"),
        ({"magnitude": np.full((33, 8), -1.0)}, "magnitude: holds negative values"),
        ({"magnitude": np.full((33, 8), np.nan)}, "magnitude: holds negative values, infinities or NaN"),
        ({"magnitude": np.ones((33, 1)), "start": np.ones((33, 1))}, "1 centred frames of n_fft = 64"),
    ],
)
def test_bad_arguments_are_named(change, message):
    arguments = {
        "magnitude": np.ones((33, 8)),
        "start": np.ones((33, 8)),
        "n_fft": 64,
        "hop_length": 32,
    } | change
    with pytest.raises(EarshotError, match=message):
        griffin_lim(arguments.pop("magnitude"), **arguments)
