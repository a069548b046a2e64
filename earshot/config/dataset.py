"""The block `dataset`: where the data set lies and how it is read."""

from typing import Annotated

from pydantic import Field

from earshot.config.base import Block, Count, Kind


class Dataset(Block):
    kind: Kind = "pictures"
    path: Annotated[str, Field(min_length=1)]
    links: list[str] = Field(default_factory=list)
    labels: str | None = None
    classes: list[str] | None = None
    group: str | None = None
    fold: str | None = None
    test: str | int | None = None
    shard_size: Count = 128
