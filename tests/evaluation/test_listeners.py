"""People beside the models: known values, and the same numbers as a model's with the same answers."""

import numpy as np
import pandas as pd
import pytest

from earshot.evaluation import compare, metrics
from earshot.evaluation.listeners import WHO, all_pairs, beside_models, sentences
from tests.evaluation import studies
from tests.evaluation.predictions import answers, each_its_own

HEARD = 40  # of the test items, the first ones


def heard_by(*right):
    """What listeners answered who are right or not on each of the first items."""
    table = answers(np.atleast_2d(right))[["run", "id", "label", "predicted"]]
    return {2: table.assign(seconds=2.0, shortened=0)}


def right_on(share):
    return np.arange(HEARD) < round(HEARD * share)


@pytest.fixture(scope="module")
def study():
    return studies.study(
        {
            ("sound", "cnn"): np.stack([studies.right_at(0.9, seed) for seed in range(3)]),
            ("picture", "cnn"): studies.right_at(0.95, 4),
            ("shuffled", "cnn"): studies.right_at(0.5, 5),
        }
    )


def test_the_models_are_scored_on_the_items_that_were_heard(study):
    results, groups, *_ = study
    table, pairs = beside_models(heard_by(right_on(0.75)), results, groups=groups)
    means = table[table["run"].isna()].set_index(["view", "model"])
    assert list(means.index) == [WHO, ("sound", "cnn"), ("picture", "cnn")]
    assert means.loc[WHO, "accuracy"] == 0.75
    for view in ("sound", "picture"):
        predictions = results[2, view, "cnn"][1]
        own = predictions[predictions["id"].isin([f"item{n:03}" for n in range(HEARD)])]
        assert means.loc[(view, "cnn"), "accuracy"] == pytest.approx(
            (own["label"] == own["predicted"]).mean()
        )
    assert set(means["n_test"]) == {HEARD}
    assert list(pairs["question"]) == [
        "listeners against models on sound",
        "listeners against models on picture",
    ]
    assert pairs["difference"].to_list() == pytest.approx(
        [0.75 - means.loc[(view, "cnn"), "accuracy"] for view in ("sound", "picture")]
    )


@pytest.mark.parametrize("listeners", [1, 4])
def test_listeners_have_the_intervals_and_p_values_of_a_model_with_their_answers(listeners):
    rng = np.random.default_rng(3)
    tables = {
        ("sound", "cnn"): answers(rng.random((5, HEARD)) < 0.9),
        ("sound", "person"): answers(rng.random((listeners, HEARD)) < 0.7),
    }
    groups = pd.Series({f"item{n:03}": f"group {n // 4}" for n in range(HEARD)})
    results = {
        (2, *name): (metrics.describe(table, groups=groups, classes=["a", "b"], seed=0), table)
        for name, table in tables.items()
    }
    person = results.pop((2, "sound", "person"))
    heard = {2: person[1].assign(seconds=1.0, shortened=0).drop(columns=["a", "b"])}
    table, pairs = beside_models(heard, results, groups=groups)
    as_model = {(2, "sound", "person"): person, **results}
    (wanted,) = compare.pairs(as_model, groups=groups).to_dict("records")
    (found,) = pairs.to_dict("records")
    names = {"question", "first_model"}
    assert {key: found[key] for key in found if key not in names} == {
        key: wanted[key] for key in wanted if key not in names
    }
    mean = table.iloc[0]
    for key in ("accuracy", "accuracy_low", "accuracy_high"):
        assert mean[key] == pytest.approx(person[0][key])
    assert len(table) == 2 + listeners + 5


@pytest.mark.parametrize(
    ("heard", "words"),
    [
        (
            [right_on(0.5)],
            r"^Hearing 40 of the test items of 2 classes, one listener is right on 50\.0 % \(.*\), significantly less "
            r"than cnn on sound with .* on the same items; what another person would make of them is not in it\.$",
        ),
        (
            [right_on(0.5), right_on(0.55), right_on(0.45)],
            r"^Hearing 40 .*, 3 listeners are right on 50\.0 % .*, significantly less than cnn .* on the same items\.$",
        ),
        (
            [right_on(0.9)],
            r"one listener is right on 90\.0 % .*, not shown to be more or less than cnn on sound",
        ),
    ],
)
def test_the_sentence_says_for_whom_it_speaks(study, heard, words):
    results, groups, summary, _ = study
    (sentence,) = sentences(*beside_models(heard_by(*heard), results, groups=groups), summary)
    assert pd.Series([sentence]).str.contains(words).all(), sentence


def test_without_listeners_nothing_is_said(study):
    results, groups, summary, pairs = study
    table, beside = beside_models({}, results, groups=groups)
    assert table.empty
    assert sentences(table, beside, summary) == []
    assert all_pairs(pairs, beside) is pairs


def test_items_of_one_group_are_alike():
    """Ten groups of four items that one answer decides are worth ten items, not forty."""
    table = answers(np.ones(HEARD, dtype=bool))
    results = {
        (2, "sound", "cnn"): (
            metrics.describe(table, groups=each_its_own(table), classes=["a", "b"], seed=0),
            table,
        )
    }
    right = np.repeat(np.arange(10) < 5, 4)
    widths = {}
    for size in (1, 4):
        groups = pd.Series({f"item{n:03}": f"group {n // size}" for n in range(HEARD)})
        mean = beside_models(heard_by(right), results, groups=groups)[0].iloc[0]
        widths[size] = mean["accuracy_high"] - mean["accuracy_low"]
    assert widths[4] > 1.5 * widths[1]
