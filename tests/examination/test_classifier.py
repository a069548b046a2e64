"""The quick classifier's scores are the same on every processor."""

import numpy as np
import pandas as pd

from earshot.examination.classifier import held_out_scores


def test_scores_have_no_more_places_than_processors_agree_on():
    rng = np.random.default_rng(0)
    descriptors, targets = rng.random((20, 4), dtype=np.float32), np.arange(20) % 2
    scores = held_out_scores(descriptors, targets, pd.Series(["1", "2"] * 2 + ["2", "1"] * 8))
    assert (scores == scores.round(6)).all()
    assert scores.any()
