"""Which of the study's charts differ between two revisions."""

import copy

from earshot.plots.change_charts import changed, missing


def plot(rows, *others):
    """A chart as `dvc plots diff --json` gives it."""
    versions = dict(zip(("main", "workspace"), (rows, *others), strict=False))
    values = [row | {"rev": rev, "field": "y"} for rev, own in versions.items() for row in own]
    return [{"type": "vega", "revisions": list(versions), "content": {"data": {"values": values}}}]


ROWS = [{"x": "1", "y": "0.5"}, {"x": "2", "y": "0.7"}]


def test_a_chart_whose_rows_differ_has_changed():
    other = copy.deepcopy(ROWS)
    other[1]["y"] = "0.8"
    plots = {"curves": plot(ROWS, other), "accuracy": plot(ROWS, ROWS)}
    assert changed(plots) == {"curves": plots["curves"][0]["content"]}


def test_rows_more_or_less_are_a_change():
    assert list(changed({"curves": plot(ROWS, ROWS[:1])})) == ["curves"]


def test_what_one_revision_lacks_is_not_compared():
    assert changed({"curves": plot(ROWS), "cv": []}) == {}


def test_missing_files_are_named_once():
    error = {"name": "curves", "rev": "main", "source": "plots/curves.csv", "type": "FileNotFoundError"}
    assert missing([error, error, {"rev": "main", "type": "Other"}]) == ["plots/curves.csv of main"]
