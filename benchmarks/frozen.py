"""A frozen backbone: an epoch after the first against the backbone run every epoch, and the pass itself.

python -m benchmarks.frozen [repeats [threads]]

First both sides train the same head on the same clips with the trainer's own epoch: one reads the backbone's outputs,
kept from the first epoch; the other runs the backbone. Then the pass over all clips, on all cores, as a stage runs it,
stands against a script that calls torchvision's network in a loop over batches of 32, with all of torch's threads: by
the same instructions of the processor, and by all that it has.
"""

import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torchvision.models import get_model

from benchmarks.timing import Side, alternate, alternate_processes
from earshot.config.train import Trainer
from earshot.core import devices, instructions
from earshot.models.build import build_model
from earshot.models.normalization import normalized
from earshot.store.kept_outputs import KeptOutputs
from earshot.training import fit, frozen, state
from earshot.training.batches import clips_of

NAME, SIZES, CLIPS, CLASSES = "mobilenet_v2", (96, 224), 256, 10
PASSES = (("mobilenet_v2", 96, 512), ("efficientnet_b0", 224, 64), ("resnet50", 224, 64))
CPU = torch.device("cpu")


def main(repeats: int = 3, threads: int = 2) -> None:
    instructions.limit()  # as in a study, for both sides of an epoch
    for size in SIZES:
        kept_s, plain_s = measure(size, repeats=repeats, threads=threads)
        print(
            f"{NAME} at {size}x{size}, {CLIPS} clips: an epoch in {kept_s * 1e3:.1f} ms from kept outputs, "
            f"{plain_s * 1e3:,.0f} ms with the backbone: ratio {plain_s / kept_s:.0f} (target 100)"
        )
    instructions.lift()  # the processes of a pass inherit the environment
    for name, size, count in PASSES:
        own_s, plain_s, free_s = measure_pass(name, size, count, repeats=repeats)
        print(
            f"{name} at {size}x{size}, one pass over {count} pictures: {count / own_s:.1f} pictures a second, plain "
            f"torchvision {count / plain_s:.1f}: ratio {plain_s / own_s:.2f} (target 1.3); by all instructions "
            f"{count / free_s:.1f}: ratio {free_s / own_s:.2f}"
        )


def measure(size: int, *, repeats: int, threads: int) -> list[float]:
    """Median seconds of an epoch from kept outputs, and of one that runs the backbone."""
    trainer = Trainer(batch_size=32, device="cpu", threads=threads)
    rng = np.random.default_rng(0)
    clips = clips_of(rng.random((CLIPS, size, size), dtype=np.float32), rng.integers(0, CLASSES, CLIPS))
    model = build_model(NAME, input_shape=clips.shape, outputs=CLASSES, freeze="backbone")
    model = normalized(model, clips, how="train")
    start = partial(state.start, n_classes=CLASSES, trainer=trainer, seed=0, device=CPU)
    with devices.repeatable(CPU, threads=threads), tempfile.TemporaryDirectory() as folder:
        kept = KeptOutputs("benchmark", folder=Path(folder))
        outputs = frozen.backbone_outputs(model, clips, device=CPU, kept_outputs=kept)
        from_kept = start(model.get_submodule("model.head"), {"train": outputs})
        plain = start(model, {"train": clips})
        epochs = [lambda: fit.train_one_epoch(from_kept, 1), lambda: fit.train_one_epoch(plain, 1)]
        return alternate(epochs, repeats)


def measure_pass(name: str, size: int, count: int, *, repeats: int) -> list[float]:
    """Median seconds of a pass over all pictures: Earshot's, and torchvision's network in a loop, in both ways."""
    here, arguments = "benchmarks.frozen", (name, size, count)
    sides = (
        Side(here, "own_pass", arguments, as_stage=True),
        Side(here, "plain_pass", arguments, environment=instructions.LIMITS),
        Side(here, "plain_pass", arguments),
    )
    return alternate_processes(sides, repeats)


def own_pass(name: str, size: int, count: int) -> Callable[[], object]:
    clips = clips_of(_pictures(size, count), np.zeros(count))
    network = build_model(name, input_shape=clips.shape, outputs=CLASSES, freeze="backbone", grayscale=False)
    model = normalized(network, clips, how="none")
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    return lambda: list(frozen.compute(model, clips, np.arange(count), device=CPU))


def plain_pass(name: str, size: int, count: int) -> Callable[[], object]:
    plain = get_model(name, weights=None).eval()
    rgb = torch.from_numpy(_pictures(size, count))[:, None].expand(-1, 3, -1, -1).contiguous()
    torch.set_num_threads(len(os.sched_getaffinity(0)))

    def loop() -> None:
        with torch.inference_mode():
            for start in range(0, count, 32):
                plain(rgb[start : start + 32])

    return loop


def _pictures(size: int, count: int) -> NDArray[np.float32]:
    return np.random.default_rng(0).random((count, size, size), dtype=np.float32)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
