"""Accuracy in parts of the test items: which parts, how many items, and limits as of any accuracy."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from earshot.evaluation.subgroups import BINS, LEAST, subgroups
from tests.evaluation.predictions import answers

N = 80
SPEAKERS = np.array(["ann", "bob", "cid", "dee"])


def items(**columns):
    ids = [f"item{number:03}" for number in range(N)]
    table = {"id": ids, "path": [f"{name}.wav" for name in ids], "group": ids}
    return pd.DataFrame(table | columns).sample(frac=1, random_state=0)  # whatever order they come in


def found(right, table, view="sound"):
    measured = [name for name in ("loudness_db", "brightness") if name in table]
    return subgroups(
        {(2, view, "cnn"): answers(right)}, table.drop(columns=measured), table[["id", *measured]]
    )


def test_the_voice_that_fails_comes_first_with_its_limits():
    group = SPEAKERS[np.arange(N) // 20]
    right = np.ones((3, N), bool)
    right[:, group == "cid"] = np.arange(20) % 4 == 0
    table = found(right, items(group=group))
    assert table["value"].tolist() == ["cid", "ann", "bob", "dee"]
    assert set(table["by"]) == {"group"}
    first, *others = table.to_dict("records")
    assert (first["items"], first["accuracy"]) == (20, 0.25)
    k = stats.t.ppf(0.975, 19) ** 2 / 19  # Korn and Graubard's interval of 5 of 20 independent items
    half = np.sqrt(k * 0.25 * 0.75 + k**2 / 4)
    expected = [(0.25 + k / 2 + side * half) / (1 + k) for side in (-1, 1)]
    assert [first["accuracy_low"], first["accuracy_high"]] == pytest.approx(expected)
    assert all(other["accuracy"] == 1 and 0.7 < other["accuracy_low"] < 1 for other in others)


def test_small_groups_are_counted_together():
    group = np.where(
        np.arange(N) < 60, SPEAKERS[np.arange(N) // 20], np.char.add("x", (np.arange(N) // 2).astype(str))
    )
    table = found(np.ones(N, bool), items(group=group))
    assert table.set_index("value")["items"].to_dict() == {
        **dict.fromkeys(SPEAKERS[:3], 20),
        f"10 of fewer than {LEAST} items": 20,
    }


def test_columns_of_labels_are_looked_at_and_limits_count_groups():
    group = SPEAKERS[np.arange(N) // 20]
    given = {"given.room": np.where(np.arange(N) % 2, "hall", ""), "given.take": np.arange(N).astype(str)}
    table = found(np.arange(N) % 2 == 0, items(group=group, **given))
    rooms = table[table["by"] == "given.room"].set_index("value")
    assert rooms["accuracy"].to_dict() == {"hall": 0, "not given": 1}
    assert set(table["by"]) == {"group", "given.room"}
    of_items = found(np.arange(N) % 2 == 0, items(**given)).set_index("value")
    assert of_items.loc["hall", "accuracy_high"] < rooms.loc["hall", "accuracy_high"]


@pytest.mark.parametrize("each", [1, 2, N])
def test_groups_that_say_nothing_are_left_out(each):
    assert found(np.ones(N, bool), items(group=(np.arange(N) // each).astype(str))).empty


def test_segments_are_called_by_their_recording():
    group = (np.arange(N) // 40).astype(str)
    table = found(np.ones(N, bool), items(group=group, path=np.char.add("data/", np.char.add(group, ".wav"))))
    assert table["value"].tolist() == ["0.wav", "1.wav"]


def test_names_stay_those_of_the_values_where_files_would_not_tell_them_apart():
    group = (np.arange(N) // 40).astype(str)
    folders = np.char.add(np.char.add("data/", group), "/01.wav")
    assert found(np.ones(N, bool), items(group=group, path=folders))["value"].tolist() == ["0", "1"]
    given = items(path=folders, **{"given.room": np.where(group == "0", "", "hall")})
    assert found(np.ones(N, bool), given)["value"].tolist() == ["not given", "hall"]


def test_a_measure_that_differs_less_than_its_names_has_no_parts():
    assert found(np.ones(N, bool), items(duration_s=1 + np.arange(N) * 1e-6)).empty


@pytest.mark.parametrize(
    ("measure", "unit"), [("duration_s", " s"), ("loudness_db", " dBFS"), ("brightness", "")]
)
def test_a_measure_is_cut_at_its_quartiles(measure, unit):
    values = np.arange(N) / 10
    table = found(values > 1.5, items(**{measure: values}))
    assert table["by"].tolist() == [measure] * BINS
    assert table["items"].tolist() == [20] * BINS
    assert table["accuracy"].tolist() == [0.2, 1, 1, 1]
    assert table["value"].iloc[0] == f"0 to 1.98{unit}"


def test_limits_of_a_measure_count_groups_and_not_items():
    values = np.tile(np.arange(20), 4) / 10
    group = SPEAKERS[np.arange(N) // 20]
    right = group != "cid"
    wide, narrow = (
        table[table["by"] == "duration_s"].iloc[0]
        for table in (
            found(right, items(duration_s=values, group=group)),
            found(right, items(duration_s=values)),
        )
    )
    assert wide["accuracy"] == narrow["accuracy"] == 0.75
    assert wide["accuracy_low"] < narrow["accuracy_low"]


def test_a_measure_that_hardly_differs_and_shuffled_labels_have_no_parts():
    assert found(np.ones(N, bool), items(duration_s=1.0)).empty
    assert found(np.ones(N, bool), items(duration_s=np.arange(N)), view="shuffled").empty
    assert list(found(np.ones(N, bool), items(duration_s=1.0)).columns)[:4] == [
        "subset",
        "view",
        "model",
        "by",
    ]
