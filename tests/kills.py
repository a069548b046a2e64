"""Kill a tiny study again and again, and see whether it ends with the bytes of one that was left alone.

python -m tests.kills FOLDER [--random 40] [--seed 0]

Every kill is a SIGKILL: of all processes of the study, of DVC alone, or of the stage alone. Most strike
`scripts/repro`, some a sweep, and what comes next is `scripts/repro` again. A study that comes through must have the
outputs, params.yaml and dvc.lock of one that was left alone; where it has not, its folder stays.
"""

import argparse
import contextlib
import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import psutil
from ruamel.yaml import YAML

from tests import study

SETTINGS = study.TINY | {
    "views": ["sound"],
    "models": ["cnn"],
    "cv.folds": 2,
    "cv.subset": 2,
    "cv.grid": {"lr": [0.001, 0.01]},
    "sweep": {"seed": [1, 2]},
}
OUTPUTS = ("data", "metrics", "models", "plots", "report")
ITSELF = ("dvc", "repro")  # which writes dvc.lock in place, as `scripts/repro` does not
REPRO, SWEEP = ("scripts/repro", "1"), (sys.executable, "-m", "earshot", "sweep", "--jobs", "1")
OF_A_SWEEP = {"data/sweep.csv", "plots/sweep.png", "metrics/seeds.json"}  # no stage writes them
KILLS_A_STUDY = 8  # at random
EVERY_S = 0.01

Processes = list[psutil.Process]
Command = tuple[str, ...]


def command_of(process: psutil.Process) -> list[str]:
    with contextlib.suppress(psutil.Error):
        words: list[str] = process.cmdline()
        return words
    return []


def stage_of(process: psutil.Process) -> str:
    """`train` of `python -m stages.train`, nothing of other processes."""
    words = command_of(process)
    return words[2].removeprefix("stages.") if words[1:2] == ["-m"] and "stages." in words[2] else ""


def processes(folder: Path) -> Processes:
    """The processes that work in the folder."""
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def dvc(folder: Path) -> Processes:
    return [one for one in processes(folder) if any(word.endswith("/dvc") for word in command_of(one)[:2])]


def stages(folder: Path) -> Processes:
    return [one for one in processes(folder) if stage_of(one)]


def sweep(folder: Path) -> Processes:
    return [one for one in processes(folder) if "sweep" in command_of(one)]


def kill(folder: Path, who: Callable[[Path], Processes]) -> str:
    """Kill those processes, or all where there are none of the kind; returns the stages that were at work."""
    at_work = {stage_of(process) for process in stages(folder)}
    for process in who(folder) or processes(folder):
        with contextlib.suppress(psutil.Error):
            process.kill()
    return " ".join(sorted(at_work)) or "no stage"


@contextlib.contextmanager
def started(folder: Path, command: Command) -> Iterator["subprocess.Popen[bytes]"]:
    """A command in the folder. What it prints goes into a log beside it."""
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    with folder.with_suffix(".log").open("a") as log:
        log.write(f"== {' '.join(command)}\n")
        log.flush()
        process = subprocess.Popen(
            command, cwd=folder, env=environment, stdout=log, stderr=log, start_new_session=True
        )
        yield process
        process.wait()


def files(folder: Path) -> dict[str, bytes]:
    """All that the study came to, by path. The stages may stand in dvc.lock in any order."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for output in OUTPUTS
        for path in (folder / output).rglob("*")
        if path.is_file()
    }
    lock = YAML(typ="safe").load(folder / "dvc.lock")
    found |= {f"dvc.lock {name}": repr(entry).encode() for name, entry in lock["stages"].items()}
    found["params.yaml"] = (folder / "params.yaml").read_bytes()
    return {name: content for name, content in found.items() if name not in OF_A_SWEEP}


class Studies:
    """Copies of one tiny study, to be killed and then compared with one that was left alone.

    folder : where they lie
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.number, self.failed = folder, 0, 0
        self.alone = study.clone(folder / "alone")
        study.write_pictures(self.alone)
        with (self.alone / ".gitignore").open("a") as ignored:
            ignored.write("/pictures/\n")
        study.set_params(self.alone, **SETTINGS)
        study.commit(self.alone)
        began = time.monotonic()
        study.run(*REPRO, cwd=self.alone)
        self.seconds = time.monotonic() - began
        self.expected = files(self.alone)
        print(f"left alone: {len(self.expected)} files and records, {self.seconds:.0f} s", flush=True)

    def new(self) -> Path:
        """The study before its first run, in a folder of its own."""
        self.number += 1
        copy = self.folder / f"killed_{self.number}"
        study.run("git", "clone", "-q", str(self.alone), str(copy), cwd=self.folder)
        shutil.copytree(self.alone / "pictures", copy / "pictures")
        return copy

    def compare(self, copy: Path) -> None:
        """Leave a study alone until it is through, and compare it. One that is as it should be is removed."""
        with started(copy, REPRO) as process:
            pass
        found = {} if process.returncode else files(copy)
        names = {name for name in found.keys() | self.expected if found.get(name) != self.expected.get(name)}
        if process.returncode:
            print(f"{copy.name}: scripts/repro exits {process.returncode}, see {copy}.log", flush=True)
        else:
            print(f"{copy.name}: {f'DIFFERENT: {sorted(names)}' if names else 'the same bytes'}", flush=True)
        if names:
            self.failed += 1
        else:
            shutil.rmtree(copy)


