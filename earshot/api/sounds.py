"""Pictures to sounds and back, and the spectrograms of sounds, without a study."""

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from earshot.config.base import Block
from earshot.config.features import Features
from earshot.config.load import problem
from earshot.config.sonify import Sonify
from earshot.core.errors import EarshotError, list_problems
from earshot.core.io import write_bytes
from earshot.reading.members import source_of
from earshot.reading.pictures import resize
from earshot.reading.sounds import read_sound, write_wav
from earshot.signal import spectrogram as transform
from earshot.sonification.pictures import sized_picture, wavs_of_pictures
from earshot.sonification.sonify import geometry, read_out

Settings = TypeVar("Settings", bound=Block)


@dataclass(frozen=True, eq=False)
class Sound:
    """A sound in mono, which a notebook shows as a player.

    signal : float32, shape (samples,)
    sample_rate : in Hz
    """

    signal: NDArray[np.float32]
    sample_rate: int

    def wav(self) -> bytes:
        """The bytes of a WAV file of it (PCM16)."""
        return write_wav(self.signal, self.sample_rate)

    def save(self, path: str | Path) -> None:
        """Write it as a WAV file."""
        write_bytes(path, self.wav())

    def _repr_html_(self) -> str:
        content = base64.b64encode(self.wav()).decode()
        return f'<audio controls src="data:audio/wav;base64,{content}"></audio>'


def sonify(picture: str | Path | NDArray[Any], **settings: Any) -> Sound:
    """A picture as a sound whose spectrogram it is.

    picture : path of a file, or brightness, shape (rows, columns), 0 to 1, row 0 at the top; resized to sonify.rows and
        sonify.columns
    settings : those of the block `sonify` that are not to be its defaults, `rows=64`
    """
    return sonified(picture, settings=of_block(Sonify, settings))


def reconstruct(sound: Sound | str | Path, **settings: Any) -> NDArray[np.float32]:
    """The picture that a sound gives back, shape (rows, columns), 0 to 1.

    sound : of `sonify`, or a file of one
    settings : those that the sound was made with
    """
    return reconstructed(sound, settings=of_block(Sonify, settings))


def spectrogram(sound: Sound | str | Path, **settings: Any) -> NDArray[np.float32]:
    """The spectrogram of a whole sound, shape (bands, frames).

    sound : resampled to features.sample_rate
    settings : those of the block `features` that are not to be its defaults, `kind="stft"`
    """
    features = of_block(Features, settings)
    return transform.spectrogram(signal_of(sound, sample_rate=features.sample_rate), settings=features)


def sonified(picture: str | Path | NDArray[Any], *, settings: Sonify) -> Sound:
    """`sonify` with all settings."""
    if isinstance(picture, str | Path):
        name, sized = str(picture), sized_picture(source_of(picture), name=str(picture), settings=settings)
    else:
        name, sized = "picture", _sized(picture, settings)
    (wav,) = wavs_of_pictures(sized[np.newaxis], [name], seed=0, settings=settings)
    return Sound(*read_sound(wav, name=name))


def reconstructed(sound: Sound | str | Path, *, settings: Sonify) -> NDArray[np.float32]:
    """`reconstruct` with all settings."""
    signal = signal_of(sound, sample_rate=settings.sample_rate)
    if len(signal) != (samples := geometry(settings).samples):
        raise EarshotError(
            f"the sound has {len(signal)} samples at {settings.sample_rate} Hz, and sounds of these settings "
            f"{samples}: give the settings that it was made with"
        )
    picture: NDArray[np.float32] = read_out(signal[np.newaxis], settings=settings)[0]
    return picture


def signal_of(sound: Sound | str | Path, *, sample_rate: int) -> NDArray[np.float32]:
    """The samples of a sound at a sample rate."""
    if isinstance(sound, Sound) and sound.sample_rate == sample_rate:
        return sound.signal
    source, name = (sound.wav(), "the sound") if isinstance(sound, Sound) else (source_of(sound), str(sound))
    return read_sound(source, name=name, sample_rate=sample_rate)[0]


def of_block(block: type[Settings], settings: dict[str, Any]) -> Settings:
    """A block of params.yaml with these settings. Raises EarshotError for what it does not have."""
    try:
        return block(**settings)
    except ValidationError as error:
        faults = [problem(fault, block) for fault in error.errors()]
        raise list_problems("these settings cannot be used:", faults) from None


def _sized(picture: NDArray[Any], settings: Sonify) -> NDArray[np.float32]:
    array = np.asarray(picture, dtype=np.float32)
    if array.ndim != 2 or not array.size or not (array.min() >= 0 and array.max() <= 1):
        raise EarshotError(
            f"the picture is an array of shape {array.shape}: expected brightness, (rows, columns), from 0 to 1"
        )
    return resize(array, rows=settings.rows, columns=settings.columns)
