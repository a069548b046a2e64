"""The block `dataset`: where the data set lies and how it is read."""

import os
from pathlib import PurePath
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from earshot.config.base import Block, Count, Kind
from earshot.core import paths


def _apart_from_outputs(path: str) -> str:
    """A folder that neither holds what the stages write nor lies in it, which DVC refuses or, worse, removes."""
    place = PurePath(os.path.relpath(path))  # ".." parts that lead back here are gone
    if place == paths.DIGITS:
        return path
    outputs = [PurePath(output) for output in paths.OUTPUTS]
    inside = next((output for output in outputs if place.is_relative_to(output)), None)
    holds = next((output for output in outputs if output.is_relative_to(place)), None)
    if set(place.parts) == {".."}:  # a folder that holds the repository
        holds = outputs[0]
    if inside is None and holds is None:
        return path
    clash = (
        f"lies in {inside}, which the stages write" if inside else f"holds {holds}, which the stages write"
    )
    raise ValueError(f"{path!r} {clash}; put the data set into a folder of its own, data/recordings for one")


Part = Literal["train", "val", "test"]
Column = Literal["path", "label", "group", "fold", "split", "start_s", "end_s"]  # of a table of labels
Order = Literal["natural", "sorted"]
Multilabel = Literal["refuse", "leave_out"]
Duplicates = Literal["keep", "group"]


class Dataset(Block):
    kind: Kind = "pictures"
    path: Annotated[str, Field(min_length=1), AfterValidator(_apart_from_outputs)]
    links: list[str] = Field(default_factory=list)
    labels: str | Annotated[dict[Part, str], Field(min_length=1)] | None = None
    classes: list[str] | None = None
    group: str | None = None
    fold: str | None = None
    test: str | int | None = None
    shard_size: Count = 128
    columns: dict[Column, str | None] = Field(default_factory=dict)
    split: str | None = None
    order: Order | None = None
    multilabel: Multilabel = "refuse"
    samples: list[Literal["digits"]] = Field(default_factory=list)
    duplicates: Duplicates = "keep"
    corrections: str | None = None
    reject: list[str] | None = None

    @model_validator(mode="after")
    def _rejects_no_class_of_the_order(self) -> Self:
        if both := [name for name in self.reject or [] if name in (self.classes or [])]:
            raise ValueError(f"reject: {both[0]!r} is one of classes too; name it in one of them")
        return self