def at_random(studies: Studies, kills: int, rng: random.Random) -> None:
    """Kill at random moments, KILLS_A_STUDY times one study, the first time of each second one while it sweeps."""
    while kills > 0:
        copy = studies.new()
        for number in range(min(kills, KILLS_A_STUDY)):
            command = SWEEP if number == 0 and studies.number % 2 == 0 else REPRO
            delay = rng.uniform(0, 2 * studies.seconds / KILLS_A_STUDY)
            who = rng.choice([processes, dvc, stages])
            with started(copy, command) as process:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(delay)
                at_work = kill(copy, who)
            kills -= 1
            said = "sweep" if command is SWEEP else "repro"
            print(f"{copy.name}: {said}, {delay:.1f} s, {who.__name__}, in {at_work}", flush=True)
        studies.compare(copy)


class Aim(NamedTuple):
    """A kill at a moment.

    moment : gives a condition on the study's folder, asked again and again
    who : the processes that are killed
    """

    name: str
    command: Command
    moment: Callable[[], Callable[[Path], bool]]
    who: Callable[[Path], Processes]


def runs(folder: Path, name: str) -> bool:
    """Whether a stage is at work under a DVC that lives: one whose DVC was killed before may not have ended yet."""
    alive = {process.pid for process in dvc(folder)}
    for process in stages(folder):
        with contextlib.suppress(psutil.Error):
            if stage_of(process) == name and alive & {parent.pid for parent in process.parents()}:
                return True
    return False


def at_work(name: str) -> Callable[[], Callable[[Path], bool]]:
    """While a stage is at work."""
    return lambda: lambda folder: runs(folder, name)


def after(name: str) -> Callable[[], Callable[[Path], bool]]:
    """When a stage has ended, and before DVC has recorded it."""

    def moment() -> Callable[[Path], bool]:
        seen = []

        def is_now(folder: Path) -> bool:
            if runs(folder, name):
                seen.append(True)
                return False
            return bool(seen)

        return is_now

    return moment


def exists(pattern: str, *, of: str) -> Callable[[], Callable[[Path], bool]]:
    """When there is such a file, while the stage that writes it is at work."""
    return lambda: lambda folder: any(folder.glob(pattern)) and runs(folder, of)


def lock_shrinks() -> Callable[[Path], bool]:
    """While DVC writes dvc.lock, which it empties first."""
    sizes = [0]

    def is_now(folder: Path) -> bool:
        path = folder / "dvc.lock"
        sizes.append(path.stat().st_size if path.is_file() else 0)
        return sizes[-1] < sizes[-2]

    return is_now


AIMS = (  # as they come in a study
    Aim(
        "a shard is half written",
        REPRO,
        exists(".checkpoints/shards/sonify/*/.*.part", of="sonify"),
        processes,
    ),
    Aim("between the end of cv and its record", REPRO, after("cv"), processes),
    Aim(
        "the first of two runs is trained",
        REPRO,
        exists(".checkpoints/runs/*/*/run_1/run.json", of="train"),
        stages,
    ),
    Aim("DVC alone, as training begins", REPRO, at_work("train"), dvc),
    Aim("DVC alone, as training goes on", REPRO, at_work("train"), dvc),
    Aim("between the end of training and its record", REPRO, after("train"), processes),
    Aim("dvc.lock is half written", ITSELF, lock_shrinks, processes),
    Aim("dvc.lock is half written once more", ITSELF, lock_shrinks, processes),
    Aim("a sweep alone, as it trains", SWEEP, at_work("train"), sweep),
    Aim("all of a sweep, as it trains", SWEEP, at_work("train"), processes),
)


def at_moments(studies: Studies) -> None:
    """Kill one study at the moments of AIMS, one after the other."""
    copy = studies.new()
    for aim in AIMS:
        is_now, hit = aim.moment(), False
        with started(copy, aim.command) as process:
            while process.poll() is None and not (hit := is_now(copy)):
                time.sleep(EVERY_S)
            kill(copy, aim.who)
        print(f"{copy.name}: {aim.name}{'' if hit else ': NEVER'}", flush=True)
    studies.compare(copy)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--random", type=int, default=40, help="kills at random moments")
    parser.add_argument(
        "--aims", type=int, default=len(AIMS), help="so many of the moments that are aimed at"
    )
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    studies = Studies(arguments.folder.absolute())
    at_moments(studies)
    at_random(studies, arguments.random, random.Random(arguments.seed))
    sys.exit(f"{studies.failed} studies came to something else" if studies.failed else 0)


if __name__ == "__main__":
    main()
