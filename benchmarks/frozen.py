"""A frozen backbone: an epoch after the first against the backbone run every epoch.

python -m benchmarks.frozen [repeats [threads]]

Both sides train the same head on the same clips with the trainer's own epoch. One reads the backbone's outputs,
kept from the first epoch; the other runs the backbone.
"""

import sys
from functools import partial

import numpy as np
import torch

from benchmarks.timing import alternate
from earshot.config.train import Trainer
from earshot.core import devices
from earshot.models.build import build_model
from earshot.models.normalization import normalized
from earshot.training import fit, frozen, state
from earshot.training.batches import clips_of

NAME, SIZES, CLIPS, CLASSES = "mobilenet_v2", (96, 224), 256, 10
CPU = torch.device("cpu")


def main(repeats: int = 3, threads: int = 2) -> None:
    for size in SIZES:
        kept_s, plain_s = measure(size, repeats=repeats, threads=threads)
        print(
            f"{NAME} at {size}x{size}, {CLIPS} clips: an epoch in {kept_s * 1e3:.1f} ms from kept outputs, "
            f"{plain_s * 1e3:,.0f} ms with the backbone: ratio {plain_s / kept_s:.0f} (target 100)"
        )


def measure(size: int, *, repeats: int, threads: int) -> list[float]:
    """Median seconds of an epoch from kept outputs, and of one that runs the backbone."""
    trainer = Trainer(batch_size=32, device="cpu", threads=threads)
    rng = np.random.default_rng(0)
    clips = clips_of(rng.random((CLIPS, size, size), dtype=np.float32), rng.integers(0, CLASSES, CLIPS))
    model = build_model(NAME, input_shape=clips.shape, outputs=CLASSES, freeze="backbone")
    model = normalized(model, clips, how="train")
    start = partial(state.start, n_classes=CLASSES, trainer=trainer, seed=0, device=CPU)
    with devices.repeatable(CPU, threads=threads):
        outputs = frozen.backbone_outputs(model, clips, trainer=trainer, device=CPU)
        head = model.get_submodule("model.head")
        kept = start(head, {"train": outputs})
        plain = start(model, {"train": clips})
        epochs = [lambda: fit.train_one_epoch(kept, 1), lambda: fit.train_one_epoch(plain, 1)]
        return alternate(epochs, repeats)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
