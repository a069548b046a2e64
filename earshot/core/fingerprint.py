"""What results depend on beside data and settings: the project's code, and the libraries that it runs on."""

import functools
import hashlib
import importlib.metadata
import platform
from pathlib import Path

from earshot.core import instructions

ROOT = Path(__file__).parents[2]
LIBRARIES = (
    "numpy",
    "scipy",
    "pandas",
    "numba",
    "librosa",
    "soundfile",
    "soxr",
    "pillow",
    "scikit-image",
    "scikit-learn",
    "torch",
    "torchvision",
)
# The rooms of earshot/, each of which may import those before it, as import-linter holds (pyproject.toml).
ROOMS = (
    "core",
    "config",
    "signal",
    "reading",
    "store",
    "dataset",
    "sonification",
    "features",
    "models",
    "evaluation",
    "training",
    "plots",
    "explanation",
    "report",
    "cli",
)


@functools.cache
def code_hash(room: str | None = None) -> str:
    """A hash of the code that a room's functions can run: its own and that of the rooms before it.

    room : one of ROOMS; None hashes all of earshot/ and stages/

    A process keeps the code that it started with, and this hash with it.
    """
    if room is None:
        folders = [ROOT / "earshot", ROOT / "stages"]
    else:
        folders = [ROOT / "earshot" / name for name in ROOMS[: ROOMS.index(room) + 1]]
    code = hashlib.sha256()
    for path in sorted(path for folder in folders for path in folder.rglob("*.py")):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        code.update(f"{path.relative_to(ROOT).as_posix()} {content}\n".encode())
    return code.hexdigest()[:12]


@functools.cache
def library_versions() -> dict[str, str]:
    """The versions of Python and of the libraries that results depend on."""
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in LIBRARIES
    }


def fingerprint() -> dict[str, str]:
    """The versions, a hash of all code and the processor: what two processes must share to give the same bytes."""
    return {"code": code_hash(), "processor": instructions.of_arrays()} | library_versions()
