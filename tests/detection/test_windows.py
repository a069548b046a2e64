"""Windows of a stream are those of the whole sound, and a model says of each what it says of a file of that sound."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.core.errors import EarshotError
from earshot.detection.windows import cut_stream, grid_of, scores_of
from earshot.features.extract import arrays_of
from earshot.models import saved
from earshot.reading.sounds import write_wav
from earshot.signal.clips import cut, fit_length
from earshot.training.batches import clips_of
from earshot.training.predict import predict
from tests.detection.tones import RATE, save_model
from tests.models.cards import a_card


@given(
    samples=st.integers(1, 400),
    length=st.integers(1, 60),
    share=st.floats(0.01, 1),
    block=st.integers(1, 90),
    pad=st.sampled_from(["silence", "repeat"]),
)
def test_windows_of_a_stream_are_the_clips_of_the_whole_and_reach_its_end(samples, length, share, block, pad):
    signal = np.arange(1, samples + 1, dtype=np.float32)
    hop = max(1, int(length * share))
    blocks = [signal[start : start + block] for start in range(0, samples, block)]
    starts, windows, last = [], [], 0
    for start, end, batch in cut_stream(blocks, length=length, hop=hop, pad=pad):
        starts += [start + hop * number for number in range(len(batch))]
        windows += list(batch)
        last = end
    clips, starts_s = cut(signal, sample_rate=1, clip_s=length, clip_hop_s=hop, pad=pad)
    np.testing.assert_array_equal(windows[: len(clips)], clips)
    np.testing.assert_array_equal(starts[: len(clips)], starts_s)
    assert last == samples
    if len(windows) > len(clips):  # a rest that is too short to train on
        np.testing.assert_array_equal(windows[-1], fit_length(signal[starts[-1] :], length=length, pad=pad))
        assert len(windows) == len(clips) + 1


@pytest.mark.parametrize("reference", ["clip", "full_scale", "item"])
def test_scores_are_those_of_the_clips_of_the_file(in_folder, reference):
    noise = np.random.default_rng(0).uniform(-1, 1, 12_345) * np.linspace(0.01, 1, 12_345)
    (in_folder / "a.wav").write_bytes(write_wav(noise, RATE))
    model, card = saved.load(save_model(in_folder / "model", clip_hop_s=0.1, reference=reference))
    arrays, starts_s = arrays_of("a.wav", name="a", model_input=card.input)
    batches = list(scores_of([model], card, "a.wav", grid=grid_of(card)))
    given = np.concatenate([batch.probabilities for batch in batches])
    np.testing.assert_allclose(given, predict(model, clips_of(arrays, np.zeros(len(arrays)))), atol=1e-6)
    np.testing.assert_array_equal(np.concatenate([batch.starts for batch in batches]) / RATE, starts_s)
    assert batches[-1].ends[-1] == 12_345


def test_a_model_without_clips_hears_as_much_as_its_arrays_hold(in_folder):
    _, card = saved.load(save_model(in_folder / "model", clip_s=None))
    grid = grid_of(card)
    assert (grid.length, grid.hop) == (24 * 128 + 128, 24 * 128 + 128)  # to the last sample of frame 25
    assert grid_of(card, hop_s=0.1).hop == 800


@pytest.mark.parametrize("hop_s", [0, 0.5, float("nan")])
def test_a_hop_that_cannot_be_is_an_error(in_folder, hop_s):
    _, card = saved.load(save_model(in_folder / "model"))
    with pytest.raises(EarshotError, match=r"--hop .*: expected 0.000125 to 0.4 s"):
        grid_of(card, hop_s=hop_s)


def test_a_model_of_pictures_hears_nothing():
    with pytest.raises(EarshotError, match="this model takes pictures"):
        grid_of(a_card(input_shape=(16, 16)))


def test_scores_are_the_runs_mean_at_the_temperature(in_folder):
    (in_folder / "a.wav").write_bytes(write_wav(np.random.default_rng(0).uniform(-1, 1, 3000), RATE))
    folder = save_model(in_folder / "model", runs=2)
    _, card = saved.load(folder)
    models = [saved.load(folder, run)[0] for run in (1, 2)]
    models[1].std.fill_(3)
    ask = {"card": card, "source": "a.wav", "grid": grid_of(card)}
    apart = [next(scores_of([model], **ask)).probabilities for model in models]
    (scores,) = scores_of(models, **ask, temperature=0.5)
    squares = np.square(np.mean(apart, axis=0))
    np.testing.assert_allclose(scores.probabilities, squares / squares.sum(axis=1, keepdims=True), rtol=1e-5)


def test_a_stream_is_read_no_further_than_the_windows_that_are_taken():
    read = []

    def blocks():
        for number in range(1000):
            read.append(number)
            yield np.zeros(100, np.float32)

    windows = cut_stream(blocks(), length=50, hop=10)
    for taken in range(1, 20):
        next(windows)
        assert len(read) == taken
