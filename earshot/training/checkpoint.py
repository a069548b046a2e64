"""Epoch checkpoints: a run that was killed goes on from its last epoch.

A checkpoint is a plain dict of tensors and numbers, read back with torch's `weights_only`.
"""

import hashlib
import io
import json
import shutil
from pathlib import Path

import torch

from earshot.core.io import write_bytes

NAME = "epoch.pt"


def directory(root, *parts):
    """The folder for a run: its name is a hash of all that the run's result depends on.

    root : path, `.checkpoints` in the repository
    parts : str, numbers, lists and dicts of them
    """
    text = json.dumps(parts, sort_keys=True, default=str)
    return Path(root) / hashlib.sha256(text.encode()).hexdigest()[:24]


def state_hash(state):
    """A hash of a state dict's names, types and bytes."""
    sha = hashlib.sha256()
    for name, tensor in state.items():
        sha.update(repr((name, str(tensor.dtype), tuple(tensor.shape))).encode())
        sha.update(tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return sha.hexdigest()


def write(folder, content):
    """Writes the checkpoint, whole or not at all, with a hash in front of it."""
    buffer = io.BytesIO()
    torch.save(content, buffer)
    payload = buffer.getbuffer()
    write_bytes(Path(folder) / NAME, hashlib.sha256(payload).digest(), payload, sync=True)


def read(folder, *, say, device="cpu"):
    """The checkpoint's content, or None where there is none. A damaged one is discarded, and this is said."""
    path = Path(folder) / NAME
    if not path.exists():
        return None
    content = path.read_bytes()
    digest, payload = content[:32], content[32:]
    if hashlib.sha256(payload).digest() != digest:
        say(f"warning: checkpoint {path} is damaged and discarded; training starts from the first epoch")
        path.unlink()
        return None
    return torch.load(io.BytesIO(payload), weights_only=True, map_location=device)


def remove(folder):
    """Removes a run's folder: its outputs are written."""
    if folder is not None:
        shutil.rmtree(folder, ignore_errors=True)
