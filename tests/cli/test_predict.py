"""The predict command: one row a file, bad files told and passed over."""

import argparse
import csv
import io
import json

import numpy as np
import pandas as pd
import pytest

from earshot.cli import decide, predict
from earshot.config.features import Features
from earshot.config.inputs import input_of
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError
from earshot.core.io import write_table
from earshot.evaluation.predictions import DECIMALS
from earshot.features.extract import arrays_of
from earshot.models import saved
from earshot.models.build import build_model
from earshot.models.card import VALIDATION, RunFacts, read_card
from earshot.models.normalization import Normalized
from earshot.models.outputs import outputs_of
from earshot.reading.sounds import write_wav
from earshot.training.batches import clips_of
from earshot.training.predict import predict as probabilities_of
from tests.models.cards import a_card

CLASSES = ["high", "low", "noise"]


def settings(kind, view="sound"):
    features = Features(
        sample_rate=8000, n_fft=256, hop_length=128, n_mels=16, frames=20, clip_s=0.4, clip_hop_s=0.2
    )
    return input_of(kind, view, sonify=Sonify(rows=16, columns=20, iterations=2), features=features)


@pytest.fixture
def model(in_folder):
    """A linear model of sounds with random weights in the folder `model`."""
    return saved_model(in_folder / "model", settings("sounds"))


def saved_model(folder, model_input, seeds=(1,), classes=CLASSES):
    outputs = outputs_of(len(classes))
    models = [
        Normalized(build_model("linear", input_shape=(16, 20), outputs=outputs, seed=seed)) for seed in seeds
    ]
    facts = [RunFacts(epoch=1, epochs_trained=1) for _ in seeds]
    card = a_card(input_shape=(16, 20), model_input=model_input, classes=classes, runs=facts)
    saved.save(folder, models, card)
    return folder


def write_sounds(folder, seconds):
    rng = np.random.default_rng(0)
    for name, length in seconds.items():
        path = folder / f"{name}.wav"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(write_wav(rng.uniform(-1, 1, int(8000 * length)).astype(np.float32), 8000))


def asked(*words):
    parser = argparse.ArgumentParser()
    predict.add_arguments(parser)
    return parser.parse_args(words)


def run(capsys, *sources, model="model", form="csv", of_run=None):
    """The command's rows and the message it ended with."""
    message = None
    try:
        predict.main(asked(model, *sources, "--format", form, *(["--run", str(of_run)] if of_run else [])))
    except EarshotError as error:
        message = str(error)
    output = capsys.readouterr().out
    rows = json.loads(output) if form == "json" else list(csv.DictReader(io.StringIO(output)))
    return rows, message


def test_a_folder_gives_a_row_a_file_in_natural_order(model, in_folder, capsys):
    write_sounds(in_folder / "in", {"a/10": 0.5, "a/2": 0.1, "b": 1.3})
    rows, message = run(capsys, "in")
    assert [row["path"] for row in rows] == ["in/a/2.wav", "in/a/10.wav", "in/b.wav"]
    assert message is None
    for row in rows:
        scores = {name: float(row[name]) for name in CLASSES}
        assert sum(scores.values()) == pytest.approx(1)
        assert row["predicted"] == max(scores, key=scores.get)
        assert float(row["probability"]) == max(scores.values())


def test_a_long_sounds_row_is_the_mean_over_its_clips(model, in_folder, capsys):
    write_sounds(in_folder, {"long": 2.0})
    (row,), _ = run(capsys, "long.wav", form="json")
    clips, _ = arrays_of("long.wav", name="long", model_input=settings("sounds"))
    network, _ = saved.load(model)
    means = probabilities_of(network, clips_of(clips, np.zeros(len(clips)))).mean(axis=0)
    assert len(clips) > 1
    np.testing.assert_allclose([row[name] for name in CLASSES], means, rtol=1e-6)


def test_bad_files_get_a_row_with_the_reason_and_the_rest_goes_on(model, in_folder, capsys):
    write_sounds(in_folder / "in", {"good": 0.5})
    (in_folder / "in/bad.wav").write_text("no sound")
    rows, message = run(capsys, "in")
    assert [row["path"] for row in rows] == ["in/bad.wav", "in/good.wav"]
    assert "in/bad.wav" in rows[0]["problem"]
    assert rows[0]["predicted"] == ""
    assert rows[1]["problem"] == ""
    assert "1 of 2 files could not be read" in message


