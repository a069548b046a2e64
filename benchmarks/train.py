"""Training, samples per second: the trainer against a bare PyTorch loop over a tensor in memory.

python -m benchmarks.train [repeats [threads [models, with commas between]]]

Both sides train the same network for the same epochs in the same batches, on the same threads, with the same
optimizer and schedule (none), and the instructions that every machine has. The trainer besides shuffles by seed,
gathers, normalizes, counts its scores, keeps the best weights and can resume; the bare loop does none of this. With one
thread, seconds are those that the processor works for this process, which other processes hardly change.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from benchmarks.timing import alternate
from earshot.config.train import Trainer
from earshot.core import instructions
from earshot.models.build import build_model
from earshot.models.normalization import normalized
from earshot.training import checkpoint, fit
from earshot.training.batches import clips_of

SHAPE, CLIPS, CLASSES, EPOCHS = (64, 64), 2048, 10, 4
DEFAULTS = ("5", "2", "cnn,lstm")
TARGETS = {"cnn": 1.1, "lstm": 0.97, "resnet18": 1.0}


def main(repeats: int, threads: int, models: str) -> None:
    instructions.choose("any_machine")
    trainer = Trainer(epochs=EPOCHS, batch_size=32, patience=0, device="cpu", threads=threads)
    rng = np.random.default_rng(0)
    features = rng.random((CLIPS, *SHAPE), dtype=np.float32)
    labels = rng.integers(0, CLASSES, CLIPS)
    clips = clips_of(features, labels)
    x, y = torch.from_numpy(features), torch.from_numpy(labels)
    torch.set_num_threads(trainer.threads)

    clock = time.process_time if threads == 1 else time.perf_counter

    for name in models.split(","):

        def bare(name: str = name) -> None:
            model = build_model(name, input_shape=SHAPE, outputs=CLASSES)
            optimizer = torch.optim.Adam(model.parameters(), lr=trainer.lr)
            criterion = nn.CrossEntropyLoss()
            model.train()
            for _ in range(EPOCHS):
                order = torch.randperm(CLIPS)
                for start in range(0, CLIPS, trainer.batch_size):
                    index = order[start : start + trainer.batch_size]
                    loss = criterion(model(x[index]), y[index])
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()

        def ours(name: str = name) -> None:
            model = build_model(name, input_shape=SHAPE, outputs=CLASSES)
            model = normalized(model, clips, how="train")
            with tempfile.TemporaryDirectory() as folder:
                result = fit.fit(
                    model,
                    train=clips,
                    val=None,
                    classes=[str(number) for number in range(CLASSES)],
                    trainer=trainer,
                    seed=0,
                    checkpoints=Path(folder),
                )
                checkpoint.remove(result.checkpoint)

        ours_s, bare_s = alternate([ours, bare], repeats, clock=clock)
        speeds = [EPOCHS * CLIPS / seconds for seconds in (ours_s, bare_s)]
        print(
            f"{name}: {speeds[0]:,.0f} samples/s against {speeds[1]:,.0f} of a bare loop: "
            f"ratio {bare_s / ours_s:.2f} (target {TARGETS.get(name, 1.0)})"
        )


if __name__ == "__main__":
    repeats, threads, models, *_ = [*sys.argv[1:], *DEFAULTS[len(sys.argv) - 1 :]]
    main(int(repeats), int(threads), models)
