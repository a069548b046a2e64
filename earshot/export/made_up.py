"""Files of noise that a model can read, and what a program that runs the ONNX file hands over of them."""

import io
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from earshot.config.inputs import EmbeddingInput, PicturesInput, SoundsInput
from earshot.core.rng import generator
from earshot.detection.windows import grid_of
from earshot.features.extract import signals_of
from earshot.models.card import ModelCard
from earshot.reading.pictures import read_picture
from earshot.reading.sounds import read_sound, write_wav
from earshot.sonification.sonify import geometry

LONGER, SHORTER = 2.6, 0.7  # than a clip, than an array


class MadeUp(NamedTuple):
    """A file.

    content : its bytes
    decoded : the sound (samples,), the picture (rows, columns), in colour (3, rows, columns), or the spectrogram
        (bands, frames), float32
    """

    name: str
    content: bytes
    decoded: NDArray[np.float32]


def made_up_files(card: ModelCard) -> list[MadeUp]:
    """Two files of the kind that a model reads, of different sizes where sizes may differ. Always the same ones."""
    rng = generator(0, "made up")
    if isinstance(card.input, PicturesInput):
        settings = card.input.sonify
        if card.input.view == "sound":
            samples = geometry(settings).samples
            return [_sound(rng, samples, settings.sample_rate) for _ in range(2)]
        planes = (3,) if card.input.view == "colour" else ()
        return [_picture(rng, settings.rows + more, settings.columns + 2 * more, *planes) for more in (5, 0)]
    if isinstance(card.input, EmbeddingInput):
        return _heard(rng, card, card.input)
    features = card.input.features
    if isinstance(card.input, SoundsInput):
        samples = grid_of(card).length
        return [
            _sound(rng, max(2, round(times * samples)), features.sample_rate) for times in (LONGER, SHORTER)
        ]
    bands, frames = card.input_shape[-2:]
    return [_spectrogram(rng, bands, max(1, round(times * frames))) for times in (LONGER, SHORTER)]


def _heard(rng: np.random.Generator, card: ModelCard, heard: EmbeddingInput) -> list[MadeUp]:
    """Sounds at the rate of a pretrained model."""
    if heard.sonify is not None:
        made = [_sound(rng, geometry(heard.sonify).samples, heard.sonify.sample_rate) for _ in range(2)]
        resampled = [signals_of(one.content, name=one.name, model_input=heard)[0][0] for one in made]
        return [one._replace(decoded=signal) for one, signal in zip(made, resampled, strict=True)]
    samples = grid_of(card).length
    fixed = heard.embedding.pooling == "none" and heard.features.clip_s is None
    lengths = (1.0, 1.0) if fixed else (LONGER, SHORTER)
    return [_sound(rng, round(times * samples), heard.sample_rate) for times in lengths]


def _sound(rng: np.random.Generator, samples: int, sample_rate: int) -> MadeUp:
    louder = np.linspace(0.01, 0.5, samples)  # from start to end: clips differ in their loudest value
    content = write_wav(louder * rng.uniform(-1, 1, samples), sample_rate)
    return MadeUp("noise.wav", content, read_sound(content, name="noise.wav")[0])


def _picture(rng: np.random.Generator, *shape: int) -> MadeUp:
    file = io.BytesIO()
    Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8)).save(file, "PNG")
    decoded = read_picture(file.getvalue(), name="noise.png", colour=len(shape) == 3)
    return MadeUp("noise.png", file.getvalue(), decoded)


def _spectrogram(rng: np.random.Generator, bands: int, frames: int) -> MadeUp:
    array = rng.normal(size=(bands, frames)).astype(np.float32)
    file = io.BytesIO()
    np.save(file, array)
    return MadeUp("noise.npy", file.getvalue(), array)
