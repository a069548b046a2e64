"""The views, what a model sees of an item: where each gets its arrays, and how pages and charts show it.

A new view has its name in `base.View` and its row here; its marker stands in `report/templates/style.css`, its colour
for `dvc plots` in `plots/templates/accuracy.json`.
"""

from collections.abc import Collection, Sequence
from typing import Literal, NamedTuple, cast

from earshot.config.base import Kind, View

Source = Literal["sound", "picture", "colour", "embedding"]  # a view with arrays of its own


class ViewFacts(NamedTuple):
    """What is asked of a view.

    source : the view whose arrays it sees: its own, or another view's
    kinds : the data sets that have it
    ceilings : the views of the same things that hold more than it does, the fullest first: what it keeps of one of
        them is its retention
    named : what its models name, where the data set is of pictures
    by : the name of its accuracy beside those of other views
    light, dark : its colour, on light and on dark paper
    """

    source: Source
    kinds: tuple[Kind, ...]
    ceilings: tuple[View, ...]
    named: str
    by: str
    light: str
    dark: str

    @property
    def is_heard(self) -> bool:
        """Whether its arrays are made of the sound of an item."""
        return self.source in ("sound", "embedding")


ANY: tuple[Kind, ...] = ("pictures", "sounds", "spectrograms")
# In the order of tables and comparisons: what a study is about stands first.
VIEWS: dict[View, ViewFacts] = {
    "sound": ViewFacts("sound", ANY, ("colour", "picture"), "sounds", "by sound", "#0b6b93", "#6cc3ea"),
    "picture": ViewFacts(
        "picture", ("pictures",), ("colour",), "pictures", "by picture", "#a8530a", "#f0a866"
    ),
    "colour": ViewFacts(
        "colour", ("pictures",), (), "colour pictures", "by colour picture", "#a3306f", "#f08fc4"
    ),
    "embedding": ViewFacts(
        "embedding",
        ("pictures", "sounds"),
        (),
        "sounds by what a pretrained model hears in them",
        "by embedding",
        "#2f7d5b",
        "#7fd0a8",
    ),
    "shuffled": ViewFacts(
        "sound",
        ANY,
        (),
        "sounds after training on shuffled labels",
        "with shuffled labels",
        "#6f5aa8",
        "#b9a7ea",
    ),
}
# From the ceiling to the floor.
IN_CHARTS: tuple[View, ...] = ("colour", "picture", "sound", "embedding", "shuffled")


def is_embedded(view: View, views: Sequence[View]) -> bool:
    """Whether a view of a study hears through the pretrained model.

    views : the study's. The floor, `shuffled`, reads the sound where the study has that, and else the embedding
    """
    return view == "embedding" or (view == "shuffled" and "embedding" in views and "sound" not in views)


def ceiling(view: str, present: Collection[str]) -> View | None:
    """The fullest view that a view is measured against, of those that are there."""
    return next((fuller for fuller in VIEWS[cast(View, view)].ceilings if fuller in present), None)
