"""Training, samples per second: the trainer against a bare PyTorch loop over a tensor in memory.

python -m benchmarks.train [repeats [threads [models, with commas between]]]

Both sides train the same network for the same epochs in the same batches, on the same threads, with the same
optimizer and schedule (none). The trainer runs in a process that is set up as a stage is, by the instructions that
every machine has; the bare loop in one that nothing has set up, by the same instructions and by all that this processor
has. The trainer besides shuffles by seed, gathers, normalizes, counts its scores, keeps the best weights and can
resume; the bare loop does none of this. With one thread, seconds are those that the processor works for a process,
which other processes hardly change.
"""

import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from benchmarks.timing import Side, alternate_processes
from earshot.config.train import Trainer
from earshot.core import instructions
from earshot.models.build import build_model
from earshot.models.normalization import normalized
from earshot.training import checkpoint, fit
from earshot.training.batches import clips_of

SHAPE, CLIPS, CLASSES, EPOCHS, BATCH = (64, 64), 2048, 10, 4, 32
DEFAULTS = ("5", "2", "cnn,lstm")
TARGETS = {"cnn": 1.1, "lstm": 0.97, "resnet18": 1.0}


def main(repeats: int, threads: int, models: str) -> None:
    for name in models.split(","):
        here, arguments = "benchmarks.train", (name, threads)
        sides = (
            Side(here, "trainer", arguments, as_stage=True),
            Side(here, "bare_loop", arguments, environment=instructions.LIMITS),
            Side(here, "bare_loop", arguments),
        )
        clock = "processor time" if threads == 1 else "time"
        ours_s, bare_s, free_s = alternate_processes(sides, repeats, clock=clock)
        speeds = [EPOCHS * CLIPS / seconds for seconds in (ours_s, bare_s, free_s)]
        print(
            f"{name}: {speeds[0]:,.0f} samples/s against {speeds[1]:,.0f} of a bare loop: "
            f"ratio {bare_s / ours_s:.2f} (target {TARGETS.get(name, 1.0)}); by all instructions "
            f"{speeds[2]:,.0f}: ratio {free_s / ours_s:.2f}"
        )


def trainer(name: str, threads: int) -> Callable[[], object]:
    """A training by the trainer."""
    features, labels = _items()
    clips = clips_of(features, labels)
    settings = Trainer(epochs=EPOCHS, batch_size=BATCH, patience=0, device="cpu", threads=threads)

    def train() -> None:
        model = build_model(name, input_shape=SHAPE, outputs=CLASSES)
        model = normalized(model, clips, how="train")
        with tempfile.TemporaryDirectory() as folder:
            result = fit.fit(
                model,
                train=clips,
                val=None,
                classes=[str(number) for number in range(CLASSES)],
                trainer=settings,
                seed=0,
                checkpoints=Path(folder),
            )
            checkpoint.remove(result.checkpoint)

    return train


def bare_loop(name: str, threads: int) -> Callable[[], object]:
    """A training by a loop over tensors in memory."""
    x, y = map(torch.from_numpy, _items())
    torch.set_num_threads(threads)

    def train() -> None:
        model = build_model(name, input_shape=SHAPE, outputs=CLASSES)
        optimizer = torch.optim.Adam(model.parameters(), lr=Trainer().lr)
        criterion = nn.CrossEntropyLoss()
        model.train()
        for _ in range(EPOCHS):
            order = torch.randperm(CLIPS)
            for start in range(0, CLIPS, BATCH):
                index = order[start : start + BATCH]
                loss = criterion(model(x[index]), y[index])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()

    return train


def _items() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    rng = np.random.default_rng(0)
    return rng.random((CLIPS, *SHAPE), dtype=np.float32), rng.integers(0, CLASSES, CLIPS)


if __name__ == "__main__":
    repeats, threads, models, *_ = [*sys.argv[1:], *DEFAULTS[len(sys.argv) - 1 :]]
    main(int(repeats), int(threads), models)
