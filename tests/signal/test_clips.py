import numpy as np
import pytest

from earshot.core.errors import EarshotError
from earshot.signal.clips import cut, fit_frames, fit_length


@pytest.mark.parametrize(
    ("samples", "clip_s", "clip_hop_s", "starts"),
    [
        (10, None, None, [0]),  # the whole sound
        (1, 4, None, [0]),  # shorter than a clip
        (8, 4, None, [0, 4]),
        (9, 4, None, [0, 4]),  # a quarter of a clip is left: dropped
        (10, 4, None, [0, 4, 8]),  # half a clip is left: kept
        (10, 4, 2, [0, 2, 4, 6]),  # the last full clip ends with the sound
        (11, 4, 2, [0, 2, 4, 6, 8]),
        (10, 4, 3, [0, 3, 6]),
        (11, 4, 3, [0, 3, 6, 9]),
        (2, 1.6, None, [0]),  # rounded to two samples
    ],
)
def test_where_clips_start(samples, clip_s, clip_hop_s, starts):
    signal = np.arange(1.0, samples + 1)
    clips, start_s = cut(signal, sample_rate=1, clip_s=clip_s, clip_hop_s=clip_hop_s)
    assert start_s.tolist() == starts
    for clip, start in zip(clips, starts, strict=True):
        held = signal[start : start + len(clip)]
        assert clip.tolist() == [*held, *[0] * (len(clip) - len(held))]


@pytest.mark.parametrize("samples", [1, 7, 15, 16, 31, 100])
def test_clips_at_a_sample_rate(samples):
    clips, start_s = cut(np.ones(samples, np.float32), sample_rate=8, clip_s=2, clip_hop_s=1)
    assert clips.shape == (len(start_s), 16)
    assert clips.dtype == np.float32
    assert np.diff(start_s).tolist() == [1.0] * (len(start_s) - 1)


def test_repeat_fills_a_short_sound_with_itself():
    clips, _ = cut(np.array([1, 2, 3]), sample_rate=1, clip_s=7, pad="repeat")
    assert clips.tolist() == [[1, 2, 3, 1, 2, 3, 1]]


def test_a_clip_of_no_sample_is_refused():
    with pytest.raises(EarshotError, match=r"features\.clip_s=0\.0001"):
        cut(np.ones(10), sample_rate=100, clip_s=0.0001)


def test_an_empty_signal_is_a_bug():
    with pytest.raises(ValueError, match="no samples"):
        cut(np.ones(0), sample_rate=100)


@pytest.mark.parametrize(
    ("length", "pad", "expected"),
    [
        (2, "silence", [1, 2]),
        (5, "silence", [1, 2, 3, 0, 0]),
        (5, "repeat", [1, 2, 3, 1, 2]),
        (3, "repeat", [1, 2, 3]),
    ],
)
def test_fit_length(length, pad, expected):
    assert fit_length(np.array([1, 2, 3]), length=length, pad=pad).tolist() == expected


@pytest.mark.parametrize(
    ("frames", "pad", "expected"),
    [
        (1, "silence", [[5], [7]]),
        (2, "silence", [[5, 6], [7, 3]]),
        (4, "silence", [[5, 6, 3, 3], [7, 3, 3, 3]]),
        (5, "repeat", [[5, 6, 5, 6, 5], [7, 3, 7, 3, 7]]),
    ],
)
def test_fit_frames(frames, pad, expected):
    assert fit_frames(np.array([[5, 6], [7, 3]]), frames=frames, pad=pad).tolist() == expected
