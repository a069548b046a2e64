"""Regular expressions of params.yaml: refused where they are none, stopped where they do not end."""

import pytest

from earshot.core.errors import EarshotError
from earshot.dataset import patterns


def test_what_is_found_comes_in_the_order_of_the_texts():
    expression = patterns.compiled(r"(\d)", key="dataset.group")
    found = patterns.search_each(expression, ["a1", "b", "c2"], key="dataset.group")
    assert [match and match[1] for match in found] == ["1", None, "2"]


def test_an_expression_that_does_not_end_is_named_with_its_setting_and_path(monkeypatch):
    monkeypatch.setattr(patterns, "LIMIT_S", 0.05)
    path = f"data/{'a' * 60}!"  # 2 to the 60th ways to fail
    with pytest.raises(
        EarshotError, match=rf"dataset.group: '\(a\+\)\+\$' does not come to an end on {path}"
    ):
        list(
            patterns.search_each(
                patterns.compiled("(a+)+$", key="dataset.group"), [path], key="dataset.group"
            )
        )


def test_no_expression_is_one_message():
    with pytest.raises(EarshotError, match=r"dataset.test: '\(' is no regular expression"):
        patterns.compiled("(", key="dataset.test")
