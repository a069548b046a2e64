"""People beside the models on the page."""

import numpy as np
import pytest

from earshot.core.io import records
from earshot.evaluation.listeners import beside_models
from earshot.report.listeners import listeners
from tests.evaluation import studies
from tests.evaluation.predictions import answers


def on_page(right, *, shortened=0):
    """What the page has of people who are right or not on the first items, shape (listeners, items)."""
    results, groups, *_ = studies.study(
        {("sound", "cnn"): np.stack([studies.right_at(0.9, seed) for seed in (1, 2)])}
    )
    table = answers(right)[["run", "id", "label", "predicted"]].assign(seconds=1.25, shortened=shortened)
    scores, pairs = beside_models({2: table}, results, groups=groups)
    (part,) = listeners(scores, records(pairs))
    return part


@pytest.mark.parametrize(("count", "who"), [(1, "1 listener"), (3, "3 listeners")])
def test_they_have_a_row_of_dots_a_row_of_the_table_and_their_pairs(count, who):
    right = np.arange(40) < 30
    part = on_page(np.stack([right] * count), shortened=2)
    assert (part["who"], part["count"], part["items"], part["classes"]) == (who, count, 40, 2)
    assert (part["seconds"], part["shortened"]) == (1.25, 2)
    (group,) = part["dots"]["groups"]
    first = group["rows"][0]
    assert (first["model"], first["accuracy"]) == (who, 0.75)
    assert [len(row["runs"]) for row in group["rows"]] == [count if count > 1 else 0, 2]
    assert [floor["name"] for floor in group["floors"]] == ["guessing"]
    assert [(row["model"], row["runs"]) for row in part["rows"]] == [(who, count), ("cnn", 2)]
    assert [(pair["first_model"], pair["second_model"]) for pair in part["pairs"]] == [(who, "cnn")]
