"""What a small change costs: sonify and featurize after 1 % added or changed, against all of it from scratch.

python -m benchmarks.incremental [repeats [items [pixels]]]

Made-up pictures of pixels × pixels, 64 unless told, sonified at that size, and the default settings otherwise. DVC
runs the stages once. Then, after each change, every stage runs as DVC would run it, without its output and with the
shards that the run before has left; and once more with EARSHOT_AFRESH, from scratch. What is timed is its process,
from start to end, and both must give the same bytes.
Seconds are given as they passed, and as the processors worked, which says more on a busy machine.
"""

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.study import clone, run, set_params

STAGES = {
    "sonify": ("data/audio", ["stages.sonify"]),
    "featurize@sound": ("data/features/sound", ["stages.featurize", "sound"]),
    "featurize@picture": ("data/features/picture", ["stages.featurize", "picture"]),
}
KEPT = ".checkpoints/shards"


def write_pictures(
    folder: Path, numbers: Iterable[int], *, seed: int, pixels: int = 64, ending: str = "", classes: int = 10
) -> None:
    """Smooth noise, each picture by its number and the seed."""
    for number in numbers:
        rng = np.random.default_rng([seed, number])
        small = Image.fromarray(rng.integers(0, 256, (8, 8), dtype=np.uint8))
        path = folder / "pictures" / str(number % classes) / f"{number:06d}{ending}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        small.resize((pixels, pixels), Image.Resampling.BICUBIC).save(path)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def compared(folder: Path, name: str, repeats: int) -> NDArray[np.float64]:
    """Median seconds of a stage, passed and worked: (2, 2) from scratch and with what it takes over."""
    output, arguments = STAGES[name]
    seconds: dict[str, list[tuple[float, float]]] = {"afresh": [], "as before": []}
    for _ in range(repeats):
        outputs = {}
        for side, times in seconds.items():
            environment = ["EARSHOT_AFRESH=1"] if side == "afresh" else ["-u", "EARSHOT_AFRESH"]
            shutil.rmtree(folder / output)
            leave(folder)
            started, worked = time.perf_counter(), processors()
            run("env", *environment, "python", "-m", *arguments, cwd=folder)
            times.append((time.perf_counter() - started, processors() - worked))
            outputs[side] = content(folder / output)
        assert outputs["afresh"] == outputs["as before"]
    return np.median(list(seconds.values()), axis=1)


def leave(folder: Path) -> None:
    """Put the shards there that the run before the change has left."""
    shutil.rmtree(folder / KEPT, ignore_errors=True)
    subprocess.run(["cp", "-al", folder.with_name("kept"), folder / KEPT], check=True)


def processors() -> float:
    """The seconds that processors have worked for this process's children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main(repeats: int = 3, items: int = 10_000, pixels: int = 64) -> None:
    hundredth = range(items // 200, items, 100)  # spread over all shards
    with tempfile.TemporaryDirectory() as place:
        folder = clone(Path(place) / "study")
        sizes = {"sonify.rows": pixels, "sonify.columns": pixels}
        set_params(folder, **{"dataset.path": "pictures", "balance.method": "none"}, **sizes)
        write_pictures(folder, range(items), seed=0, pixels=pixels)
        run("dvc", "repro", "-q", *STAGES, cwd=folder)
        shutil.copytree(folder / "pictures", folder / "before")
        (folder / KEPT).rename(folder.with_name("kept"))
        for change, ending in (("added", "b"), ("changed", "")):
            shutil.rmtree(folder / "pictures")
            shutil.copytree(folder / "before", folder / "pictures")
            write_pictures(folder, hundredth, seed=1, pixels=pixels, ending=ending)
            for name in ("index", "balance", "split"):
                run("python", "-m", f"stages.{name}", cwd=folder)
            seconds = {name: compared(folder, name, repeats) for name in STAGES}
            for name, (afresh, again) in (
                *seconds.items(),
                ("together", np.sum(list(seconds.values()), axis=0)),
            ):
                parts = [
                    f"{new:.1f} of {old:.1f} s {what}, {new / old:.0%}"
                    for old, new, what in zip(afresh, again, ("passed", "worked"), strict=True)
                ]
                print(f"1 % of {items:,} {change}, {name}: {'; '.join(parts)}", flush=True)
    print("the target is 20 %")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
