"""What a cluster is asked to train comes as a job: `model_job.py` and `cv_job.py`.

A job's functions run on a worker, each call in a process of its own, in the study's folder or in one that holds the
files that it reads. Torch is imported there alone, so that whoever waits for the answers does without it. An answer is
bytes with a checksum in front.
"""

import hashlib
import json
import math
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from earshot.core import locks
from earshot.core.errors import EarshotError
from earshot.training.recipe import Recipe


def sealed(*contents: bytes) -> bytes:
    """An answer: a line with the sizes' checksum, then the contents, the first one of a length that the line tells."""
    sha = hashlib.sha256(b"".join(contents)).hexdigest()
    return b"".join([f"{sha} {len(contents[0])}\n".encode(), *contents])


def unsealed(answer: bytes) -> tuple[Any, bytes]:
    """What an answer's first content, JSON, says, and what follows it.

    Raises ValueError where it is not as it was sent.
    """
    line, _, content = answer.partition(b"\n")
    sha, _, size = line.decode().partition(" ")
    if hashlib.sha256(content).hexdigest() != sha:
        raise ValueError("its checksum is wrong")
    return json.loads(content[: int(size)]), content[int(size) :]


def hardware_of(recipe: Recipe) -> str:
    from earshot.core import devices

    return devices.hardware(devices.pick(recipe.trainer.device))


def check_hardware(recipe: Recipe, wanted: str) -> None:
    if (own := hardware_of(recipe)) != wanted:
        raise EarshotError(
            f"a worker of the cluster trains on {own!r}, another one on {wanted!r}: their bytes differ. Let workers "
            "of one kind train: start those that have a GPU with `--resources GPU=1`, or set train.device: cpu"
        )


def alone(path: Path) -> AbstractContextManager[None]:
    """Wait for a process that trains the same: that of a client that was killed goes on, and keeps its result."""
    return locks.hold(path, busy="", patience_s=math.inf)
