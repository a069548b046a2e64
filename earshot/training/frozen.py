"""A frozen backbone's outputs, computed once a clip: an epoch then trains the head alone.

`store/kept_outputs.py` keeps them for all subsets, views, folds, runs and stages. Clips are known by their content, so
that all who see the same array share what the same weights give for it.
"""

import copy
import hashlib
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, TypeGuard

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from tqdm import tqdm

from earshot.config.train import Trainer
from earshot.core import devices
from earshot.core.chunks import chunks
from earshot.core.fingerprint import code_at_start, library_versions
from earshot.models.normalization import Normalized
from earshot.store.kept_outputs import KEY_BYTES, Computed, KeptOutputs, Positions
from earshot.training import batch_augment, checkpoint, memory
from earshot.training.batches import Clips, reader

if TYPE_CHECKING:
    from earshot.models.backbone import Backbone

# the code that an output hangs on
CODE = (
    "earshot/models/backbone.py",
    "earshot/models/normalization.py",
    "earshot/models/sizes.py",
    "earshot/training/frozen.py",
)
# Clips in a batch. On one thread torch leaves 1x1 convolutions of fewer than 16 to MKL, at half the speed of oneDNN;
# more of them give nothing, and take memory.
ON_CPU, ELSEWHERE = 16, 64


def is_frozen(model: nn.Module) -> TypeGuard[Normalized]:
    """Whether the model is a backbone that does not learn, behind its normalization."""
    return isinstance(model, Normalized) and bool(getattr(model.model, "frozen", False))


def is_cacheable(model: Normalized, trainer: Trainer) -> bool:
    """Whether the model is a backbone that gives the same output for a clip in every epoch."""
    return is_frozen(model) and not batch_augment.is_active(trainer)


def head_of(model: Normalized) -> nn.Module:
    """What is trained on the outputs of the frozen backbone."""
    return _backbone(model).head


def backbone_outputs(
    model: Normalized, clips: Clips, *, device: torch.device, kept_outputs: KeptOutputs
) -> Clips:
    """The clips as the head sees them: Clips of shape (clips, features), with the same labels.

    They are of float32, whatever the precision of training, so that what trains the head also scores it.

    kept_outputs : where outputs of the same weights and clips may lie, and these are put
    """
    outputs, rows = kept_outputs.fetch(
        _identity(model, clips.shape, device=device),
        content_keys(clips),
        size=_backbone(model).features,
        compute=partial(compute, model, clips, device=device),
    )
    return Clips((outputs,), np.zeros(len(rows), np.int64), rows, clips.labels)


def content_keys(clips: Clips) -> list[bytes]:
    """A hash of each clip's array."""
    return [
        hashlib.sha256(array.data).digest()[:KEY_BYTES]
        for some in chunks(range(len(clips)), 1024)
        for array in clips.take(np.array(some))
    ]


def compute(model: Normalized, clips: Clips, positions: Positions, *, device: torch.device) -> Computed:
    """Yields some of the positions and the backbone's outputs of the clips there, (clips, features), until it is
    through.

    What a clip gives depends neither on the clips beside it nor on the number of cores: each batch is of one size, the
    last one filled up, and computed by one thread. On a CPU there are as many threads as cores and free memory allow.
    """
    fast = copy.deepcopy(model).to(device).eval()
    network = _backbone(fast)
    network.backbone = folded(network.backbone)
    fast.to(memory_format=torch.channels_last)
    read, threads, size = reader(clips, in_memory=False, device=device), torch.get_num_threads(), ELSEWHERE
    workers = 1
    if device.type == "cpu":
        import joblib  # it knows how many cores this process may use

        size = ON_CPU
        room = memory.available_bytes(device) // (size * memory.step_bytes(_backbone(model), clips.shape))
        workers = max(min(joblib.effective_n_jobs(-1), room), 1)

    def outputs_of(own: Positions) -> tuple[Positions, NDArray[np.float32]]:
        filled = np.resize(own, size)  # with its own clips, once more
        with torch.inference_mode():
            outputs = network.body(fast.normalize(read(filled))).float().cpu().numpy()
        return own, outputs[: len(own)]

    batches = [positions[start : start + size] for start in range(0, len(positions), size)]
    with (
        ThreadPoolExecutor(workers, initializer=torch.set_num_threads, initargs=(1,)) as pool,
        tqdm(total=len(positions), desc=network.name, unit=" clips", leave=False, disable=None) as bar,
    ):
        try:
            for own, outputs in pool.map(outputs_of, batches):
                bar.update(len(own))
                yield own, outputs
        finally:
            torch.set_num_threads(threads)  # of what runs in this thread: MKL has one number for all


def folded(network: nn.Module) -> nn.Module:
    """A network in eval mode with its batch norms folded into the convolutions before them."""
    # experimental in name, and torch's own way to do so; its import takes a second
    from torch.fx.experimental.optimization import fuse

    folded: nn.Module = fuse(network)
    return folded


def _identity(model: Normalized, shape: tuple[int, ...], *, device: torch.device) -> str:
    """A hash of all that a backbone's output hangs on beside the clip."""
    network = _backbone(model)
    body = {name: tensor for name, tensor in model.state_dict().items() if not name.startswith("model.head.")}
    about = [str(network.backbone), model.how, network.image_size, network.grayscale, shape]
    versions, code = library_versions(), code_at_start()
    about += [
        checkpoint.state_hash(body),
        devices.hardware(device),
        versions["torch"],
        versions["torchvision"],
    ]
    return checkpoint.hash_of([code[path] for path in CODE], *about)


def _backbone(model: Normalized) -> "Backbone":
    from earshot.models.backbone import Backbone  # imports torchvision, which other models do without

    network = model.model
    assert isinstance(network, Backbone), network
    return network
