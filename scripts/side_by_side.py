"""Run stages that do not wait for each other, so many at a time: python -m scripts.side_by_side JOBS < NAMES

NAMES holds the name of a stage in each line. On Ctrl-C no other stage begins; a training ends its epoch and is
committed, any other stage is given up. The exit status is then that of a command that Ctrl-C ended, and 1 where a
stage failed. Stages that failed or were given up are named at the end.

SHELL must be a shell that becomes the one command it is given, as bash does: see `start`.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from earshot.core.process import INTERRUPTED, STOP

EVERY_S = 0.05


def side_by_side(names: list[str], *, jobs: int) -> int:
    """Run these stages; returns the exit status."""
    before = signal.getsignal(signal.SIGINT)
    with tempfile.TemporaryDirectory() as folder:
        stop = Path(folder) / "stop"
        environment = os.environ | {STOP: str(stop)}  # for stages whose DVC was about to begin them

        def ask(number: int, frame: FrameType | None) -> None:
            stop.touch()

        signal.signal(signal.SIGINT, ask)
        running: dict[str, subprocess.Popen[bytes]] = {}
        waiting, failed = list(names), []
        while running or (waiting and not stop.exists()):
            while waiting and len(running) < jobs and not stop.exists():
                name = waiting.pop(0)
                print(f"{name}, {len(names) - len(waiting)} of {len(names)}", file=sys.stderr, flush=True)
                running[name] = start(name, environment)
            time.sleep(EVERY_S)
            ended = [name for name, process in running.items() if process.poll() is not None]
            failed += [name for name in ended if running.pop(name).returncode]
        signal.signal(signal.SIGINT, before)
        stopped = stop.exists()
    if failed:  # DVC says nothing of a stage that was killed
        print(f"not finished: {', '.join(failed)}", file=sys.stderr)
    if not stopped:
        return int(bool(failed))
    print(f"stopped, {len(waiting)} stages were not begun; `make repro` goes on", file=sys.stderr)
    return INTERRUPTED


def start(name: str, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Begin a stage.

    Ctrl-C reaches every process of the terminal. It is kept from DVC, which would leave the stage alone or a half
    dvc.lock behind; the stage lets it in again (`let_in_interrupts`): one that comes while it starts is not lost. A
    shell that waits between the two, as dash does, lets it in too and dies of it.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        return subprocess.Popen(
            ["dvc", "--wait-for-lock", "repro", "--quiet", "--single-item", name], env=environment
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


if __name__ == "__main__":
    sys.exit(side_by_side(sys.stdin.read().split(), jobs=int(sys.argv[1])))
