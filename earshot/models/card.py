"""The card of a trained model, `model.json`: what it is, how it was trained and what it reads.

It is written by `saved.save` and read by `read_card`, and nowhere else.
"""

import json
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, ValidationError, field_serializer
from pydantic_core import from_json

from earshot.config.base import Block, Natural, Normalize, Positive, Side, View, no_repeats
from earshot.config.inputs import ModelInput, dump_input
from earshot.config.load import problem
from earshot.config.train import Trainer
from earshot.config.unfit import MARK
from earshot.core.classes import no_columns
from earshot.core.errors import EarshotError, first_line, list_problems

CARD = "model.json"
BACKBONE = "backbone.safetensors"  # of all runs, where it is the same in them
VALIDATION = "validation.csv"
FORMAT = 2  # raised when a card of before can no longer be read
AGAIN = "train it again, or `dvc pull` it"


def _is_of_a_clip(shape: tuple[int, ...]) -> tuple[int, ...]:
    if not (len(shape) == 2 or (len(shape) == 3 and shape[0] == 3)):
        raise ValueError("(bands, frames) or (3, bands, frames) is wanted")
    return shape


class RunFacts(Block):
    """One training of the model.

    epoch : the epoch whose weights are kept, from 1
    epochs_trained : how many epochs there were
    """

    epoch: Natural
    epochs_trained: Natural


class ModelCard(Block):
    """What is known of a trained model beside its weights.

    format : the version of the card itself
    architecture : the name in the zoo
    settings : the keywords of the model's own `build`
    trainer : all that the trainer was told
    runs : one for each training of the model, in the order of their numbers, which count from 1
    classes : the subset's classes; the model's outputs are in this order
    view : what the model sees, as params.yaml names it
    input_shape : (bands, frames), or in colour (3, bands, frames)
    input : how the arrays are made that the model reads
    parameters : how many numbers the model holds that training moves or a frozen backbone keeps
    from_cv : the settings that cross-validation chose, or None where it did not
    temperature : what `models.temperature.at_temperature` calibrates the probabilities averaged over all runs by
    calibrated_on : the number of validation items that it was fitted on; 0 where it was not
    reject : the classes that stand for none of the others
    groups_named : whether the data set says which items share a source, so that the split parts new groups from known
    """

    format: Literal[2] = 2
    architecture: Annotated[str, Field(min_length=1)]
    settings: dict[str, Any]
    trainer: Trainer
    runs: Annotated[list[RunFacts], Field(min_length=1)]
    classes: Annotated[list[str], Field(min_length=2), AfterValidator(no_repeats), AfterValidator(no_columns)]
    view: View
    input_shape: Annotated[tuple[Side, ...], AfterValidator(_is_of_a_clip)]
    normalize: Normalize
    input: ModelInput
    parameters: Natural
    from_cv: dict[str, Any] | None = None
    temperature: Positive = 1.0
    calibrated_on: Natural = 0
    reject: list[str] = Field(default_factory=list)
    groups_named: bool = False

    @field_serializer("input")
    def _dump_input(self, model_input: ModelInput) -> dict[str, Any]:
        return dump_input(model_input)


def card_bytes(card: ModelCard) -> bytes:
    """The card as the file holds it. The same card gives the same bytes."""
    text = json.dumps(card.model_dump(), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False)
    return (text + "\n").encode()


def weights_file(run: int) -> str:
    """The name of the file with one run's weights, beside the card."""
    return f"run_{run}.safetensors"


def read_card(folder: Path | str) -> ModelCard:
    """The card of the model in a folder.

    Raises EarshotError for a file that is missing, damaged, edited, or of another version of Earshot.
    """
    path = Path(folder) / CARD
    try:
        content = path.read_bytes()
        plain = from_json(content)
    except (OSError, ValueError) as error:
        if (Path(folder) / MARK).is_file():
            raise EarshotError(
                f"{folder}: this model does not fit what the view shows, and is not trained"
            ) from None
        raise EarshotError(
            f"{folder} holds no model that can be loaded ({first_line(error)}): {AGAIN}"
        ) from None
    version = plain.get("format") if isinstance(plain, dict) else None
    if version is None:
        raise EarshotError(
            f"{path} has no format: an older version of Earshot wrote it, or it is no card. {AGAIN}"
        )
    if version != FORMAT:
        raise EarshotError(
            f"{path} has format {version!r}, and this version of Earshot reads {FORMAT}: {AGAIN}"
        )
    try:
        return ModelCard.model_validate_json(content)
    except ValidationError as error:
        faults = [problem(fault, ModelCard) for fault in error.errors()]
        raise list_problems(f"{path} is not as it was written; {AGAIN}:", faults) from None
