"""The agreement of two maps of one item, beside that of two items' maps."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import spearmanr

from earshot.core.errors import EarshotError
from earshot.explanation.compare_maps import compare_maps
from earshot.explanation.maps import ExplainedItems


def explained(seed, ids="abc", *, drawn=True):
    maps = np.random.default_rng(seed).uniform(size=(len(ids), 4, 5)).astype(np.float32)
    return ExplainedItems(pd.DataFrame({"id": list(ids), "drawn": drawn}), maps, maps)


def test_equal_maps_agree_fully_and_those_of_other_items_as_spearman_says():
    both = explained(0)
    own, means = compare_maps(both, both, name="x")
    assert own == pytest.approx([1, 1, 1])
    flat = both.maps.reshape(3, -1)
    others = np.mean([spearmanr(flat[item], flat[item - 1]).statistic for item in range(3)])
    assert means == {
        "items": 3,
        "rank_correlation": 1,
        "rank_correlation_others": pytest.approx(others, abs=1e-6),
    }


def test_only_maps_that_are_drawn_are_compared():
    pictures, sounds = explained(0, drawn=[1, 1, 0]), explained(1)
    own, means = compare_maps(pictures, sounds, name="x")
    assert np.isnan(own).tolist() == [False, False, True]
    assert means["items"] == 2
    assert means["rank_correlation"] == pytest.approx(own[:2].mean(), abs=1e-6)


@pytest.mark.parametrize("drawn", [[1, 0, 0], [0, 0, 0]])
def test_fewer_than_two_maps_agree_in_nothing(drawn):
    own, none = compare_maps(explained(0, drawn=drawn), explained(1), name="x")
    assert none == {}
    assert np.isfinite(own).tolist() == list(map(bool, drawn))


def test_maps_of_other_items_are_refused():
    with pytest.raises(EarshotError, match=r"2 classes, cnn: the maps .* dvc repro gradcam"):
        compare_maps(explained(0), explained(1, "abd"), name="2 classes, cnn")
