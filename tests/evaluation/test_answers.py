"""Answers as Git keeps them: what was written is read back, and a line is short."""

import numpy as np
import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.evaluation.answers import answers, parse_answers, right_answers
from earshot.evaluation.predictions import checked, right_by_run
from tests.evaluation.predictions import each_its_own, predictions

CLASSES = ["1", "NA", "cat, or dog"]


@pytest.fixture
def table():
    return predictions(np.arange(12) % 3, CLASSES, skill=1, runs=3)


def written(table, groups=None):
    groups = each_its_own(table) if groups is None else groups
    return answers(table, groups=groups).to_csv(index=False).encode()


def test_what_was_right_is_read_back(table):
    found = parse_answers(written(table.sample(frac=1, random_state=0)))
    assert (right_answers(found) == right_by_run(checked(table))).all()
    assert found["label"].tolist() == [CLASSES[number % 3] for number in range(12)]


def test_a_wrong_answer_names_its_class(table):
    found = answers(table, groups=each_its_own(table))
    for run, own in table.groupby("run"):
        wrong = (own["label"] != own["predicted"]).to_numpy()
        assert found.loc[wrong, f"run_{run}"].tolist() == own.loc[wrong, "predicted"].tolist()
        assert (found.loc[~wrong, f"run_{run}"] == "").all()


def test_groups_are_read_back_and_take_room_only_where_there_are_some(table):
    ids = table["id"].unique()
    groups = pd.Series(["a"] * 6 + list(ids[6:]), index=ids)
    assert parse_answers(written(table, groups))["group"].tolist() == groups.tolist()
    assert written(table).decode().splitlines()[1].startswith("item000,,1,")


def test_labels_that_runs_shuffle_are_left_out(table):
    table.loc[table["run"] == 2, "label"] = np.roll(table.loc[table["run"] == 2, "label"], 1)
    found = parse_answers(written(table))
    assert (found["label"] == "").all()
    assert (right_answers(found) == right_by_run(checked(table))).all()


def test_a_right_answer_is_one_byte():
    sure = predictions(np.arange(99) % 3, ["a", "b", "c"], skill=99, runs=5)
    assert set(written(sure).decode().splitlines()[1:][::3]) == {
        f"item{n:03},,a,,,,," for n in range(0, 99, 3)
    }


@pytest.mark.parametrize("content", [b"", b"id,label\nx,a\n", b"id,group,label\nx,,a\n"])
def test_another_table_is_refused(content):
    with pytest.raises((EarshotError, ValueError)):
        parse_answers(content)