@pytest.mark.parametrize(
    ("source", "message"), [("nowhere", "nowhere does not exist"), ("empty", "no file ending in")]
)
def test_nothing_to_look_at_is_an_error(model, in_folder, capsys, source, message):
    (in_folder / "empty").mkdir()
    assert message in run(capsys, source, form="csv")[1]


def test_the_answer_is_the_mean_over_the_runs_or_that_of_one(in_folder, capsys):
    saved_model(in_folder / "model", settings("sounds"), seeds=(1, 2, 3))
    write_sounds(in_folder, {"a": 0.5})
    of_runs = [run(capsys, "a.wav", form="json", of_run=number)[0][0] for number in (1, 2, 3)]
    (row,), _ = run(capsys, "a.wav", form="json")
    for name in CLASSES:
        assert row[name] == pytest.approx(np.mean([one[name] for one in of_runs]))
    assert len({one[CLASSES[0]] for one in of_runs}) == 3


def test_the_runs_together_are_calibrated_and_one_alone_is_not(in_folder, capsys):
    folder = saved_model(in_folder / "model", settings("sounds"), seeds=(1, 2))
    write_sounds(in_folder, {"a": 0.5})
    before, of_one = (run(capsys, "a.wav", form="json", of_run=number)[0][0] for number in (None, 1))
    saved.write_card(folder, read_card(folder).model_copy(update={"temperature": 0.5}))
    (after,), (still,) = (run(capsys, "a.wav", form="json", of_run=number)[0] for number in (None, 1))
    squares = np.square([before[name] for name in CLASSES])
    np.testing.assert_allclose([after[name] for name in CLASSES], squares / squares.sum())
    assert after["probability"] == after[after["predicted"]]
    assert still == of_one


def write_validation(folder, classes, probabilities):
    """The validation items' answers: right, of each class in turn, each a group of its own."""
    labels = [classes[place % len(classes)] for place in range(len(probabilities))]
    probabilities = np.round(probabilities, DECIMALS)
    table = {"id": range(len(labels)), "group": range(len(labels)), "label": labels, "predicted": labels}
    write_table(
        folder / VALIDATION, pd.DataFrame(table | {"probability": probabilities, "of_label": probabilities})
    )


def test_below_the_threshold_of_the_share_kept_the_answer_is_none(model, in_folder, capsys):
    write_sounds(in_folder / "in", {str(number): 0.5 for number in range(6)})
    before, _ = run(capsys, "in", form="json")
    sure = sorted(row["probability"] for row in before)
    write_validation(model, CLASSES, sure)
    rows, _ = run(capsys, "in", "--keep", "0.5", form="json")
    for row, old in zip(rows, before, strict=True):
        assert row["predicted"] == (old["predicted"] if old["probability"] >= sure[3] else "none")
        assert row["probability"] == old["probability"]


def test_a_probability_reaches_a_threshold_that_is_rounded_up():
    validation = pd.DataFrame({"predicted": ["bat"] * 3, "probability": [1.0] * 3})
    decided = decide._keep(validation, keep=0.9, classes=["bat"])
    assert decided({"predicted": "bat", "probability": 1 - 1e-12}) == {}
    assert decided({"predicted": "bat", "probability": 1 - 1e-9}) == {"predicted": "none"}


def test_a_prediction_set_names_the_classes_at_or_above_the_threshold(model, in_folder, capsys):
    write_sounds(in_folder, {"a": 0.5})
    (in_folder / "bad.wav").write_text("no sound")
    (before,), _ = run(capsys, "a.wav", form="json")
    first, second, third = sorted(CLASSES, key=before.get, reverse=True)
    write_validation(model, CLASSES, [(before[second] + before[third]) / 2] * 20)
    rows, _ = run(capsys, "a.wav", "bad.wav", "--coverage", "0.9", form="json")
    assert [row["prediction_set"] for row in rows] == [f"{first} | {second}", None]
    assert {key: value for key, value in rows[0].items() if key != "prediction_set"} == before


