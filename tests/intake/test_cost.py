"""What a study costs, said before it runs: only where it may take long, and with what would make it cheaper."""

import shutil
from dataclasses import replace

import pandas as pd
import pytest

from earshot.cli import check
from earshot.config.gradcam import GradCam
from earshot.config.load import load, with_setting
from earshot.intake import cost, estimate
from earshot.intake.epochs import EPOCHS_USED
from earshot.intake.estimate import Speed
from earshot.intake.explaining import passes
from earshot.intake.total_time import PENALTY, study_s
from earshot.intake.workload import Workload
from earshot.models.validate import validate
from tests.repository import ROOT

ITEMS = pd.DataFrame({"path": "x.png", "label": [str(digit) for digit in range(10)] * 100})


def a_study(**changes):
    params = load(ROOT / "params.yaml")
    for key, value in changes.items():
        params = with_setting(params, key, value)
    return validate(params)


@pytest.fixture
def probed(monkeypatch):
    """A probe that finds an LSTM ten times as slow as a CNN."""
    speed = Speed(
        start_s=2.0,
        item_s=0.01,
        clips=1.0,
        clip_s={"cnn": 0.001, "lstm": 0.01, "resnet18": 0.1},
        pass_s={},
        shape=(32, 32),
        weights={"cnn": 1000, "lstm": 1000, "resnet18": 10**6},
        shared={"cnn": 0, "lstm": 0, "resnet18": 0},
        batch={"cnn": 0, "lstm": 0, "resnet18": 10**9},
    )
    monkeypatch.setattr(estimate, "measure", lambda *items, **about: speed)
    monkeypatch.setattr(estimate, "fresh_start_s", lambda: speed.start_s)
    monkeypatch.setattr(cost, "probe", lambda items, kind: items)


def test_only_what_may_take_long_is_probed():
    assert cost.is_worth_a_probe(a_study(), ITEMS)
    assert not cost.is_worth_a_probe(a_study(epochs=1, runs=1), ITEMS)
    assert not cost.is_worth_a_probe(a_study(epochs=0, runs=50), ITEMS)
    backbone = {"epochs": 1, "runs": 1, "models": ["resnet18"], "zoo": {"cnn": {}, "resnet18": {}}}
    assert cost.is_worth_a_probe(a_study(**backbone), ITEMS)


def test_the_time_is_the_formulas_and_what_saves_most_is_named_first(probed):
    study = a_study()
    found = cost.cost_of(study, ITEMS, cores=2)
    work = Workload(
        items=1000,
        training={2: 140, 4: 280, 10: 700},
        views=study.views,
        models=["cnn", "lstm"],
        runs={"cnn": 5, "lstm": 5},
        epochs={"cnn": 20 * EPOCHS_USED, "lstm": 20 * EPOCHS_USED},
        in_folds={},
        split=study.split,
        gradcam=study.gradcam,
    )
    expected = study_s(work, estimate.measure(), cores=2)
    assert found.seconds == pytest.approx(expected, rel=0.01)
    changes = [change for change, _ in found.cheaper]
    assert changes[0] == "models without lstm"
    assert {"runs: 1", "subsets without 10", "views without shuffled"} < set(changes)
    assert [left for _, left in found.cheaper] == sorted(left for _, left in found.cheaper)
    said = cost.describe(found, cores=2)
    assert "on the 2 CPU core(s) of this machine" in said
    assert "Cheaper: models without lstm, " in said


def test_a_large_network_that_is_trained_whole_is_told_that_it_may_be_frozen(probed):
    study = a_study(models=["resnet18"], zoo={"cnn": {}, "resnet18": {}}, runs=1)
    found = cost.cost_of(study, ITEMS, cores=2)
    assert "zoo.resnet18.freeze: backbone" in dict(found.cheaper)
    assert found.memory_bytes > 2 * 1e9


def test_a_backbone_that_all_cells_share_takes_its_place_once(probed, monkeypatch):
    study = a_study(models=["resnet18"], zoo={"cnn": {}, "resnet18": {}}, runs=3)
    cells = 3 * len(study.views)
    whole = estimate.measure()
    monkeypatch.setattr(
        estimate,
        "measure",
        lambda *items, **about: replace(whole, weights={"resnet18": 10**3}, shared={"resnet18": 999_000}),
    )
    shared = cost.cost_of(study, ITEMS, cores=2).disk_bytes
    monkeypatch.setattr(estimate, "measure", lambda *items, **about: whole)
    saving = cost.cost_of(study, ITEMS, cores=2).disk_bytes - shared
    assert saving == pytest.approx(2 * 999_000 * (3 * cells - 1))


