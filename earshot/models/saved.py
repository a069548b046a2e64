"""A trained model on disk: the weights of each run and one card, enough to predict from a raw file.

A frozen backbone from a file of weights is the same in every run. It is written once, as `backbone.safetensors`; the
file of a run then holds the rest, and in its metadata the SHA-256 of the backbone's file.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import safetensors.torch
import torch
from pydantic import ValidationError
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from earshot.config.load import problem
from earshot.core.errors import EarshotError, first_line, list_problems
from earshot.core.io import read_table, write_bytes
from earshot.models.build import build_model
from earshot.models.card import (
    AGAIN,
    BACKBONE,
    CARD,
    VALIDATION,
    ModelCard,
    card_bytes,
    read_card,
    weights_file,
)
from earshot.models.normalization import Normalized
from earshot.models.outputs import outputs_of
from earshot.models.registry import model_settings, own_models

PREFIX = "model.backbone."  # of the names of a backbone's tensors
SHA256 = "backbone_sha256"  # in the metadata of a run's file


class Loaded(NamedTuple):
    """Runs of a model that answer together.

    numbers : of the runs, from 1
    temperature : what their averages are calibrated by: the card's is that of all runs together
    """

    models: list[Normalized]
    card: ModelCard
    numbers: Sequence[int]
    temperature: float


def save(folder: Path, models: Sequence[Normalized], card: ModelCard) -> None:
    """Writes the model of each run, in the order of their numbers, and the card. The same give the same bytes."""
    if content := backbone_bytes(models[0]):
        write_bytes(folder / BACKBONE, content)
    for run, model in enumerate(models, 1):
        write_weights(folder / weights_file(run), model)
    write_card(folder, card)


def load(folder: Path | str, run: int = 1) -> tuple[Normalized, ModelCard]:
    """The model of one run, in eval mode on the CPU, and the card of all runs.

    The model takes raw features, (batch, bands, frames).

    Raises EarshotError for a run that is not there, and for files that are missing, damaged, edited or do not belong
    together.
    """
    card = read_card(folder)
    if not 1 <= run <= len(card.runs):
        raise EarshotError(f"{folder} has no run {run}: its runs are 1 to {len(card.runs)}")
    _check_settings(card, folder)
    try:
        weights, backbone = _read(Path(folder) / weights_file(run))
        if backbone:
            weights |= _read_backbone(Path(folder) / BACKBONE, sha256=backbone, of=weights_file(run))
        if card.architecture in own_models():
            with torch.device("meta"):  # an edited card may name a size that no memory holds
                _fit(Normalized(_network(card)), weights, weights_file(run))
        statistics = {name: weights[name] for name in ("mean", "std")}
        model = Normalized(_network(card), **statistics, how=card.normalize)
        model.load_state_dict(weights)
        model.shares_backbone = bool(backbone) and isinstance(
            getattr(model.model, "backbone", None), nn.Module
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise EarshotError(
            f"{folder} holds no model that can be loaded ({first_line(error)}): {AGAIN}"
        ) from error
    return model.eval(), card


def load_runs(folder: Path | str, run: int | None = None) -> Loaded:
    """All runs of a model, or one, to answer with; see `load`.

    A backbone that they share is in memory once: write into no weights but those of a copy.
    """
    card = read_card(folder)
    numbers = range(1, len(card.runs) + 1) if run is None else [run]
    models: list[Normalized] = []
    for number in numbers:
        models.append(model := load(folder, number)[0])
        if model.shares_backbone and models[0].shares_backbone:
            tensors = models[0].model.get_submodule("backbone").state_dict()
            model.model.get_submodule("backbone").load_state_dict(tensors, assign=True)
    return Loaded(models, card, numbers, card.temperature if len(models) == len(card.runs) else 1.0)


def read_validation(folder: Path | str) -> pd.DataFrame:
    """What the model's runs together say of the validation items, one row an item.

    `evaluation.predictions.confidences` names the columns: how sure the model is of its answer, and of the label.
    """
    return read_table(Path(folder) / VALIDATION)


def write_card(folder: Path, card: ModelCard) -> None:
    """Writes the card into the model's folder."""
    write_bytes(folder / CARD, card_bytes(card))


