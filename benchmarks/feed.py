"""Feeding batches, no model: clips by index from shards against a DataLoader over one .npy per clip.

python -m benchmarks.feed [repeats]

The DataLoader runs with no worker, and with as many as there are cores; the faster one counts. Both sides read
from the page cache, in a shuffled order, and end with the batch as a tensor.
"""

import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import joblib
import numpy as np
import torch
from numpy.typing import NDArray
from torch.utils.data import DataLoader, Dataset

from benchmarks.timing import alternate
from earshot.training.batches import cut, epoch_order, open_clips, reader

SHAPE, SHARDS, SHARD = (64, 64), 16, 128
CLIPS = SHARDS * SHARD
BATCH = 32
Read = Callable[[NDArray[np.int64]], torch.Tensor]


class Files(Dataset[tuple[torch.Tensor, int]]):
    """One file a clip, as most tutorials have it."""

    def __init__(self, folder: Path, labels: NDArray[np.int64]) -> None:
        self.paths, self.labels = sorted(folder.glob("*.npy")), labels

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        return torch.from_numpy(np.load(self.paths[index])), int(self.labels[index])


def main(repeats: int = 7) -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 10, CLIPS)
    with tempfile.TemporaryDirectory() as folder:
        shards, files = Path(folder) / "shards", Path(folder) / "files"
        shards.mkdir()
        files.mkdir()
        for shard in range(SHARDS):
            arrays = rng.random((SHARD, *SHAPE), dtype=np.float32)
            np.save(shards / f"{shard:05d}.npy", arrays)
            for row, clip in enumerate(arrays):
                np.save(files / f"{shard * SHARD + row:06d}.npy", clip)
        clips = open_clips(
            shards,
            shard=np.repeat(np.arange(SHARDS), SHARD),
            row=np.tile(np.arange(SHARD), SHARDS),
            labels=labels,
        )
        readers = {
            "in memory": reader(clips, in_memory=True, device="cpu"),
            "memory-mapped": reader(clips, in_memory=False, device="cpu"),
        }

        def ours(read: Read) -> None:
            for index in cut(epoch_order(labels, seed=0, epoch=1), BATCH):
                read(index), torch.from_numpy(labels[index])

        def loader(workers: int) -> None:
            for _ in DataLoader(Files(files, labels), BATCH, shuffle=True, num_workers=workers):
                pass

        functions = [partial(ours, read) for read in readers.values()]
        functions += [partial(loader, 0), partial(loader, joblib.cpu_count())]
        *ours_s, alone_s, workers_s = alternate(functions, repeats)
    theirs = min(alone_s, workers_s)
    print(f"DataLoader over one .npy per clip: {CLIPS / alone_s:,.0f} clips/s without workers, ", end="")
    print(f"{CLIPS / workers_s:,.0f} with {joblib.cpu_count()}")
    for kind, seconds in zip(readers, ours_s, strict=True):
        print(f"{kind}: {CLIPS / seconds:,.0f} clips/s: ratio {theirs / seconds:.1f} (target 10)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
