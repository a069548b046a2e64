"""Two identical procedures are told apart in as few studies as the level of the test says."""

import numpy as np
import pytest

from earshot.evaluation.paired import difference, is_significant
from earshot.evaluation.significance import SIGNIFICANT, mcnemar

STUDIES, RUNS, ITEMS = 200, 5, 260


@pytest.fixture(scope="module", params=[260, 26], ids=["items of their own", "26 groups"])
def studies(request):
    """Of each study the right answers of ten runs of one procedure, and the groups."""
    made = []
    for seed in range(STUDIES):
        rng = np.random.default_rng(seed)
        groups = np.arange(ITEMS) % request.param
        ease = 0.4 * rng.normal(size=request.param)[groups] + rng.normal(size=ITEMS)
        run = 0.3 * rng.normal(size=(2 * RUNS, 1))
        latent = ease + run + 0.6 * rng.normal(size=(2 * RUNS, ITEMS))
        made.append((latent > -1.8, groups))  # right on about 92 %, runs differ by two points
    return made


def test_several_runs_of_one_model_under_two_names_differ_falsely_in_under_6_percent(studies):
    pairs = [difference(right[:RUNS], right[RUNS:], groups) for right, groups in studies]
    false = [is_significant(pair | {"p_holm": pair["p"]}) for pair in pairs]
    assert np.mean(false) < 0.06


def test_single_runs_of_it_differ_far_more_often(studies):
    false = [mcnemar(right[0], right[RUNS])[2] < SIGNIFICANT for right, _ in studies]
    assert np.mean(false) > 0.12
