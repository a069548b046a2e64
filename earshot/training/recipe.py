"""How one model is built, normalized and trained: what params.yaml says of it, checked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from earshot.config.base import Normalize
from earshot.config.train import ModelParams, Trainer
from earshot.models.registry import resolve

NORMALIZE = "normalize"  # the one key of the features block that costs no new features


@dataclass(frozen=True)
class Recipe:
    """How a model is built, normalized and trained.

    architecture : its name in the zoo
    settings : the keywords of its own `build`
    """

    architecture: str
    settings: dict[str, Any]
    trainer: Trainer
    normalize: Normalize


def recipe_of(params: ModelParams, changes: Mapping[str, Any]) -> Recipe:
    """The recipe that params.yaml gives a model, with some settings changed.

    changes : values for keys of the trainer, of the model's block in the zoo, or `normalize`

    Raises EarshotError for settings that do not exist or do not go together.
    """
    block = {key: value for key, value in changes.items() if key != NORMALIZE}
    trainer, settings = resolve(params.name, trainer=params.trainer, block=params.block | block)
    return Recipe(params.name, settings, trainer, changes.get(NORMALIZE, params.normalize))
