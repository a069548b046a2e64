"""What a study is estimated to take, by its formula."""

import numpy as np
import pandas as pd
import pytest
import torch

from earshot.config.inputs import SpectrogramsInput
from earshot.config.load import load, with_setting
from earshot.intake import estimate
from earshot.intake.estimate import Speed, measure
from earshot.intake.total_time import PENALTY, STAGES_A_CELL, study_s
from earshot.intake.workload import Workload
from earshot.models.validate import validate
from tests.items import write_spectrogram
from tests.repository import ROOT

SPEED = Speed(
    start_s=2.0,
    item_s=0.01,
    clips=3.0,
    clip_s={"cnn": 0.001, "linear": 0.0001, "resnet50": 0.00001},
    pass_s={"resnet50": 0.5},
    shape=(32, 32),
    weights={"cnn": 1000, "linear": 100, "resnet50": 10000},
    shared={"cnn": 0, "linear": 0, "resnet50": 10**6},
    batch={"cnn": 10**6, "linear": 10**5, "resnet50": 10**9},
)


def a_workload(model, *, runs, epochs):
    study = validate(load(ROOT / "params.yaml"))
    return Workload(
        items=1000,
        training={2: 100, 10: 700},
        views=["sound", "shuffled"],
        models=[model],
        runs={model: runs},
        epochs={model: epochs},
        in_folds={},
        split=study.split,
        gradcam=study.gradcam,
    )


@pytest.mark.parametrize(("cores", "runs", "epochs"), [(1, 1, 10), (4, 5, 30)])
def test_the_time_is_that_of_starts_arrays_and_epochs(cores, runs, epochs):
    starts = (12 + STAGES_A_CELL * 4 / cores) * 2.0
    trained = 800 * 3 * epochs * runs * 2 * 0.001 * PENALTY
    seconds = study_s(a_workload("cnn", runs=runs, epochs=epochs), SPEED, cores=cores)
    assert seconds == pytest.approx(starts + 1000 * 0.01 / cores + trained / cores)


def test_a_frozen_backbone_sees_each_clip_once_and_its_head_every_epoch():
    works = [a_workload("resnet50", runs=runs, epochs=10) for runs in (1, 2)]
    once, again = (study_s(work, SPEED, cores=2) for work in works)
    head = 800 * 3 * 10 * 2 * 0.00001 * PENALTY / 2
    assert again - once == pytest.approx(head)
    starts = (12 + STAGES_A_CELL * 4 / 2) * 2.0
    assert once == pytest.approx(starts + 1000 * 0.01 / 2 + 1000 * 3 * 0.5 / 2 + head)


def test_the_pass_of_a_frozen_backbone_is_measured_apart_from_its_head(in_folder, monkeypatch):
    rng = np.random.default_rng(0)
    for number in range(4):
        write_spectrogram(in_folder / f"{number}.npy", rng, (32, 32))
    opened = pd.DataFrame({"path": [f"{number}.npy" for number in range(4)]})
    zoo = {"resnet18": {"weights": "none", "freeze": "backbone"}, "linear": {}}
    params = with_setting(load(ROOT / "params.yaml"), "cv.model", "linear")
    study = validate(params | {"models": ["resnet18", "linear"], "zoo": zoo})
    model_input = SpectrogramsInput(features=study.features)
    threads, own = [], estimate._pass_s
    monkeypatch.setattr(
        estimate, "_pass_s", lambda *about: threads.append(torch.get_num_threads()) or own(*about)
    )
    speed = measure(opened, model_input=model_input, study=study, models=["resnet18", "linear"], start_s=1.0)
    assert threads == [2]  # with one, torch takes another way for the few clips that are measured
    assert set(speed.pass_s) == {"resnet18"}
    assert speed.shared == {"resnet18": 0, "linear": 0}  # without weights from a file, each run draws its own
    assert set(speed.clip_s) == {"resnet18", "linear"}
    assert min(*speed.pass_s.values(), *speed.clip_s.values()) > 0
