"""The view `embedding` in a study: what is refused before anything runs, and cells whose model does not fit."""

import contextlib
import shutil

import pandas as pd
import pytest

from earshot.config.cell import ModelCell
from earshot.config.embedding import CompleteEmbedding
from earshot.config.features import Features
from earshot.config.load import load, with_setting
from earshot.config.unfit import fitting, is_unfit, leave_out
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import read_json, write_json
from earshot.embedding.view_files import read_view, views_of
from earshot.evaluation.compare import EARS_QUESTION, questions
from earshot.features.early import refuse_copies
from earshot.features.lengths import check_windows
from earshot.models.validate import validate
from earshot.store.revisions import Revision
from tests.embedding import models
from tests.repository import ROOT
from tests.study import command, write_params

EARS = {
    "views": ["sound", "embedding"],
    "dataset.kind": "sounds",
    "models": ["cnn", "linear"],
    "zoo.linear": {},
}


def study(**changes):
    content = load(ROOT / "params.yaml")
    for key, value in (EARS | {"embedding.model": "weights/ears.onnx"} | changes).items():
        content = with_setting(content, key, value)
    return validate(content)


@pytest.fixture
def folder(in_folder):
    (in_folder / "weights").mkdir()
    models.write_onnx(in_folder / "weights" / "ears.onnx")
    return in_folder


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"features.kind": "embedding"}, r"features.kind: it is a view, .* set views: \[sound, embedding\]"),
        ({"embedding.model": None}, r"embedding.model: views has 'embedding', .* name its file"),
        ({"embedding.hop_s": 3.0, "embedding.window_s": 1.0}, r"embedding: hop_s=3 leaves gaps"),
        ({"dataset.kind": "spectrograms"}, r"'embedding' needs dataset.kind: pictures or sounds"),
        (
            {"views": ["embedding"]},
            r"models: cnn looks at .* those that fit are linear, lstm, mlp, prototype",
        ),
        ({"views": ["embedding", "shuffled"]}, r"models: cnn looks at"),
        ({"cv.folds": 3, "cv.view": "embedding", "cv.model": "cnn"}, r"cv.model: cnn looks at"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_runs(changes, words):
    with pytest.raises(EarshotError, match=words):
        study(**changes)


@pytest.mark.parametrize(
    ("views", "embedded"),
    [
        (["sound", "embedding", "shuffled"], {"embedding"}),
        (["embedding", "shuffled"], {"embedding", "shuffled"}),
        (["sound", "shuffled"], set()),
    ],
)
def test_the_floor_is_of_the_sound_where_the_study_has_it(folder, views, embedded):
    heard = study(views=views, models=["linear"])
    found = views_of(heard.embedding, heard.views)
    assert {view for view, content in found.items() if content} == embedded
    for view, content in found.items():
        write_json(paths.pretrained_view(view), content)
        assert (read_view(view) is not None) == (view in embedded)


def test_another_content_of_the_file_makes_another_file_of_its_view_alone(folder):
    settings = study().embedding
    before = views_of(settings, ["sound", "embedding"])
    models.write_onnx(folder / "weights" / "ears.onnx", batch=1)
    after = views_of(settings, ["sound", "embedding"])
    assert before["sound"] == after["sound"] == {}
    assert before["embedding"]["sha256"] != after["embedding"]["sha256"]


def test_the_command_check_asks_for_what_the_file_leaves_open(folder):
    models.write_onnx(folder / "weights" / "ears.onnx", rate=None)
    write_params(folder, **EARS, **{"embedding.model": "weights/ears.onnx"})
    said = command("check", cwd=folder, ok=False)
    assert "embedding.sample_rate: weights/ears.onnx does not say" in said


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"features.sample_rate": 4000},
            r"all above 2000 Hz. Set features.sample_rate: 8000, or augment.copies: 0",
        ),
        ({"embedding.pooling": "none"}, r"augment.stretch: stretched copies have other numbers of windows"),
        ({}, None),
        ({"embedding.pooling": "none", "features.clip_s": 0.2}, None),
        ({"features.sample_rate": 4000, "augment.copies": 0}, None),
        ({"features.sample_rate": 4000, "views": ["sound"]}, None),
    ],
)
def test_copies_that_are_not_heard_as_their_sounds_are_refused(folder, changes, words):
    varied = {"augment.copies": 1, "augment.stretch": [0.8, 1.2], "features.sample_rate": 8000}
    asked = study(**(varied | changes))
    heard = views_of(asked.embedding, asked.views)
    with pytest.raises(EarshotError, match=words) if words else contextlib.nullcontext():
        refuse_copies(asked, heard)


def test_a_file_outside_of_weights_is_refused(folder):
    shutil.copy(folder / "weights" / "ears.onnx", folder)
    with pytest.raises(EarshotError, match=r"ears.onnx does not lie in weights/"):
        views_of(study(**{"embedding.model": "ears.onnx"}).embedding, ["embedding"])


def test_a_cell_that_does_not_fit_has_outputs_that_say_so_and_no_results(in_folder, monkeypatch):
    for name in ("dvc.yaml", "params.yaml"):
        shutil.copy(ROOT / name, in_folder)
    monkeypatch.setattr("sys.argv", ["stage", "2", "embedding", "cnn"])
    for stage in ("train", "evaluate", "gradcam"):
        leave_out(stage)
    cell = ModelCell(2, "embedding", "cnn")
    assert is_unfit(cell)
    assert fitting([2], ["sound", "embedding"], ["cnn", "linear"]) == [
        (2, "sound", "cnn"),
        (2, "sound", "linear"),
        (2, "embedding", "linear"),
    ]
    assert read_json(paths.metrics(*cell)) == {"does_not_fit": 1}
    assert paths.predictions(*cell).read_text() == "does_not_fit\n"
    assert Revision("the workspace", None).answers() == {}


def test_each_model_on_sound_is_compared_with_each_on_the_embedding():
    names = [("sound", "cnn"), ("sound", "linear"), ("embedding", "linear")]
    asked = [(first, second) for question, first, second in questions(names) if question == EARS_QUESTION]
    assert asked == [
        (("sound", "cnn"), ("embedding", "linear")),
        (("sound", "linear"), ("embedding", "linear")),
    ]


def complete(**changes):
    settings = {
        "model": "weights/ears.onnx",
        "sample_rate": 8000,
        "window_s": 1.0,
        "hop_s": 1.0,
        "input": "waveform",
    }
    return CompleteEmbedding(**settings | changes)


def test_sounds_of_several_lengths_are_no_frames():

    items = pd.DataFrame({"duration_s": [1.0, 2.6]})
    with pytest.raises(EarshotError, match=r"pooling: none .* have 1 to 3 of them. Set features.clip_s"):
        check_windows(complete(pooling="none"), Features(), items, kind="sounds")
    check_windows(complete(pooling="none"), Features(clip_s=1.0), items, kind="sounds")
    check_windows(complete(), Features(), items, kind="sounds")
