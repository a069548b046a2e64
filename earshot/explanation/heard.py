"""Models of the view `embedding`, explained by the stretches of the sound that they hear.

The dimensions of an embedding have no place in the sound. So an item is cut into SEGMENTS stretches of one length, each
a place of its own: an array of shape (1, SEGMENTS) holds the item's number, or in place of it what a stretch is blanked
with. Whoever explains, blanks and checks sees arrays as of any other view; this module makes sounds of them, and asks
the pretrained model anew.
"""

from functools import cached_property, partial
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from tqdm import tqdm

from earshot.config.inputs import EmbeddingInput, ModelInput, kind_of
from earshot.core import paths
from earshot.core.chunks import chunks
from earshot.core.io import read_table
from earshot.core.rng import generator
from earshot.features.extract import signals_of, transformed
from earshot.features.sources import sources
from earshot.models.normalization import Normalized
from earshot.store.elements import elements_of
from earshot.store.executor import each_shard

SEGMENTS = 10
NOISE_DB = -20.0  # of the noise, against the sounds: as a quiet room; louder, it drowns what stands beside it
CHUNK = 8  # sounds that one core is given at once
SILENCE, NOISE = 0, -1  # what stands in an array for a stretch that is blanked; items are counted from 1
BLANKS = {"mean": NOISE, "lowest": SILENCE}

Arrays: TypeAlias = NDArray[np.float32]


class Sounds:
    """The sounds of some clips, and what the pretrained model gives for them, whole or with stretches blanked.

    A copy is the same object: what the pretrained model gave is shared by all who ask.
    """

    def __init__(self, model_input: EmbeddingInput, *, seed: int) -> None:
        self.input, self.seed = model_input, seed
        self.signals: list[NDArray[np.float32]] = []
        self.given: dict[bytes, Arrays] = {}  # by the row of an array, the embedding

    def __deepcopy__(self, memo: object) -> "Sounds":
        return self

    def add(self, rows: pd.DataFrame) -> Arrays:
        """Read the sounds of some clips, before any is asked for. Returns their arrays, (clips, 1, SEGMENTS).

        rows : with `id, start_s`, as `dataset.rows.labelled_rows` gives them
        """
        items = read_table(paths.BALANCED)
        of_study = sources(items[items["id"].isin(rows["id"])], kind=kind_of(self.input), view="embedding")
        elements = {element.id: element for element in elements_of(of_study)}
        first = len(self.signals) + 1
        for name, start_s in zip(rows["id"].tolist(), rows["start_s"].tolist(), strict=True):
            element = elements[name]
            signals, starts = signals_of(
                element.content,
                name=element.path,
                model_input=self.input,
                start_s=element.start_s,
                end_s=element.end_s,
            )
            self.signals.append(signals[int(np.abs(starts - start_s).argmin())])
        numbers = np.arange(first, len(self.signals) + 1, dtype=np.float32)
        return np.repeat(numbers[:, None, None], SEGMENTS, axis=2)

    def blanks(self) -> dict[str, Arrays]:
        """What stretches are blanked with: `mean`, noise 20 dB below the sounds, and `lowest`, silence."""
        return {name: np.full((1, SEGMENTS), code, np.float32) for name, code in BLANKS.items()}

    def energies(self, arrays: Arrays) -> Arrays:
        """The mean square of each stretch of whole items. (items, 1, SEGMENTS)"""
        signals = [self.signals[int(number) - 1] for number in arrays[:, 0, 0]]
        return np.array(
            [
                [[float(np.square(part, dtype=np.float64).mean()) for part in _stretches(one)]]
                for one in signals
            ],
            dtype=np.float32,
        )

    def stretch_s(self, arrays: Arrays) -> NDArray[np.float64]:
        """How long a stretch of each whole item is, in seconds. (items,)"""
        samples = [len(self.signals[int(number) - 1]) for number in arrays[:, 0, 0]]
        return np.array(samples) / SEGMENTS / self.input.sample_rate

    def embeddings(self, arrays: Arrays) -> Arrays:
        """What the pretrained model gives. (items, 1, SEGMENTS) -> (items, bands, frames)"""
        keys = [row.tobytes() for row in arrays]
        new = list({key: place for place, key in enumerate(keys) if key not in self.given}.values())
        of_length: dict[int, list[int]] = {}
        for place in new:
            of_length.setdefault(len(self._whole(arrays[place, 0])), []).append(place)
        shards = [some for places in of_length.values() for some in chunks(places, CHUNK)]
        signals = (np.stack([self._signal(arrays[place, 0]) for place in some]) for some in shards)
        hear = partial(transformed, items=[0], model_input=self.input)
        sizes = list(map(len, shards))
        given = each_shard(hear, signals, sizes=sizes, description="explain", here=True, bar=False)
        for some, own in zip(shards, given, strict=True):
            self.given |= {keys[place]: one for place, one in zip(some, own, strict=True)}
            self.bar.update(len(some))
        return np.stack([self.given[key] for key in keys])

    def _whole(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        """The sound of an item; of one that is blanked all over nothing is left but the length of the first."""
        return self.signals[max(int(codes.max()), 1) - 1]

    def _signal(self, codes: NDArray[np.float32]) -> NDArray[np.float32]:
        signal = self._whole(codes).copy()
        level = np.sqrt(3) * self.loudness * 10 ** (NOISE_DB / 20)  # uniform noise to its root mean square
        noise = generator(self.seed, "noise").uniform(-level, level, len(signal))
        for code, part, own in zip(codes, _stretches(signal), _stretches(noise), strict=True):
            if code <= 0:
                part[:] = own if code == NOISE else 0.0
        return signal

    @cached_property
    def bar(self) -> "tqdm[Any]":
        """Counts what the pretrained model hears, which takes most of the time."""
        return tqdm(desc="explain", unit=" sounds", leave=False, disable=None)

    @cached_property
    def loudness(self) -> float:
        """The root of the mean square of the sounds."""
        return float(np.sqrt(np.mean([np.square(one, dtype=np.float64).mean() for one in self.signals])))


class HeardModel(Normalized):
    """A classifier of embeddings that is asked by arrays of `Sounds`."""

    def __init__(self, classifier: Normalized, sounds: Sounds) -> None:
        super().__init__(classifier.model, mean=classifier.mean, std=classifier.std, how=classifier.how)
        self.sounds = sounds

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        embeddings = torch.from_numpy(self.sounds.embeddings(x.cpu().numpy()))
        return super().forward(embeddings.to(x.device))


def sounds_of(model_input: ModelInput, *, seed: int) -> Sounds | None:
    """The sounds by which a model of the view `embedding` is explained; None for models of other views."""
    return Sounds(model_input, seed=seed) if isinstance(model_input, EmbeddingInput) else None


def decibels(energies: Arrays) -> Arrays:
    """Mean squares in decibels, 60 deep."""
    levels: Arrays = (10 * np.log10(np.maximum(energies.astype(np.float64), 1e-6))).astype(np.float32)
    return levels


def _stretches(signal: NDArray[Any]) -> list[NDArray[Any]]:
    """SEGMENTS parts of a sound, as views of it."""
    return np.array_split(signal, SEGMENTS)
