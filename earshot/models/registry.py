"""Which models there are, and what params.yaml may say about each.

A model is a file, `earshot/models/<name>.py`, whose `build(*, input_shape, outputs, ...)` names the model's
settings with their types and defaults. That signature is the schema of the block `zoo.<name>`. A name without
a file is a torchvision classifier, built by `earshot/models/backbone.py`.
"""

import difflib
import importlib
import inspect
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from pydantic import BaseModel, ValidationError, create_model

from earshot.config.base import Block, Count
from earshot.config.inputs import EmbeddingInput, ModelInput
from earshot.config.train import Trainer
from earshot.core.errors import EarshotError, list_problems

HELPERS = {"__init__", "backbone", "build", "card", "normalization", "outputs", "pretrained", "registry"}
HELPERS |= {"saved", "sizes", "temperature", "validate", "weight_files"}
NOT_SETTINGS = {"name", "input_shape", "outputs"}  # arguments of every `build`
# Set to True in a model's file: where what lies beside a value means nothing to it, and where it takes red, green and
# blue, (3, bands, frames).
TAKES_VECTORS, TAKES_COLOUR = "TAKES_VECTORS", "TAKES_COLOUR"
RUNS = "runs"  # of a block: how often this model is trained, in place of what holds for all


@cache
def own_models() -> list[str]:
    """The models with a file of their own, sorted."""
    return sorted(path.stem for path in Path(__file__).parent.glob("*.py") if path.stem not in HELPERS)


@cache
def torchvision_models() -> list[str]:
    """The classifiers that torchvision registers, sorted."""
    import torchvision  # most of a second, which the models with a file of their own do not need

    return sorted(torchvision.models.list_models(module=torchvision.models))


def model_module(name: str) -> ModuleType:
    """The module whose `build` makes the model: its own, or `backbone` for a torchvision classifier.

    Raises EarshotError for a name that no model has.
    """
    if name in own_models():
        return importlib.import_module(f"earshot.models.{name}")
    known = [*own_models(), *torchvision_models()]
    if name in known:
        return importlib.import_module("earshot.models.backbone")
    nearest = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
    raise EarshotError(
        f"models: no model is called {name!r}; the nearest name is {nearest!r}. "
        f"Known: {', '.join(own_models())}, and every torchvision classifier (resnet18, mobilenet_v2, …)"
    )


def takes_vectors(name: str) -> bool:
    """Whether the model makes sense of arrays whose bands have no order, as the dimensions of an embedding have none.

    Raises EarshotError for a name that no model has.
    """
    return bool(getattr(model_module(name), TAKES_VECTORS, False))


def vector_models() -> list[str]:
    """The models that take vectors, sorted."""
    return [name for name in own_models() if takes_vectors(name)]


def takes_colour(name: str) -> bool:
    """Whether the model takes arrays in colour, (3, bands, frames).

    Raises EarshotError for a name that no model has.
    """
    return bool(getattr(model_module(name), TAKES_COLOUR, False))


def colour_models() -> list[str]:
    """The models with a file of their own that take arrays in colour, sorted; all of torchvision's do, too."""
    return [name for name in own_models() if takes_colour(name)]


def fits(name: str, model_input: ModelInput) -> bool:
    """Whether the model makes sense of what it is given to read."""
    return not isinstance(model_input, EmbeddingInput) or takes_vectors(name)


@cache
def model_settings(name: str) -> type[BaseModel]:
    """The pydantic model of the block `zoo.<name>`: the model's own settings, any key of the trainer, and `runs`.

    name : str, from the list `models`

    Raises EarshotError for a name that no model has.
    """
    parameters = inspect.signature(model_module(name).build, eval_str=True).parameters
    fields: dict[str, Any] = {
        key: (parameter.annotation, parameter.default)
        for key, parameter in parameters.items()
        if key not in NOT_SETTINGS
    }
    clashes = fields.keys() & {*Trainer.model_fields, RUNS}
    if clashes:
        raise TypeError(f"{name}: settings {sorted(clashes)} have the names of trainer keys")
    overrides: dict[str, Any] = {
        key: (field.annotation, field) for key, field in Trainer.model_fields.items()
    }
    overrides[RUNS] = (Count | None, None)
    return create_model(f"Zoo_{name}", __base__=Block, **fields, **overrides)


def resolve(
    name: str, *, trainer: Mapping[str, Any], block: Mapping[str, Any]
) -> tuple[Trainer, dict[str, Any]]:
    """What the trainer and the model are told: the settings of all models < those of `zoo.<name>`.

    trainer : the trainer's settings that hold for all models
    block : what `zoo.<name>` sets, of the trainer and of the model

    Returns the trainer's settings and the model's own, defaults filled in.
    """
    schema = model_settings(name)
    try:
        checked = schema.model_validate(dict(block))
        overrides = {
            key: getattr(checked, key) for key in checked.model_fields_set & Trainer.model_fields.keys()
        }
        resolved = Trainer.model_validate({**trainer, **overrides})
    except ValidationError as error:
        problems = [
            f"{'.'.join(map(str, ('zoo', name, *fault['loc'])))}: {fault['msg']}, found {fault['input']!r}"
            for fault in error.errors()
        ]
        raise list_problems(f"params.yaml: the settings of model {name} cannot be used:", problems) from error
    own = {
        key: getattr(checked, key) for key in schema.model_fields if key not in {*Trainer.model_fields, RUNS}
    }
    return resolved, own
