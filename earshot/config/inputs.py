"""What a model reads: pictures turned into sound, sounds, ready spectrograms, or what a pretrained model hears.

These are the contents of `data/features/<view>/settings.json` and of the part `input` of a ModelCard.
"""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from earshot.config.base import Block, Kind, View
from earshot.config.embedding import CompleteEmbedding
from earshot.config.features import Features
from earshot.config.load import problem
from earshot.config.sonify import Sonify
from earshot.config.views import VIEWS
from earshot.core.errors import EarshotError, first_line, list_problems

# The views `picture` and `colour` hang on these alone, so that their models outlive a change of the sound.
OF_A_PICTURE = {"rows", "columns", "invert", "white"}
# The view `embedding` hangs on these of the block features: which of a recording is heard.
OF_AN_EMBEDDING = {"kind", "view", "embedding", "sha256", "runtime"}
OF_A_HEARD_SOUND = {"channel", "clip_s", "clip_hop_s", "pad"}


class PicturesInput(Block):
    """Pictures: as what their sounds give back (view `sound`), or as they are, grey (view `picture`) or in red, green
    and blue (view `colour`).
    """

    kind: Literal["pictures"] = "pictures"
    view: Literal["sound", "picture", "colour"]
    sonify: Sonify


class SoundsInput(Block):
    """Recordings, as spectrograms."""

    kind: Literal["sounds"] = "sounds"
    view: Literal["sound"] = "sound"
    features: Features

    @property
    def sample_rate(self) -> int:
        """Hz, of what is heard."""
        return self.features.sample_rate


class SpectrogramsInput(Block):
    """Spectrograms that somebody else computed."""

    kind: Literal["spectrograms"] = "spectrograms"
    view: Literal["sound"] = "sound"
    features: Features


class EmbeddingInput(Block):
    """Sounds, as the vectors that a pretrained model gives for them (view `embedding`).

    embedding : the block, completed from the model's file
    sha256 : of that file
    runtime : the library that ran it, and its version
    features : what of a recording is heard: its channel and clips
    sonify : of the pictures that the sounds are made of; None where the sounds are recordings
    """

    kind: Literal["embedding"] = "embedding"
    view: Literal["embedding"] = "embedding"
    embedding: CompleteEmbedding
    sha256: str
    runtime: str
    features: Features = Features()
    sonify: Sonify | None = None

    @property
    def sample_rate(self) -> int:
        """Hz, of what is heard."""
        return self.embedding.sample_rate


ModelInput = Annotated[
    PicturesInput | SoundsInput | SpectrogramsInput | EmbeddingInput, Field(discriminator="kind")
]
_ADAPTER: TypeAdapter[ModelInput] = TypeAdapter(ModelInput)


def input_of(
    kind: Kind,
    view: View,
    *,
    sonify: Sonify,
    features: Features,
    embedding: EmbeddingInput | None = None,
) -> ModelInput:
    """What the models of a view read.

    embedding : of a view that hears through a pretrained model
    """
    if embedding is not None:
        if kind == "pictures":
            return embedding.model_copy(update={"sonify": sonify})
        try:
            heard = Features(**features.model_dump(include=OF_A_HEARD_SOUND))
        except ValidationError as error:  # of a length that features.sample_rate allowed
            faults = [problem(fault, Features, "features") for fault in error.errors()]
            raise list_problems("the view embedding takes no such clips:", faults) from None
        return embedding.model_copy(update={"features": heard})
    if kind == "pictures":
        source = VIEWS[view].source
        assert source != "embedding"  # which has arrays of a pretrained model alone
        return PicturesInput(view=source, sonify=sonify)
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
    if isinstance(model_input, EmbeddingInput):
        heard = {"features": model_input.features.model_dump(include=OF_A_HEARD_SOUND)}
        if model_input.sonify is not None:
            heard = {"sonify": model_input.sonify.model_dump(exclude={"device"})}
        return model_input.model_dump(include=OF_AN_EMBEDDING) | heard
    if isinstance(model_input, PicturesInput):
        include = None if model_input.view == "sound" else OF_A_PICTURE
        exclude = {"device"} | ({"white"} if model_input.sonify.white == "file" else set())
        block = {"sonify": model_input.sonify.model_dump(include=include, exclude=exclude)}
    else:
        block = {"features": model_input.features.model_dump(exclude={"normalize", "device"})}
    return {"kind": model_input.kind, "view": model_input.view, **block}


def kind_of(model_input: ModelInput) -> Kind:
    """The kind of data set that a model reads: of a pretrained model's, recordings, or pictures made into sounds."""
    if isinstance(model_input, EmbeddingInput):
        return "pictures" if model_input.sonify else "sounds"
    return model_input.kind


def is_heard(model_input: ModelInput) -> bool:
    """Whether the arrays come from a sound: of a recording, or of a picture that was sonified."""
    return model_input.kind in ("sounds", "embedding") or (
        model_input.kind == "pictures" and model_input.view == "sound"
    )
