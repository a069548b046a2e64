"""A model that tells a high tone from a low one and from neither, and recordings of tones at known times."""

import numpy as np
import torch

from earshot.config.features import Features
from earshot.config.inputs import SoundsInput
from earshot.models import saved
from earshot.models.build import build_model
from earshot.models.normalization import Normalized
from earshot.reading.sounds import write_wav
from earshot.signal.spectrogram import spectrogram
from tests.models.cards import a_card

RATE, CLIP_S = 8000, 0.4
CLASSES = ["high", "low", "none"]
PITCH = {"high": 3000, "low": 200}  # Hz
FEATURES = Features(
    sample_rate=RATE, n_fft=256, hop_length=128, n_mels=16, frames=25, clip_s=CLIP_S, reference="full_scale"
)


def tone(label, seconds):
    return (0.5 * np.sin(2 * np.pi * PITCH[label] * np.arange(round(RATE * seconds)) / RATE)).astype(
        np.float32
    )


def write_recording(path, events, *, lasts_s):
    """A WAV of silence with a tone in each of the events, (start_s, end_s, label)."""
    signal = np.zeros(round(RATE * lasts_s), np.float32)
    for start_s, end_s, label in events:
        own = tone(label, end_s - start_s)
        signal[round(RATE * start_s) :][: len(own)] = own
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(write_wav(signal, RATE))


def save_model(folder, *, runs=1, **features):
    """A linear model that says a tone's name where it sounds in half of a window or more, and else `none`."""
    settings = FEATURES.model_copy(update=features)
    patterns = np.stack([spectrogram(tone(label, CLIP_S), settings=settings) + 80 for label in PITCH])
    patterns[0][patterns[1] > patterns[0]] = 0  # what one tone has more of than the other
    patterns[1][patterns[0] > 0] = 0
    model = build_model("linear", input_shape=(16, 25), outputs=3, seed=1)
    (layer,) = [module for module in model.modules() if isinstance(module, torch.nn.Linear)]
    sharpness = 10 / np.square(patterns).sum(axis=(1, 2))
    weights = np.stack(
        [*(pattern * sharp for pattern, sharp in zip(patterns, sharpness, strict=True)), 0 * patterns[0]]
    )
    with torch.no_grad():
        layer.weight.copy_(torch.tensor(weights.reshape(3, -1)))
        # a window of silence is -80 dB everywhere
        layer.bias.copy_(torch.tensor([*(80 * weights[:2].sum(axis=(1, 2)) - 5), 0.0]))
    card = a_card(
        input_shape=(16, 25),
        model_input=SoundsInput(features=settings),
        classes=CLASSES,
        reject=["none"],
        **_runs(runs),
    )
    saved.save(folder, [Normalized(model)] * runs, card)
    return folder


def _runs(count):
    from earshot.models.card import RunFacts

    return {"runs": [RunFacts(epoch=1, epochs_trained=1)] * count}
