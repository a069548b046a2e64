"""Seconds and memory an item, from 1,000 items to 100,000: neither may grow with the number of items.

python -m benchmarks.scale [items …]

Made-up pictures of 16 × 16, sonified at that size: each stage, and what DVC does about it, as a process of its own on
all cores. Memory is the resident memory of that process, and of it and its workers together, at its highest of
samples 50 ms apart; pages that processes share are counted in each. Seconds are given as they passed and as the
processors worked.
"""

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from earshot.config.inputs import PicturesInput
from earshot.config.sonify import Sonify
from earshot.config.train import Trainer
from earshot.core import paths
from earshot.models import saved
from earshot.models.build import build_model, parameter_count
from earshot.models.card import ModelCard, RunFacts
from earshot.models.normalization import Normalized
from tests.study import clone, set_params

SIZES = (1_000, 10_000, 100_000)
SIDE = 16
PARAMS = {
    "dataset.path": "pictures",
    "balance.method": "none",
    "sonify.rows": SIDE,
    "sonify.columns": SIDE,
}
SOURCES = [f"pictures/{label}" for label in range(10)]
STEPS = {
    "dvc add, the files as they are": ["dvc", "add", "-q", "pictures"],
    "dvc status, nothing changed": ["dvc", "status", "-q", "pictures.dvc"],
    "check": ["stages.check"],  # which names what `featurize` hears through
    "index": ["stages.index"],
    "balance": ["stages.balance"],
    "split": ["stages.split"],
    "sonify": ["stages.sonify"],
    "augment": ["stages.augment"],
    "featurize": ["stages.featurize", "sound"],
    "dvc commit, the sounds and features": ["dvc", "commit", "-q", "-f", "sonify", "featurize@sound"],
    "predict": ["earshot", "predict", "model", *SOURCES],
}
SAMPLE_S = 0.05


def write_pictures(folder: Path, items: int) -> None:
    """Random pictures in ten class folders."""
    rng = np.random.default_rng(0)
    for label in SOURCES:
        (folder / label).mkdir(parents=True)
    for number in range(items):
        pixels = rng.integers(0, 256, (SIDE, SIDE), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / SOURCES[number % 10] / f"{number:06d}.png", compress_level=1)


def write_model(folder: Path) -> None:
    """A linear model of random weights on the sounds of the pictures."""
    network = build_model("linear", input_shape=(SIDE, SIDE), outputs=10)
    card = ModelCard(
        architecture="linear",
        settings={},
        trainer=Trainer(),
        runs=[RunFacts(epoch=1, epochs_trained=1)],
        classes=list("0123456789"),
        view="sound",
        input_shape=(SIDE, SIDE),
        normalize="none",
        input=PicturesInput(view="sound", sonify=Sonify(rows=SIDE, columns=SIDE)),
        parameters=parameter_count(network),
    )
    saved.save(folder, [Normalized(network)], card)


def measured(folder: Path, arguments: list[str]) -> tuple[float, float, float, float]:
    """(seconds passed, seconds of processors, MiB of the process, MiB of it and its workers) of a command."""
    started, alone, together = time.perf_counter(), 0.0, 0.0
    seconds: dict[int, float] = {}
    process = subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    first = psutil.Process(process.pid)
    while process.poll() is None:
        resident = []
        for one in [first, *_children(first)]:
            try:
                resident.append(one.memory_info().rss / 2**20)
                seconds[one.pid] = sum(one.cpu_times()[:2])
            except psutil.Error:  # it has just ended
                continue
        if resident:
            alone, together = max(alone, resident[0]), max(together, sum(resident))
        time.sleep(SAMPLE_S)
    if process.returncode:
        sys.exit(f"python -m {' '.join(arguments)} failed")
    return time.perf_counter() - started, sum(seconds.values()), alone, together


def _children(process: psutil.Process) -> list[psutil.Process]:
    try:
        return list(process.children(recursive=True))
    except psutil.Error:
        return []


def main(sizes: Sequence[int]) -> None:
    print(
        "| stage | items | ms an item | processor ms an item | MiB | MiB with workers |\n|---|---|---|---|---|---|"
    )
    for items in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = clone(Path(place))
            set_params(folder, **PARAMS)
            write_pictures(folder, items)
            write_model(folder / "model")
            for name, arguments in STEPS.items():
                passed, worked, alone, together = measured(folder, arguments)
                each = f"{1e3 * passed / items:.3f} | {1e3 * worked / items:.3f}"
                print(f"| {name} | {items:,} | {each} | {alone:.0f} | {together:.0f} |", flush=True)
            files = sum(path.is_file() for path in (folder / paths.AUDIO.parent).rglob("*"))
            print(f"{items:,} items: {files} files below data/")


if __name__ == "__main__":
    main([int(size) for size in sys.argv[1:]] or SIZES)
