"""A frozen backbone's outputs, computed once: an epoch then trains the head alone.

They are kept in `.checkpoints/frozen/<cell>`, for all runs and for later ones with another head or other settings. What
the last training did not use is removed.
"""

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from earshot.config.train import Trainer
from earshot.core import devices
from earshot.core.io import write_bytes
from earshot.models.normalization import Normalized
from earshot.store.formats import join_rows
from earshot.training import batch_augment, checkpoint
from earshot.training.batches import Clips, clips_of, cut, fingerprint, reader

if TYPE_CHECKING:
    from earshot.models.backbone import Backbone


class KeptOutputs:
    """The outputs that are kept in a folder. It may be emptied at any time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.used: set[Path] = set()

    def path(self, *about: Any) -> Path:
        """Where the outputs lie that depend on this."""
        path = checkpoint.directory(self.folder, *about).with_suffix(".npy")
        self.used.add(path)
        return path

    def forget_others(self) -> None:
        """Remove what was not asked for, if anything was: a stage that trained nothing did not need to ask."""
        if self.used:
            for path in set(self.folder.iterdir()) - self.used:
                path.unlink()


def is_cacheable(model: Normalized, trainer: Trainer) -> bool:
    """Whether the model is a backbone that gives the same output for a clip in every epoch."""
    return bool(getattr(model.model, "frozen", False)) and not batch_augment.is_active(trainer)


def head_of(model: Normalized) -> nn.Module:
    """What is trained on the outputs of the frozen backbone."""
    return _backbone(model).head


def backbone_outputs(
    model: Normalized,
    clips: Clips,
    *,
    trainer: Trainer,
    device: torch.device,
    kept: KeptOutputs | None = None,
) -> Clips:
    """The clips as the head sees them: Clips of shape (clips, features), with the same labels.

    kept : where outputs of the same weights and clips may lie, and these are put; None keeps nothing
    """
    path = None
    model.to(device)
    if kept is not None:
        network = _backbone(model)
        body = {
            name: tensor for name, tensor in model.state_dict().items() if not name.startswith("model.head.")
        }
        about = [str(network.backbone), model.how, network.image_size, network.grayscale]
        key = [checkpoint.state_hash(body), fingerprint(clips, labels=False), trainer.precision]
        key.append(devices.hardware(device))
        path = kept.path(*about, *key)
    outputs = _read(path, len(clips))
    if outputs is None:
        outputs = compute(model, clips, trainer=trainer, device=device)
        if path is not None:
            write_bytes(path, *join_rows([outputs]), _checksum(outputs), sync=True)
    return clips_of(outputs, clips.labels)


@torch.inference_mode()
def compute(
    model: Normalized, clips: Clips, *, trainer: Trainer, device: torch.device
) -> NDArray[np.float32]:
    """The backbone's outputs of all clips, shape (clips, features)."""
    model.eval()
    network = _backbone(model)
    read, outputs = reader(clips, in_memory=False, device=device), []
    with tqdm(total=len(clips), desc=network.name, unit=" clips", leave=False, disable=None) as bar:
        for index in cut(np.arange(len(clips)), trainer.batch_size):
            with devices.autocast(device, trainer.precision):
                outputs.append(network.body(model.normalize(read(index))).float().cpu().numpy())
            bar.update(len(index))
    return np.concatenate(outputs)


def _backbone(model: Normalized) -> "Backbone":
    from earshot.models.backbone import Backbone  # imports torchvision, which other models do without

    network = model.model
    assert isinstance(network, Backbone), network
    return network


def _read(path: Path | None, count: int) -> NDArray[np.float32] | None:
    """The outputs kept at the path, memory-mapped; None where there are none, or damaged ones."""
    if path is None or not path.exists():
        return None
    try:
        outputs: NDArray[np.float32] = np.load(path, mmap_mode="r")
        with path.open("rb") as file:
            file.seek(-hashlib.sha256().digest_size, os.SEEK_END)
            checksum = file.read()
    except (OSError, ValueError):
        return None
    return outputs if len(outputs) == count and checksum == _checksum(outputs) else None


def _checksum(outputs: NDArray[np.float32]) -> bytes:
    return hashlib.sha256(np.ascontiguousarray(outputs).data).digest()
