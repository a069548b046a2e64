"""What the page says of the study's classes."""

import pandas as pd

from earshot.config.load import load
from earshot.models.validate import validate
from earshot.report import study
from tests.study import write_params


def test_a_class_that_rejects_stands_behind_those_that_subsets_take(in_folder):
    write_params(in_folder, **{"subsets": [2], "dataset.path": "sounds"})
    params = validate(load())
    items = pd.DataFrame({"label": ["background", "dog", "owl"], "split": "train"})
    assert [row["label"] for row in study.class_counts(params, items)] == ["dog", "owl", "background"]
    assert study.title(params, items)[1].endswith(" over 2 classes and background.")
    sentence = study._classes(items, params)
    assert sentence.startswith("3 (dog, owl and background), 1 items each.")
    assert sentence.endswith("Subsets take the first 2, and all take background, for what is none of them.")
