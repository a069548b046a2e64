"""The embed command: a row a clip, of CSV and of npz."""

import argparse

import numpy as np
import pandas as pd
import pytest

from earshot.cli import embed
from earshot.core.errors import EarshotError
from earshot.features.extract import arrays_of
from earshot.reading.sounds import read_sound
from tests.cli.test_predict import saved_model, settings, write_sounds
from tests.embedding import models
from tests.study import write_params


def run(*words):
    parser = argparse.ArgumentParser()
    embed.add_arguments(parser)
    embed.main(parser.parse_args(words))


def test_every_clip_has_the_numbers_before_the_last_layer(in_folder):
    # of logistic regression, whose one layer sees the array itself
    saved_model(in_folder / "model", settings("sounds"), seeds=(1, 2))
    write_sounds(in_folder / "in", {"a": 0.5, "=b": 1.3})
    run("in", "--model", "model", "--out", "out.csv")
    run("in", "--model", "model", "--out", "deep/out.npz", "--run", "2")
    expected, starts, names = [], [], []
    for name in ("in/=b.wav", "in/a.wav"):
        clips, seconds = arrays_of(name, name=name, model_input=settings("sounds"))
        expected += list(clips.reshape(len(clips), -1))
        starts += seconds.tolist()
        names += [name] * len(clips)
    table = pd.read_csv("out.csv")
    assert table["path"].tolist() == names
    assert table["start_s"].tolist() == starts
    assert list(table.columns[2:]) == [str(number) for number in range(16 * 20)]
    np.testing.assert_array_equal(table.iloc[:, 2:].to_numpy(np.float32), expected)
    arrays = np.load("deep/out.npz")
    assert arrays["path"].tolist() == names
    np.testing.assert_array_equal(arrays["embedding"], expected)


def test_what_cannot_be_read_is_named_and_left_out(in_folder):
    saved_model(in_folder / "model", settings("sounds"))
    write_sounds(in_folder / "in", {"a": 0.5})
    (in_folder / "in/bad.wav").write_bytes(b"no sound")
    with pytest.raises(
        EarshotError, match=r"1 of 2 files could not be read, and are left out:(?s:.*)bad\.wav"
    ):
        run("in", "--model", "model", "--out", "out.csv")
    assert set(pd.read_csv("out.csv")["path"]) == {"in/a.wav"}


def test_a_name_that_is_no_utf_8_is_escaped(picture_folders, in_folder):
    saved_model(in_folder / "model", settings("pictures", "picture"))
    (picture_folders / "b/1.png").rename(in_folder / "caf\udce9.png")
    for out in ("out.csv", "out.npz"):
        run("caf\udce9.png", "--model", "model", "--out", out)
    assert set(pd.read_csv("out.csv")["path"]) == set(np.load("out.npz")["path"]) == {r"caf\udce9.png"}


def test_a_pretrained_model_gives_its_own_vector_of_every_window(in_folder):
    models.write_onnx(in_folder / "ears.onnx")
    write_sounds(in_folder / "in", {"a": 0.2, "b": 0.05})
    run("in", "--model", "ears.onnx", "--out", "out.npz")
    found = np.load("out.npz")
    assert found["path"].tolist() == ["in/a.wav", "in/a.wav", "in/b.wav"]
    assert found["start_s"].tolist() == [0, 0.1, 0]
    sound, _ = read_sound("in/a.wav", name="a", sample_rate=models.RATE)
    np.testing.assert_allclose(
        found["embedding"][:2], models.expected(sound.reshape(2, models.SAMPLES)), rtol=1e-4, atol=1e-7
    )


def test_what_a_pretrained_file_leaves_open_is_taken_from_the_study_that_hears_through_it(in_folder):
    models.write_onnx(in_folder / "ears.onnx", rate=None)
    write_sounds(in_folder / "in", {"a": 0.15})
    with pytest.raises(EarshotError, match=r"embedding.sample_rate: ears.onnx does not say"):
        run("in", "--model", "ears.onnx", "--out", "out.csv")
    write_params(
        in_folder,
        **{"embedding.model": "./ears.onnx", "embedding.sample_rate": 8000, "embedding.hop_s": 0.05},
    )
    run("in", "--model", "ears.onnx", "--out", "out.csv")
    assert pd.read_csv("out.csv")["start_s"].tolist() == [0, 0.05]
    with pytest.raises(EarshotError, match=r"ears.onnx is no trained model, and has no runs"):
        run("in", "--model", "ears.onnx", "--out", "out.csv", "--run", "2")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--out", "out.parquet"], "out.parquet: expected a name ending in .csv or .npz"),
        (["--out", "out.csv", "--run", "3"], "has no run 3: its runs are 1 to 1"),
    ],
)
def test_what_cannot_be_asked_is_refused(in_folder, words, message):
    saved_model(in_folder / "model", settings("sounds"))
    write_sounds(in_folder / "in", {"a": 0.5})
    with pytest.raises(EarshotError, match=message):
        run("in", "--model", "model", *words)
    assert not list(in_folder.glob("out.*"))
