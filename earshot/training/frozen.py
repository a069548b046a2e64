"""A frozen backbone's outputs, computed once: an epoch then trains the head alone."""

import numpy as np
import torch
from tqdm import tqdm

from earshot.core import devices
from earshot.core.io import write_whole
from earshot.training import batch_augment, checkpoint
from earshot.training.batches import clips_of, cut, fingerprint, reader


def cacheable(model, trainer):
    """Whether the model's body gives the same output for a clip in every epoch.

    model : Normalized
    """
    return getattr(model.model, "frozen", False) and not batch_augment.active(trainer)


def through(model, clips, *, trainer, device, folder=None):
    """The clips as the head sees them: Clips of shape (clips, features), with the same labels.

    model : Normalized around a model with a `body`
    folder : where the outputs are kept under a hash of weights and clips, or None. It may be emptied at any time
    """
    path = None
    model.to(device)
    if folder is not None:
        body = {
            name: tensor for name, tensor in model.state_dict().items() if not name.startswith("model.head.")
        }
        about = [str(model.model.backbone), model.by_item, model.model.image_size, model.model.grayscale]
        key = [checkpoint.state_hash(body), fingerprint(clips, labels=False), trainer.precision, device.type]
        path = checkpoint.directory(folder, "frozen", *about, *key).with_suffix(".npy")
    outputs = _read(path, len(clips))
    if outputs is None:
        outputs = compute(model, clips, trainer=trainer, device=device)
        if path is not None:
            _write(path, outputs)
    return clips_of(outputs, clips.labels)


@torch.inference_mode()
def compute(model, clips, *, trainer, device):
    """The body's outputs of all clips, float32, shape (clips, features)."""
    model.eval()
    read, outputs = reader(clips, in_memory=False, device=device), []
    with tqdm(total=len(clips), desc=model.model.name, unit=" clips", leave=False, disable=None) as bar:
        for index in cut(np.arange(len(clips)), trainer.batch_size):
            with devices.autocast(device, trainer.precision):
                outputs.append(model.model.body(model.normalize(read(index))).float().cpu().numpy())
            bar.update(len(index))
    return np.concatenate(outputs)


def _read(path, count):
    """The outputs kept at the path, memory-mapped; None where there are none, or not whole."""
    if path is None or not path.exists():
        return None
    try:
        outputs = np.load(path, mmap_mode="r")
    except (OSError, ValueError):
        return None
    return outputs if len(outputs) == count else None


def _write(path, outputs):
    with write_whole(path) as file:
        np.save(file, outputs)
