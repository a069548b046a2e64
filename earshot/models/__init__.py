"""The zoo: one file a model, each with a `build`. A model takes (batch, bands, frames) and gives logits."""

import torch

from earshot.core.errors import EarshotError
from earshot.core.rng import digest
from earshot.models import registry


def build(name, *, input_shape, outputs, seed=0, **settings):
    """A model with fresh weights that the seed alone decides.

    name : str, a file of this folder or a torchvision classifier
    input_shape : (bands, frames)
    outputs : int, logits a clip, see `outputs_of`
    settings : the keywords of the model's own `build`

    Raises EarshotError for an unknown name and for an input that is too small.
    """
    module = registry.model_module(name)
    if module.__name__.endswith(".backbone"):
        settings = {"name": name, **settings}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(digest(seed, "weights") % 2**63)
        return module.build(input_shape=tuple(input_shape), outputs=outputs, **settings)


def outputs_of(n_classes):
    """Logits a clip: one for two classes (the second's), one a class beyond."""
    return 1 if n_classes == 2 else n_classes


def probabilities(logits):
    """Class probabilities, shape (batch, classes), float32.

    logits : tensor, shape (batch, 1) for two classes, (batch, classes) beyond
    """
    logits = logits.float()
    if logits.shape[1] == 1:
        # sigmoid of both signs: 1 - p would lose the small ones
        return torch.cat([torch.sigmoid(-logits), torch.sigmoid(logits)], dim=1)
    return torch.softmax(logits, dim=1)


def parameter_count(model):
    """How many numbers training may move or a frozen backbone holds."""
    return sum(parameter.numel() for parameter in model.parameters())


def need_size(name, input_shape, *, bands, frames):
    """Raises EarshotError where the input is smaller than the model's pooling can halve."""
    if input_shape[0] < bands or input_shape[1] < frames:
        raise EarshotError(
            f"model {name} needs arrays of at least {bands} bands x {frames} frames and was given "
            f"{input_shape[0]} x {input_shape[1]}: make the spectrogram larger or choose another model"
        )
