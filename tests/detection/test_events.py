"""Windows of one class become events, and every window at or above the threshold is in one."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earshot.core.errors import EarshotError
from earshot.detection.events import events_of, read_thresholds, thresholds_of
from earshot.detection.windows import Scores

CLASSES = ["dog", "owl", "rain"]


def scores(probabilities, *, length=10, hop=10):
    """Two batches of windows with these probabilities of the three classes."""
    table = np.array(probabilities, dtype=np.float32).reshape(-1, 3)
    starts = hop * np.arange(len(table))
    half = len(table) // 2
    return [
        Scores(starts[part], starts[part] + length, table[part]) for part in (slice(half), slice(half, None))
    ]


def heard(probabilities, *, threshold=0.5, gap=0, top=None, **windows):
    events = events_of(
        scores(probabilities, **windows),
        classes=CLASSES,
        thresholds=np.full(3, threshold),
        merge_gap=gap,
        top=top,
    )
    return [(event.start, event.end, event.label, round(event.score, 2), event.windows) for event in events]


DOG, OWL, RAIN = [0.9, 0.1, 0.0], [0.2, 0.7, 0.1], [0.0, 0.0, 1.0]


def test_windows_that_touch_are_one_event_with_the_highest_score():
    assert heard([DOG, [0.6, 0.4, 0], OWL, DOG]) == [
        (0, 20, "dog", 0.9, 2),
        (20, 30, "owl", 0.7, 1),
        (30, 40, "dog", 0.9, 1),
    ]


@pytest.mark.parametrize(("gap", "events"), [(9, 2), (10, 1)])
def test_a_gap_joins_up_to_its_length(gap, events):
    assert len([event for event in heard([DOG, OWL, DOG], gap=gap) if event[2] == "dog"]) == events


def test_an_event_has_no_longest_length():
    assert heard([DOG] * 1000) == [(0, 10_000, "dog", 0.9, 1000)]


def test_several_classes_of_a_window_may_count_unless_the_likeliest_alone_may():
    assert [event[2] for event in heard([OWL], threshold=0.2)] == ["dog", "owl"]
    assert [event[2] for event in heard([OWL], threshold=0.2, top=1)] == ["owl"]


def test_a_probability_at_the_threshold_counts():
    assert len(heard([DOG], threshold=0.9)) == 1


@given(
    st.lists(st.tuples(*[st.sampled_from([0.0, 0.3, 0.6, 1.0])] * 3), min_size=1, max_size=40),
    st.integers(1, 10),
    st.integers(0, 15),
)
def test_every_window_that_counts_is_in_one_event_of_its_class(probabilities, hop, gap):
    events = heard(probabilities, gap=gap, hop=hop)
    for place, label in enumerate(CLASSES):
        windows = [hop * number for number, row in enumerate(probabilities) if row[place] >= 0.5]
        own = [event for event in events if event[2] == label]
        assert sum(event[4] for event in own) == len(windows)
        assert all(any(start <= at and at + 10 <= end for start, end, *_ in own) for at in windows)
        assert all(later[0] - sooner[1] > gap for sooner, later in itertools.pairwise(own))


def test_thresholds_are_for_all_classes_or_for_one():
    assert thresholds_of(CLASSES).tolist() == [0.5, 0.5, 0.5]
    assert thresholds_of(CLASSES, common=0.8, own={"owl": 0.3}).tolist() == [0.8, 0.3, 0.8]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], (0.5, {})),
        (["0.8", "owl=0.3"], (0.8, {"owl": 0.3})),
        (["a=b=0.3"], (0.5, {"a=b": 0.3})),
    ],
)
def test_thresholds_are_read_from_text(texts, expected):
    assert read_thresholds(texts) == expected


def test_a_class_that_rejects_is_no_event_unless_asked_for():
    classes = ["dog", "noise", "hum", "background"]
    needed = thresholds_of(classes, common=0.8, own={"noise": 0.3}, reject=["noise", "hum"])
    assert needed.tolist() == [0.8, 0.3, np.inf, 0.8]  # the study made the last one a class as others are


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("much", "--threshold much: expected a probability"),
        ("1.5", "a threshold of 1.5: expected a probability, from 0 to 1"),
        ("nan", "a threshold of nan: expected a probability"),
        ("cat=0.5", "the model has no class 'cat'; its classes are dog, owl, rain"),
    ],
)
def test_a_threshold_that_cannot_be_is_an_error(text, message):
    def read():
        common, own = read_thresholds([text])
        return thresholds_of(CLASSES, common=common, own=own)

    with pytest.raises(EarshotError, match=message):
        read()
