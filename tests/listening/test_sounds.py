"""What people hear of a recording: as much of it, at the rate and in the channel that the models get."""

import numpy as np
import pytest

from earshot.config.features import Features
from earshot.config.inputs import SoundsInput
from earshot.listening.sounds import MOST_S, is_shortened, wav_of
from earshot.reading.sounds import read_sound, write_wav

RATE = 8000


def heard(folder, *, seconds, model_input, **row):
    """What people hear of a recording that says in each of its samples which second it is of."""
    signal = np.repeat(np.arange(seconds) / 100, RATE).astype(np.float32)
    (folder / "long.wav").write_bytes(write_wav(signal, RATE))
    item = {"id": "long", "path": str(folder / "long.wav"), "duration_s": float(seconds)} | row
    signal, rate = read_sound(wav_of(item, model_input), name="heard")
    assert rate == model_input.features.sample_rate
    return signal, is_shortened(item, model_input)


def of(**features):
    return SoundsInput(features=Features(**{"sample_rate": RATE} | features))


@pytest.mark.parametrize(
    ("model_input", "seconds", "wanted_s", "shortened"),
    [
        (of(), 3, 3.0, False),
        (of(), 12, MOST_S, True),
        (of(clip_s=0.5), 3, 3.0, False),  # all clips count
        (of(frames=50, hop_length=160), 3, 1.0, False),
        (of(frames=50, hop_length=160), 12, 1.0, False),
        (of(sample_rate=4000), 3, 3.0, False),
    ],
)
def test_as_long_as_the_models_hear(tmp_path, model_input, seconds, wanted_s, shortened):
    signal, is_cut = heard(tmp_path, seconds=seconds, model_input=model_input)
    assert len(signal) == wanted_s * model_input.features.sample_rate
    assert is_cut == shortened


def test_of_a_stretch_of_a_recording_its_own_part(tmp_path):
    signal, _ = heard(tmp_path, seconds=6, model_input=of(), start_s=2.0, end_s=5.0, duration_s=3.0)
    assert len(signal) == 3 * RATE
    assert signal[[0, -1]] == pytest.approx([0.02, 0.04], abs=1e-3)


def test_no_more_of_a_long_stretch_than_its_beginning(tmp_path):
    signal, is_cut = heard(tmp_path, seconds=20, model_input=of(), start_s=2.0, end_s=20.0, duration_s=18.0)
    assert is_cut
    assert len(signal) == MOST_S * RATE
    assert signal[[0, -1]] == pytest.approx([0.02, 0.11], abs=1e-3)