@pytest.mark.parametrize("option", ["--recall", "--miss-cost"])
def test_of_two_classes_the_second_is_answered_from_the_operating_point_on(in_folder, capsys, option):
    folder = saved_model(in_folder / "model", settings("sounds"), classes=["noise", "bat"])
    write_sounds(in_folder / "in", {str(number): 0.5 for number in range(6)})
    before, _ = run(capsys, "in", form="json")
    of_bat = sorted(row["bat"] for row in before)
    write_validation(folder, ["bat", "bat"], of_bat)
    least = of_bat[2]  # which four of six reach
    share = "0.6" if option == "--recall" else str(1 / (least - 1e-9) - 1)
    rows, message = run(capsys, "in", option, share, form="json")
    assert message is None
    assert sum(row["predicted"] == "bat" for row in rows) == 4
    for row in rows:
        assert row["predicted"] == ("bat" if row["bat"] >= least else "noise")
        assert row["probability"] == row[row["predicted"]]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--keep", "95"], "--keep 95: expected a share between 0 and 1"),
        (["--coverage", "1"], "--coverage 1: expected a share between 0 and 1"),
        (["--miss-cost", "-1"], "--miss-cost -1: expected a number above 0"),
        (["--recall", "0.9"], "--recall is for a model of two classes; model has 3"),
        (["--miss-cost", "2", "--coverage", "0.9"], "--miss-cost is for a model of two classes"),
        (["--keep", "0.9", "--run", "2"], "--keep is for all runs together: leave out --run 2"),
        (["--keep", "0.9", "--per-clip"], "--keep is for a row a file: add --no-per-clip"),
    ],
)
def test_an_answer_that_the_model_cannot_give_is_refused(in_folder, capsys, options, message):
    folder = saved_model(in_folder / "model", settings("sounds"), seeds=(1, 2))
    write_validation(folder, CLASSES, [0.9])
    write_sounds(in_folder, {"a": 0.5})
    assert message in run(capsys, "a.wav", *options)[1]


def test_numbers_that_overflow_give_no_class(model, in_folder, capsys):
    network, card = saved.load(model)
    for parameter in network.parameters():
        parameter.data.fill_(3e38)
    saved.save(model, [network], card)
    write_sounds(in_folder, {"a": 0.5})
    (row,), message = run(capsys, "a.wav")
    assert row["predicted"] == ""
    assert "overflow" in row["problem"]
    assert "1 of 1 files" in message


def test_no_name_is_a_formula_in_a_spreadsheet_or_moves_a_terminal(in_folder, capsys):
    saved_model(in_folder / "model", settings("sounds"))
    write_sounds(in_folder, {"=1+1": 0.5, "\x1b[31m": 0.5})
    (in_folder / "caf\udce9.wav").write_text("no sound")
    rows, _ = run(capsys, "=1+1.wav", "\x1b[31m.wav", "caf\udce9.wav")
    assert [row["path"] for row in rows] == ["'=1+1.wav", r"\x1b[31m.wav", r"caf\udce9.wav"]
    assert [row["problem"][:13] for row in rows] == ["", "", r"caf\udce9.wav"]


def test_hidden_files_are_left_out_as_in_training(model, in_folder, capsys):
    write_sounds(in_folder / "in", {"a": 0.5, ".b": 0.5, ".ipynb_checkpoints/a": 0.5})
    rows, _ = run(capsys, "in")
    assert [row["path"] for row in rows] == ["in/a.wav"]


@pytest.mark.parametrize("terminal", [True, False])
def test_no_bar_stands_among_rows_on_a_terminal(model, in_folder, capsys, monkeypatch, terminal):
    bars = []
    write_sounds(in_folder, {"a": 0.5})
    each_shard = predict.each_shard
    monkeypatch.setattr(
        predict, "each_shard", lambda *task, bar, **kind: bars.append(bar) or each_shard(*task, **kind)
    )
    monkeypatch.setattr("sys.stdout.isatty", lambda: terminal)
    run(capsys, "a.wav")
    assert bars == [not terminal]


def test_a_run_that_is_not_there_is_an_error(model, in_folder, capsys):
    write_sounds(in_folder, {"a": 0.5})
    with pytest.raises(EarshotError, match="model has no run 2: its runs are 1 to 1"):
        predict.main(asked("model", "a.wav", "--run", "2"))


def test_a_model_that_is_not_there_is_an_error(in_folder, capsys):
    write_sounds(in_folder, {"a": 0.5})
    with pytest.raises(EarshotError, match="nothing is no trained model, and models holds none"):
        predict.main(asked("nothing", "a.wav"))


@pytest.mark.parametrize("view", ["sound", "picture"])
def test_pictures_are_seen_or_sonified_as_the_model_was_trained(picture_folders, in_folder, capsys, view):
    saved_model(in_folder / "model", settings("pictures", view))
    rows, message = run(capsys, "pictures")
    assert len(rows) == 16
    assert message is None
