"""What results depend on beside data and params: the code, and the libraries that it runs on."""

import functools
import hashlib
import importlib.metadata
import platform
from pathlib import Path

ROOT = Path(__file__).parents[2]
LIBRARIES = (
    *("numpy", "scipy", "pandas", "numba", "librosa", "soundfile", "soxr", "pillow", "scikit-image"),
    *("scikit-learn", "torch", "torchvision"),
)


@functools.cache
def software():
    """Names and versions, and a hash of the project's code. A process keeps the code it started with, and this too."""
    code = hashlib.sha256()
    for path in sorted(path for package in ("earshot", "stages") for path in (ROOT / package).rglob("*.py")):
        code.update(
            f"{path.relative_to(ROOT).as_posix()} {hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode()
        )
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return {"python": platform.python_version(), "code": code.hexdigest()[:12], **versions}
