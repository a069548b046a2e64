"""Batches gathered by index from arrays in memory or memory-mapped, in an order that the seed gives."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import ArrayLike, NDArray
from torch import Tensor

from earshot.core import paths
from earshot.core.errors import EarshotError
from earshot.core.rng import generator

Positions = NDArray[np.int64]
Reader = Callable[[Positions], Tensor]  # gives the clips at these positions, on the device


@dataclass(frozen=True)
class Clips:
    """Labelled clips that lie in one or several arrays.

    arrays : shape (rows, bands, frames) each, memory-mapped or not
    array, row : shape (clips,), where each clip lies
    labels : shape (clips,), the class's place in the subset
    """

    arrays: tuple[NDArray[Any], ...]
    array: Positions
    row: Positions
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """The shape of one clip: (bands, frames), or (features,) of what a backbone gives."""
        return tuple(self.arrays[0].shape[1:])

    @property
    def nbytes(self) -> int:
        """What the clips take in memory as float32."""
        return len(self) * int(np.prod(self.shape)) * 4

    def take(self, index: Positions) -> NDArray[np.float32]:
        """The clips at these positions, float32, shape (len(index), bands, frames)."""
        out = np.empty((len(index), *self.shape), dtype=np.float32)
        for place, (number, row) in enumerate(zip(self.array[index], self.row[index], strict=True)):
            out[place] = self.arrays[number][row]
        return out

    def part(self, index: Positions) -> "Clips":
        """The clips at these positions, as Clips of the same arrays."""
        return replace(self, array=self.array[index], row=self.row[index], labels=self.labels[index])


def clips_of(features: NDArray[Any], labels: ArrayLike) -> Clips:
    """Clips of one array.

    features : shape (clips, bands, frames)
    labels : shape (clips,)
    """
    places = np.asarray(labels, dtype=np.int64)
    return Clips((features,), np.zeros(len(places), np.int64), np.arange(len(places)), places)


def open_clips(folder: Path, *, shard: ArrayLike, row: ArrayLike, labels: ArrayLike) -> Clips:
    """Clips of a feature folder, memory-mapped.

    folder : `data/features/<view>`
    shard, row : the columns of rows.csv, for the clips wanted
    labels : shape (clips,)

    Raises EarshotError for a shard that is missing or of another shape.
    """
    numbers, array = np.unique(np.asarray(shard, dtype=np.int64), return_inverse=True)
    arrays: list[NDArray[Any]] = []
    for number in numbers:
        path = paths.shard_file(folder, number, "npy")
        try:
            # a plain view: indexing a memmap object costs ten times the copy of a clip
            arrays.append(np.asarray(np.load(path, mmap_mode="r")))
        except (OSError, ValueError) as error:
            raise EarshotError(f"{path} cannot be read ({error}): run `dvc repro featurize`") from error
        if arrays[-1].shape[1:] != arrays[0].shape[1:]:
            raise EarshotError(
                f"{path} holds clips of shape {arrays[-1].shape[1:]}, the first shard {arrays[0].shape[1:]}: "
                "run `dvc repro featurize`"
            )
    return Clips(tuple(arrays), array, np.asarray(row, np.int64), np.asarray(labels, np.int64))


def fingerprint(clips: Clips, *, labels: bool = True) -> str:
    """A hash of the clips, in order, and of their labels."""
    sha = hashlib.sha256(repr((clips.shape, len(clips))).encode())
    if labels:
        sha.update(np.ascontiguousarray(clips.labels, dtype=np.int64).data)
    for start in range(0, len(clips), 1024):
        sha.update(clips.take(np.arange(start, min(start + 1024, len(clips)))).data)
    return sha.hexdigest()


def reader(clips: Clips, *, in_memory: bool, device: torch.device | str) -> Reader:
    """A function that gives the clips at some positions as a tensor on the device."""
    device = torch.device(device)
    if not in_memory:
        return lambda index: torch.from_numpy(clips.take(index)).to(device)
    whole = clips.take(np.arange(len(clips)))
    if device.type == "cpu":
        # numpy copies on one thread: waking others costs more than a batch
        return lambda index: torch.from_numpy(whole[index])
    there = torch.from_numpy(whole).to(device)
    return lambda index: there.index_select(0, torch.from_numpy(index).to(device))


def epoch_order(labels: NDArray[np.int64], *, seed: int, epoch: int, oversample: bool = False) -> Positions:
    """Positions of the training clips in the order of one epoch.

    With `oversample`, every class appears as often as the largest one: each clip of a smaller class as many
    times as goes in whole, and the rest drawn without repeats.
    """
    rng = generator(seed, "order", epoch)
    positions = np.arange(len(labels))
    if oversample:
        by_class = [np.flatnonzero(labels == label) for label in np.unique(labels)]
        most = max(len(members) for members in by_class)
        positions = np.concatenate(
            [
                np.concatenate([np.tile(members, most // len(members)), drawn])
                for members in by_class
                for drawn in [rng.choice(members, most % len(members), replace=False)]
            ]
        )
    return rng.permutation(positions)


def cut(order: Positions, batch_size: int) -> list[Positions]:
    """The order as a list of batches. A single clip left over joins the batch before it.

    Batch norm has no variance over a single value.
    """
    batches = [order[start : start + batch_size] for start in range(0, len(order), batch_size)]
    if len(batches) > 1 and len(batches[-1]) == 1 and batch_size > 1:
        batches[-2:] = [np.concatenate(batches[-2:])]
    return batches
