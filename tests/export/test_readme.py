"""The page of an exported model: what it says, with a study around the model and without."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from earshot.config.embedding import CompleteEmbedding
from earshot.config.inputs import EmbeddingInput
from earshot.core import paths
from earshot.core.io import write_json, write_table
from earshot.export.readme import Facts, facts_of, readme
from tests.models.cards import a_card
from tests.repository import ROOT

METRICS = {
    "accuracy": 0.9,
    "accuracy_low": 0.8,
    "accuracy_high": 0.95,
    "ensemble_accuracy": 0.92,
    "calibrated_ece": 0.015,
    "chance": 0.5,
    "n_test": 40,
    "runs": 3,
}
EARS = EmbeddingInput(
    embedding=CompleteEmbedding(
        model="weights/ears.onnx", sample_rate=8000, window_s=1.0, hop_s=1.0, input="waveform"
    ),
    sha256="0" * 64,
    runtime="onnxruntime 1",
)
FACTS = Facts(
    data="recordings",
    items={"train": 1200, "val": 40, "test": 40},
    groups={"train": 6, "val": 2, "test": 2},
    metrics=METRICS,
    doubts=["Copies of 3 test items are in training."],
)


def page(facts=FACTS, runs=3, **changes):
    card = a_card(input_shape=(8, 9), **{"groups_named": True} | changes)
    return readme(card, facts, file="cnn.onnx", runs=runs)


def test_the_page_says_what_the_study_knows():
    text = page()
    for sentence in (
        "`cnn.onnx` takes sounds that Earshot made of pictures and gives a probability for each of: `a`, `b`.",
        "`recordings`: 1,280 items of these classes. 1,200 trained it, 40 chose its epochs and its temperature and 40",
        "They come from 10 groups, and none has items in two of these parts.",
        "Right on 90.0 % (80.0 to 95.0) of the 40 test items, the mean of 3 runs. Guessing gets 50.0 %.",
        "All runs together, as in this file, are right on 92.0 %.",
        "off by 1.5 % on average",
        "Copies of 3 test items are in training.",
        "The weights were trained from scratch. Name a licence here",
    ):
        assert sentence in text


def test_one_run_is_not_said_to_be_their_average():
    assert "All runs together" not in page(runs=1)
    assert "averaged" not in page(runs=1)


def test_without_groups_new_sources_are_said_to_be_unknown():
    twice = FACTS.groups | {"test": 39}  # one file is there twice
    text = page(FACTS._replace(groups=twice), groups_named=False)
    assert "No two of them are said to share a source." in text
    assert "on sources that it has not met" in text


def test_a_model_that_may_say_none_is_not_said_to_name_a_class_whatever_it_is_given():
    text = page(classes=["a", "b", "none"], reject=["none"])
    assert "What belongs to no other class is to be answered `none`" in text
    assert "whatever it is given" not in text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"view": "shuffled"}, "None: it was trained on shuffled labels"),
        ({"settings": {"weights": "imagenet"}}, "which were trained on ImageNet"),
        (
            {"settings": {"weights": "weights/own.pth"}},
            "start from weights/own.pth, whose licence goes on to hold",
        ),
        ({"model_input": EARS}, "`cnn.onnx` takes sounds and gives"),
        ({"model_input": EARS}, "holds ears.onnx (SHA-256 000000000000), whose licence goes on to hold for"),
    ],
)
def test_controls_and_pretrained_weights_are_named(changes, sentence):
    assert sentence in page(**changes)


def test_the_facts_of_a_model_of_the_study_are_read_and_of_no_other(in_folder):
    card = a_card(input_shape=(8, 9))
    shutil.copy(ROOT / "params.yaml", in_folder)
    labels, parts = ["a", "a", "b", "c"], ["train", "test", "val", "test"]
    split = pd.DataFrame({"id": list("1234"), "label": labels, "group": ["x", "y", "y", "z"], "split": parts})
    write_table(paths.SPLIT, split)
    write_json(paths.metrics(2, "sound", "linear"), METRICS | {"accuracy_low": None})
    columns = ["kind", "subset", "view", "model", "text"]
    rows = [
        ["k", None, "", "", "of all"],
        ["k", 2, "sound", "linear", "own"],
        ["k", 4, "sound", "linear", "other"],
    ]
    write_table(paths.WARNINGS, pd.DataFrame(rows, columns=columns))
    facts = facts_of(Path("models/2/sound/linear"), card)
    assert facts.data == "data/samples/digits"
    assert facts.items == facts.groups == {"test": 1, "train": 1, "val": 1}
    assert facts.doubts == ["of all", "own"]
    assert "no limits can be given" in page(facts)
    assert facts_of(Path("models/2/sound/cnn"), card) is None
    rejecting = card.model_copy(update={"classes": ["a", "b", "c"], "reject": ["c"]})
    assert facts_of(Path("models/2/sound/linear"), rejecting).items == {"test": 2, "train": 1, "val": 1}
    assert "Not known here" in page(None)
