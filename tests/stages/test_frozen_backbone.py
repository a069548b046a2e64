"""The stages with a frozen backbone, on a made-up study of 24 small pictures: it sees each array once."""

import threading
from collections import Counter
from contextlib import nullcontext
from itertools import product

import numpy as np
import pandas as pd
import pytest
import safetensors.torch
from torchvision.models import get_model

from earshot.config.inputs import PicturesInput, dump_input
from earshot.config.sonify import Sonify
from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import remove, write_json, write_table
from earshot.models import saved
from earshot.models.backbone import Backbone
from earshot.models.card import BACKBONE
from earshot.store.formats import write_npy
from earshot.training import train_on_cluster
from earshot.training.batches import clips_of
from earshot.training.predict import predict_item
from stages import cv, evaluate, gradcam, train, transfer
from tests.study import call, set_params, write_params

ITEMS = [f"{label}/{number}" for label in "abc" for number in range(8)]
PARTS = ["train", "train", "val", "test"]
VIEWS = ["sound", "picture", "shuffled"]
NAME = "squeezenet1_1"
SETTINGS = {
    **{"subsets": [2, 3], "views": VIEWS, "models": [NAME], "runs": 2, "epochs": 1},
    **{"features.normalize": "item"},
    **{"cv.model": NAME, "cv.subset": 3, "cv.folds": 2, "cv.val": 0.0, "cv.parts": "all"},
}


@pytest.fixture
def study(in_folder):
    """Items of three classes up to the features of every view, and a file of weights."""
    labels = [name[0] for name in ITEMS]
    items = pd.DataFrame({"id": ITEMS, "label": labels, "group": ITEMS, "hash": ITEMS, "fold": ""})
    write_table(paths.BALANCED, items)
    parts = [PARTS[place % 4] for place in range(len(ITEMS))]
    write_table(paths.SPLIT, items[["id", "label", "group"]].assign(split=parts))
    rows = pd.DataFrame({"shard": 0, "row": range(len(ITEMS)), "id": ITEMS, "start_s": 0.0, "copy": 0})
    for view in VIEWS:
        folder, rng = paths.features(view), np.random.default_rng(view == "picture")
        arrays = rng.uniform(size=(len(ITEMS), 24, 24)).astype(np.float32)
        write_npy(paths.shard_file(folder, 0, "npy"), [arrays])
        write_table(folder / "rows.csv", rows)
        write_json(folder / "settings.json", dump_input(PicturesInput(view="sound", sonify=Sonify())))
    weights = paths.WEIGHTS / "some.safetensors"
    weights.parent.mkdir(parents=True)
    safetensors.torch.save_file(get_model(NAME).state_dict(), weights)
    block = {"weights": str(weights), "freeze": "backbone", "image_size": 24}
    write_params(in_folder, **SETTINGS, **{f"zoo.{NAME}": block})
    return in_folder


@pytest.fixture
def passes(monkeypatch):
    """How often a backbone has seen each array. A batch that is filled up holds some twice, and counts once."""
    seen, body, lock = Counter(), Backbone.body, threading.Lock()

    def counted(self, x):
        if x.device.type != "meta":
            with lock:
                seen.update({row.tobytes() for row in x.detach().numpy()})
        return body(self, x)

    monkeypatch.setattr(Backbone, "body", counted)
    return seen


@pytest.mark.slow
def test_a_frozen_backbone_sees_each_array_once_in_the_study(study, passes, monkeypatch):
    cells = list(product(SETTINGS["subsets"], VIEWS, [NAME]))
    call(cv)
    for cell in cells:
        call(train, *cell)
    for cell in cells[::2]:
        call(evaluate, *cell)
    call(transfer)

    def explain_part(models, data, *, ask, **options):
        ask(models[0], data.clips(data.rows("test")))
        raise EarshotError("the maps themselves are of other arrays")

    monkeypatch.setattr(gradcam, "explain_part", explain_part)
    with pytest.raises(EarshotError, match="other arrays"):
        call(gradcam, *cells[1])
    assert len(passes) == 2 * len(ITEMS)
    assert set(passes.values()) == {1}


def test_a_model_trained_in_half_precision_is_scored_as_it_answers_a_file(study):
    """Neither `earshot predict` nor an exported model computes in half precision."""
    set_params(study, **{"train.precision": "bf16", "train.repeatable": "this_machine"})
    write_json(paths.best(NAME), {})
    call(train, 2, "picture", NAME)
    folder = paths.model(2, "picture", NAME)
    loaded = [saved.load(folder, run) for run in (1, 2)]
    validation = saved.read_validation(folder).set_index("id")
    array = np.load(paths.shard_file(paths.features("picture"), 0, "npy"))[ITEMS.index("a/2")]
    answer = predict_item(
        [model for model, _ in loaded], clips_of(array[None], [0]), temperature=loaded[0][1].temperature
    )
    assert answer.max() == pytest.approx(validation.loc["a/2", "probability"], abs=1e-5)


class InThisProcess:
    """Workers of a cluster that works here."""

    def __init__(self):
        self.sent = []

    def each_in_own_process(self, function, tasks, **options):
        for task in tasks:
            self.sent.append(function(task))
            yield task, self.sent[-1]


def test_a_cluster_sends_the_backbone_once_and_the_runs_without_it(study, monkeypatch):
    write_json(paths.best(NAME), {})
    folder = paths.model(2, "picture", NAME)
    call(train, 2, "picture", NAME)
    expected = {path.name: path.read_bytes() for path in folder.iterdir()}
    remove(paths.CHECKPOINTS)
    workers = InThisProcess()
    monkeypatch.setenv("EARSHOT_SCHEDULER", "tcp://127.0.0.1:1")
    monkeypatch.setenv("EARSHOT_SHARED", "1")
    monkeypatch.delenv("WORLD_SIZE", raising=False)
    monkeypatch.setattr(train_on_cluster, "connected", lambda: nullcontext(workers))
    call(train, 2, "picture", NAME)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == expected
    place, *runs = map(len, workers.sent)
    assert place > len(expected[BACKBONE])
    assert len(runs) == 2
    assert max(runs) < 50_000
