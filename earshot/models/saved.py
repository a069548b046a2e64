"""A trained model on disk: the weights of each run and one card, enough to predict from a raw file."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pandas as pd
import safetensors.torch
import torch
from pydantic import ValidationError
from safetensors import SafetensorError
from torch import Tensor, nn

from earshot.config.load import problem
from earshot.core.errors import EarshotError, first_line, list_problems
from earshot.core.io import read_table, write_bytes
from earshot.models.build import build_model
from earshot.models.card import AGAIN, CARD, VALIDATION, ModelCard, card_bytes, read_card, weights_file
from earshot.models.normalization import Normalized
from earshot.models.outputs import outputs_of
from earshot.models.registry import model_settings, own_models


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
        weights = safetensors.torch.load_file(Path(folder) / weights_file(run))
        if card.architecture in own_models():
            with torch.device("meta"):  # an edited card may name a size that no memory holds
                _fit(Normalized(_network(card)), weights, weights_file(run))
        if name := next((name for name, tensor in weights.items() if not torch.isfinite(tensor).all()), None):
            raise ValueError(f"{weights_file(run)}: {name} holds NaN or infinite values")
        statistics = {name: weights[name] for name in ("mean", "std")}
        model = Normalized(_network(card), **statistics, how=card.normalize)
        model.load_state_dict(weights)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise EarshotError(
            f"{folder} holds no model that can be loaded ({first_line(error)}): {AGAIN}"
        ) from error
    return model.eval(), card


def load_runs(folder: Path | str, run: int | None = None) -> Loaded:
    """All runs of a model, or one, to answer with; see `load`."""
    card = read_card(folder)
    numbers = range(1, len(card.runs) + 1) if run is None else [run]
    models = [load(folder, number)[0] for number in numbers]
    return Loaded(models, card, numbers, card.temperature if len(models) == len(card.runs) else 1.0)


def read_validation(folder: Path | str) -> pd.DataFrame:
    """What the model's runs together say of the validation items, one row an item.

    `evaluation.predictions.confidences` names the columns: how sure the model is of its answer, and of the label.
    """
    return read_table(Path(folder) / VALIDATION)


def write_card(folder: Path, card: ModelCard) -> None:
    """Writes the card into the model's folder."""
    write_bytes(folder / CARD, card_bytes(card))


def write_weights(path: Path, model: nn.Module, *, sync: bool = False) -> None:
    """Writes a model's weights and buffers as safetensors, whole or not at all.

    sync : as for `write_bytes`
    """
    write_bytes(path, weights_bytes(model), sync=sync)


def weights_bytes(model: nn.Module) -> bytes:
    """A model's weights and buffers as a safetensors file has them."""
    state = {name: tensor.detach().cpu().contiguous() for name, tensor in model.state_dict().items()}
    return safetensors.torch.save(state)


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
