"""What a small change costs: sonify and featurize after 1 % added or changed, against all of it from scratch.

python -m benchmarks.incremental [repeats [items]]

Made-up pictures of 64 × 64 and the default settings. DVC runs the stages once. Then, after each change, every stage
runs as DVC would run it, without its output and with dvc.lock naming the run before; and once more with
EARSHOT_AFRESH, from scratch. What is timed is its process, from start to end, and both must give the same bytes.
"""

import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from PIL import Image

from tests.study import clone, run, set_params

STAGES = {
    "sonify": ("data/audio", ["stages.sonify"]),
    "featurize@sound": ("data/features/sound", ["stages.featurize", "sound"]),
    "featurize@picture": ("data/features/picture", ["stages.featurize", "picture"]),
}


def write_pictures(folder, numbers, *, seed, ending="", classes=10):
    """Smooth noise of 64 × 64, each picture by its number and the seed."""
    for number in numbers:
        rng = np.random.default_rng([seed, number])
        small = Image.fromarray(rng.integers(0, 256, (8, 8), dtype=np.uint8))
        path = folder / "pictures" / str(number % classes) / f"{number:06d}{ending}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        small.resize((64, 64), Image.Resampling.BICUBIC).save(path)


def content(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def compared(folder, name, repeats):
    """Median seconds of a stage from scratch and with what it takes over."""
    seconds = {"afresh": [], "as before": []}
    for _ in range(repeats):
        found = {}
        for way, times in seconds.items():
            command = ["env", "EARSHOT_AFRESH=1"] if way == "afresh" else ["env", "-u", "EARSHOT_AFRESH"]
            output, arguments = STAGES[name]
            shutil.rmtree(folder / output)
            started = time.perf_counter()
            run(*command, "python", "-m", *arguments, cwd=folder)
            times.append(time.perf_counter() - started)
            found[way] = content(folder / output)
        assert found["afresh"] == found["as before"]
    return [statistics.median(times) for times in seconds.values()]


def main(repeats=3, items=10_000):
    hundredth = range(items // 200, items, 100)  # spread over all shards
    with tempfile.TemporaryDirectory() as place:
        folder = clone(Path(place))
        set_params(folder, **{"dataset.path": "pictures", "balance.method": "none"})
        write_pictures(folder, range(items), seed=0)
        run("dvc", "repro", "-q", *STAGES, cwd=folder)
        shutil.copytree(folder / "pictures", folder / "before")
        for change in ("added", "changed"):
            shutil.rmtree(folder / "pictures")
            shutil.copytree(folder / "before", folder / "pictures")
            write_pictures(folder, hundredth, seed=1, ending="b" if change == "added" else "")
            for name in ("index", "balance", "split"):
                run("python", "-m", f"stages.{name}", cwd=folder)
            whole, little = 0, 0
            for name in STAGES:
                afresh, again = compared(folder, name, repeats)
                whole, little = whole + afresh, little + again
                share = f"{again:.2f} s, from scratch {afresh:.2f} s: {again / afresh:.0%}"
                print(f"{name}, 1 % of {items:,} {change}: {share}")
            print(f"together: {little / whole:.0%} (target 15 %)")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
