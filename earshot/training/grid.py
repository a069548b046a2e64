"""The configurations that cross-validation tries: every combination of a grid, checked before anything trains."""

import difflib
import itertools
import json
from dataclasses import dataclass

import pandas as pd
from pydantic import TypeAdapter, ValidationError

from earshot.config.features import Features
from earshot.config.train import Trainer
from earshot.core.errors import EarshotError, list_problems
from earshot.models.registry import model_settings, resolve

NORMALIZE = "normalize"  # the one key of the features block that costs no new features


@dataclass(frozen=True)
class Configuration:
    """One combination: its values in the grid, and what trainer, model and normalization come to with them."""

    number: int
    values: dict
    trainer: Trainer
    settings: dict
    normalize: str

    def __str__(self):
        """`lr=0.001, optimizer=adam`."""
        said = ", ".join(f"{key}={as_text(value)}" for key, value in self.values.items())
        return said or "as in params.yaml"


def as_text(value):
    """A setting as params.yaml has it: `adam`, `0.001`, `true`, `null`."""
    return value if isinstance(value, str) else json.dumps(value)


def values_table(grid):
    """One row a configuration: its number, and a column `grid.<key>` of text for each key of the grid.

    grid : list of Configuration
    """
    rows = [{f"grid.{key}": as_text(value) for key, value in one.values.items()} for one in grid]
    table = pd.DataFrame(rows, index=range(len(grid)))
    table.insert(0, "configuration", [one.number for one in grid])
    return table


def resolved(values, *, model, top, train, block, normalize):
    """What the trainer, the model and the normalization are told when these values go before params.yaml's.

    values : dict from a key of the grid to one value
    top, train, block : as `zoo.resolve` takes them
    normalize : str, `features.normalize`

    Returns (Trainer, dict of the model's own settings, str).
    """
    changes = {key: value for key, value in values.items() if key != NORMALIZE}
    trainer, settings = resolve(model, top=top, train=train, block={**(block or {}), **changes})
    return trainer, settings, values.get(NORMALIZE, normalize)


def configurations(grid, *, model, **study):
    """Every combination of the grid as a list of Configuration, the last key varying fastest.

    grid : dict from a key of the trainer, of the model's block in the zoo, or `normalize`, to a list of values;
        empty for the settings of params.yaml alone
    study : top, train, block and normalize, as `resolved` takes them

    Raises EarshotError that lists every fault as `cv.grid.<key>`.
    """
    if problems := [problem for key, values in grid.items() for problem in _problems(model, key, values)]:
        raise list_problems("cv.grid has values that cannot be used:", problems)
    found = []
    for number, values in enumerate(itertools.product(*grid.values()), start=1):
        chosen = dict(zip(grid, values, strict=True))
        try:
            found.append(Configuration(number, chosen, *resolved(chosen, model=model, **study)))
        except EarshotError as error:
            problems.append(f"{_places(chosen)}: {str(error).splitlines()[-1].strip()}")
            continue
        if found[-1].trainer.epochs == 0:
            problems.append(f"{_places(chosen)}: epochs: 0 trains until stopped; folds need an end")
    if problems:
        raise list_problems("cv.grid makes settings that do not go together:", problems)
    return found


def _places(chosen):
    return ", ".join(f"cv.grid.{key}={as_text(value)}" for key, value in chosen.items()) or "params.yaml"


def _problems(model, key, values):
    """One line for each fault of one key."""
    schema = model_settings(model)
    known = [*schema.model_fields, NORMALIZE]
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
                TypeAdapter(Features.model_fields[NORMALIZE].annotation).validate_python(value)
            else:
                schema.model_validate({key: value})
        except ValidationError as error:
            message = error.errors()[0]["msg"].removeprefix("Value error, ")
            yield f"cv.grid.{key}: {message[0].lower()}{message[1:]}, found {value!r}"
