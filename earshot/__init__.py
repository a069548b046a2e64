"""Earshot: which model tells these sounds apart, and how much of a picture survives as sound.

`import earshot` gives notebooks `load`, `sonify`, `reconstruct`, `spectrogram` and `Sound`.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from earshot.api.model import load
    from earshot.api.sounds import Sound, reconstruct, sonify, spectrogram

__all__ = ["Sound", "load", "reconstruct", "sonify", "spectrogram"]


def __getattr__(name: str) -> Any:
    """What a notebook asks for, imported where it does: torch takes seconds, which no stage is to wait for."""
    if name not in __all__:
        raise AttributeError(f"module 'earshot' has no attribute {name!r}")
    return getattr(import_module("earshot.api.model" if name == "load" else "earshot.api.sounds"), name)
