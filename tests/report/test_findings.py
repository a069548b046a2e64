import math

import numpy as np
import pandas as pd

from earshot.report.findings import findings
from tests.evaluation.predictions import answers

ROW = {"information_bits": 0.5, "information_ratio": math.nan, "agreement": math.nan, "chance": 0.5}


def told(right, *, view="sound", besides=(), maps=None, pairs=(), **changes):
    rows = [{"subset": 2, "view": view, "model": "cnn", "accuracy": np.mean(right), **ROW, **changes}]
    rows += [rows[0] | {"view": other} for other in besides]
    return findings(pd.DataFrame(rows), pairs, {(2, view, "cnn"): answers(right)}, maps or {"pairs": 0})


def test_mistakes_are_counted():
    sentences = told(np.array([False, True, False, True, True, True, True, False]))
    assert "What it mixes up most is a for b, 2 times, among 3 mistakes in 8 test items." in sentences
    assert "3 of its 3 mistakes are made with a confidence of 90\N{NO-BREAK SPACE}% or more." in sentences


def test_mistakes_of_all_runs_are_counted_together():
    right = np.ones((2, 8), bool)
    assert (
        "None of its 2 runs makes a mistake on these 8 test items, which is no promise for others."
        in told(right)
    )
    right[0, [0, 2]] = right[1, 0] = False
    assert "What it mixes up most is a for b, 3 times, among 3 mistakes of 2 runs in 8 test items." in told(
        right
    )


def test_mistakes_that_are_all_different_are_said_so():
    assert "Its 2 mistakes are all different: no class is taken for the same other one twice." in told(
        np.array([False, False, True, True])
    )


def test_a_single_mistake_is_told_as_one():
    sentences = told(np.array([False, True, True, True]))
    assert "Its only mistake is a for b, in 4 test items." in sentences
    assert "It is made with a confidence of 90\N{NO-BREAK SPACE}% or more." in sentences


def test_no_mistake_is_no_promise():
    assert "It makes no mistake on these 4 test items, which is no promise for others." in told(
        np.ones(4, bool)
    )


def test_what_is_shared_with_the_picture_is_told_where_there_is_one():
    plain = told(np.ones(4, bool), view="picture")
    assert plain[0].startswith(
        "cnn on picture gets 0.50 bits about the class out of an item, of the 1.00 that tell"
    )
    changes = {"information_ratio": 0.9, "agreement": 0.8, "agreement_low": 0.7, "agreement_high": 0.9}
    maps = {"2": {"cnn": {"rank_correlation": 0.5, "rank_correlation_others": 0.1}}}
    sentences = told(np.ones(4, bool), besides=["picture"], maps=maps, **changes)
    assert "90.0\N{NO-BREAK SPACE}% of what the same model gets out of the picture" in sentences[0]
    assert "80.0\N{NO-BREAK SPACE}% (70.0 to 90.0)" in sentences[1]
    assert "0.50, against 0.10 for maps of other items" in sentences[-1]
    in_colour = told(np.ones(4, bool), besides=["picture", "colour"], **changes)
    assert "of what the same model gets out of the colour picture" in in_colour[0]
    assert in_colour[1].startswith("On sound and on colour it gives the same answer")


def test_a_model_that_does_better_on_one_view_is_named_whichever_comes_first():
    names = {"subset": 2, "first_model": "lstm", "second_model": "lstm", "significant": True}
    found = {"difference": -0.05, "difference_low": -0.08, "difference_high": -0.02}
    pair = names | found | {"first_view": "picture", "second_view": "sound"}
    wanted = "lstm does better on sound than on picture, by +5.0 points (+2.0 to +8.0)."
    assert wanted in told(np.ones(4, bool), pairs=[pair])
    assert wanted not in told(np.ones(4, bool), pairs=[pair | {"significant": False}])
    turned = {"difference": 0.05, "difference_low": 0.02, "difference_high": 0.08}
    turned |= {"first_view": "sound", "second_view": "picture"}
    assert wanted in told(np.ones(4, bool), pairs=[names | turned])
