"""What a model reads: pictures turned into sound, sounds, or ready spectrograms, each with its own settings.

These are the contents of `data/features/<view>/settings.json` and of the part `input` of a ModelCard.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from earshot.config.base import Block, Kind, View
from earshot.config.features import Features
from earshot.config.load import problem
from earshot.config.sonify import Sonify
from earshot.config.views import VIEWS, Source
from earshot.core.errors import EarshotError, first_line, list_problems

# The view `picture` hangs on these alone, so that its models outlive a change of the sound.
OF_A_PICTURE = {"rows", "columns", "invert", "white"}


class PicturesInput(Block):
    """Pictures: as what their sounds give back (view `sound`), or as they are (view `picture`)."""

    kind: Literal["pictures"] = "pictures"
    view: Source
    sonify: Sonify


class SoundsInput(Block):
    """Recordings, as spectrograms."""

    kind: Literal["sounds"] = "sounds"
    view: Literal["sound"] = "sound"
    features: Features


class SpectrogramsInput(Block):
    """Spectrograms that somebody else computed."""

    kind: Literal["spectrograms"] = "spectrograms"
    view: Literal["sound"] = "sound"
    features: Features


ModelInput = Annotated[PicturesInput | SoundsInput | SpectrogramsInput, Field(discriminator="kind")]
_ADAPTER: TypeAdapter[ModelInput] = TypeAdapter(ModelInput)


def input_of(kind: Kind, view: View, *, sonify: Sonify, features: Features) -> ModelInput:
    """What the models of a view read."""
    if kind == "pictures":
        return PicturesInput(view=VIEWS[view].source, sonify=sonify)
    return SoundsInput(features=features) if kind == "sounds" else SpectrogramsInput(features=features)


def read_input(path: Path) -> ModelInput:
    """The settings of a file that `dump_input` gave the content of.

    Raises EarshotError for a file that is missing, damaged or of another version.
    """
    again = "`dvc repro` writes it again"
    try:
        return _ADAPTER.validate_json(path.read_bytes())
    except ValidationError as error:
        faults = [problem(fault, Block) for fault in error.errors()]
        raise list_problems(f"{path} has settings that cannot be used; {again}:", faults) from None
    except OSError as error:
        raise EarshotError(f"{path} cannot be read ({first_line(error)}): {again}") from None


def dump_input(model_input: ModelInput) -> dict[str, Any]:
    """The settings as JSON holds them: only those that the arrays hang on."""
    if isinstance(model_input, PicturesInput):
        include = OF_A_PICTURE if model_input.view == "picture" else None
        exclude = {"device"} | ({"white"} if model_input.sonify.white == "file" else set())
        block = {"sonify": model_input.sonify.model_dump(include=include, exclude=exclude)}
    else:
        block = {"features": model_input.features.model_dump(exclude={"normalize", "device"})}
    return {"kind": model_input.kind, "view": model_input.view, **block}


def is_heard(model_input: ModelInput) -> bool:
    """Whether the arrays come from a sound: of a recording, or of a picture that was sonified."""
    return model_input.kind == "sounds" or (model_input.kind == "pictures" and model_input.view == "sound")
