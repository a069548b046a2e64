"""A model of the zoo with fresh weights."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn

from earshot.core.errors import EarshotError
from earshot.core.rng import digest
from earshot.models.registry import (
    colour_models,
    model_module,
    takes_colour,
    takes_vectors,
    vector_models,
)


def build_model(
    name: str, *, input_shape: Sequence[int], outputs: int, seed: int = 0, **settings: Any
) -> nn.Module:
    """A model with fresh weights that the seed alone decides.

    name : a file of this folder or a torchvision classifier
    input_shape : (bands, frames), or in colour (3, bands, frames)
    outputs : logits a clip, see `outputs_of`
    settings : the keywords of the model's own `build`

    Raises EarshotError for an unknown name, for an input that is too small, for vectors where the model looks for
    neighbours, and for colour where it takes none.
    """
    module = model_module(name)
    if input_shape[-1] == 1 and not takes_vectors(name):
        raise EarshotError(
            f"model {name} looks at what lies side by side, and arrays of {input_shape[-2]} bands x 1 frame are "
            f"vectors, without neighbours in time: choose one of {', '.join(vector_models())}"
        )
    if len(input_shape) == 3 and not takes_colour(name):
        raise EarshotError(
            f"model {name} takes one value at each place, and arrays in colour have three: choose one of "
            f"{', '.join(colour_models())} or a torchvision classifier"
        )
    if module.__name__.endswith(".backbone"):
        settings = {"name": name, **settings}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(digest(seed, "weights") % 2**63)
        model: nn.Module = module.build(input_shape=tuple(input_shape), outputs=outputs, **settings)
    return model


def parameter_count(model: nn.Module) -> int:
    """How many numbers training may move or a frozen backbone holds."""
    return sum(parameter.numel() for parameter in model.parameters())
