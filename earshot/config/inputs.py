"""What a model reads: pictures turned into sound, sounds, or ready spectrograms, each with its own settings.

These are the contents of `data/features/<view>/settings.json` and of the part `input` of a ModelCard.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter

from earshot.config.base import Block
from earshot.config.features import Features
from earshot.config.sonify import Sonify

# The view `picture` hangs on these alone, so that its models outlive a change of the sound.
OF_A_PICTURE = {"rows", "columns", "invert"}


class PicturesInput(Block):
    """Pictures: as what their sounds give back (view `sound`), or as they are (view `picture`)."""

    kind: Literal["pictures"] = "pictures"
    view: Literal["sound", "picture"]
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


def parse_input(content: Any) -> ModelInput:
    """The settings that a JSON file holds, with defaults where it leaves something out."""
    return _ADAPTER.validate_python(content)


def dump_input(model_input: ModelInput) -> dict[str, Any]:
    """The settings as JSON holds them: only those that the arrays hang on."""
    if isinstance(model_input, PicturesInput):
        include = OF_A_PICTURE if model_input.view == "picture" else None
        block = {"sonify": model_input.sonify.model_dump(include=include, exclude={"device"})}
    else:
        block = {"features": model_input.features.model_dump(exclude={"normalize", "device"})}
    return {"kind": model_input.kind, "view": model_input.view, **block}


def is_heard(model_input: ModelInput) -> bool:
    """Whether the arrays come from a sound: of a recording, or of a picture that was sonified."""
    return model_input.kind == "sounds" or (model_input.kind == "pictures" and model_input.view == "sound")
