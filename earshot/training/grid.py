"""The configurations that cross-validation tries: every combination of a grid, checked before anything trains."""

import difflib
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from earshot.config.base import Normalize
from earshot.config.train import ModelParams
from earshot.core.errors import EarshotError, list_problems
from earshot.models.registry import RUNS, model_settings
from earshot.training.recipe import NORMALIZE, Recipe, recipe_of


@dataclass(frozen=True)
class Configuration:
    """One combination: its number, from 1, its values in the grid, and the recipe that they come to."""

    number: int
    values: dict[str, Any]
    recipe: Recipe

    def __str__(self) -> str:
        """`lr=0.001, optimizer=adam`."""
        values = ", ".join(f"{key}={as_text(value)}" for key, value in self.values.items())
        return values or "as in params.yaml"


def as_text(value: Any) -> str:
    """A setting as params.yaml has it: `adam`, `0.001`, `true`, `null`."""
    return value if isinstance(value, str) else json.dumps(value)


def values_table(grid: Sequence[Configuration]) -> pd.DataFrame:
    """One row a configuration: its number, and a column `grid.<key>` of text for each key of the grid."""
    rows = [{f"grid.{key}": as_text(value) for key, value in one.values.items()} for one in grid]
    table = pd.DataFrame(rows, index=range(len(grid)))
    table.insert(0, "configuration", [one.number for one in grid])
    return table


def configurations(grid: Mapping[str, list[Any]], params: ModelParams) -> list[Configuration]:
    """Every combination of the grid, the last key varying fastest.

    grid : from a key of the trainer, of the model's block in the zoo, or `normalize`, to values; empty for the
        settings of params.yaml alone

    Raises EarshotError that lists every fault as `cv.grid.<key>`.
    """
    problems = [problem for key, values in grid.items() for problem in _problems(params.name, key, values)]
    if problems:
        raise list_problems("cv.grid has values that cannot be used:", problems)
    combinations = []
    for number, values in enumerate(itertools.product(*grid.values()), start=1):
        chosen = dict(zip(grid, values, strict=True))
        try:
            combinations.append(Configuration(number, chosen, recipe_of(params, chosen)))
        except EarshotError as error:
            problems.append(f"{_places(chosen)}: {str(error).splitlines()[-1].strip()}")
            continue
        if combinations[-1].recipe.trainer.epochs == 0:
            problems.append(f"{_places(chosen)}: epochs: 0 trains until stopped; folds need an end")
    if problems:
        raise list_problems("cv.grid makes settings that do not go together:", problems)
    return combinations


def _places(chosen: Mapping[str, Any]) -> str:
    return ", ".join(f"cv.grid.{key}={as_text(value)}" for key, value in chosen.items()) or "params.yaml"


def _problems(model: str, key: str, values: list[Any]) -> Iterator[str]:
    """One line for each fault of one key."""
    schema = model_settings(model)
    known = [key for key in (*schema.model_fields, NORMALIZE) if key != RUNS]
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known))}"
        yield f"cv.grid.{key}: unknown key; {hint}"
        return
    if not values:
        yield f"cv.grid.{key}: the list is empty; name a value, or remove the key"
    if any(value in values[:place] for place, value in enumerate(values)):
        yield f"cv.grid.{key}: {values} names something twice"
    for value in values:
        try:
            if key == NORMALIZE:
                TypeAdapter(Normalize).validate_python(value)
            else:
                schema.model_validate({key: value})
        except ValidationError as error:
            message = error.errors()[0]["msg"].removeprefix("Value error, ")
            yield f"cv.grid.{key}: {message[0].lower()}{message[1:]}, found {value!r}"