def test_each_model_counts_with_its_own_epochs_and_patience(probed):
    plain = cost.cost_of(a_study(models=["cnn"]), ITEMS, cores=2).seconds
    long = cost.cost_of(a_study(models=["cnn"], **{"zoo.cnn.epochs": 40}), ITEMS, cores=2).seconds
    to_the_end = cost.cost_of(a_study(models=["cnn"], **{"train.patience": 0}), ITEMS, cores=2).seconds
    a_run = 1120 * 20 * 5 * 0.001 * PENALTY / 2 * len(a_study().views)
    assert long - plain == pytest.approx(a_run * EPOCHS_USED)
    assert to_the_end - plain == pytest.approx(a_run * (1 - EPOCHS_USED))


def test_cross_validation_counts_each_configuration_on_each_fold(probed):
    """200 items of two classes, 170 of them not of the test; four of five folds, without 15 % for validation."""
    plain = cost.cost_of(a_study(), ITEMS, cores=2)
    grid = {"lr": [0.1, 0.01], "epochs": [10, 20]}
    found = cost.cost_of(
        a_study(**{"cv.model": "lstm", "cv.folds": 5, "cv.subset": 2, "cv.val": 0.15, "cv.grid": grid}),
        ITEMS,
        cores=2,
    )
    clips = 170 * 0.8 * 0.85 * 5 * 2 * (10 + 20) * EPOCHS_USED
    assert found.seconds - plain.seconds == pytest.approx(clips * 0.01 * PENALTY / 2)
    assert cost.is_worth_a_probe(
        a_study(**{"epochs": 1, "runs": 1, "cv.folds": 5, "cv.grid": {"epochs": [1000]}}), ITEMS
    )


def test_a_process_for_each_training_holds_memory(probed):
    one = cost.cost_of(a_study(models=["cnn"]), ITEMS, cores=100)
    two = cost.cost_of(a_study(models=["cnn", "lstm"]), ITEMS, cores=100)
    assert two.memory_bytes == 2 * one.memory_bytes


def test_a_start_is_measured_in_a_process_of_its_own(monkeypatch):
    """This one has imported torch long since."""
    monkeypatch.setattr(estimate.sys, "executable", shutil.which("true"))
    assert 0 <= estimate.fresh_start_s() < 0.5


def test_check_says_it_while_nothing_is_trained(probed, in_folder, monkeypatch, capsys):
    monkeypatch.setattr(check, "items_of", lambda dataset: ITEMS)
    study = a_study(**{"dataset.path": "digits", "runs": 100})
    (in_folder / "digits").mkdir()
    check.print_cost(study)
    assert "from scratch, this study takes about " in " ".join(capsys.readouterr().out.split())
    (in_folder / "models").mkdir()
    check.print_cost(study)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(60, "a minute or two"), (600, "10 minutes"), (7200, "2.0 hours"), (10**6, "12 days")],
)
def test_a_duration_in_words(seconds, words):
    assert cost.duration(seconds) == words


def test_the_maps_of_a_large_network_count_and_may_be_fewer(probed):
    """One frozen network: its maps are most of the work, and its own settings of `gradcam` take it away."""
    zoo = {"cnn": {}, "resnet18": {"weights": "none"}}
    whole = cost.cost_of(a_study(models=["resnet18"], zoo=zoo), ITEMS, cores=2)
    none = cost.cost_of(a_study(models=["resnet18"], zoo=zoo, **{"gradcam.models": ["cnn"]}), ITEMS, cores=2)
    study = a_study()
    of_cells = [
        passes(study.gradcam, classes=subset, items=subset * 100 * study.split.test, runs=5)
        for subset in study.subsets
    ]
    assert whole.seconds - none.seconds == pytest.approx(
        sum(of_cells) * len(study.views) * 0.1 / 3 / 2, rel=1e-6
    )
    assert "gradcam.method: gradcam" in dict(whole.cheaper)


def test_the_passes_of_a_map_by_name_are_counted_by_hand():
    settings = GradCam(method="gradcam", steps=5, checked=4, per_class=1)
    curves = 2 * (
        2 + 2 * 4 * 3
    )  # two blanks: whole and blanked, then three orders of four points, there and back
    by_hand = 4 * (curves + 3) + 2 * (curves + 3) + 2 * 1 * 4 * 3
    assert passes(settings, classes=1, items=100, runs=1) == by_hand
