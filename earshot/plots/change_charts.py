"""The study's charts that differ between two revisions, as `dvc plots diff --json` gives them."""

from typing import Any

from earshot.plots.charts import Spec

ADDED = ("rev", "filename", "field", "step")  # what DVC adds to a row


def changed(plots: dict[str, list[dict[str, Any]]]) -> dict[str, Spec]:
    """The charts that both revisions have and whose rows differ, by their names in dvc.yaml.

    plots : `data` of DVC's answer
    """
    return {
        name: plot["content"]
        for name, drawn in plots.items()
        for plot in drawn
        if len(plot["revisions"]) == 2 and _differ(plot["content"]["data"]["values"], *plot["revisions"])
    }


def missing(errors: list[dict[str, Any]]) -> list[str]:
    """What the charts lack, `plots/curves.csv of main`, without repeats."""
    return sorted({f"{error['source']} of {error['rev']}" for error in errors if "source" in error})


def _differ(rows: list[dict[str, Any]], first: str, second: str) -> bool:
    own = {
        rev: [
            {key: value for key, value in row.items() if key not in ADDED}
            for row in rows
            if row["rev"] == rev
        ]
        for rev in (first, second)
    }
    return own[first] != own[second]
