"""What changed between two versions of a model: on the same items, over groups, in words."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests

from earshot.evaluation import changes
from tests.evaluation.predictions import answers, each_its_own

KEY = (2, "sound", "lstm")


def rights(n, seed, rate):
    return np.random.default_rng(seed).random(n) < rate


def change(base, head, *, groups=None, view="sound"):
    """The one row for two tables."""
    groups = each_its_own(pd.concat([base, head]).drop_duplicates("id")) if groups is None else groups
    return changes.changes({(2, view, "lstm"): (base, head)}, groups=groups).iloc[0].to_dict()


def test_a_change_by_hand():
    base = answers([True, True, False, False, True, False, True, True, True, True])
    head = answers([True, False, True, True, True, True, True, True, True, True])
    row = change(base, head)
    assert (row["n"], row["only_first"], row["only_second"]) == (10, 3, 1)
    assert row["difference"] == pytest.approx(0.2)
    assert row["p"] == pytest.approx(2 * (1 + 4) / 2**4)  # at most one of four coins shows heads, both sides


def test_the_interval_is_that_of_the_paired_differences():
    base, head = rights(400, 0, 0.8), rights(400, 1, 0.85)
    row = change(answers(base), answers(head))
    differences = head.astype(int) - base
    expected = scipy.stats.t.interval(0.95, 399, differences.mean(), scipy.stats.sem(differences))
    assert (row["difference_low"], row["difference_high"]) == pytest.approx(expected, abs=0.003)


def test_p_agrees_with_statsmodels():
    base, head = rights(200, 2, 0.7), rights(200, 3, 0.8)
    table = pd.crosstab(head, base).reindex(index=[True, False], columns=[True, False])
    expected = reference_mcnemar(table.to_numpy(), exact=True).pvalue
    assert change(answers(base), answers(head))["p"] == pytest.approx(expected)


def test_p_is_corrected_over_all_models():
    versions = {
        (k, "sound", model): (answers(rights(200, seed, 0.7)), answers(rights(200, seed + 9, rate)))
        for seed, (k, model, rate) in enumerate([(2, "cnn", 0.8), (2, "lstm", 0.84), (4, "cnn", 0.7)])
    }
    table = changes.changes(versions, groups=each_its_own(answers(np.ones(200, dtype=bool))))
    assert list(zip(table["subset"], table["view"], table["model"], strict=True)) == list(versions)
    assert table["p_holm"].to_numpy() == pytest.approx(multipletests(table["p"], method="holm")[1])


def test_the_interval_is_wider_where_groups_are_alike():
    base, head = answers(rights(120, 0, 0.6)), answers(np.repeat(rights(10, 4, 0.6), 12))
    blocks = pd.Series(np.arange(120) // 12, index=base["id"])
    wide, narrow = change(base, head, groups=blocks), change(base, head)
    assert wide["difference_high"] - wide["difference_low"] > 1.5 * (
        narrow["difference_high"] - narrow["difference_low"]
    )


def test_only_items_that_both_tested_under_one_label_count():
    base, head = answers([True] * 6), answers([False] * 8).drop(index=[0, 1])
    head.loc[2, "label"] = {"a": "b", "b": "a"}[head.loc[2, "label"]]
    before, after = changes.common(base, head.sample(frac=1, random_state=0), view="sound")
    assert list(before["id"]) == list(after["id"]) == ["item003", "item004", "item005"]
    row = change(base, head)
    assert (row["n"], row["n_base"], row["n_head"], row["only_second"]) == (3, 6, 6, 3)


def test_shuffled_items_are_paired_whatever_their_labels():
    base = answers([True, True, False, False])
    head = base.assign(label=base["label"].map({"a": "b", "b": "a"}))
    row = change(base, head, view="shuffled")
    assert (row["n"], row["only_first"], row["only_second"]) == (4, 2, 2)


@pytest.mark.parametrize(
    ("base", "head", "expected"),
    [
        ({"w": 1, "x": 1, "y": 2, "z": 3}, {"w": 7, "x": 8, "y": 9, "z": 9}, [{"w", "x"}, {"y", "z"}]),
        ({"w": 1, "x": 2}, {"x": 5, "y": 5}, [{"w"}, {"x", "y"}]),
        ({"w": "a", "x": "b", "y": "a"}, {"w": "a", "x": "a", "y": "b"}, [{"w", "x", "y"}]),
    ],
)
def test_items_are_joined_that_either_side_holds_together(base, head, expected):
    groups = changes.joined(pd.Series(base), pd.Series(head))
    found = {frozenset(items) for items in groups.groupby(groups).groups.values()}
    assert found == {frozenset(items) for items in expected}


def test_other_classes_are_not_compared():
    base, head = answers([True] * 4), answers([True] * 4, second="c")
    assert changes.incomparable(base, head, view="sound") == "its classes were a, b and are a, c"
    assert changes.incomparable(base, base, view="sound") is None


def test_other_items_are_not_compared():
    base = answers([True] * 4)
    other = base.assign(id=base["id"] + "x")
    assert changes.incomparable(base, other, view="sound") == "no item was tested by both"


def row(**others):
    """41 items gained and 22 lost of 1,055."""
    told = {"subset": 10, "view": "sound", "model": "lstm", "n": 1055, "n_base": 1055, "n_head": 1055}
    told |= {"only_first": 41, "only_second": 22, "difference": 19 / 1055}
    return told | {"difference_low": 0.004, "difference_high": 0.031, "p_holm": 0.022} | others


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (
            {},
            "lstm on sound, 10 classes: +1.8 points (0.4 to 3.1), 41 items gained, 22 lost, p = 0.022: significant",
        ),
        ({"p_holm": 0.06}, "p = 0.06: not significant"),
        ({"difference_low": -0.001}, "p = 0.022: not significant"),
        ({"n_head": 2000}, "significant, of 1,055 items that both tested (1,055 and 2,000 in all)"),
        ({"only_first": 1}, "1 item gained, 22 lost"),
        ({"difference": -0.0001, "difference_low": -0.00001}, "+0.0 points (0.0 to 3.1)"),
        (
            {"only_first": 0, "only_second": 0},
            "lstm on sound, 10 classes: the same accuracy, right on the same items",
        ),
    ],
)
def test_a_change_in_words(others, expected):
    assert expected in changes.sentence(row(**others))
