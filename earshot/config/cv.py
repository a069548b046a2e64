"""The block `cv`: the folds and the grid of cross-validation."""

from typing import Annotated, Any, Literal

from pydantic import Field

from earshot.config.base import Block, Name, View


class CrossValidation(Block):
    model: Name = "cnn"
    subset: Annotated[int, Field(ge=2)] = 2
    view: View = "sound"
    folds: Annotated[int, Field(ge=2)] | Literal["official", "leave_one_group_out"] | None = None
    parts: Literal["development", "all"] = "development"
    val: Annotated[float, Field(ge=0, le=0.5)] = 0.15
    select: Literal["accuracy", "macro_f1"] = "accuracy"
    grid: dict[str, list[Any]] = Field(default_factory=dict)
