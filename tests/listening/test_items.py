"""Which items people hear."""

import pandas as pd
import pytest

from earshot.core.errors import EarshotError
from earshot.listening.items import choose, default_subset


def items(**counts):
    rows = [(f"{label}{n:02}", label, "test") for label, count in counts.items() for n in range(count)]
    rows += [(f"train{label}", label, "train") for label in counts]
    return pd.DataFrame(rows, columns=["id", "label", "split"])


def of_each(table):
    return table["label"].value_counts().to_dict()


def test_the_subset_is_the_largest_that_the_digit_keys_name():
    assert default_subset([2, 4, 10]) == 10
    assert default_subset([2, 30]) == 2
    assert default_subset([50, 30]) == 30


@pytest.mark.parametrize(
    ("most", "wanted"),
    [(6, {"a": 3, "b": 3}), (7, {"a": 4, "b": 3}), (None, {"a": 9, "b": 9})],
)
def test_classes_are_balanced(most, wanted):
    chosen = choose(items(a=12, b=9), part="test", classes=["a", "b"], most=most, seed=1)
    assert of_each(chosen) == wanted
    assert set(chosen["split"]) == {"test"}


def test_they_hang_on_the_seed_and_fewer_are_a_part_of_more():
    table = items(a=12, b=12)
    first, more, other = (
        set(choose(table, part="test", classes=["a", "b"], most=most, seed=seed)["id"])
        for most, seed in ((6, 1), (10, 1), (6, 2))
    )
    assert first < more
    assert first != other


def test_a_class_outside_of_the_subset_is_not_heard():
    chosen = choose(items(a=3, b=3, c=3), part="test", classes=["a", "b"], most=None, seed=1)
    assert set(chosen["label"]) == {"a", "b"}


@pytest.mark.parametrize(
    ("most", "message"),
    [
        (1, "1 test items cannot be of each of the 2 classes; name 2 or more"),
        (20, "more than there are: b has 9. Ask for --items 18 or fewer"),
    ],
)
def test_too_few_are_refused(most, message):
    with pytest.raises(EarshotError, match=message):
        choose(items(a=12, b=9), part="test", classes=["a", "b"], most=most, seed=1)


def test_of_many_classes_one_item_each_is_heard():
    many = [f"class {n}" for n in range(50)]
    chosen = choose(items(**dict.fromkeys(many, 3)), part="test", classes=many, most=None, seed=1)
    assert of_each(chosen) == dict.fromkeys(many, 1)


def test_too_few_to_train_with_and_none_to_test_are_refused():
    with pytest.raises(EarshotError, match=r"a has 1\. Ask for --training 1 or fewer"):
        choose(items(a=3, b=3), part="train", classes=["a", "b"], most=4, seed=1)
    with pytest.raises(EarshotError, match="c has no test item to hear"):
        choose(items(a=3, b=3), part="test", classes=["a", "b", "c"], most=None, seed=1)
