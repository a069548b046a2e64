"""What models do not see is told with how much it is and what to set."""

import pandas as pd
import pytest

from earshot.config.embedding import CompleteEmbedding
from earshot.config.features import Features
from earshot.config.inputs import EmbeddingInput, PicturesInput, SoundsInput, SpectrogramsInput, dump_input
from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.core.io import write_json, write_table
from earshot.features.doubts import doubts, read_doubts

NONE = pd.DataFrame({"id": [], "copy": [], "silent": []})


def recordings(**settings):
    features = {"sample_rate": 16000, "n_fft": 1024, "hop_length": 256} | settings
    return SoundsInput(features=Features(**features))


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (
            {"frames": 200},
            "features.frames: 200 shows the models the first 200 frames, 3.20 s, of each recording, and 68 % of all "
            "frames lie beyond, in 2 of 2 items. Set features.clip_s in its place to cut them into clips, or "
            "features.frames: 626 to show all of them whole.",
        ),
        (
            {"frames": 50, "clip_s": 2.0},
            "features.frames: 50 shows the models the first 50 frames, 0.80 s, of each clip, and 60 % of all frames "
            "lie beyond, in 2 of 2 items. Set features.frames: null to show clips whole.",
        ),
        ({"frames": 600}, None),
        ({"frames": 126, "clip_s": 2.0}, None),
    ],
)
def test_recordings_that_reach_beyond_frames(settings, message):
    items = pd.DataFrame({"duration_s": [10.0, 10.0]})
    found = doubts(recordings(**settings), items, NONE)
    assert found == ([] if message is None else [("beyond", message)])


def test_arrays_that_reach_beyond_frames_and_drawn_ones_that_are_resized():
    items = pd.DataFrame({"path": ["a.npy", "b.png"], "width": [300, 300]})
    (found,) = doubts(SpectrogramsInput(features=Features(frames=100)), items, NONE)
    assert found.text == (
        "features.frames: 100 shows the models the first 100 frames of each array, and 50 % of all frames lie beyond, "
        "in 1 of 2 items. Set features.frames: 300 to show all of them whole."
    )
    assert doubts(PicturesInput(view="sound", sonify=Sonify()), items, NONE) == []


def test_silent_clips_are_counted_and_variants_are_not():
    rows = pd.DataFrame({"id": ["a", "a", "b", "a"], "copy": [0, 0, 0, 1], "silent": [0, 1, 0, 1]})
    items = pd.DataFrame({"duration_s": [1.0, 1.0]})
    ((kind, text),) = doubts(recordings(clip_s=0.5, frames=32), items, rows)
    assert kind == "silent"
    assert text.startswith("1 of 3 clips are silent as far as the models see them")
    assert "(in a)" in text


def test_every_view_that_is_heard_is_asked_in_whatever_order(in_folder):
    embedding = CompleteEmbedding(
        model="ears.onnx", sample_rate=16000, window_s=1, hop_s=1, input="a", output="b"
    )
    heard = EmbeddingInput(embedding=embedding, sha256="0", runtime="onnxruntime 1")
    write_table(paths.BALANCED, pd.DataFrame({"id": ["a", "b"], "duration_s": [10.0, 10.0]}))
    rows = pd.DataFrame({"id": ["a", "b"], "copy": [0, 0], "silent": [0, 1]})
    for view, model_input in (("sound", recordings(frames=200)), ("embedding", heard)):
        write_json(paths.features(view) / "settings.json", dump_input(model_input))
        write_table(paths.features(view) / "rows.csv", rows)
    found = read_doubts(["embedding", "sound"])
    assert [doubt.kind for doubt in found] == ["beyond", "silent"]  # the silent clip is told once
    assert read_doubts(["shuffled", "sound", "embedding"]) == found


def test_the_floor_alone_is_asked_of_arrays_of_its_own(in_folder):
    write_table(paths.BALANCED, pd.DataFrame({"id": ["a"], "duration_s": [10.0]}))
    write_json(paths.features("shuffled") / "settings.json", dump_input(recordings(frames=200)))
    write_table(
        paths.features("shuffled") / "rows.csv", pd.DataFrame({"id": ["a"], "copy": [0], "silent": [0]})
    )
    assert [doubt.kind for doubt in read_doubts(["shuffled"])] == ["beyond"]
