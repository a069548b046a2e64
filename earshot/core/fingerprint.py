"""What results depend on beside data and settings: the project's code, and the libraries that it runs on."""

import functools
import hashlib
import importlib.metadata
import platform
from pathlib import Path

from earshot.core import instructions
from earshot.core.errors import EarshotError

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
    "embedding",
    "features",
    "examination",
    "models",
    "evaluation",
    "training",
    "detection",
    "api",
    "plots",
    "explanation",
    "report",
    "listening",
    "live",
    "export",
    "intake",
    "cli",
)


@functools.cache
def code_at_start() -> dict[str, str]:
    """A hash of each module in earshot/ and stages/, as it lay when this process first asked.

    A stage asks before it imports what it runs.
    """
    return _code()


@functools.cache
def code_hash(room: str | None = None) -> str:
    """A hash of the code that a room's functions can run: its own and that of the rooms before it.

    room : one of ROOMS; None hashes all of earshot/ and stages/

    A process keeps the code that it started with, and this hash with it. Raises EarshotError where a module was edited
    between the start and the first call: this process may have imported either version.
    """
    folders = [] if room is None else [f"earshot/{name}/" for name in ROOMS[: ROOMS.index(room) + 1]]
    then, now = (
        {path: content for path, content in code.items() if not folders or path.startswith(tuple(folders))}
        for code in (code_at_start(), _code())
    )
    if moved := sorted(path for path in then | now if then.get(path) != now.get(path)):
        raise EarshotError(f"{', '.join(moved)}: edited while this process started; run it again")
    text = "".join(f"{path} {content}\n" for path, content in then.items())
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _code() -> dict[str, str]:
    paths = sorted(path for folder in ("earshot", "stages") for path in (ROOT / folder).rglob("*.py"))
    return {
        path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in paths
    }


@functools.cache
def library_versions() -> dict[str, str]:
    """The versions of Python and of the libraries that results depend on."""
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in LIBRARIES
    }


def fingerprint() -> dict[str, str]:
    """The versions, a hash of all code and the processor: what two processes must share to give the same bytes."""
    return {"code": code_hash(), "processor": instructions.of_arrays()} | library_versions()
