"""The stage compare on what is not there."""

import pandas as pd
import pytest

from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.io import write_table
from stages import compare
from tests.study import write_params


def test_a_missing_file_of_scores_is_named_with_what_makes_it(in_folder):
    write_params(in_folder)
    write_table(paths.BALANCED, pd.DataFrame({"id": ["x"], "label": ["a"], "group": ["x"]}))
    with pytest.raises(
        EarshotError, match=r"data/predictions/2/sound/cnn\.csv is missing: `dvc repro` makes it"
    ):
        compare.main()
