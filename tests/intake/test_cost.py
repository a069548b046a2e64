"""What a study costs, said before it runs: only where it may take long, and with what would make it cheaper."""

import pandas as pd
import pytest

from earshot.config.load import load, with_setting
from earshot.intake import cost, estimate
from earshot.intake.estimate import Speed
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
        batch={"cnn": 0, "lstm": 0, "resnet18": 10**9},
    )
    monkeypatch.setattr(estimate, "measure", lambda *items, **about: speed)
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
    expected = estimate.study_s(
        estimate.measure(),
        items=1000,
        training={2: 140, 4: 280, 10: 700},
        views=study.views,
        epochs=20,
        runs=5,
        models=["cnn", "lstm"],
        cores=2,
    )
    assert found.seconds == pytest.approx(expected, rel=0.01)
    changes = [change for change, _ in found.cheaper]
    assert changes[0] == "models without lstm"
    assert {"runs: 1", "subsets without 10", "views without shuffled"} < set(changes)
    assert [left for _, left in found.cheaper] == sorted(left for _, left in found.cheaper)
    said = cost.describe(found, cores=2)
    assert "on the 2 core(s) of this machine" in said
    assert "Cheaper: models without lstm, " in said


def test_a_large_network_that_is_trained_whole_is_told_that_it_may_be_frozen(probed):
    study = a_study(models=["resnet18"], zoo={"cnn": {}, "resnet18": {}}, runs=1)
    found = cost.cost_of(study, ITEMS, cores=2)
    assert found.cheaper[0][0] == "zoo.resnet18.freeze: backbone"
    assert found.memory_bytes > 2 * 1e9


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(60, "a minute or two"), (600, "10 minutes"), (7200, "2.0 hours"), (10**6, "12 days")],
)
def test_a_duration_in_words(seconds, words):
    assert cost.duration(seconds) == words
