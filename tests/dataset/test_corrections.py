"""Labels that a user corrects are applied, and nothing is applied that cannot be meant."""

import logging

import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.dataset.corrections import corrected

ITEMS = pd.DataFrame({"id": ["a/1", "a/2", "b/1"], "label": ["a", "a", "b"]})


def apply(folder, text, **options):
    (folder / "mine.csv").write_text(text, encoding="utf-8")
    return list(corrected(ITEMS, folder, "mine.csv", **options)["label"])


def test_a_label_is_corrected_and_an_empty_one_stays(tmp_path, caplog):
    with caplog.at_level(logging.WARNING, logger="earshot"):
        labels = apply(tmp_path, "\ufeffid,label,correct,note\na/1,a,,sounds right\na/2,a, b ,\n")
    assert labels == ["a", "b", "b"]
    assert "corrects 1 label(s): a/2 a → b" in caplog.text


def test_a_class_that_the_user_names_may_be_new(tmp_path):
    assert apply(tmp_path, "id,correct\na/1,c\n", classes=["a", "b", "c"]) == ["c", "a", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,correct\na/3,b\n", "line 2: no item has the id 'a/3'"),
        ("id,correct\na/1,B\n", "line 2: no item has the label 'B'"),
        ("id,correct\na/1,a\na/1,b\n", "line 3: a/1 is corrected to 'a' further up, and to 'b' here"),
        ("id,label\na/1,b\n", "expected a header with the columns id and correct"),
        ("", "expected a header"),
    ],
)
def test_what_cannot_be_meant_is_refused(tmp_path, text, message):
    with pytest.raises(EarshotError, match=message):
        apply(tmp_path, text)


def test_a_link_to_a_table_is_followed_where_the_user_names_its_folder(tmp_path):
    (tmp_path / "home").mkdir()
    (tmp_path / "set").mkdir()
    (tmp_path / "home/mine.csv").write_text("id,correct\na/1,b\n")
    (tmp_path / "set/mine.csv").symlink_to(tmp_path / "home/mine.csv")
    items = corrected(ITEMS, tmp_path / "set", "mine.csv", links=[str(tmp_path / "home")])
    assert list(items["label"]) == ["b", "a", "b"]


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(EarshotError, match=r"dataset\.corrections: .*none\.csv"):
        corrected(ITEMS, tmp_path, "none.csv")
