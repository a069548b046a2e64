"""A call in a process of its own on a worker of a cluster: `python -m earshot.core.own_process FOLDER`

What trains sets what holds for a whole process: the instructions that torch may use, its threads, its random state.
A worker has had other work before and may have more beside it. Its memory, and a GPU's, are free again afterwards.
"""

import os
import pickle
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from earshot.core import lifeline
from earshot.core.errors import EarshotError
from earshot.core.fingerprint import ROOT
from earshot.core.paths import CHECKPOINTS

CALL, RESULT, FAULT, LOG, FILES = "call", "result", "fault", "log", "files"
LASTING = ("data/weights",)  # what the worker's folder keeps from call to call, beside checkpoints
LINES = 20  # of a log that are handed on


def call(packed: bytes, files: Mapping[str, bytes], *, shared: bool) -> bytes:
    """Runs on a worker: what a call gives, made in a process that ends with the worker.

    packed : a pickled function without arguments that returns bytes
    files : from a path to the content that the call finds there
    shared : whether it is made in the worker's folder; else in an empty one of its own, whose `.checkpoints` lie in the
        worker's as `.checkpoints/cluster`

    Raises EarshotError as the call does, and where the process is ended from outside.
    """
    from distributed import get_worker

    with tempfile.TemporaryDirectory(dir=get_worker().local_directory) as name:
        folder = Path(name)
        (folder / CALL).write_bytes(packed)
        place = Path.cwd() if shared else _own_folder(folder / FILES, files)
        paths = [str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        with (folder / LOG).open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-P", lifeline.__file__, sys.executable, "-m", __name__, str(folder)],
                cwd=place,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)},
                stdin=subprocess.PIPE,  # held open: the process ends with this one
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
            with process:
                status = process.wait()
        if (folder / FAULT).exists():
            raise EarshotError((folder / FAULT).read_text(encoding="utf-8"))
        said = (folder / LOG).read_text(encoding="utf-8", errors="replace").splitlines()[-LINES:]
        if status in (-signal.SIGKILL, 256 - signal.SIGKILL, 128 + signal.SIGKILL):
            raise EarshotError(
                "a worker's process was ended from outside, most often for want of memory: give the workers more, or "
                "set a smaller batch_size"
            )
        if status:
            raise RuntimeError("\n".join(["a worker's process failed:", *said]))
        return (folder / RESULT).read_bytes()


def _own_folder(folder: Path, files: Mapping[str, bytes]) -> Path:
    """A folder with these files, which has its checkpoints and downloads in the worker's, where it can write them."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    for name, lasting in [
        (str(CHECKPOINTS), CHECKPOINTS / "cluster"),
        *((name, Path(name)) for name in LASTING),
    ]:
        try:
            lasting.mkdir(parents=True, exist_ok=True)
        except OSError:  # then a run that is killed begins anew
            continue
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(lasting.resolve())
    return folder


def main() -> None:
    folder = Path(sys.argv[1])
    try:
        (folder / RESULT).write_bytes(pickle.loads((folder / CALL).read_bytes())())
    except EarshotError as error:
        (folder / FAULT).write_text(str(error), encoding="utf-8")


if __name__ == "__main__":
    from earshot.core import process

    process.prepare()
    process.log_to_stderr()
    main()
