"""What is said of a proposal."""

from types import SimpleNamespace

import pandas as pd
import pytest

from earshot.config.dataset import Dataset
from earshot.intake.describe import _parts

PARTS = ("train", "val", "test")
TABLE = pd.DataFrame({"id": ["1", "2", "3"], "group": ["1", "2", "3"], "split": PARTS})


@pytest.mark.parametrize(
    ("answer", "taken", "said"),
    [("/b_", "/b_", "test is '/b_', as you said"), (None, "5", "test is the data set's own fold 5")],
)
def test_a_test_part_that_the_user_names_is_called_no_fold(answer, taken, said):
    survey = SimpleNamespace(dataset=Dataset(path="set", test=answer), items=TABLE)
    grouping = SimpleNamespace(
        dataset=Dataset(path="set", test=taken), table=TABLE, ratios=dict.fromkeys(PARTS, 1 / 3)
    )
    assert _parts(SimpleNamespace(survey=survey, grouping=grouping)).endswith(said)
