"""A trained model on disk: `model.safetensors` and `model.json`, enough to predict from a raw file."""

import json
from pathlib import Path

import safetensors.torch
from safetensors import SafetensorError

from earshot import models
from earshot.core.errors import EarshotError
from earshot.core.io import write_bytes
from earshot.models.normalization import Normalized

WEIGHTS, DESCRIPTION = "model.safetensors", "model.json"
NEEDED = ("architecture", "settings", "classes", "input_shape", "normalize")


def save(directory, model, description):
    """Writes the model. The same model gives the same bytes.

    model : Normalized
    description : dict of plain values with architecture (the name in the zoo), settings (the keywords of its
        build), classes, input_shape (bands, frames) and normalize (as `normalized` took it); all else, the
        feature settings for one, is passed through
    """
    missing = [key for key in NEEDED if key not in description]
    if missing:
        raise TypeError(f"a model's description lacks {', '.join(missing)}")
    directory = Path(directory)
    text = json.dumps(description, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    write_weights(directory / WEIGHTS, model)
    write_bytes(directory / DESCRIPTION, (text + "\n").encode())


def load(directory):
    """(model in eval mode on the CPU, description). The model takes raw features, (batch, bands, frames).

    Raises EarshotError for files that are missing, damaged or do not belong together.
    """
    directory = Path(directory)
    try:
        description = json.loads((directory / DESCRIPTION).read_text(encoding="utf-8"))
        weights = safetensors.torch.load_file(directory / WEIGHTS)
        # the weights are in the file: nothing is to be fetched
        settings = {key: value for key, value in description["settings"].items() if key != "weights"}
        model = models.build(
            description["architecture"],
            input_shape=description["input_shape"],
            outputs=models.outputs_of(len(description["classes"])),
            **settings,
        )
        shapes = {name: weights[name] for name in ("mean", "std")}
        model = Normalized(model, **shapes, by_item=description["normalize"] == "item")
        model.load_state_dict(weights)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise EarshotError(
            f"{directory} holds no model that can be loaded ({error}): train it again, or `dvc pull` it"
        ) from error
    return model.eval(), description


def write_weights(path, model):
    """Writes a model's weights and buffers as safetensors, whole or not at all."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    write_bytes(path, safetensors.torch.save(state))
