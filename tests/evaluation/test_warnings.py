"""What puts a study in doubt is told, each kind under its name; what is merely not significant is not."""

import numpy as np
import pandas as pd
import pytest

from earshot.evaluation import compare, metrics
from earshot.evaluation.warnings import StudyWarning, warnings, warnings_of, warnings_table
from tests.evaluation.predictions import answers, each_its_own
from tests.evaluation.studies import N, right_at, study


def warned(answered, groups=None):
    """(kind, sentence) of each warning."""
    results, groups, summary, pairs = study(answered, groups)
    return [(one.kind, one.sentence()) for one in warnings(results, summary, pairs, groups=groups)]


def test_clear_results_are_not_warned_about():
    assert warned({("sound", "cnn"): right_at(0.95), ("sound", "lstm"): right_at(0.7)}) == []


def test_what_is_merely_not_significant_is_no_warning():
    same = right_at(0.9)
    assert warned({("sound", "cnn"): same, ("sound", "lstm"): same, ("picture", "cnn"): same}) == []


def test_an_accuracy_that_may_be_chance_is_warned_about():
    ((kind, sentence),) = warned({("sound", "cnn"): right_at(0.55)})
    assert kind == "guessing"
    assert (
        "subset 2: cnn on sound: accuracy 55.0 % (48.0 to 61.8), which is not shown to be better than the 50.0 %"
        in sentence
    )


def test_an_accuracy_that_naming_the_largest_class_would_reach_is_warned_about():
    label = np.where(np.arange(N) % 10 == 0, "b", "a")
    table = answers(np.ones(N, dtype=bool)).assign(label=label, predicted="a", a=0.9, b=0.1)
    groups = each_its_own(table)
    scores = metrics.describe(table, groups=groups, classes=["a", "b"], seed=0)
    results = {(2, "sound", "cnn"): (scores, table)}
    summary, pairs = compare.summary(results, {}, groups=groups), compare.pairs(results, groups=groups)
    (warning,) = warnings(results, summary, pairs, groups=groups)
    assert "not shown to be better than the 90.0 % of no skill" in warning.text


@pytest.mark.parametrize(
    ("rate", "message"), [(0.7, "test items leak into training"), (0.3, "less than chance"), (0.52, None)]
)
def test_shuffled_labels_off_chance_are_warned_about(rate, message):
    found = warned({("shuffled", "cnn"): right_at(rate)})
    assert [kind for kind, _ in found] == ([] if message is None else ["leak"])
    assert message is None or message in found[0][1]


@pytest.mark.parametrize(("rate", "message"), [(0.5, "is undefined"), (0.53, "has no limits")])
def test_a_retention_without_a_ceiling_is_warned_about(rate, message):
    found = warned({("sound", "cnn"): right_at(0.9), ("picture", "cnn"): right_at(rate)})
    assert {kind for kind, _ in found} == {"guessing", "retention"}
    assert any(f"cnn on sound: retention {message}" in sentence for _, sentence in found)


@pytest.mark.parametrize(("n_groups", "message"), [(1, "of one group"), (4, "of 4 groups only"), (20, None)])
def test_few_groups_are_warned_about(n_groups, message):
    groups = pd.Series(np.arange(N) % n_groups, index=answers(right_at(1))["id"])
    found = warned({("sound", "cnn"): right_at(0.9, seed=0)}, groups)
    assert [kind for kind, _ in found] == ([] if message is None else ["groups"])
    assert message is None or message in found[0][1]


def test_a_run_that_fell_out_of_line_is_named():
    runs = np.array([right_at(0.95, seed=seed) for seed in range(5)])
    assert warned({("sound", "cnn"): runs}) == []
    runs[3] = right_at(0.5, seed=3)
    ((kind, sentence),) = warned({("sound", "cnn"): runs})
    assert kind == "run"
    assert "run 4 is right on 50.0 %, where the other 4 runs are right on 95.0 % to 95.0 %" in sentence


def test_a_watched_test_part_is_warned_about():
    results, groups, summary, pairs = study({("sound", "cnn"): right_at(0.95)})
    (warning,) = warnings(results, summary, pairs, groups=groups, watched=[(2, "sound", "cnn")])
    assert warning == StudyWarning("watched", 2, "sound", "cnn", "its test part was watched in training.")


def test_the_table_gives_the_warnings_back():
    some = [StudyWarning("silent", None, "", "", "5 clips."), StudyWarning("groups", 2, "", "", "few.")]
    some += [StudyWarning("leak", 10, "sound", "cnn", "a, leak.")]
    table = warnings_table(some)
    assert list(table) == ["kind", "subset", "view", "model", "text"]
    assert warnings_of(table) == some
    assert warnings_of(warnings_table([])) == []
