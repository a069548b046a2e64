"""What the models get of a source, as `earshot predict` makes it, or with some settings of the sound changed."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from earshot.api.sounds import of_block
from earshot.config.base import Block, Natural, Positive
from earshot.config.inputs import (
    ModelInput,
    PicturesInput,
    SoundsInput,
    SpectrogramsInput,
    is_heard,
    kind_of,
)
from earshot.config.sonify import Band, Sonify
from earshot.core.errors import EarshotError
from earshot.core.rng import generator
from earshot.features.extract import arrays_of, check_shape, signals_of, transformed
from earshot.live.study import Source
from earshot.reading.pictures import PICTURE_ENDINGS, resize
from earshot.reading.sounds import read_sound, write_wav
from earshot.sonification.channel import transmit

CHANNEL = {"noise_snr_db", "band_hz"}


class Changes(Block):
    """The settings of `sonify` that the page's sliders move; those that are not given stay the model's."""

    rows: Annotated[int, Field(ge=2, le=1024)] | None = None
    range_db: Positive | None = None
    iterations: Annotated[Natural, Field(le=1024)] | None = None
    noise_snr_db: Annotated[float, Field(ge=-60, le=120)] | None = None
    band_hz: Band | None = None

    def given(self) -> dict[str, Any]:
        return self.model_dump(exclude_unset=True)


@dataclass(frozen=True)
class Heard:
    """What a model gets of a source.

    arrays : float32, shape (clips, bands, frames), or in colour (clips, 3, bands, frames), as the model takes them
    seen : the same before it was brought to that shape
    starts : of each clip, in seconds
    signals : the sound of each clip, shape (clips, samples); None where the model sees no sound
    input : the settings that the arrays were made with
    """

    arrays: NDArray[np.float32]
    seen: NDArray[np.float32]
    starts: NDArray[np.float64]
    signals: NDArray[np.float32] | None
    input: ModelInput

    @property
    def sample_rate(self) -> int:
        return rate_of(self.input)


def is_picture(source: Source) -> bool:
    """Whether a source is a picture file, as its name tells."""
    return Path(source.name).suffix.lower() in PICTURE_ENDINGS


def takes(model_input: ModelInput, source: Source) -> bool:
    """Whether a model can be asked about a source: models of pictures as they are take no sound of one."""
    return kind_of(model_input) != "pictures" or is_heard(model_input) or is_picture(source)


def rate_of(model_input: ModelInput) -> int:
    """The sample rate of what a model hears, in Hz."""
    assert not isinstance(model_input, SpectrogramsInput)  # which nobody hears
    return (
        model_input.sonify.sample_rate if isinstance(model_input, PicturesInput) else model_input.sample_rate
    )


def sonify_of(model_input: ModelInput) -> Sonify | None:
    """How the sounds are made of pictures that a model hears; None where it hears none."""
    if not is_heard(model_input) or isinstance(model_input, SoundsInput | SpectrogramsInput):
        return None
    return model_input.sonify


def hear(source: Source, model_input: ModelInput, shape: tuple[int, ...], changes: Changes) -> Heard:
    """What a model gets of a source. Without changes it is what `earshot predict` asks the model about.

    shape : of one clip that the model takes
    """
    read = partial(
        signals_of if is_heard(model_input) else arrays_of,
        source.content,
        name=source.name,
        start_s=source.start_s,
        end_s=source.end_s,
    )
    if not is_heard(model_input):
        arrays, starts = read(model_input=model_input)
        check_shape(arrays, shape, name=source.name)
        return Heard(arrays, arrays, starts, None, model_input)
    changed = changes.given()
    made_with = sonify_of(model_input)
    if made_with is not None and is_picture(source):
        sonify = of_block(Sonify, made_with.model_dump() | changed)
        model_input = model_input.model_copy(update={"sonify": sonify})
        changed = {}
    elif own := set(changed) - CHANNEL:
        raise EarshotError(
            f"{', '.join(sorted(own))}: only what is made of a picture can be made differently"
        )
    signals, starts = read(model_input=model_input)
    if changed:
        signals = np.stack([_transmitted(signal, source.name, model_input, changed) for signal in signals])
    seen = transformed(signals, items=[0] * len(signals), model_input=model_input, name=source.name)
    arrays = seen
    if isinstance(model_input, PicturesInput) and seen.shape[1:] != shape:
        arrays = np.stack([resize(array, rows=shape[0], columns=shape[1]) for array in seen])
    check_shape(arrays, shape, name=source.name)
    return Heard(arrays, seen, starts, signals, model_input)


def _transmitted(
    signal: NDArray[np.float32], name: str, model_input: ModelInput, changed: dict[str, Any]
) -> NDArray[np.float32]:
    """A sound as it comes out of the channel, rounded as the file of it is."""
    rate = rate_of(model_input)
    if changed.get("band_hz"):  # models of several sample rates may be asked at once
        changed = changed | {"band_hz": [min(edge, rate / 2) for edge in changed["band_hz"]]}
    settings = of_block(Sonify, {"sample_rate": rate, **changed})
    arrived = transmit(signal, settings=settings, rng=generator(0, "channel", name))
    return read_sound(write_wav(arrived, rate), name=name)[0]
