"""Whether a batch fits in memory, asked before it is tried."""

import copy

import psutil
import torch

from earshot.core.errors import EarshotError

UNIT = 1e9


def check_batch(model, shape, *, batch_size, device):
    """Raises EarshotError where a training step on a batch of clips needs more memory than there is.

    model : Normalized; only a backbone with an `image_size` is looked at: the others follow the array's size
    shape : (bands, frames)
    """
    size = getattr(model.model, "image_size", None)
    if not size:
        return
    needed, there = batch_size * step_bytes(model.model, shape), available_bytes(device)
    if needed > there:
        raise EarshotError(
            f"zoo.{model.model.name}.image_size: a batch of {batch_size} at {size} x {size} needs about "
            f"{needed / UNIT:.1f} GB and {there / UNIT:.1f} GB are free: take a smaller image_size, or a batch_size "
            f"of {max(int(batch_size * there / needed), 1)} for {model.model.name}"
        )


def step_bytes(model, shape):
    """What the outputs of all layers take for one clip, twice (values and gradients).

    A frozen network keeps nothing for a backward pass: its two largest outputs are counted.
    """
    sizes, bare = [], copy.deepcopy(model).to("meta").eval()
    for module in bare.modules():
        if not list(module.children()):
            module.register_forward_hook(lambda module, _, output: sizes.append(4 * output.numel()))
    with torch.no_grad():
        bare(torch.empty(1, *shape, device="meta"))
    return 2 * (max(sizes) if model.frozen else sum(sizes))


def available_bytes(device):
    """Free memory of the device; on the CPU what the system can give without swapping."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    return psutil.virtual_memory().available
