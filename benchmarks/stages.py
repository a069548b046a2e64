"""What the stages cost beyond their own work: the start of Python, imports, and DVC.

python -m benchmarks.stages [repeats [stages, with commas between]]

A tiny study beside a dvc.lock as long as the default study's. Of each stage, one cell of a matrix: Python alone, the
imports of the stage, the stage's command, and `dvc repro -s` of it, as `scripts/repro` runs DVC and as DVC runs itself.
Then all of `scripts/repro` with nothing changed.
Seconds are those that the processors worked, medians; on idle cores as many pass, but for what several work on.
"""

import statistics
import sys
import tempfile
from pathlib import Path

from benchmarks.incremental import processors
from scripts.quick_dvc import BLOCK
from tests.repository import ROOT
from tests.study import reproduced_study, run

CELLS = {"featurize": "sound"} | dict.fromkeys(("train", "evaluate", "gradcam"), "2-sound-cnn")
STAGES = (
    "check,index,eda,describe,balance,split,examine,sonify,augment,featurize,cv,train,evaluate,gradcam,compare_maps,"
    "transfer,compare,report"
)
# what a stage imports as it begins, besides
LATER = {"cv": "earshot.training.cv_result", "train": "earshot.training.train_model"}
WITH_TORCH = {"cv", "train", "evaluate", "gradcam", "transfer"}
TARGETS = {False: 1.0, True: 2.2}  # seconds beyond a stage's own work, without torch and with it
UNCHANGED = 2.0  # seconds of `scripts/repro`


def lengthen_lock(folder: Path) -> None:
    """Give the study's dvc.lock the default study's other stages, too, which DVC reads and writes with its own."""
    lock = folder / "dvc.lock"
    own, others = (
        {match[1]: match[0] for match in BLOCK.finditer(path.read_text().partition("stages:\n")[2])}
        for path in (lock, ROOT / "dvc.lock")
    )
    blocks = own | {name: block for name, block in others.items() if name not in own}
    lock.write_text(f"schema: '2.0'\nstages:\n{''.join(blocks.values())}")


def seconds(*command: str, cwd: Path, repeats: int) -> float:
    """What the processors work for a command, the median of some after a first one."""
    worked = []
    for _ in range(repeats + 1):
        before = processors()
        run(*command, cwd=cwd)
        worked.append(processors() - before)
    return statistics.median(worked[1:])


def measure(name: str, folder: Path, repeats: int) -> tuple[float, float, float, float]:
    """Seconds of a stage's imports with Python's start, of DVC beyond the command, of the work, and of DVC itself."""
    cell = CELLS.get(name, "")
    stage = f"{name}@{cell}" if cell else name
    modules = ", ".join(filter(None, [f"stages.{name}", LATER.get(name)]))
    imports, alone, quick, itself = (
        seconds(*command, cwd=folder, repeats=repeats)
        for command in (
            ("python", "-c", f"import {modules}"),
            ("python", "-m", f"stages.{name}", *filter(None, cell.split("-"))),
            ("scripts/quick/dvc", "repro", "-q", "-f", "-s", stage),
            ("dvc", "repro", "-q", "-f", "-s", stage),
        )
    )
    return imports, quick - alone, alone - imports, itself - alone


def main(repeats: int = 3, stages: str = STAGES) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = reproduced_study(Path(place) / "study")
        lengthen_lock(folder)
        python = seconds("python", "-c", "pass", cwd=folder, repeats=repeats)
        print(f"Python alone: {python:.2f} s of a processor")
        print("stage        imports    dvc  together  target   work  dvc itself")
        for name in stages.split(","):
            imports, dvc, work, itself = measure(name, folder, repeats)
            together = imports + dvc
            print(
                f"{name:12} {imports:7.2f} {dvc:6.2f} {together:9.2f} {TARGETS[name in WITH_TORCH]:7.1f} "
                f"{work:6.2f} {itself:11.2f}",
                flush=True,
            )
        run("git", "commit", "-q", "-a", "-m", "Lengthen dvc.lock", cwd=folder)
        unchanged = seconds("scripts/repro", cwd=folder, repeats=repeats)
        print(f"scripts/repro, nothing changed: {unchanged:.2f} (target {UNCHANGED})")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else 3, *sys.argv[2:])
