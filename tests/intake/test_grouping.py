"""Which groups a split is made of."""

from types import SimpleNamespace

import pandas as pd
import pytest

from earshot.config.dataset import Dataset
from earshot.core.errors import EarshotError
from earshot.intake.grouping import choose_grouping

ITEMS = pd.DataFrame({"id": [f"{n:02d}" for n in range(24)], "label": ["a", "b"] * 12})
ITEMS = ITEMS.assign(path="set/" + ITEMS["id"] + ".wav")
STUDY = {
    "classes": ["a", "b"],
    "balance_method": "none",
    "ratios": {"train": 0.7, "val": 0.15, "test": 0.15},
    "seed": 0,
}


def survey(groups):
    dataset = Dataset(kind="sounds", path="set")
    return SimpleNamespace(dataset=dataset, items=ITEMS.assign(group=groups), groups=[])


def test_the_groups_of_a_table_are_taken():
    chosen = choose_grouping(survey([f"g{n // 2}" for n in range(24)]), **STUDY)
    assert chosen.table.groupby("group")["split"].nunique().max() == 1


def test_groups_of_a_table_that_cannot_be_dealt_out_are_refused_until_the_user_lets_go_of_them():
    found = survey(["g1", "g1", "g2", "g2"] * 6)
    with pytest.raises(EarshotError, match=r"in 2 group\(s\)(.|\n)*--group none splits them all the same"):
        choose_grouping(found, **STUDY)
    assert choose_grouping(found, **STUDY, answer="none").dataset.columns == {"group": None}
