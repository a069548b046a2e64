"""What runs on a GPU against what the CPU gives, and that it repeats there. `make test-gpu` runs these."""

import copy

import numpy as np
import pytest
import torch

from earshot.config.features import Features
from earshot.core.rng import generator
from earshot.explanation.integrated import integrated_gradients
from earshot.signal import torch_griffinlim
from earshot.signal.griffinlim import griffin_lim
from earshot.signal.spectrogram import spectrogram
from earshot.signal.torch_spectrogram import spectrograms
from earshot.training import fit
from earshot.training.predict import predict
from tests.training.arrays import a_model, a_trainer, some_clips

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="torch finds no GPU"),
]
NAMES = ["cnn", "lstm", "crnn", "time_freq_cnn"]
SHAPE = (32, 32)


def trained(name, *, folder=None, **settings):
    clips = some_clips(shape=SHAPE)
    model = a_model(name, clips)
    result = fit.fit(
        model,
        train=clips.part(np.arange(30)),
        val=clips.part(np.arange(30, 45)),
        classes=["a", "b", "c"],
        trainer=a_trainer(**{"device": "cuda", "epochs": 3} | settings),
        seed=3,
        checkpoints=folder,
        every_s=0,
    )
    return model, result


def weights(model):
    return [tensor.cpu() for tensor in model.state_dict().values()]


def test_griffin_lim_gives_the_sounds_of_the_cpu():
    rng = generator(0, "gpu")
    shape = (3, 65, 20)
    magnitude = rng.random(shape, dtype=np.float32)
    start = np.exp(2j * np.pi * rng.random(shape)).astype(np.complex64)
    settings = {"n_fft": 128, "hop_length": 64, "iterations": 32, "momentum": 0.9, "start": start}
    expected = griffin_lim(magnitude, **settings)
    actual = torch_griffinlim.griffin_lim(magnitude, **settings, device="cuda")
    np.testing.assert_allclose(actual, expected, atol=1e-3 * np.abs(expected).max())


@pytest.mark.parametrize("kind", ["log_mel", "stft", "mfcc"])
def test_spectrograms_are_those_of_the_cpu_within_a_thousandth_of_a_decibel(kind):
    settings = Features(kind=kind, sample_rate=8000, n_fft=512, hop_length=128)
    signals = generator(1, "gpu").standard_normal((3, 6000))
    signals[1, 2000:] = 0  # a pause
    arrays = spectrograms(signals, items=range(3), settings=settings, device="cuda")
    for signal, array in zip(signals, arrays, strict=True):
        np.testing.assert_allclose(array, spectrogram(signal, settings=settings), atol=1e-3)


@pytest.mark.parametrize("name", NAMES)
def test_a_model_answers_as_on_the_cpu(name):
    clips = some_clips(shape=SHAPE)
    model = a_model(name, clips).eval()
    expected = predict(copy.deepcopy(model), clips, device="cpu")
    np.testing.assert_allclose(predict(model, clips, device="cuda"), expected, atol=1e-4)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_weights(name):
    (one, first), (other, second) = trained(name), trained(name)
    assert first.history == second.history
    assert all(torch.equal(a, b) for a, b in zip(weights(one), weights(other), strict=True))


def test_training_goes_on_where_it_was_cut_off(tmp_path, monkeypatch):
    expected, undisturbed = trained("cnn")
    real, steps = fit.take_step, []

    def take_step(*arguments, **options):
        steps.append(None)
        if len(steps) == 6:  # in the second of three epochs
            raise KeyboardInterrupt
        return real(*arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(fit, "take_step", take_step)
        with pytest.raises(KeyboardInterrupt):
            trained("cnn", folder=tmp_path)
    model, result = trained("cnn", folder=tmp_path)
    assert result.history == undisturbed.history
    assert all(torch.equal(a, b) for a, b in zip(weights(model), weights(expected), strict=True))


@pytest.mark.parametrize("settings", [{"precision": "bf16"}, {"precision": "fp16"}, {"compile": True}])
def test_it_learns_with_less_precision_and_compiled(settings):
    expected = trained("cnn")[1].history[-1]["train/loss"]
    assert trained("cnn", **settings)[1].history[-1]["train/loss"] == pytest.approx(expected, rel=0.1)


@pytest.mark.parametrize("name", ["cnn", "lstm"])
def test_gradients_in_eval_mode_are_those_of_the_cpu(name):
    """cuDNN's LSTM has none in eval mode: another implementation must take over."""
    x, targets = torch.from_numpy(some_clips(n=6, shape=SHAPE).take(np.arange(6))), torch.arange(6) % 3
    model, baseline = a_model(name, some_clips(shape=SHAPE)).eval(), x.mean(dim=0)
    expected = integrated_gradients(model, x, targets, baseline=baseline, steps=4)
    actual = integrated_gradients(
        model.to("cuda"), x.to("cuda"), targets.to("cuda"), baseline=baseline.to("cuda"), steps=4
    )
    np.testing.assert_allclose(actual.cpu(), expected, atol=1e-3)