def write_weights(path: Path, model: Normalized, *, sync: bool = False) -> None:
    """Writes a model's weights and buffers as safetensors, whole or not at all; see `weights_bytes`.

    sync : as for `write_bytes`
    """
    write_bytes(path, weights_bytes(model), sync=sync)


def weights_bytes(model: Normalized) -> bytes:
    """A model's weights and buffers as the safetensors file of a run has them: without a backbone that runs share."""
    state = _state(model)
    if not (backbone := backbone_bytes(model)):
        return safetensors.torch.save(state)
    own = {name: tensor for name, tensor in state.items() if not name.startswith(PREFIX)}
    return safetensors.torch.save(own, metadata={SHA256: hashlib.sha256(backbone).hexdigest()})


def backbone_bytes(model: Normalized) -> bytes:
    """The backbone that all runs share as its safetensors file has it; nothing where each run has its own."""
    if not model.shares_backbone:
        return b""
    state = _state(model)
    return safetensors.torch.save({name: state[name] for name in state if name.startswith(PREFIX)})


def _state(model: Normalized) -> dict[str, Tensor]:
    return {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}


def _read(path: Path) -> tuple[dict[str, Tensor], str]:
    """The tensors of a file, and the SHA-256 of the backbone that belongs to them; nothing where none does.

    Raises ValueError for tensors that hold no numbers.
    """
    with safe_open(path, framework="pt") as file:
        backbone = (file.metadata() or {}).get(SHA256, "")
    tensors = safetensors.torch.load_file(path)
    if name := next((name for name, tensor in tensors.items() if not torch.isfinite(tensor).all()), None):
        raise ValueError(f"{path.name}: {name} holds NaN or infinite values")
    return tensors, backbone


def _read_backbone(path: Path, *, sha256: str, of: str) -> dict[str, Tensor]:
    """The tensors of the backbone that runs share.

    sha256 : what the file of the run `of` says of it

    Raises EarshotError where the file is missing, or another one.
    """
    if not path.is_file():
        raise EarshotError(f"{path} is missing, the frozen backbone that {of} needs beside it: {AGAIN}")
    with path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if found != sha256:
        raise EarshotError(
            f"{path} is not the frozen backbone that {of} was trained on: it is damaged, or belongs to another model. "
            f"Its SHA-256 starts with {found[:8]}, expected is {sha256[:8]}: {AGAIN}"
        )
    return _read(path)[0]


def _check_settings(card: ModelCard, folder: Path | str) -> None:
    """Raises EarshotError for settings that a model of this architecture does not have."""
    try:
        schema = model_settings(card.architecture)
        schema.model_validate(card.settings)
    except ValidationError as error:
        faults = [problem(fault, schema, "settings") for fault in error.errors()]
        raise list_problems(f"{Path(folder) / CARD} is not as it was written; {AGAIN}:", faults) from None
    except EarshotError as error:
        raise EarshotError(f"{Path(folder) / CARD}: {error}") from None


def _network(card: ModelCard) -> nn.Module:
    # the weights are in the file: nothing is to be fetched
    settings = {key: value for key, value in card.settings.items() if key != "weights"}
    outputs = outputs_of(len(card.classes))
    return build_model(card.architecture, input_shape=card.input_shape, outputs=outputs, **settings)


def _fit(model: nn.Module, weights: dict[str, Tensor], file: str) -> None:
    """Raises ValueError where a layer of the model has another size than the file of its weights says."""
    for name, tensor in model.state_dict().items():
        if name in weights and name.startswith("model.") and weights[name].shape != tensor.shape:
            raise ValueError(
                f"{CARD} asks for {name} of shape {tuple(tensor.shape)}, {file} has {tuple(weights[name].shape)}"
            )
