"""Epoch checkpoints: a run that was killed goes on from its last epoch.

A checkpoint is a plain dict of tensors and numbers, read back with torch's `weights_only`.
"""

import hashlib
import io
import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from earshot.core.io import write_bytes
from earshot.training import distributed

NAME = "epoch.pt"

log = distributed.logger(__name__)


def directory(root: Path, *parts: Any) -> Path:
    """The folder for a run: its name is a hash of all that the run's result depends on.

    root : `.checkpoints` in the repository
    parts : text, numbers, lists and dicts of them
    """
    return root / hash_of(*parts)


def hash_of(*parts: Any) -> str:
    """A hash of text, numbers, lists and dicts of them."""
    text = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def state_hash(state: Mapping[str, Tensor]) -> str:
    """A hash of a state dict's names, types and bytes."""
    sha = hashlib.sha256()
    for name, tensor in state.items():
        sha.update(repr((name, str(tensor.dtype), tuple(tensor.shape))).encode())
        sha.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().data)
    return sha.hexdigest()


def write(folder: Path, content: Mapping[str, Any]) -> None:
    """Writes the checkpoint, whole or not at all, with a hash in front of it."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    payload = buffer.getbuffer()
    write_bytes(folder / NAME, hashlib.sha256(payload).digest(), payload, sync=True)


def read(folder: Path, *, device: torch.device | str = "cpu") -> dict[str, Any] | None:
    """The checkpoint's content, or None where there is none. A damaged one is discarded, with a warning."""
    path = folder / NAME
    if not path.exists():
        return None
    content = path.read_bytes()
    digest, payload = content[:32], content[32:]
    if hashlib.sha256(payload).digest() != digest:
        log.warning(f"checkpoint {path} is damaged and discarded; training starts from the first epoch")
        path.unlink()
        return None
    checkpoint: dict[str, Any] = torch.load(io.BytesIO(payload), weights_only=True, map_location=device)
    return checkpoint


def remove(folder: Path | None) -> None:
    """Removes a run's folder: its outputs are written."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
