"""params.yaml while a sweep is at work, which writes one study after another there, and after one that was killed."""

import contextlib
from collections.abc import Iterator

from earshot.core import locks, paths
from earshot.core.errors import EarshotError
from earshot.core.io import write_bytes

FOLDER = paths.CHECKPOINTS / "sweep"
ORIGINAL = FOLDER / "params.yaml"  # what params.yaml said, as long as a sweep is at work
VARIANT = FOLDER / "variant.yaml"  # what the sweep made of it last
LOCK = FOLDER / "lock"  # which the sweep holds


@contextlib.contextmanager
def exclusively() -> Iterator[None]:
    """Refuse a second sweep in this folder meanwhile: each would restore params.yaml under the other."""
    busy = "Another sweep is at work in this folder; wait for it, or end it."
    with locks.hold(LOCK, busy=busy):
        yield


def is_abandoned() -> bool:
    """Whether params.yaml is as a sweep that was killed has left it."""
    return ORIGINAL.is_file() and not locks.is_held(LOCK)


def write_variant(content: bytes) -> None:
    """Let params.yaml be one study of the sweep: the original or what VARIANT holds, at whatever moment this ends."""
    write_bytes(paths.PARAMS, ORIGINAL.read_bytes())
    write_bytes(VARIANT, content)
    write_bytes(paths.PARAMS, content)


def keep_original() -> None:
    """Keep params.yaml as it is, before the first study of a sweep."""
    write_bytes(ORIGINAL, paths.PARAMS.read_bytes(), sync=True)


def restore_params() -> bool:
    """Write params.yaml as it was before the sweep; whether there was one.

    Raises EarshotError where somebody has edited it since a sweep was killed.
    """
    if not ORIGINAL.is_file():
        return False
    ours = [path.read_bytes() for path in (ORIGINAL, VARIANT) if path.is_file()]
    if paths.PARAMS.read_bytes() not in ours:
        raise EarshotError(
            f"{paths.PARAMS} was edited after a sweep was killed, and {ORIGINAL} holds what it said before that sweep. "
            f"Delete the one that you do not want: {ORIGINAL} itself, or {paths.PARAMS} and copy the other over it."
        )
    write_bytes(paths.PARAMS, ORIGINAL.read_bytes())
    ORIGINAL.unlink()
    return True
